"""Everybody the tests know, and the province they live in: real tables, the real pipeline, a clock that is set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, RowMapping, Table, insert, select, update

from app import wiring
from app.settings import Settings
from core.care.follow_up import Enrolment, Line, open_follow_up
from core.clock import VIETNAM, Clock
from core.database.due import alerts, due_checks
from core.database.shared import installation, units
from core.database.tables import contacts, inbox, outbox, records
from core.messaging.channel import InboundMessage
from core.pipeline.receive import receive
from core.pipeline.services import Services

LAN, HOA = "+84900000001", "+84900000002"
"""A citizen, and her mother, who has a feature phone."""

TU, STRANGER = "+84900000003", "+84900000006"
"""A volunteer, and somebody of whom nothing is known."""

NURSE, CDC = "+84900000041", "+84900000043"
"""The duty phones of the station and of the province's centre, in tests that have any."""

STATION, NEXT_STATION, CENTRE, MINISTRY = "TYT02683", "TYT02686", "CDC15", "BYT"
"""Lan's commune's nurse works at the first, another commune's nurse at the second."""

MORNING = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)  # eight in Vietnam
TYPING = timedelta(seconds=20)

_UNITS = (
    (MINISTRY, None, "ministry", "Bộ Y tế", None, None),
    (CENTRE, MINISTRY, "provincial_cdc", "CDC Lào Cai", "15", None),
    (STATION, CENTRE, "commune_station", "Trạm Y tế xã Bát Xát", "15", "02683"),
    (NEXT_STATION, CENTRE, "commune_station", "Trạm Y tế xã Cốc San", "15", "02686"),
)
DECLARED = (
    "KHAI",
    "dong y",
    "khong co gi",
    "khong gap ai",
    "khong di dau",
    "Nguyen Thi Lan",
    "1984",
    "nu",
    "xa bat xat, lao cai",
    "thon na ang",
)
"""What Lan writes to declare, one text after the other; the next thing that she hears is the summary."""


class Moment(Clock):
    """Domain time that stands until it is set."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, demo=False)
        self.at = MORNING

    def now(self) -> datetime:
        return self.at


@dataclass
class Cast:
    """One province. `writes` is a person's, the rest looks at what came of it."""

    engine: Engine
    services: Services
    clock: Moment
    _ids: Any = field(default_factory=lambda: count(1))

    def message(self, text: str, who: str = LAN, sid: str = "") -> InboundMessage:
        """A text as a channel hands it over."""
        return InboundMessage("phone", sid or f"SM{next(self._ids)}", who, text, self.clock.at)

    def writes(self, *texts: str, who: str = LAN) -> None:
        """One text after the other, each a batch of its own."""
        for text in texts:
            receive(self.services, [self.message(text, who)])
            self.clock.at += TYPING

    def declares(self, who: str = LAN) -> None:
        """The whole declaration, and that it is right."""
        self.writes(*DECLARED, "ok", who=who)

    def enrols(self, who: str, *hours: int, name: str = "Sung Thi May", days: int = 14, unit: str = STATION) -> UUID:
        """Put somebody under follow-up on this phone; the person's id."""
        until = self.today() + timedelta(days=days)
        enrolment = Enrolment(name, 1953, "female", unit, "F1", until, hours or (8, 16))
        with self.engine.begin() as connection:
            line = Line(self.contact(who), "phone", who)
            return open_follow_up(connection, line, enrolment, self.clock.at)

    def later(self, **span: float) -> None:
        self.clock.at += timedelta(**span)

    def local(self, hour: int, minute: int = 0, days: int = 0) -> datetime:
        """That hour in Vietnam, so many days after the first morning."""
        return MORNING.astimezone(VIETNAM).replace(hour=hour, minute=minute) + timedelta(days=days)

    def today(self) -> date:
        return self.clock.at.astimezone(VIETNAM).date()

    def contact(self, who: str = LAN) -> UUID:
        key = ("phone", who)
        return self.services.directory.contacts([key])[key]

    def leaves(self) -> None:
        """Everything that is in line leaves."""
        with self.engine.begin() as connection:
            queued = update(outbox).where(outbox.c.status == "queued")
            connection.execute(queued.values(status="sent", sent_at=self.clock.at))

    def heard(self, who: str = LAN) -> list[str]:
        """Everything that was put in line for this phone, in its order."""
        return [row["text"] for row in self.outbox(who)]

    def outbox(self, who: str = LAN) -> Sequence[RowMapping]:
        return self.rows(outbox, address=who)

    def inbox(self, who: str = LAN) -> Sequence[RowMapping]:
        return self.rows(inbox, address=who)

    def states(self, who: str = LAN) -> list[tuple[str, str]]:
        """Each text that arrived, in its order, and what became of it."""
        return [(row["text"], row["state"]) for row in self.inbox(who)]

    def records(self, who: str = LAN) -> Sequence[RowMapping]:
        return self.rows(records, contact_id=self.contact(who))

    def alerts(self, who: str = LAN) -> list[tuple[str, str]]:
        return [(row["kind"], row["status"]) for row in self.rows(alerts, contact_id=self.contact(who))]

    def due(self, who: str = LAN) -> list[tuple[str, str]]:
        """Each due check-in: "21 08:00", and its status."""
        rows = self.rows(due_checks, contact_id=self.contact(who))
        return [(f"{r['due_at'].astimezone(VIETNAM):%d %H:%M}", r["status"]) for r in rows]

    def session(self, who: str = LAN) -> dict[str, Any]:
        (row,) = self.rows(contacts, id=self.contact(who))
        return dict(row["session"])

    def rows(self, table: Table, **where: Any) -> Sequence[RowMapping]:
        """Rows with these values, oldest first."""
        order = next(
            table.c[name] for name in ("seq", "number", "due_at", "letter", "id", "address") if name in table.c
        )
        wanted = select(table).where(*(table.c[name] == value for name, value in where.items())).order_by(order)
        with self.engine.connect() as connection:
            return connection.execute(wanted).mappings().all()


def found(engine: Engine) -> None:
    """A demo's database with four units: what `migrate` makes of it has 3,400, and takes a quarter of a second."""
    with engine.begin() as connection:
        connection.execute(insert(installation).values(id=1, demo=True))
        for row in _UNITS:
            connection.execute(insert(units).values(unit(*row)))


def settle(engine: Engine, settings: Settings) -> Cast:
    """The units are there, and nobody has written yet."""
    found(engine)
    return begin(engine, settings)


def begin(engine: Engine, settings: Settings) -> Cast:
    """The same where the units are there already."""
    clock = Moment(engine)
    return Cast(engine, wiring.services(settings, engine, clock), clock)


def unit(
    code: str, parent: str | None, kind: str, name: str, province: str | None, commune: str | None
) -> dict[str, object]:
    """A row of `units`."""
    return {
        "code": code,
        "data_version": "test",
        "type": kind,
        "name": name,
        "short_name": name,
        "sort_key": code,
        "level": 1,
        "parent": parent,
        "province": province,
        "commune": commune,
        "valid_from": date(2025, 7, 1),
    }
