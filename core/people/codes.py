"""Codes by which two addresses become one person's. Eight digits, for half an hour.

A code is written before it is told to anybody, in the same transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import Connection, bindparam, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from core.conversation.parsers.link import CODE_LENGTH
from core.database.shared import Instant, link_codes
from core.database.tables import addresses

VALID: Final = timedelta(minutes=30)
MOST_TEXTED: Final = 3
"""Codes that one contact can have texted in a day, and that one phone can get: each costs us a part, and bothers
somebody if the number is not theirs."""

MOST_IN_AN_HOUR: Final = 60
"""Codes texted by all together: a contact is as cheap as a new browser."""

MOST_WRONG: Final = 5
"""Wrong codes of one contact in a day."""

MOST_WRONG_OF_ALL: Final = 500
"""Wrong codes of all in an hour: then somebody is guessing, and nobody links by a code for a while."""

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_OLD = (
    select(link_codes.c.code)
    .where(link_codes.c.expires_at < bindparam("before", type_=Instant))
    .order_by(link_codes.c.expires_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_DELETE = delete(link_codes).where(link_codes.c.code.in_(_OLD))
_WRONG = "?"  # begins the row of a wrong code, which no code does


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


def may_text(connection: Connection, contact: UUID, phone: str, now: datetime, sms: Collection[str]) -> bool:
    """Whether one more code may be texted for this contact, and to this phone. `sms`: the channels of telephones."""
    texted = link_codes.c.phone != ""
    of_all = select(func.count()).where(texted, link_codes.c.expires_at > now + VALID - _HOUR)
    if (connection.scalar(of_all) or 0) >= MOST_IN_AN_HOUR or _is_closed(connection, phone, sms):
        return False
    asked = (texted, link_codes.c.expires_at > now + VALID - _DAY)
    by_contact = func.count().filter(link_codes.c.contact_id == contact)
    to_phone = func.count().filter(link_codes.c.phone == phone)
    either = or_(link_codes.c.contact_id == contact, link_codes.c.phone == phone)
    counted = connection.execute(select(by_contact, to_phone).where(*asked, either)).one()
    return all(n < MOST_TEXTED for n in counted)


def _is_closed(connection: Connection, phone: str, sms: Collection[str]) -> bool:
    """Whether its owner said STOP, or nothing arrives there."""
    shut = or_(addresses.c.stopped_at.is_not(None), addresses.c.unreachable_at.is_not(None))
    there = addresses.c.channel.in_(sms) & (addresses.c.address == phone)
    return connection.scalar(select(addresses.c.address).where(there, shut).limit(1)) is not None


def missed(connection: Connection, contact: UUID, now: datetime) -> None:
    """A code was wrong."""
    row = {"contact_id": contact, "channel": "", "address": "", "phone": "", "expires_at": now}
    connection.execute(insert(link_codes).values(code=f"{_WRONG}{uuid4()}", **row))


def may_try(connection: Connection, contact: UUID, now: datetime) -> bool:
    """Whether this contact may try a code: not after too many wrong ones, its own or everybody's."""
    wrong = (link_codes.c.code.startswith(_WRONG), link_codes.c.expires_at > now - _DAY)
    own = func.count().filter(link_codes.c.contact_id == contact)
    of_all = func.count().filter(link_codes.c.expires_at > now - _HOUR)
    found = connection.execute(select(own, of_all).where(*wrong)).one()
    return bool(found[0] < MOST_WRONG and found[1] < MOST_WRONG_OF_ALL)


def forget(connection: Connection, now: datetime, limit: int = 500) -> int:
    """Delete at most `limit` that nobody counts any more; how many. Call again while it is `limit`."""
    return connection.execute(_DELETE, {"before": now - _DAY, "most": limit}).rowcount
