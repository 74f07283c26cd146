from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from core.messaging.channel import (
    Finder,
    OptedOut,
    OutboundMessage,
    OutcomeUnknown,
    Refused,
    SendError,
    Sent,
    Status,
    TryLater,
    Unreachable,
)
from sms.twilio import PROFILE
from sms.twilio.config import TwilioConfig
from sms.twilio.errors import ERRORS
from sms.twilio.send import TwilioSender
from tests.fakes.twilio import (
    ACCOUNT,
    TOKEN,
    FakeTwilio,
    Fault,
    fails_at_once,
    fake_twilio,
    half_a_body,
    hangs_up,
    nonsense,
    refuses,
    slow,
)

LAN = "+84900000001"
WORDS = "Bac co sot khong? 1 Co 2 Khong"


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with fake_twilio() as running:
        yield running


def config(url: str, sender: str = "KHAIBAO", **values: Any) -> TwilioConfig:
    return replace(TwilioConfig(ACCOUNT, TOKEN, sender, api_url=url), **values)


def message(text: str = WORDS, to: str = LAN) -> OutboundMessage:
    return OutboundMessage(uuid4(), "twilio", to, text)


def send(settings: TwilioConfig, *messages: OutboundMessage, timeout: float = 5.0) -> list[Sent | SendError]:
    """What each send ended with, one after the other on one sender."""

    async def scene() -> list[Sent | SendError]:
        sender = TwilioSender(replace(settings, profile=replace(PROFILE, timeout=timeout)))
        results: list[Sent | SendError] = []
        try:
            for each in messages:
                try:
                    results.append(await sender.send(each))
                except SendError as error:
                    results.append(error)
        finally:
            await sender.close()
        return results

    return asyncio.run(scene())


def find(settings: TwilioConfig, wanted: OutboundMessage, since: datetime) -> list[Sent]:
    async def scene() -> list[Sent]:
        sender = TwilioSender(settings)
        try:
            return list(await sender.find(wanted, since))
        finally:
            await sender.close()

    return asyncio.run(scene())


def test_it_sends_the_words_to_the_number(twilio: FakeTwilio) -> None:
    (sent,) = send(config(twilio.url), message())
    ((method, _path, fields),) = twilio.requests
    assert sent == Sent(twilio.created[0]["sid"], Status.SENT)
    assert (method, fields) == ("POST", {"To": LAN, "Body": WORDS, "From": "KHAIBAO"})


def test_vietnamese_arrives_composed(twilio: FakeTwilio) -> None:
    send(config(twilio.url), message("Đã nhận. \u0041\u0306"))
    assert twilio.created[0]["body"] == "Đã nhận. Ă"


def test_a_messaging_service_sends_instead_of_the_number(twilio: FakeTwilio) -> None:
    send(config(twilio.url, messaging_service_sid="MG1"), message())
    assert twilio.requests[0][2] == {"To": LAN, "Body": WORDS, "MessagingServiceSid": "MG1"}


def test_it_asks_for_reports_that_carry_our_id(twilio: FakeTwilio) -> None:
    wanted = message()
    send(config(twilio.url, public_url="https://khaibao.example"), wanted)
    callback = twilio.requests[0][2]["StatusCallback"]
    assert callback == f"https://khaibao.example/sms/twilio/status?id={wanted.id}"


@pytest.mark.parametrize(("seconds", "period"), [(600, "600"), (86_400, "36000"), (1, "5"), (-9, "5")])
def test_twilio_drops_it_when_it_is_too_late(twilio: FakeTwilio, seconds: int, period: str) -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)

    async def scene() -> None:
        sender = TwilioSender(config(twilio.url), lambda: now)
        await sender.send(replace(message(), expires_at=now + timedelta(seconds=seconds)))
        await sender.close()

    asyncio.run(scene())
    assert twilio.requests[0][2]["ValidityPeriod"] == period


def test_it_cuts_what_twilio_would_refuse(twilio: FakeTwilio) -> None:
    send(config(twilio.url), message("a" * 1601))
    assert twilio.created[0]["body"] == "a" * 1600


def test_it_keeps_its_connection(twilio: FakeTwilio) -> None:
    send(config(twilio.url), message(), message(), message())
    assert (len(twilio.created), len(twilio.connections)) == (3, 1)


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_every_error_of_the_table(twilio: FakeTwilio, code: int) -> None:
    twilio.faults = [refuses(400, code)]
    (error,) = send(config(twilio.url), message())
    assert (type(error), getattr(error, "code", None)) == (ERRORS[code], str(code))


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (refuses(429, 20429), TryLater, "20429"),
        (refuses(400, 21610), OptedOut, "21610"),
        (refuses(400, 21211), Unreachable, "21211"),
        (refuses(400, 21614), Unreachable, "21614"),
        (refuses(400, 21617), Refused, "21617"),
        (refuses(400, 99999), Refused, "99999"),
        (refuses(401, 20003), TryLater, "20003"),
        (refuses(404, 20404), TryLater, "20404"),
        (refuses(403, 99999), TryLater, "99999"),
        (refuses(429, 99999), TryLater, "99999"),
        (refuses(500, 20500), TryLater, "20500"),
        (refuses(502), TryLater, "502"),
        (refuses(503), TryLater, "503"),
        (refuses(504), OutcomeUnknown, "504"),
        (fails_at_once(30007), Refused, "30007"),
        (fails_at_once(30006), Unreachable, "30006"),
        (hangs_up, OutcomeUnknown, "answer"),
        (half_a_body, OutcomeUnknown, "answer"),
        (nonsense, OutcomeUnknown, "answer"),
    ],
)
def test_each_answer_but_success(twilio: FakeTwilio, fault: Fault, kind: type[SendError], code: str) -> None:
    twilio.faults = [fault]
    error, after = send(config(twilio.url), message(), message())
    assert (type(error), getattr(error, "code", None)) == (kind, code)
    assert isinstance(after, Sent)


def test_the_days_last_message_waits_an_hour(twilio: FakeTwilio) -> None:
    twilio.faults = [refuses(429, 63038)]
    (error,) = send(config(twilio.url), message())
    assert isinstance(error, TryLater)
    assert error.after == timedelta(hours=1)


def test_an_answer_that_comes_too_late_leaves_it_in_doubt(twilio: FakeTwilio) -> None:
    twilio.faults = [slow(1.0)]
    (error,) = send(config(twilio.url), message(), timeout=0.2)
    assert isinstance(error, OutcomeUnknown)
    assert (error.code, len(twilio.created)) == ("timeout", 1)


def test_nobody_there_is_no_doubt_at_all() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        (error,) = send(config(f"http://127.0.0.1:{unused.getsockname()[1]}"), message())
    assert isinstance(error, TryLater)
    assert error.code == "connect"


def test_a_wrong_token_keeps_the_message(twilio: FakeTwilio) -> None:
    wrong = TwilioConfig(ACCOUNT, "wrong", "KHAIBAO", api_url=twilio.url)
    (error,) = send(wrong, message())
    assert isinstance(error, TryLater)
    assert error.code == "20003"


def test_it_can_be_asked_what_it_took(twilio: FakeTwilio) -> None:
    started = datetime.now(UTC)
    wanted, settings = message(), config(twilio.url)
    twilio.faults = [hangs_up]
    send(settings, wanted, message("other words"), message(to="+84900000002"))
    assert isinstance(TwilioSender(settings), Finder)
    assert find(settings, wanted, started) == [Sent(twilio.created[0]["sid"], Status.SENT)]


def test_it_finds_nothing_that_did_not_arrive_or_was_earlier(twilio: FakeTwilio) -> None:
    wanted, settings = message(), config(twilio.url)
    twilio.faults = [refuses(500, 20500)]
    send(settings, wanted)
    assert find(settings, wanted, datetime.now(UTC)) == []
    send(settings, wanted)
    assert find(settings, wanted, datetime.now(UTC) + timedelta(minutes=5)) == []


def test_it_finds_the_same_words_oldest_first(twilio: FakeTwilio) -> None:
    wanted, settings = message(), config(twilio.url)
    send(settings, wanted, wanted)
    assert [s.provider_id for s in find(settings, wanted, datetime.now(UTC))] == [m["sid"] for m in twilio.created]


def test_it_finds_what_a_trial_account_changed(twilio: FakeTwilio) -> None:
    wanted, settings = message(), config(twilio.url)
    twilio.faults = [hangs_up]
    send(settings, wanted)
    twilio.created[0]["body"] = f"Sent from your Twilio trial account - {WORDS}"
    assert [s.provider_id for s in find(settings, wanted, datetime.now(UTC))] == [twilio.created[0]["sid"]]


def test_what_the_person_sent_is_not_ours(twilio: FakeTwilio) -> None:
    wanted, settings = message(), config(twilio.url)
    twilio.create({"To": LAN, "Body": WORDS})["direction"] = "inbound"
    assert find(settings, wanted, datetime.now(UTC)) == []


@pytest.mark.parametrize(("fault", "kind"), [(refuses(503), TryLater), (refuses(429, 20429), TryLater)])
def test_a_look_up_that_fails_says_so(twilio: FakeTwilio, fault: Fault, kind: type[SendError]) -> None:
    twilio.faults = [fault]
    with pytest.raises(kind):
        find(config(twilio.url), message(), datetime.now(UTC))


def test_neither_numbers_nor_words_nor_the_token_are_told(twilio: FakeTwilio, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    twilio.faults = [refuses(400, 21211, quoting=WORDS)]
    error, _sent = send(config(twilio.url), message(), message())
    find(config(twilio.url), message(), datetime.now(UTC))
    told = caplog.text + str(error) + repr(error) + repr(config(twilio.url))
    assert LAN not in told
    assert LAN.lstrip("+") not in told
    assert WORDS not in told
    assert TOKEN not in told
