from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from bot.zalo_bot import PROFILE
from bot.zalo_bot.config import ZaloBotConfig
from bot.zalo_bot.errors import ERRORS
from bot.zalo_bot.send import ZaloBotSender
from core.messaging.channel import (
    OutboundMessage,
    OutcomeUnknown,
    Refused,
    SendError,
    Sent,
    TryLater,
    Unreachable,
)
from tests.fakes.zalo_bot import (
    SECRET,
    TOKEN,
    FakeZaloBot,
    Fault,
    breaks,
    fake_zalo_bot,
    hangs_up,
    nonsense,
    refuses,
    slow,
)

LAN, WORDS = "6ede9afa66b88fe6d6a9", "Bác có sốt không? 1 Có 2 Không"


@pytest.fixture
def bot() -> Iterator[FakeZaloBot]:
    with fake_zalo_bot() as running:
        yield running


def message(text: str = WORDS) -> OutboundMessage:
    return OutboundMessage(uuid4(), "zalo_bot", LAN, text)


def send(url: str, *messages: OutboundMessage, token: str = TOKEN, wait: float = 5.0) -> list[Sent | SendError]:
    """What each send ended with, one after the other on one sender."""

    async def scene() -> list[Sent | SendError]:
        sender = ZaloBotSender(ZaloBotConfig(token, SECRET, url, profile=replace(PROFILE, timeout=wait)))
        results: list[Sent | SendError] = []
        for each in messages:
            try:
                results.append(await sender.send(each))
            except SendError as error:
                results.append(error)
        await sender.close()
        return results

    return asyncio.run(scene())


def test_it_sends_the_words_to_the_chat(bot: FakeZaloBot) -> None:
    (sent,) = send(bot.url, message())
    assert bot.requests == [("sendMessage", {"chat_id": LAN, "text": WORDS})]
    assert sent == Sent(bot.taken[0]["message_id"])


def test_vietnamese_arrives_composed_and_nothing_is_too_long(bot: FakeZaloBot) -> None:
    send(bot.url, message("A\u0306" + "ă" * 2500))
    assert bot.taken[0]["text"] == "Ă" + "ă" * 1999


def test_it_keeps_its_connection(bot: FakeZaloBot) -> None:
    send(bot.url, message(), message(), message())
    assert (len(bot.taken), len(bot.connections)) == (3, 1)


@pytest.mark.parametrize("status", [200, 0])
@pytest.mark.parametrize("code", sorted(ERRORS))
def test_every_error_of_the_table(bot: FakeZaloBot, code: int, status: int) -> None:
    """In the answer alone, or also as its HTTP status."""
    bot.faults = [refuses(code, status or code)]
    (error,) = send(bot.url, message())
    assert (type(error), getattr(error, "code", None)) == (ERRORS[code], str(code))


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (refuses(403), Unreachable, "403"),
        (refuses(499), Refused, "499"),
        (refuses(503), TryLater, "503"),
        (breaks(502), TryLater, "502"),
        (breaks(504), OutcomeUnknown, "504"),
        (hangs_up, OutcomeUnknown, "RemoteProtocolError"),
        (nonsense, OutcomeUnknown, "answer"),
    ],
)
def test_each_answer_but_success(bot: FakeZaloBot, fault: Fault, kind: type[SendError], code: str) -> None:
    bot.faults = [fault]
    error, after = send(bot.url, message(), message())
    assert (type(error), getattr(error, "code", None)) == (kind, code)
    assert isinstance(after, Sent)


def test_too_many_wait_as_long_as_they_are_told(bot: FakeZaloBot) -> None:
    bot.faults = [refuses(429, 429, after=7)]
    (error,) = send(bot.url, message())
    assert isinstance(error, TryLater)
    assert (error.after, error.whole) == (timedelta(seconds=7), True)


def test_a_wrong_token_pauses_the_channel(bot: FakeZaloBot) -> None:
    (error,) = send(bot.url, message(), token="wrong")
    assert isinstance(error, TryLater)
    assert (error.code, error.whole) == ("401", True)


def test_an_answer_that_comes_too_late_leaves_it_in_doubt(bot: FakeZaloBot) -> None:
    bot.faults = [slow(1.0)]
    (error,) = send(bot.url, message(), wait=0.3)
    assert (type(error), len(bot.taken)) == (OutcomeUnknown, 1)


def test_nobody_there_is_no_doubt_at_all() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        (error,) = send(f"http://127.0.0.1:{unused.getsockname()[1]}", message())
    assert type(error) is TryLater


def test_neither_the_token_nor_people_nor_words_are_told(bot: FakeZaloBot, caplog: pytest.LogCaptureFixture) -> None:
    """The token is in every address that is called: httpx's own log would tell it."""
    caplog.set_level(logging.DEBUG)
    bot.faults = [refuses(400, quoting=WORDS), breaks(500), hangs_up]
    results = send(bot.url, *[message()] * 4)
    nowhere = send("http://127.0.0.1:1", message())
    told = caplog.text + repr([*results, *nowhere]) + repr(ZaloBotConfig(TOKEN, SECRET))
    assert not [secret for secret in (TOKEN, SECRET, LAN, WORDS) if secret in told]
