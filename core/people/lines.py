"""Contacts' places in line: held while something that we start is put behind what they got before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Uuid, bindparam, select

from core.database.batch import BatchUpdate
from core.database.tables import contacts


@dataclass(frozen=True, slots=True)
class Line:
    """A contact that this transaction holds. `seq`: the number of its newest outgoing message; `channel` and `address`:
    where they last wrote from; `seen_at`: when."""

    id: UUID
    seq: int
    language: str
    accents: bool
    channel: str
    address: str
    seen_at: datetime


_HOLD = (
    select(*(contacts.c[name] for name in Line.__slots__))
    .where(contacts.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_())
    .order_by(contacts.c.id)
    .with_for_update(key_share=True, skip_locked=True)
)
_COUNT = BatchUpdate(contacts, "id", ["seq"])


def hold(connection: Connection, ids: Collection[UUID]) -> dict[UUID, Line]:
    """Lock these contacts until the transaction ends, in the order of their ids. Those that somebody else holds are
    left out: nobody is waited for."""
    return {row.id: Line(*row) for row in connection.execute(_HOLD, {"ids": sorted(ids)})} if ids else {}


def count(connection: Connection, newest: Mapping[UUID, int]) -> None:
    """Write the numbers of their newest messages back; the caller holds them."""
    _COUNT.run(connection, [{"id": contact, "seq": newest[contact]} for contact in sorted(newest)])
