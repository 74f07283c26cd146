"""What we know of an address: whose it is, when it was last heard, whether its owner wants nothing started there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Uuid, and_, bindparam, case, func, literal_column, select, update
from sqlalchemy.sql.dml import Update
from sqlalchemy.sql.selectable import Select

from core.database.batch import Batch, BatchInsert, Row
from core.database.shared import Instant
from core.database.tables import addresses, outbox
from core.messaging.route import Address

MOST_FAILURES: Final = 3
"""Refusals for good in a row after which nothing more is started at an address: one may be the text's fault, and two a
bad day of the provider's."""

_KNOWN = select(
    *(addresses.c[name] for name in ("contact_id", "channel", "address", "heard_at")),
    addresses.c.stopped_at.is_not(None).label("stopped"),
    addresses.c.unreachable_at.is_not(None).label("unreachable"),
)
_OF_CONTACTS = _KNOWN.where(addresses.c.contact_id == bindparam("ids", type_=ARRAY(Uuid)).any_())
_STOPS = Batch(addresses, ["channel", "address", "stopped_at"])
_STOP = (
    update(addresses)
    .values(stopped_at=_STOPS.data.c.stopped_at)
    .where(addresses.c.channel == _STOPS.data.c.channel, addresses.c.address == _STOPS.data.c.address)
)

_HEAR = BatchInsert(
    addresses,
    ["channel", "address", "contact_id", "heard_at", "unreachable_at", "unreachable_code", "failures"],
    update=["unreachable_at", "unreachable_code", "failures"],
    forward=["heard_at"],
)
_HEAR_AND_TELL = _HEAR.statement.returning(addresses.c.channel, addresses.c.address, addresses.c.contact_id)

_KEYS = Batch(addresses, ["channel", "address"])
_AT = _KNOWN.join(
    _KEYS.data, and_(addresses.c.channel == _KEYS.data.c.channel, addresses.c.address == _KEYS.data.c.address)
)
_HOLD: Select[Any] = (
    select(literal_column("1"))
    .select_from(
        addresses.join(
            _KEYS.data, and_(addresses.c.channel == _KEYS.data.c.channel, addresses.c.address == _KEYS.data.c.address)
        )
    )
    .order_by(addresses.c.channel, addresses.c.address)
    .with_for_update(of=addresses, key_share=True)
)
_FAULTS = Batch(addresses, ["channel", "address", "unreachable_code"])


def _count() -> Update:
    """How many of the newest messages that were decided there failed: the rows say it, so nothing counts twice."""
    data = _FAULTS.data
    newest = (
        select(outbox.c.status)
        .where(
            outbox.c.contact_id == addresses.c.contact_id,
            outbox.c.channel == addresses.c.channel,
            outbox.c.address == addresses.c.address,
            outbox.c.status.in_([literal_column(f"'{status}'") for status in ("sent", "delivered", "failed")]),
            addresses.c.heard_at.is_(None) | (outbox.c.created_at > addresses.c.heard_at),
        )
        .order_by(outbox.c.seq.desc())
        .limit(literal_column(str(MOST_FAILURES)))
        .correlate(addresses)
        .subquery("newest")
    )
    failed = select(func.count()).select_from(newest).where(newest.c.status == literal_column("'failed'"))
    held = (
        select(addresses.c.channel, addresses.c.address, data.c.unreachable_code, failed.scalar_subquery().label("n"))
        .select_from(
            addresses.join(data, and_(addresses.c.channel == data.c.channel, addresses.c.address == data.c.address))
        )
        .cte("held")
    )
    gone = and_(held.c.n >= MOST_FAILURES, addresses.c.unreachable_at.is_(None))
    return (
        update(addresses)
        .where(addresses.c.channel == held.c.channel, addresses.c.address == held.c.address)
        .values(
            failures=held.c.n,
            unreachable_at=case((gone, bindparam("now", type_=Instant)), else_=addresses.c.unreachable_at),
            unreachable_code=case((gone, held.c.unreachable_code), else_=addresses.c.unreachable_code),
        )
    )


_COUNT = _count()


def by_contact(connection: Connection, ids: Collection[UUID]) -> Mapping[UUID, list[Address]]:
    """All addresses of these contacts."""
    found: dict[UUID, list[Address]] = defaultdict(list)
    for row in connection.execute(_OF_CONTACTS, {"ids": list(ids)}) if ids else ():
        found[row.contact_id].append(Address(row.channel, row.address, row.heard_at, row.stopped, row.unreachable))
    return found


def known(connection: Connection, keys: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], Address]:
    """What is known of these addresses (channel, address), of those that were ever written to or heard."""
    told = _KEYS.parameters({"channel": key[0], "address": key[1]} for key in sorted(keys))
    rows = connection.execute(_AT, told) if keys else ()
    found = (Address(row.channel, row.address, row.heard_at, row.stopped, row.unreachable) for row in rows)
    return {each.key: each for each in found}


def hear(connection: Connection, rows: Sequence[Row]) -> set[UUID]:
    """Something came from these addresses, so they can be reached. Rows of channel, address, contact_id, heard_at. What
    was heard earlier, but is read later, leaves `heard_at` as it is.

    Returns those contacts to whom their address belongs no more: it was linked to another one since the directory
    was asked.
    """
    newest = {(row["channel"], row["address"]): row for row in sorted(rows, key=lambda row: row["heard_at"])}
    if not newest:
        return set()
    fresh: dict[str, Any] = {"unreachable_at": None, "unreachable_code": "", "failures": 0}
    reached = [{**newest[key], **fresh} for key in sorted(newest)]
    owners = connection.execute(_HEAR_AND_TELL, _HEAR.parameters(reached))
    believed = {(row.channel, row.address, row.contact_id): newest[row.channel, row.address] for row in owners}
    return {row["contact_id"] for (_, _, owner), row in believed.items() if owner != row["contact_id"]}


def stop(connection: Connection, rows: Sequence[Row]) -> None:
    """STOP, or its end: rows of channel, address, stopped_at (None: reminders may come again). The newest counts."""
    newest = {(row["channel"], row["address"]): row for row in rows}
    if newest:
        connection.execute(_STOP, _STOPS.parameters(newest.values()))


def hold(connection: Connection, keys: Collection[tuple[str, str]]) -> None:
    """Lock these addresses (channel, address) in their order, before anything is locked that hangs on them."""
    if keys:
        connection.execute(_HOLD, _KEYS.parameters({"channel": key[0], "address": key[1]} for key in sorted(keys)))


def count_failures(connection: Connection, faults: Collection[tuple[str, str, str]], now: datetime) -> None:
    """Messages to these addresses (channel, address, the provider's code) were refused for good: whoever refused as
    often as `MOST_FAILURES` since anything else was sent there, or came from there, cannot be reached.

    The caller holds the addresses (`hold`). What was delivered in between, or taken and not refused since, ends the
    row; so the provider that takes everything and reports the failure later is understood as well.
    """
    codes = {(channel, address): code for channel, address, code in faults}
    if codes:
        rows = [{"channel": key[0], "address": key[1], "unreachable_code": codes[key]} for key in sorted(codes)]
        connection.execute(_COUNT, _FAULTS.parameters(rows) | {"now": now})
