"""Codes by which two addresses become one person's. Eight digits, for half an hour.

A code is written before it is told to anybody, in the same transaction.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from core.conversation.parsers.link import CODE_LENGTH
from core.database.shared import link_codes

VALID: Final = timedelta(minutes=30)
MOST_TEXTED: Final = 3
"""Codes that one contact can have texted in a day, and that one phone can get: each costs us a part, and bothers
somebody if the number is not theirs."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Code:
    """Who asked for it, from which address. `phone` (E.164) if it was texted there, else ""."""

    code: str
    contact_id: UUID
    channel: str
    address: str
    phone: str


def make(connection: Connection, contact: UUID, where: tuple[str, str], now: datetime, phone: str = "") -> str:
    """A new code, written. `where`: the channel and the address that ask for it."""
    channel, address = where
    row = {"contact_id": contact, "channel": channel, "address": address, "phone": phone, "expires_at": now + VALID}
    while True:
        code = f"{secrets.randbelow(10**CODE_LENGTH):0{CODE_LENGTH}}"
        made = insert(link_codes).values(code=code, **row).on_conflict_do_nothing()
        if connection.execute(made).rowcount:
            return code


def find(connection: Connection, code: str, now: datetime) -> Code | None:
    """Whose it is, if it is still good."""
    wanted = select(link_codes).where(link_codes.c.code == code, link_codes.c.expires_at > now)
    row = connection.execute(wanted).one_or_none()
    return Code(row.code, row.contact_id, row.channel, row.address, row.phone) if row else None


def use_up(connection: Connection, code: str, now: datetime) -> None:
    """A code is good once. The row stays for a day, to be counted."""
    connection.execute(link_codes.update().where(link_codes.c.code == code).values(expires_at=now))


def may_text(connection: Connection, contact: UUID, phone: str, now: datetime) -> bool:
    """Whether one more code may be texted for this contact, and to this phone."""
    asked = (link_codes.c.phone != "", link_codes.c.expires_at > now + VALID - _DAY)
    by_contact = func.count().filter(link_codes.c.contact_id == contact)
    to_phone = func.count().filter(link_codes.c.phone == phone)
    either = or_(link_codes.c.contact_id == contact, link_codes.c.phone == phone)
    counted = connection.execute(select(by_contact, to_phone).where(*asked, either)).one()
    return all(n < MOST_TEXTED for n in counted)


def forget(connection: Connection, now: datetime) -> int:
    """Delete those that nobody counts any more; how many."""
    return connection.execute(delete(link_codes).where(link_codes.c.expires_at < now - _DAY)).rowcount
