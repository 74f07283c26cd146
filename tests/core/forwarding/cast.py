"""Units, people and records for the tests of forwarding, and a deliverer with a clock that can be moved."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_network
from typing import Any
from uuid import UUID, uuid4

from cryptography.fernet import Fernet
from sqlalchemy import Engine, RowMapping, insert, select, update

from core.database.batch import Row
from core.database.shared import units
from core.database.tables import contacts, forwards, persons, records
from core.forwarding import destinations
from core.forwarding.deliver import Deliverer, run_once
from core.forwarding.guard import Network, UnitClient
from core.forwarding.jobs import enqueue
from core.secrets import Vault

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"),)
STATION, OTHER_STATION, CENTRE, MINISTRY = "TYT02671", "TYT02680", "CDC15", "BYT"
_CONTEXT = ssl.create_default_context()
_PARENTS = {MINISTRY: None, CENTRE: MINISTRY, STATION: CENTRE, OTHER_STATION: CENTRE}


@dataclass
class Cast:
    """One province's database. `now` is domain time."""

    engine: Engine
    vault: Vault = field(default_factory=lambda: Vault([Fernet.generate_key().decode()]))
    now: datetime = NOON
    networks: tuple[Network, ...] = LOOPBACK
    contact: UUID = field(default_factory=uuid4)

    def settle_in(self) -> Cast:
        """The units and one phone."""
        with self.engine.begin() as connection:
            for code, parent in _PARENTS.items():
                connection.execute(insert(units).values(_unit(code, parent)))
            phone = {"id": self.contact, "channel": "web", "address": "a", "seen_at": self.now}
            connection.execute(insert(contacts).values(phone))
        return self

    def person(self, name: str = "Nguyễn Thị Mẫu") -> UUID:
        made = uuid4()
        values = {"id": made, "full_name": name, "year_of_birth": 1948, "created_at": self.now}
        with self.engine.begin() as connection:
            connection.execute(insert(persons).values(values))
        return made

    def destination(self, unit: str, url: str) -> tuple[UUID, str]:
        with self.engine.begin() as connection:
            return destinations.register(connection, self.vault, unit, url)

    def record(self, person: UUID, **changes: Any) -> Row:
        """A stored check-in, not queued yet."""
        made = uuid4()
        values = {
            "id": made,
            "root": made,
            "version": 1,
            "code": "A7K2",
            "form": "checkin",
            "form_hash": "h",
            "person_id": person,
            "contact_id": self.contact,
            "inbound_id": uuid4(),
            "channel": "web",
            "unit_code": STATION,
            "answers": {"signs": ["fever"]},
            "signs": ["fever"],
            "temperature": 38.2,
            "level": "signs",
            "legal_basis": "consent",
            "on_behalf": False,
            "declared_at": self.now,
            "confirmed_at": self.now,
        } | changes
        with self.engine.begin() as connection:
            connection.execute(insert(records).values(values))
        return values

    def queue(self, new: Sequence[Row]) -> None:
        with self.engine.begin() as connection:
            enqueue(connection, new, destinations.load_by_unit(connection), self.now)

    def checkins(self, person: UUID, count: int, **changes: Any) -> list[Row]:
        """So many check-ins of a person, queued."""
        made = [self.record(person, **changes) for _ in range(count)]
        self.queue(made)
        return made

    def deliver(self, limit: int = 1000) -> int:
        """Deliver what is due now."""
        return asyncio.run(self._deliver(limit))

    async def _deliver(self, limit: int) -> int:
        async with UnitClient(self.networks, _CONTEXT) as client:
            return await run_once(self.engine, client, self.vault, lambda: self.now, limit)

    def deliver_rounds(self, rounds: int, wait: timedelta) -> None:
        """One deliverer, several rounds, the clock moved after each."""
        asyncio.run(self._deliver_rounds(rounds, wait))

    async def _deliver_rounds(self, rounds: int, wait: timedelta) -> None:
        async with UnitClient(self.networks, _CONTEXT) as client:
            deliverer = Deliverer(self.engine, client, self.vault, lambda: self.now)
            for _ in range(rounds):
                await deliverer.begin()
                await deliverer.finish()
                self.now += wait

    def later(self, **wait: float) -> None:
        self.now += timedelta(**wait)

    def forwards(self) -> Sequence[RowMapping]:
        """All deliveries, in order of person and sequence."""
        wanted = select(forwards).order_by(forwards.c.person_id, forwards.c.sequence, forwards.c.id)
        with self.engine.connect() as connection:
            return connection.execute(wanted).mappings().all()

    def statuses(self) -> list[str]:
        return [row["status"] for row in self.forwards()]

    def forward(self, destination: UUID) -> RowMapping:
        """A destination's only delivery."""
        (row,) = (row for row in self.forwards() if row["destination_id"] == destination)
        return row

    def change_forwards(self, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(forwards).values(values))


def _unit(code: str, parent: str | None) -> dict[str, object]:
    return {
        "code": code,
        "data_version": "test",
        "type": "commune_station",
        "name": f"Đơn vị {code}",
        "short_name": code,
        "sort_key": code,
        "level": 1,
        "parent": parent,
        "valid_from": date(2025, 7, 1),
    }
