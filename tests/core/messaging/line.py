"""An outbox to try things on: made-up contacts, rows in line, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, RowMapping, insert, select, text, update

from core.database.due import due_checks
from core.database.following import follow_ups
from core.database.tables import addresses, contacts, outbox, persons
from core.messaging.channel import MessageKind

NOW = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)  # seven in the morning in Vietnam
LEASE = timedelta(seconds=60)
LAN, HOA = "+84900000001", "+84900000002"

_PRIORITY: Mapping[MessageKind, int] = {MessageKind.DANGER: 0, MessageKind.REMINDER: 2, MessageKind.NEWS: 3}

_FOLLOW_UP = {
    "group": "F1",
    "place": "home",
    "start_on": date(2026, 11, 20),
    "end_on": date(2026, 12, 4),
    "hours": [7, 17],
    "status": "under_follow_up",
}
_DUE_CHECK = {
    "opens_at": NOW,
    "due_at": NOW,
    "remind_at": NOW,
    "closes_at": NOW + timedelta(hours=6),
    "status": "not_performed",
}


@dataclass
class Line:
    """`put` adds a row and returns its id; the rest reads."""

    engine: Engine
    _contacts: dict[str, UUID] = field(default_factory=dict)
    _seq: Any = field(default_factory=lambda: count(1))

    def put(self, kind: MessageKind = MessageKind.QUESTION, to: str = LAN, **values: Any) -> UUID:
        row = {
            "id": uuid4(),
            "contact_id": self.contact(to),
            "seq": next(self._seq),
            "channel": "phone",
            "address": to,
            "kind": kind,
            "priority": _PRIORITY.get(kind, 1),
            "text": f"{kind} to somebody",
            "choices": [],
            "parts": 1,
            "created_at": NOW,
            "due_at": NOW,
            "expires_at": NOW + timedelta(hours=6),
        } | values
        with self.engine.begin() as connection:
            connection.execute(insert(outbox).values(row))
        return UUID(str(row["id"]))

    def contact(self, to: str) -> UUID:
        """Whose the number is; met now if never before."""
        if to in self._contacts:
            return self._contacts[to]
        identity = self._contacts[to] = uuid4()
        with self.engine.begin() as connection:
            connection.execute(
                insert(contacts).values(id=identity, channel="phone", address=to, session={}, seen_at=NOW)
            )
            connection.execute(insert(addresses).values(channel="phone", address=to, contact_id=identity))
        return identity

    def due_check(self, to: str = LAN) -> UUID:
        """A check that nobody has answered yet."""
        person, follow_up, check = uuid4(), uuid4(), uuid4()
        common = {"person_id": person, "contact_id": self.contact(to), "unit_code": "15-001"}
        with self.engine.begin() as connection:
            connection.execute(insert(persons).values(id=person, created_at=NOW))
            connection.execute(insert(follow_ups).values(common | {"id": follow_up} | _FOLLOW_UP))
            connection.execute(
                insert(due_checks).values(common | {"id": check, "follow_up_id": follow_up} | _DUE_CHECK)
            )
        return check

    def answer(self, check: UUID) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(due_checks).where(due_checks.c.id == check).values(status="seen_ok"))

    def lives(self, to: str, unit: str) -> None:
        """They said where they live."""
        with self.engine.begin() as connection:
            connection.execute(update(contacts).where(contacts.c.id == self.contact(to)).values(unit_code=unit))

    def stop(self, to: str = LAN) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(addresses).where(addresses.c.address == to).values(stopped_at=NOW))

    def lapse(self) -> None:
        """End every lease: their owners were slow, or died."""
        with self.engine.begin() as connection:
            lapsed = text("clock_timestamp() - interval '1 second'")
            connection.execute(update(outbox).where(outbox.c.status == "sending").values(lease_until=lapsed))

    def leased(self, message: UUID) -> None:
        """Somebody took it, perhaps sent it, and died."""
        with self.engine.begin() as connection:
            values = {"status": "sending", "lease": uuid4(), "attempts": 1}
            connection.execute(update(outbox).where(outbox.c.id == message).values(values))
        self.lapse()

    def row(self, message: UUID) -> RowMapping:
        with self.engine.connect() as connection:
            return connection.execute(select(outbox).where(outbox.c.id == message)).mappings().one()

    def status(self, message: UUID) -> str:
        return str(self.row(message)["status"])

    def address(self, to: str = LAN) -> RowMapping:
        with self.engine.connect() as connection:
            return connection.execute(select(addresses).where(addresses.c.address == to)).mappings().one()
