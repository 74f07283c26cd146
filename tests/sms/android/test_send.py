"""What the gateway gets, what its answers mean, and what an operator is told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, update

from core.database.shared import channel_beats
from core.environment import Reader
from core.messaging.beats import beat
from core.messaging.channel import (
    MessageKind,
    OutboundMessage,
    OutcomeUnknown,
    Rate,
    Refused,
    SendError,
    Sent,
    TryLater,
    Unreachable,
)
from core.messaging.ports import Finding, Level, Tools
from core.secrets import Vault
from sms.android import PROFILE
from sms.android.check import check
from sms.android.client import opened
from sms.android.config import AndroidConfig, load
from sms.android.hooks import missing, register
from sms.android.receive import EVENTS
from sms.android.send import AndroidSender
from tests.fakes.android import KEY, PASSWORD, USER, FakeAndroid, Reply, fake_android

NOW = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
LAN = "+84900000001"
PUBLIC = "https://khaibao.example"
HOOK = f"{PUBLIC}/sms/android/inbound"
WHOLE = {
    "ANDROID_SEND_URL": "https://api.sms-gate.app/3rdparty/v1",
    "ANDROID_USER": USER,
    "ANDROID_PASSWORD": PASSWORD,
    "ANDROID_SIGNING_KEY": KEY,
}


@pytest.fixture
def gateway() -> Iterator[FakeAndroid]:
    with fake_android() as running:
        yield running


def config(gateway: FakeAndroid, sim: int | None = None) -> AndroidConfig:
    return AndroidConfig(gateway.url, USER, PASSWORD, KEY, sim, PUBLIC)


def message(text: str = "Đã nhận", kind: MessageKind = MessageKind.INFO, minutes: int | None = None) -> OutboundMessage:
    expires_at = None if minutes is None else NOW + timedelta(minutes=minutes)
    return OutboundMessage(uuid4(), "android", LAN, text, kind=kind, expires_at=expires_at)


def send(given: AndroidConfig, *messages: OutboundMessage) -> list[Sent]:
    async def work() -> list[Sent]:
        sender = AndroidSender(given, lambda: NOW)
        try:
            return [await sender.send(each) for each in messages]
        finally:
            await sender.close()

    return asyncio.run(work())


def test_what_the_gateway_gets(gateway: FakeAndroid) -> None:
    ours = message(minutes=90)
    assert send(config(gateway), ours) == [Sent(str(ours.id))]
    assert gateway.taken == [
        {
            "id": str(ours.id),
            "textMessage": {"text": "Đã nhận"},
            "phoneNumbers": [LAN],
            "withDeliveryReport": True,
            "priority": 0,
            "ttl": 5400,
        }
    ]


def test_danger_overtakes_and_a_sim_may_be_named(gateway: FakeAndroid) -> None:
    send(config(gateway, sim=2), message(kind=MessageKind.DANGER), message(minutes=0))
    assert [(m["priority"], m["simNumber"], m.get("ttl")) for m in gateway.taken] == [(100, 2, None), (0, 2, 1)]


@pytest.mark.parametrize("beside", [False, True])
def test_sent_again_it_arrives_once(gateway: FakeAndroid, beside: bool) -> None:
    """The maker's server says that it has the id already; a phone in its own network says yes and sends nothing."""
    gateway.beside = beside
    ours = message()
    assert send(config(gateway), ours, ours) == [Sent(str(ours.id))] * 2
    assert len(gateway.taken) == 1


@pytest.mark.parametrize(
    ("reply", "kind", "code", "whole"),
    [
        (Reply(400, {"message": f"invalid phone number in row 1: {LAN}"}), Unreachable, "number", False),
        (Reply(400, {"message": "device not found"}), TryLater, "no phone", True),
        (Reply(400, {"message": "No message content provided"}), Refused, "400", False),
        (Reply(400, b"<html>"), Refused, "400", False),
        (Reply(401, {"message": "Unauthorized"}), TryLater, "401", True),
        (Reply(404, {}), TryLater, "404", False),
        (Reply(429, {}), TryLater, "429", True),
        (Reply(500, {}), TryLater, "500", False),
        (Reply(503, {"message": "queue limits exceeded"}), TryLater, "503", True),
        (Reply(504, {}), OutcomeUnknown, "504", False),
        (Reply(202, b"<html>"), OutcomeUnknown, "answer", False),
        (Reply(202, {}), OutcomeUnknown, "answer", False),
        (Reply(302, {}), TryLater, "302", False),
    ],
)
def test_what_answers_mean(gateway: FakeAndroid, reply: Reply, kind: type[SendError], code: str, whole: bool) -> None:
    gateway.faults.append(reply)
    with pytest.raises(SendError) as raised:
        send(config(gateway), message())
    assert (type(raised.value), raised.value.code) == (kind, code)
    assert getattr(raised.value, "whole", False) is whole
    assert gateway.taken == []


def test_a_wrong_password_keeps_the_message(gateway: FakeAndroid) -> None:
    with pytest.raises(TryLater) as raised:
        send(replace(config(gateway), password="wrong"), message())
    assert (raised.value.code, raised.value.whole) == ("401", True)


# --- settings ---


def test_without_its_variables_the_channel_is_off() -> None:
    reader = Reader({})
    assert (load(reader, ""), reader.problems) == ((), [])


@pytest.mark.parametrize("ending", ["", "/", "/messages", "/messages/"])
def test_the_address_with_or_without_its_end(ending: str) -> None:
    reader = Reader(WHOLE | {"ANDROID_SEND_URL": WHOLE["ANDROID_SEND_URL"] + ending, "ANDROID_SIM": "2"})
    (made,) = load(reader, PUBLIC)
    assert (made.api_url, made.hook, made.sim) == (WHOLE["ANDROID_SEND_URL"], HOOK, 2)
    assert (made.profile.rate, made.profile.once, reader.problems) == (Rate(0.1, 2), True, [])
    assert PASSWORD not in repr(made)
    assert KEY not in repr(made)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ANDROID_SIGNING_KEY": ""}, "ANDROID_SIGNING_KEY: is missing"),
        ({"ANDROID_SEND_URL": "phone:8080"}, "ANDROID_SEND_URL: is not usable"),
        ({"ANDROID_SIM": "4"}, "ANDROID_SIM: is not usable"),
        ({"ANDROID_PER_MINUTE": "0"}, "ANDROID_PER_MINUTE: is not usable"),
    ],
)
def test_half_a_group_is_a_mistake(changed: dict[str, str], said: str) -> None:
    reader = Reader(WHOLE | changed)
    load(reader, PUBLIC)
    assert [problem for problem in reader.problems if problem.startswith(said)]


def test_the_rate_is_a_setting() -> None:
    (made,) = load(Reader(WHOLE | {"ANDROID_PER_MINUTE": "12"}), "")
    assert (PROFILE.rate, made.profile.rate, made.hook) == (Rate(0.1, 2), Rate(0.2, 2), "")


# --- registrations, and what an operator is told ---


def registered(given: AndroidConfig) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What was added, and what is missing then."""

    async def work() -> tuple[tuple[str, ...], tuple[str, ...]]:
        async with opened(given, 5) as client:
            return await register(client, given.hook), await missing(client, given.hook)

    return asyncio.run(work())


def test_registering_again_changes_nothing(gateway: FakeAndroid) -> None:
    gateway.hooks["somebody"] = {"id": "somebody", "event": "sms:received", "url": "https://other.example"}
    assert registered(config(gateway)) == (EVENTS, ())
    assert registered(config(gateway)) == ((), ())
    assert len(gateway.posted) == len(EVENTS)
    assert {hook["url"] for hook in gateway.posted} == {HOOK}
    moved = replace(config(gateway), public_url="https://new.example")
    assert registered(moved) == (EVENTS, ())
    assert len(gateway.hooks) == 1 + len(EVENTS)


def told(given: AndroidConfig, engine: Engine) -> Sequence[Finding]:
    found = asyncio.run(check(given, Tools(engine, Vault([Fernet.generate_key().decode()]), lambda: NOW)))
    assert not any(secret in finding.text for finding in found for secret in (PASSWORD, KEY))
    return found


def test_what_is_right_and_what_is_wrong(gateway: FakeAndroid, engine: Engine) -> None:
    first = told(config(gateway), engine)
    assert [f.level for f in first] == [Level.GOOD, Level.BAD, Level.WARNING]
    assert "khaibao android setup" in first[1].text
    registered(config(gateway))
    with engine.begin() as connection:
        beat(connection, "android")
    assert [f.level for f in told(config(gateway), engine)] == [Level.GOOD] * 3


@pytest.mark.parametrize(("minutes", "level"), [(29, Level.GOOD), (31, Level.WARNING)])
def test_a_silent_phone_is_a_warning(gateway: FakeAndroid, engine: Engine, minutes: int, level: Level) -> None:
    with engine.begin() as connection:
        beat(connection, "android")
        earlier = channel_beats.c.heard_at - timedelta(minutes=minutes)
        connection.execute(update(channel_beats).values(heard_at=earlier))
    found = told(config(gateway), engine)[-1]
    assert found.level is level
    assert f"{minutes} minutes" in found.text


def test_a_gateway_that_does_not_know_us(gateway: FakeAndroid, engine: Engine) -> None:
    found = told(replace(config(gateway), password="wrong", public_url="http://khaibao.example"), engine)
    assert [f.level for f in found] == [Level.BAD, Level.BAD, Level.WARNING]
    assert "https" in found[0].text
    assert "ANDROID_PASSWORD is wrong" in found[1].text
    beside = told(replace(config(gateway), public_url="http://127.0.0.1:8000"), engine)
    assert beside[0].level is Level.GOOD
    away = replace(config(gateway), api_url="http://127.0.0.1:1", public_url="")
    assert [f.level for f in told(away, engine)] == [Level.BAD, Level.BAD, Level.WARNING]
