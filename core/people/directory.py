"""Whose an address is. The directory is shared by all cells, small, and kept in memory as it is used."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Column, Connection, Engine, Text, bindparam, func, select
from uuid_utils.compat import uuid7

from core.database.batch import BatchInsert
from core.database.shared import directory

Key = tuple[str, str]
"""A channel and an address on it."""

_KEPT = 200_000  # addresses in memory, some 60 MB

_wanted = (
    func.unnest(bindparam("channel", type_=ARRAY(Text)), bindparam("address", type_=ARRAY(Text)))
    .table_valued(Column("channel", Text), Column("address", Text))
    .render_derived(name="wanted")
)
_FIND = select(directory.c.channel, directory.c.address, directory.c.contact_id).join(
    _wanted, (directory.c.channel == _wanted.c.channel) & (directory.c.address == _wanted.c.address)
)
_ADD = BatchInsert(directory, ["channel", "address", "contact_id", "cell"])


class Directory:
    """The directory of one database, for messages of one cell.

    `sms`: the channels whose addresses are telephone numbers. The same number on two of them is one contact, whichever
    gateway its text came through.
    """

    def __init__(self, engine: Engine, cell: str, sms: Collection[str] = ()) -> None:
        self._engine = engine
        self._cell = cell
        self._sms = frozenset(sms)
        self._known: dict[Key, UUID] = {}
        self._lock = threading.Lock()

    def contacts(self, keys: Iterable[Key]) -> Mapping[Key, UUID]:
        """The contact of each address; one is made for an address never seen.

        An entry is committed before the message that needs it. A crash in between leaves an address without a
        contact, which the next message from there completes (`contacts.ensure`).
        """
        wanted = set(keys)
        found = {key: whose for key in wanted if (whose := self._known.get(key))}
        missing = sorted(wanted - found.keys())
        return {**found, **self._learn(missing)} if missing else found

    def forget(self, contact: UUID) -> None:
        """Ask the database again for this contact's addresses: they belong to somebody else now."""
        with self._lock:
            self._known = {key: whose for key, whose in self._known.items() if whose != contact}

    def _learn(self, missing: list[Key]) -> Mapping[Key, UUID]:
        arrays = {"channel": [c for c, _ in missing], "address": [a for _, a in missing]}
        with self._engine.begin() as connection:
            found = {(r.channel, r.address): r.contact_id for r in connection.execute(_FIND, arrays)}
            new = [key for key in missing if key not in found]
            if new:
                phones = self._phones(connection, [address for channel, address in new if channel in self._sms])
                _ADD.run(connection, [self._entry(key, phones) for key in new])
                found = {(r.channel, r.address): r.contact_id for r in connection.execute(_FIND, arrays)}
        with self._lock:
            if len(self._known) + len(found) > _KEPT:
                self._known.clear()
            self._known.update(found)
        return found

    def _phones(self, connection: Connection, numbers: Sequence[str]) -> dict[str, UUID]:
        """Contacts of numbers that another gateway knows."""
        if not numbers:
            return {}
        same = select(directory.c.address, directory.c.contact_id).where(
            directory.c.address.in_(numbers), directory.c.channel.in_(self._sms)
        )
        return {row.address: row.contact_id for row in connection.execute(same.order_by(directory.c.contact_id.desc()))}

    def _entry(self, key: Key, phones: Mapping[str, UUID]) -> dict[str, object]:
        channel, address = key
        known = phones.get(address) if channel in self._sms else None
        return {"channel": channel, "address": address, "contact_id": known or uuid7(), "cell": self._cell}
