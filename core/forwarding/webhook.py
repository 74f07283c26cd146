"""The webhook's body and signature: Standard Webhooks 1.0.0, https://www.standardwebhooks.com.

A body, for a unit's programmer (a value that is not known is null, never left out):

    {"type": "declaration.recorded" or "checkin.recorded",
     "timestamp": "2026-11-21T01:30:00Z",         when it was declared, UTC
     "data": {
       "id": UUID of this version,                "root": UUID of the first version,
       "version": 1, 2, ...                       a higher one of the same root replaces the lower ones
       "code": "A7K2",                            what the person was given as a receipt
       "sequence": 1, 2, ...                      per person, in the order in which we queued them
       "confirmed": true or false                 false: echoed to the person, unconfirmed for 30 minutes
       "form": "declaration", "checkin", ...,     "channel": "twilio", "web", ...
       "person": {"id", "full_name", "year_of_birth", "gender", "nationality", "address"},
       "unit": {"code", "name"},                  where they said they live
       "answers": {question key: value},          as understood; the text as typed is never sent
       "signs": ["fever", ...],                   gravest first; [] is "none of those asked about"
       "temperature": 38.2 or null,               degrees Celsius
       "level": "none", "signs" or "urgent",      "legal_basis": ...,
       "on_behalf": true or false,                somebody else answered for them
       "declared_at": "2026-11-21T01:30:00Z"}}

A telephone or identity number is never in it. Deliveries are at least once: drop a `webhook-id` seen before.
"""

from __future__ import annotations

import base64
import secrets as chance
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import orjson
from standardwebhooks import Webhook

from core.conversation.form import Kind
from core.forms.load import load_all

WITHHELD = frozenset({"phone", "id_number", "email", "unit_typed"}) | {
    question.key
    for form in load_all().values()
    for question in form.questions
    if question.kind in (Kind.PHONE, Kind.ID)
}
"""Answers that no unit receives: minimum by Law 91/2025/QH15; a unit that must call has its own console. Those of older
forms by name, those of today's by their kind."""

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z


@dataclass(frozen=True, slots=True)
class Person:
    """Who the record is about, as far as a unit is told."""

    id: UUID
    full_name: str
    year_of_birth: int | None
    gender: str | None
    nationality: str
    address: str


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit that the person belongs to."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Record:
    """One version of a declaration or check-in. `confirmed` is as it was when the delivery was queued."""

    id: UUID
    root: UUID
    version: int
    code: str
    form: str
    channel: str
    answers: Mapping[str, object]
    signs: tuple[str, ...]
    temperature: float | None
    level: str
    legal_basis: str
    on_behalf: bool
    confirmed: bool
    declared_at: datetime


def body(record: Record, person: Person, unit: Unit, sequence: int | None) -> bytes:
    """The bytes to send: the same arguments give the same bytes, so a retry is identical."""
    when = record.declared_at.astimezone(UTC)
    data = {
        "id": record.id,
        "root": record.root,
        "version": record.version,
        "code": record.code,
        "sequence": sequence,
        "confirmed": record.confirmed,
        "form": record.form,
        "channel": record.channel,
        "person": person,
        "unit": unit,
        "answers": {key: value for key, value in record.answers.items() if key not in WITHHELD},
        "signs": record.signs,
        "temperature": record.temperature,
        "level": record.level,
        "legal_basis": record.legal_basis,
        "on_behalf": record.on_behalf,
        "declared_at": when,
    }
    return orjson.dumps({"type": f"{record.form}.recorded", "timestamp": when, "data": data}, option=_OPTIONS)


def new_secret() -> str:
    """A signing secret of 32 random bytes, as both sides write it."""
    return "whsec_" + base64.b64encode(chance.token_bytes(32)).decode()


def headers(webhook_id: UUID, payload: bytes, secrets: Sequence[str], wall: datetime) -> dict[str, str]:
    """Sign `payload` with every secret, the new one first. `wall`: real time, receivers allow 5 minutes.

    `webhook_id` is the same on every attempt; the time and so the signature are not.
    """
    utc = wall.astimezone(UTC)
    signatures = [Webhook(secret).sign(str(webhook_id), utc, payload.decode()) for secret in secrets]
    return {
        "content-type": "application/json",
        "webhook-id": str(webhook_id),
        "webhook-timestamp": str(int(utc.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
