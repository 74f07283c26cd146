"""Whose an address is. The directory is shared by all cells, small, and kept in memory as it is used."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import ARRAY, Column, Engine, Text, bindparam, func, select
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
    """The directory of one database, for messages of one cell."""

    def __init__(self, engine: Engine, cell: str) -> None:
        self._engine = engine
        self._cell = cell
        self._known: dict[Key, UUID] = {}
        self._lock = threading.Lock()

    def contacts(self, keys: Iterable[Key]) -> Mapping[Key, UUID]:
        """The contact of each address; one is made for an address never seen.

        An entry is committed before the message that needs it. A crash in between leaves an address without a
        contact, which the next message from there completes (`contacts.ensure`).
        """
        wanted = set(keys)
        missing = sorted(key for key in wanted if key not in self._known)
        if missing:
            self._learn(missing)
        return {key: self._known[key] for key in wanted}

    def _learn(self, missing: list[Key]) -> None:
        arrays = {"channel": [c for c, _ in missing], "address": [a for _, a in missing]}
        with self._engine.begin() as connection:
            found = {(r.channel, r.address): r.contact_id for r in connection.execute(_FIND, arrays)}
            new = [key for key in missing if key not in found]
            if new:
                _ADD.run(connection, [self._entry(key) for key in new])
                found = {(r.channel, r.address): r.contact_id for r in connection.execute(_FIND, arrays)}
        with self._lock:
            if len(self._known) + len(found) > _KEPT:
                self._known.clear()
            self._known.update(found)

    def _entry(self, key: Key) -> dict[str, object]:
        channel, address = key
        return {"channel": channel, "address": address, "contact_id": uuid7(), "cell": self._cell}
