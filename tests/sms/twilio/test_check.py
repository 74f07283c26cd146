from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine

from core.messaging.ports import Finding, Level, Tools
from core.secrets import Vault
from sms.twilio.check import check
from sms.twilio.config import TwilioConfig
from tests.fakes.twilio import ACCOUNT, TOKEN, FakeTwilio, fake_twilio, refuses

OURS, SERVICE = "+84900000099", "MG" + "0" * 32
PUBLIC = "https://khaibao.example"
WEBHOOK = f"{PUBLIC}/sms/twilio/inbound#rc=3&rp=all"
GOOD, WARNING, BAD = Level.GOOD, Level.WARNING, Level.BAD


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with fake_twilio() as running:
        running.numbers = [number()]
        running.services = {SERVICE: service()}
        yield running


def number(sms_url: str = WEBHOOK, **capabilities: bool) -> dict[str, Any]:
    able = {"sms": True, "voice": True, "mms": False, "fax": False} | capabilities
    return {"sid": "PN1", "phone_number": OURS, "capabilities": able, "sms_url": sms_url}


def service(inbound_request_url: str | None = WEBHOOK, **values: Any) -> dict[str, Any]:
    made = {"sid": SERVICE, "account_sid": ACCOUNT, "inbound_request_url": inbound_request_url}
    return made | {"use_inbound_webhook_on_number": False} | values


def found(twilio: FakeTwilio, **values: Any) -> list[Finding]:
    config = TwilioConfig(ACCOUNT, TOKEN, sender=OURS, api_url=twilio.url, public_url=PUBLIC)
    vault = Vault((Fernet.generate_key().decode(),))
    tools = Tools(create_engine("postgresql+psycopg://"), vault, partial(datetime.now, UTC))
    return list(asyncio.run(check(replace(config, **values), tools)))


def levels(findings: list[Finding]) -> list[Level]:
    return [each.level for each in findings]


def test_all_is_well_and_nothing_was_sent(twilio: FakeTwilio) -> None:
    by_number = found(twilio)
    by_service = found(twilio, messaging_service_sid=SERVICE)
    assert (levels(by_number), levels(by_service)) == ([GOOD] * 3, [GOOD] * 3)
    assert WEBHOOK in by_number[-1].text
    assert {method for method, _, _ in twilio.requests} == {"GET"}


@pytest.mark.parametrize(
    ("account", "level", "said"),
    [
        ({"status": "suspended", "type": "Full"}, BAD, "suspended"),
        ({"status": "closed", "type": "Full"}, BAD, "closed"),
        ({"status": "active", "type": "Trial"}, WARNING, "trial"),
    ],
)
def test_each_account(twilio: FakeTwilio, account: dict[str, str], level: Level, said: str) -> None:
    twilio.account |= account
    first = found(twilio)[0]
    assert (first.level, said in first.text) == (level, True)


@pytest.mark.parametrize(
    ("values", "level", "said"),
    [
        ({"sender": "+84900000098"}, BAD, "TWILIO_FROM"),
        ({"sender": "KHAIBAO"}, WARNING, "TWILIO_FROM"),
        ({"messaging_service_sid": "MG1"}, BAD, "TWILIO_MESSAGING_SERVICE_SID"),
    ],
)
def test_each_wrong_sender(twilio: FakeTwilio, values: dict[str, str], level: Level, said: str) -> None:
    _, sender, _ = found(twilio, **values)
    assert (sender.level, said in sender.text) == (level, True)


@pytest.mark.parametrize(
    ("given", "level", "said"),
    [
        (number(sms=False), BAD, "no SMS"),
        (number("https://demo.twilio.com/welcome/sms/reply"), BAD, WEBHOOK),
        (number(""), BAD, WEBHOOK),
        (number("http://khaibao.example/sms/twilio/inbound"), BAD, WEBHOOK),
        (number() | {"sms_application_sid": "AP1"}, BAD, WEBHOOK),
        (number(f"{PUBLIC}/sms/twilio/inbound"), WARNING, WEBHOOK),
        (number(f"{PUBLIC}/sms/twilio/inbound#rc=3"), WARNING, WEBHOOK),
        (number(f"{PUBLIC}/sms/twilio/inbound#rp=all&rc=5"), GOOD, "people"),
    ],
)
def test_where_a_number_brings_messages(twilio: FakeTwilio, given: dict[str, Any], level: Level, said: str) -> None:
    twilio.numbers = [given]
    _, sender, _ = found(twilio)
    assert (sender.level, said in sender.text) == (level, True)


@pytest.mark.parametrize(
    ("given", "level"),
    [
        (service(use_inbound_webhook_on_number=True), WARNING),
        (service(None), BAD),
        (service("https://elsewhere.example/"), BAD),
        (service(f"{PUBLIC}/sms/twilio/inbound"), WARNING),
    ],
)
def test_where_a_service_brings_messages(twilio: FakeTwilio, given: dict[str, Any], level: Level) -> None:
    twilio.services = {SERVICE: given}
    _, sender, _ = found(twilio, messaging_service_sid=SERVICE)
    assert (sender.level, WEBHOOK in sender.text) == (level, True)


def test_without_a_public_url_nothing_is_heard(twilio: FakeTwilio) -> None:
    findings = found(twilio, public_url="")
    assert levels(findings) == [GOOD, GOOD, BAD]
    assert "PUBLIC_URL" in findings[-1].text
    assert found(twilio, public_url="http://khaibao.example")[-1].level is WARNING


def test_a_wrong_token_and_a_wrong_account(twilio: FakeTwilio) -> None:
    for values in ({"auth_token": "hidden-wrong"}, {"account_sid": "AC1"}):
        first, last = found(twilio, **values)
        assert (first.level, "TWILIO_AUTH_TOKEN" in first.text, last.level) == (BAD, True, GOOD)
        assert "hidden" not in first.text


def test_a_twilio_that_is_away_or_stumbles(twilio: FakeTwilio) -> None:
    assert levels(found(twilio, api_url="http://127.0.0.1:1")) == [BAD, GOOD]
    twilio.faults = [refuses(503)]
    assert levels(found(twilio)) == [BAD, GOOD]
    for values in ({}, {"messaging_service_sid": SERVICE}):
        twilio.faults = [passes, refuses(503)]
        assert levels(found(twilio, **values)) == [GOOD, BAD, GOOD]


def passes(twilio: FakeTwilio, handler: Any, fields: dict[str, str]) -> None:
    """As without a fault."""
    handler.answer_json(200, twilio.account)
