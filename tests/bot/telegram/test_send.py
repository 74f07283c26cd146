"""Sending through Telegram: what it takes, and what each of its answers means."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, insert, select

from app.logs import setup
from app.settings import Settings
from bot.telegram import PROFILE
from bot.telegram.config import TelegramConfig
from bot.telegram.errors import UNREACHABLE
from bot.telegram.send import TelegramSender
from core.conversation.understanding import Choice
from core.database.shared import directory
from core.messaging.channel import (
    Finder,
    OutboundMessage,
    OutcomeUnknown,
    Refused,
    SendError,
    Sent,
    TryLater,
    Unreachable,
)
from core.messaging.ports import Tools
from core.secrets import Vault
from tests.fakes.telegram import (
    LAN,
    TOKEN,
    FakeTelegram,
    Fault,
    buttons,
    fake_telegram,
    hangs_up,
    nonsense,
    refuses,
    slow,
)

WORDS = "Bác có sốt không?"
NOW = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    with fake_telegram() as running:
        yield running


def message(text: str = WORDS, to: str = str(LAN), *choices: Choice) -> OutboundMessage:
    return OutboundMessage(uuid4(), "telegram", to, text, choices)


def tools(engine: Engine | None = None) -> Tools:
    nowhere = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    return Tools(engine or nowhere, Vault(("0" * 43 + "=",)), lambda: NOW)


def send(
    url: str, *messages: OutboundMessage, timeout: float = 5.0, token: str = TOKEN, engine: Engine | None = None
) -> list[Sent | SendError]:
    """What each send ended with, one after the other on one sender."""

    async def scene() -> list[Sent | SendError]:
        config = TelegramConfig(token, api_url=url, profile=replace(PROFILE, timeout=timeout))
        sender = TelegramSender(config, tools(engine))
        try:
            return [await attempt(sender, each) for each in messages]
        finally:
            await sender.close()

    return asyncio.run(scene())


async def attempt(sender: TelegramSender, what: OutboundMessage) -> Sent | SendError:
    try:
        return await sender.send(what)
    except SendError as error:
        return error


def test_it_sends_the_words_to_the_chat(telegram: FakeTelegram) -> None:
    (sent,) = send(telegram.url, message())
    ((method, fields),) = telegram.requests
    assert sent == Sent(str(telegram.created[0]["message_id"]))
    assert (method, fields["chat_id"], fields["text"]) == ("sendmessage", str(LAN), WORDS)
    assert json.loads(fields["link_preview_options"]) == {"is_disabled": True}
    assert "parse_mode" not in fields


def test_choices_are_buttons_with_their_payloads(telegram: FakeTelegram) -> None:
    send(telegram.url, message(WORDS, str(LAN), Choice("kb:3f9a1c:yes", "Có"), Choice("kb:3f9a1c:no", "Không")))
    assert buttons(telegram.created[0]) == [("Có", "kb:3f9a1c:yes"), ("Không", "kb:3f9a1c:no")]


def test_it_keeps_its_connection(telegram: FakeTelegram) -> None:
    send(telegram.url, message(), message(), message())
    assert (len(telegram.created), len(telegram.connections)) == (3, 1)


def test_many_at_once_on_one_loop_arrive_once_each(telegram: FakeTelegram) -> None:
    """One sender, one loop, kept connections: on a second loop, what arrived would be told as failed."""

    async def scene() -> list[Sent | SendError]:
        sender = TelegramSender(TelegramConfig(TOKEN, api_url=telegram.url), tools())
        limit = asyncio.Semaphore(PROFILE.in_flight)

        async def one(number: int) -> Sent | SendError:
            async with limit:
                return await attempt(sender, message(f"m{number}", str(LAN + number % 40)))

        try:
            return await asyncio.gather(*(one(number) for number in range(200)))
        finally:
            await sender.close()

    results = asyncio.run(scene())
    assert {type(result) for result in results} == {Sent}
    assert sorted(m["text"] for m in telegram.created) == sorted(f"m{number}" for number in range(200))
    assert len({result.provider_id for result in results if isinstance(result, Sent)}) == 200
    assert len(telegram.connections) <= 2 * PROFILE.in_flight, "kept, but for those that a busy machine let lapse"


@pytest.mark.parametrize(("words", "code"), sorted(UNREACHABLE.items()))
def test_every_address_at_fault(telegram: FakeTelegram, words: str, code: str) -> None:
    status = int(code[:3])
    telegram.faults.append(refuses(status, f"{'Forbidden' if status == 403 else 'Bad Request'}: {words}"))
    (error,) = send(telegram.url, message())
    assert (type(error), getattr(error, "code", None)) == (Unreachable, code)


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (refuses(403, "Forbidden: something new"), Unreachable, "403"),
        (refuses(400, "Bad Request: message is too long"), Refused, "400"),
        (refuses(400, "Bad Request: BUTTON_DATA_INVALID"), Refused, "400"),
        (refuses(429, "Too Many Requests: retry after 7", retry_after=7), TryLater, "429"),
        (refuses(409, "Conflict: terminated by other getUpdates request"), TryLater, "409"),
        (refuses(500, "Internal Server Error"), TryLater, "5xx"),
        (refuses(502, "Bad Gateway"), TryLater, "5xx"),
        (refuses(502), TryLater, "502"),
        (refuses(503), TryLater, "503"),
        (refuses(504), OutcomeUnknown, "504"),
        (refuses(403), TryLater, "403 not Telegram's"),
        (refuses(400), TryLater, "400 not Telegram's"),
        (refuses(404), TryLater, "404"),
        (hangs_up, OutcomeUnknown, "RemoteProtocolError"),
        (nonsense(b'"yes"'), OutcomeUnknown, "answer"),
        (nonsense(b"<html>"), OutcomeUnknown, "answer"),
        (nonsense(b'{"ok":true}'), OutcomeUnknown, "answer"),
        (nonsense(b'{"ok":true,"result":{"message_id":1}}'), OutcomeUnknown, "answer"),
        (nonsense(b'{"ok":true,"result":true}'), OutcomeUnknown, "answer"),
    ],
)
def test_what_other_answers_mean(telegram: FakeTelegram, fault: Fault, kind: type[SendError], code: str) -> None:
    telegram.faults.append(fault)
    error, after = send(telegram.url, message(), message("again"))
    assert (type(error), getattr(error, "code", None)) == (kind, code)
    assert isinstance(after, Sent)


def test_a_limit_pauses_the_channel_for_as_long_as_telegram_says(telegram: FakeTelegram) -> None:
    telegram.faults.append(refuses(429, "Too Many Requests: retry after 7", retry_after=7))
    (error,) = send(telegram.url, message())
    assert isinstance(error, TryLater)
    assert (error.after, error.whole) == (timedelta(seconds=7), True)


def test_a_late_answer_leaves_it_in_doubt(telegram: FakeTelegram) -> None:
    telegram.faults.append(slow(2.0))
    (error,) = send(telegram.url, message(), timeout=0.6)
    assert (type(error), getattr(error, "code", None)) == (OutcomeUnknown, "ReadTimeout")
    assert len(telegram.created) == 1


def test_who_does_not_listen_has_nothing() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        (error,) = send(f"http://127.0.0.1:{nobody.getsockname()[1]}", message())
    assert (type(error), getattr(error, "code", None)) == (TryLater, "ConnectError")


def test_a_wrong_token_is_confirmed_before_the_channel_is_called_broken(
    telegram: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    (error,) = send(telegram.url, message(), token="700000002:another")
    assert isinstance(error, TryLater)
    assert (error.code, error.whole) == ("401", True)
    assert [method for method, _ in telegram.requests] == ["sendmessage", "getme"]
    assert "TELEGRAM_TOKEN is not accepted" in caplog.text


def test_a_box_on_the_way_is_no_wrong_token(telegram: FakeTelegram, caplog: pytest.LogCaptureFixture) -> None:
    telegram.faults.append(refuses(404))
    telegram.faulty["getme"] = [refuses(502)]
    lost, found = send(telegram.url, message(), message())
    assert isinstance(lost, TryLater)
    assert (lost.code, lost.whole, type(found)) == ("404", True, Sent)
    assert "TELEGRAM_TOKEN" not in caplog.text


def test_a_chat_that_moved_is_written_down_and_gets_the_message(telegram: FakeTelegram, engine: Engine) -> None:
    row = {"channel": "telegram", "address": "-123", "contact_id": uuid4(), "cell": "cell_test"}
    with engine.begin() as connection:
        connection.execute(insert(directory).values(row))
    words = "Bad Request: group chat was upgraded to a supergroup chat"
    telegram.faults.append(refuses(400, words, migrate_to_chat_id=-100123))
    (sent,) = send(telegram.url, message(to="-123"), engine=engine)
    assert isinstance(sent, Sent)
    assert [m["chat"]["id"] for m in telegram.created] == [-100123]
    with engine.connect() as connection:
        assert connection.scalars(select(directory.c.address)).all() == ["-100123"]


def test_a_chat_that_moves_on_and_on_is_refused(telegram: FakeTelegram, engine: Engine) -> None:
    telegram.faults.extend([refuses(400, "Bad Request: moved", migrate_to_chat_id=-100123)] * 2)
    (error,) = send(telegram.url, message(to="-123"), engine=engine)
    assert (type(error), getattr(error, "code", None)) == (Refused, "400 moved twice")


def test_an_error_quotes_nothing_and_hides_where_it_came_from(telegram: FakeTelegram) -> None:
    telegram.faults.append(refuses(400, f"Bad Request: {WORDS} for {LAN}"))
    (error,) = send(telegram.url, message())
    assert isinstance(error, Refused)
    assert WORDS not in repr(error)
    assert error.__suppress_context__


def test_telegram_cannot_be_asked_what_it_took() -> None:
    assert not isinstance(TelegramSender(TelegramConfig(TOKEN), tools()), Finder)


@pytest.fixture
def stderr() -> Iterator[io.StringIO]:
    """What a process of ours would write, of everything that is logged."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield io.StringIO()
    root.handlers[:], root.level = before


def test_no_token_number_or_word_is_logged(telegram: FakeTelegram, stderr: io.StringIO, settings: Settings) -> None:
    """The token is part of each address, and the library tells whole messages."""
    telegram.faults.extend([refuses(404), refuses(403), nonsense(f'x"{LAN}"{WORDS}'.encode())])
    telegram.faults.extend([hangs_up, refuses(500, "No"), refuses(401, "Unauthorized")])
    setup(replace(settings, demo=False), "worker", stderr)
    logging.getLogger().setLevel(logging.DEBUG)
    send(telegram.url, *[message() for _ in range(7)])
    send("http://127.0.0.1:1", message())
    logging.getLogger("bot.telegram").error("the end")
    assert "the end" in stderr.getvalue()
    for secret in (TOKEN, TOKEN.partition(":")[2], str(LAN), WORDS):
        assert secret not in stderr.getvalue()


def test_nothing_of_the_token_is_shown() -> None:
    config: Any = TelegramConfig(TOKEN, "a secret")
    assert TOKEN not in repr(config)
    assert "a secret" not in repr(config)
