from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine

from bot.zalo import PROFILE
from bot.zalo.config import ZaloConfig
from bot.zalo.send import ZaloSender, sender
from core.conversation.understanding import Choice
from core.messaging import tokens
from core.messaging.channel import (
    MessageKind,
    OutboundMessage,
    OutcomeUnknown,
    Refused,
    SendError,
    Sent,
    TryLater,
    Unreachable,
    WindowClosed,
)
from core.messaging.ports import Tools
from core.secrets import Vault
from tests.fakes.zalo import (
    APP,
    APP_SECRET,
    OA_SECRET,
    SEED,
    FakeZalo,
    Fault,
    breaks,
    fake_zalo,
    hangs_up,
    nonsense,
    refuses,
    slow,
)

LAN, PHONE = "7100000000000000001", "+84900000001"
WORDS = "Bác có sốt không?"
NOW = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
DAYS = timedelta(days=1)
CHOICES = (Choice("kb:3f9a1c:yes", "Có"), Choice("kb:3f9a1c:no", "Không"))
VAULT = Vault([Fernet.generate_key().decode()])


@pytest.fixture
def zalo() -> Iterator[FakeZalo]:
    with fake_zalo() as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_WAIT", 0.4)


Send = Callable[..., list[Sent | SendError]]


@pytest.fixture
def send(zalo: FakeZalo, engine: Engine) -> Send:
    """What each send ended with, one after the other on one sender."""

    def run(*messages: OutboundMessage, timeout: float = 5.0, **settings: Any) -> list[Sent | SendError]:
        profile = replace(PROFILE, timeout=timeout)
        return asyncio.run(scene(engine, config(zalo.url, **{"profile": profile, **settings}), messages))

    return run


async def scene(engine: Engine, settings: ZaloConfig, messages: tuple[OutboundMessage, ...]) -> list[Sent | SendError]:
    used = ZaloSender(settings, Tools(engine, VAULT, lambda: NOW))
    results: list[Sent | SendError] = []
    try:
        for each in messages:
            try:
                results.append(await used.send(each))
            except SendError as error:
                results.append(error)
    finally:
        await used.close()
    return results


def config(url: str, **settings: Any) -> ZaloConfig:
    return replace(
        ZaloConfig(APP, APP_SECRET, OA_SECRET, SEED, api_url=url, oauth_url=url, business_url=url), **settings
    )


def message(text: str = WORDS, to: str = LAN, **more: Any) -> OutboundMessage:
    return replace(OutboundMessage(uuid4(), "zalo", to, text, heard_at=NOW - DAYS), **more)


def reminder(**more: Any) -> OutboundMessage:
    return message(kind=MessageKind.REMINDER, heard_at=NOW - 7 * DAYS, **more)


def test_it_sends_the_words_to_the_person(zalo: FakeZalo, send: Send) -> None:
    (sent,) = send(message())
    assert sent == Sent(zalo.taken[0].id)
    assert zalo.requests[-1] == (
        "POST",
        "/v3.0/oa/message/cs",
        {"recipient": {"user_id": LAN}, "message": {"text": WORDS}},
    )


def test_choices_are_buttons_that_send_their_payload_in_secret(zalo: FakeZalo, send: Send) -> None:
    send(message(choices=CHOICES))
    assert zalo.taken[0].buttons == [
        {"title": "Có", "type": "oa.query.hide", "payload": "kb:3f9a1c:yes"},
        {"title": "Không", "type": "oa.query.hide", "payload": "kb:3f9a1c:no"},
    ]


def test_vietnamese_arrives_composed_and_nothing_is_too_long(zalo: FakeZalo, send: Send) -> None:
    long = Choice("kb:3f9a1c:" + "x" * 2000, "Rất dài " * 20)
    (sent,) = send(message("A\u0306" + "ă" * 2500, choices=(long,)))
    assert isinstance(sent, Sent)
    assert zalo.taken[0].text == "Ă" + "ă" * 1999
    assert len(zalo.taken[0].buttons[0]["title"]) == 100


def test_one_token_and_one_connection_do_for_many(zalo: FakeZalo, send: Send) -> None:
    send(message(), message(), message())
    assert (zalo.exchanged, len(zalo.taken), len(zalo.connections)) == ([SEED], 3, 2)


@pytest.mark.parametrize("code", [-216, -220, -124])
def test_a_token_that_is_not_taken_is_renewed_once(zalo: FakeZalo, send: Send, code: int) -> None:
    zalo.faults = [refuses(code)]
    (sent,) = send(message())
    assert isinstance(sent, Sent)
    assert (len(zalo.exchanged), len(zalo.taken)) == (2, 1)


def test_a_token_that_somebody_else_made_void_is_renewed(zalo: FakeZalo, send: Send) -> None:
    send(message())
    zalo.ends_access()
    (sent,) = send(message())
    assert (isinstance(sent, Sent), len(zalo.exchanged)) == (True, 2)


def test_a_new_token_that_is_not_taken_either_pauses_the_channel(zalo: FakeZalo, send: Send) -> None:
    zalo.faults = [refuses(-216), refuses(-216)]
    (error,) = send(message())
    assert isinstance(error, TryLater)
    assert (error.code, error.whole, zalo.taken) == ("-216", True, [])
    assert len(zalo.exchanged) == 2


def test_a_seed_that_was_used_up_pauses_the_channel(zalo: FakeZalo, send: Send) -> None:
    zalo.refresh = "another one"
    first, second = send(message(), message())
    for error in (first, second):
        assert isinstance(error, TryLater)
        assert (error.code, error.whole) == ("token -14014", True)
    assert zalo.exchanged == [SEED]


def test_a_wrong_app_secret_pauses_the_channel(zalo: FakeZalo, send: Send) -> None:
    (error,) = send(message(), app_secret="wrong")
    assert isinstance(error, TryLater)
    assert error.whole


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", [refuses(-32), breaks(503), hangs_up, nonsense])
def test_an_exchange_that_may_be_tried_again_is_no_end(zalo: FakeZalo, send: Send, fault: Fault) -> None:
    zalo.oauth_faults = [fault]
    (error,) = send(message())
    assert isinstance(error, TryLater)
    assert (error.code, error.whole) == ("token", True)
    assert error.after is not None
    assert error.after <= tokens.LEASE


@pytest.mark.usefixtures("impatient")
def test_an_exchange_that_takes_longer_than_a_send_is_not_lost(zalo: FakeZalo, send: Send) -> None:
    zalo.oauth_faults = [slow(1.5)]
    (error,) = send(message())
    assert isinstance(error, TryLater)
    (sent,) = send(message())  # nothing is to be waited for
    assert (isinstance(sent, Sent), zalo.exchanged) == (True, [SEED])


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (refuses(-213), Unreachable, "-213"),
        (refuses(-230), WindowClosed, "-230"),
        (refuses(-201), Refused, "-201"),
        (refuses(-32), TryLater, "-32"),
        (refuses(-200), TryLater, "-200"),
        (refuses(-204), TryLater, "-204"),
        (refuses(-31337), Refused, "-31337"),
        (breaks(500), TryLater, "500"),
        (breaks(503), TryLater, "503"),
        (breaks(429), TryLater, "429"),
        (breaks(504), OutcomeUnknown, "504"),
        (hangs_up, OutcomeUnknown, "RemoteProtocolError"),
        (nonsense, OutcomeUnknown, "answer"),
    ],
)
def test_each_answer_but_success(zalo: FakeZalo, send: Send, fault: Fault, kind: type[SendError], code: str) -> None:
    zalo.faults = [fault]
    error, after = send(message(), message())
    assert (type(error), getattr(error, "code", None)) == (kind, code)
    assert isinstance(after, Sent)


def test_an_answer_that_comes_too_late_leaves_it_in_doubt(zalo: FakeZalo, send: Send) -> None:
    send(message())
    zalo.faults = [slow(1.0)]
    (error,) = send(message(), timeout=0.3)
    assert (type(error), len(zalo.taken)) == (OutcomeUnknown, 2)


def test_nobody_there_is_no_doubt_at_all(send: Send) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        (error,) = send(message(), api_url=f"http://127.0.0.1:{unused.getsockname()[1]}")
    assert type(error) is TryLater


@pytest.mark.parametrize(
    ("heard_at", "sent"),
    [(NOW, True), (NOW - 7 * DAYS + timedelta(minutes=1), True), (NOW - 7 * DAYS, False), (None, True)],
)
def test_a_closed_window_is_known_without_asking(
    zalo: FakeZalo, send: Send, heard_at: datetime | None, sent: bool
) -> None:
    (result,) = send(message(heard_at=heard_at))
    assert isinstance(result, Sent if sent else WindowClosed)
    assert bool(zalo.requests) == sent


def test_a_reminder_goes_as_a_template_when_the_window_is_closed(zalo: FakeZalo, send: Send) -> None:
    settings = {"template_reminder": "4711", "template_parameter": "noi_dung"}
    (sent,) = send(reminder(choices=CHOICES), **settings)
    assert sent == Sent(zalo.taken[0].id)
    assert zalo.requests[-1] == (
        "POST",
        "/v3.0/oa/message/template",
        {"user_id": LAN, "template_id": "4711", "template_data": {"noi_dung": f"{WORDS} 1 Có 2 Không"}},
    )


def test_a_template_may_have_no_parameter(zalo: FakeZalo, send: Send) -> None:
    send(reminder(), template_reminder="4711")
    assert zalo.taken[0].body["template_data"] == {}


def test_a_reminder_in_the_window_needs_no_template(zalo: FakeZalo, send: Send) -> None:
    send(message(kind=MessageKind.REMINDER), template_reminder="4711")
    assert zalo.taken[0].path == "/v3.0/oa/message/cs"


@pytest.mark.parametrize("kind", [kind for kind in MessageKind if kind is not MessageKind.REMINDER])
def test_nothing_else_goes_as_a_template(zalo: FakeZalo, send: Send, kind: MessageKind) -> None:
    (error,) = send(replace(reminder(), kind=kind), template_reminder="4711")
    assert (type(error), zalo.requests) == (WindowClosed, [])


def test_a_number_gets_the_template_under_our_id(zalo: FakeZalo, send: Send) -> None:
    wanted = reminder(to=PHONE)
    (sent,) = send(wanted, template_reminder="4711")
    assert sent == Sent(zalo.taken[0].id)
    assert zalo.requests[-1] == (
        "POST",
        "/message/template",
        {"phone": "84900000001", "tracking_id": wanted.id.hex, "template_id": "4711", "template_data": {}},
    )


def test_a_number_gets_nothing_else(zalo: FakeZalo, send: Send) -> None:
    (error,) = send(message(to=PHONE), template_reminder="4711")
    assert (type(error), zalo.requests) == (WindowClosed, [])


@pytest.mark.parametrize(("code", "kind"), [(-131, WindowClosed), (-147, TryLater), (-118, Unreachable)])
def test_a_template_that_is_refused(zalo: FakeZalo, send: Send, code: int, kind: type[SendError]) -> None:
    zalo.faults = [refuses(code)]
    error, answer = send(reminder(), message(), template_reminder="4711")
    assert type(error) is kind
    assert not getattr(error, "whole", False)
    assert isinstance(answer, Sent)


def test_what_an_operator_must_mend_is_an_error_in_the_log(
    zalo: FakeZalo, send: Send, caplog: pytest.LogCaptureFixture
) -> None:
    zalo.faults = [refuses(-204)]
    send(message())
    assert "channels check" in caplog.text


def test_neither_people_nor_words_nor_tokens_are_told(
    zalo: FakeZalo, send: Send, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    zalo.faults = [refuses(-216), refuses(-213, quoting=WORDS)]
    error, _sent = send(message(), message())
    told = caplog.text + str(error) + repr(error) + repr(config(zalo.url))
    secrets = (LAN, WORDS, APP_SECRET, OA_SECRET, SEED, zalo.access, zalo.refresh)
    assert not [secret for secret in secrets if secret in told]


def test_the_channels_sender_is_this_one(engine: Engine) -> None:
    made = sender(config("http://127.0.0.1:1"), Tools(engine, VAULT, lambda: NOW))
    assert made.profile is PROFILE
