"""The body that a unit receives, and its signature as the receiver's own library checks it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import orjson
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from core.forwarding.webhook import Person, Record, Unit, body, headers, new_secret

DECLARED = datetime(2026, 11, 21, 8, 30, tzinfo=timezone(timedelta(hours=7)))
WEBHOOK_ID = UUID(int=7)
RECORD = Record(
    id=UUID(int=2),
    root=UUID(int=1),
    version=2,
    code="A7K2",
    form="declaration",
    channel="twilio",
    answers={"travelled": False, "phone": "0900 000 001", "id_number": "001048000001", "contacts": None},
    signs=("fever", "cough"),
    temperature=38.2,
    level="signs",
    legal_basis="consent",
    on_behalf=False,
    confirmed=True,
    declared_at=DECLARED,
)
PERSON = Person(UUID(int=3), "Nguyễn Thị Mẫu", 1948, "female", "VN", "Thôn 2")
UNIT = Unit("TYT02671", "Trạm Y tế xã Bát Xát")


def test_the_body_says_everything_a_unit_acts_on() -> None:
    assert orjson.loads(body(RECORD, PERSON, UNIT, 5)) == {
        "type": "declaration.recorded",
        "timestamp": "2026-11-21T01:30:00Z",
        "data": {
            "id": str(UUID(int=2)),
            "root": str(UUID(int=1)),
            "version": 2,
            "code": "A7K2",
            "sequence": 5,
            "confirmed": True,
            "form": "declaration",
            "channel": "twilio",
            "person": {
                "id": str(UUID(int=3)),
                "full_name": "Nguyễn Thị Mẫu",
                "year_of_birth": 1948,
                "gender": "female",
                "nationality": "VN",
                "address": "Thôn 2",
            },
            "unit": {"code": "TYT02671", "name": "Trạm Y tế xã Bát Xát"},
            "answers": {"travelled": False, "contacts": None},
            "signs": ["fever", "cough"],
            "temperature": 38.2,
            "level": "signs",
            "legal_basis": "consent",
            "on_behalf": False,
            "declared_at": "2026-11-21T01:30:00Z",
        },
    }


def test_a_checkin_is_its_own_type_and_no_temperature_is_null() -> None:
    sent = orjson.loads(body(replace(RECORD, form="checkin", temperature=None), PERSON, UNIT, 5))
    assert sent["type"] == "checkin.recorded"
    assert sent["data"]["temperature"] is None


def test_no_telephone_and_no_identity_number_leave() -> None:
    sent = body(RECORD, PERSON, UNIT, 5)
    assert b"0900" not in sent
    assert b"001048000001" not in sent


def test_the_same_facts_give_the_same_bytes() -> None:
    turned = replace(RECORD, answers=dict(sorted(RECORD.answers.items())), declared_at=DECLARED.astimezone(UTC))
    assert body(turned, PERSON, UNIT, 5) == body(RECORD, PERSON, UNIT, 5)


def test_the_receivers_library_accepts_the_signature() -> None:
    secret, payload = new_secret(), body(RECORD, PERSON, UNIT, 5)
    signed = headers(WEBHOOK_ID, payload, [secret], datetime.now(UTC))
    assert signed["webhook-id"] == str(WEBHOOK_ID)
    assert Webhook(secret).verify(payload, signed) == orjson.loads(payload)


def test_while_a_secret_rotates_either_one_verifies() -> None:
    new, old, payload = new_secret(), new_secret(), b"{}"
    signed = headers(WEBHOOK_ID, payload, [new, old], datetime.now(UTC))
    assert Webhook(new).verify(payload, signed) == Webhook(old).verify(payload, signed) == {}


@pytest.mark.parametrize("wall", [DECLARED - timedelta(days=900), datetime(2100, 1, 1, tzinfo=UTC)])
def test_a_signature_of_another_time_is_refused(wall: datetime) -> None:
    secret = new_secret()
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(b"{}", headers(WEBHOOK_ID, b"{}", [secret], wall))


def test_another_secret_and_another_body_are_refused() -> None:
    secret = new_secret()
    signed = headers(WEBHOOK_ID, b"{}", [secret], datetime.now(UTC))
    for other, payload in ((new_secret(), b"{}"), (secret, b"[]")):
        with pytest.raises(WebhookVerificationError):
            Webhook(other).verify(payload, signed)


def test_wall_time_in_any_zone_is_the_same_second() -> None:
    here = headers(WEBHOOK_ID, b"{}", [new_secret()], DECLARED)
    assert here["webhook-timestamp"] == str(int(DECLARED.timestamp()))
