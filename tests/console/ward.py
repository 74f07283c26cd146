"""A commune with its people, and a neighbouring one: rows as the pipeline writes them, at a clock that stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, Table, insert, update

from core.access import staff as accounts
from core.access.scope import Scope, Scopes
from core.care.receipt_code import receipt_code
from core.care.standing import Day, day_of
from core.clock import VIETNAM
from core.conversation.fold import words
from core.database.due import alerts, due_checks
from core.database.following import follow_ups
from core.database.shared import units
from core.database.tables import addresses, contacts, inbox, members, persons, records
from core.people.persons import sort_key
from core.places.tree import UnitTree, load

HERE, NEXT, CENTRE, TOP, ELSEWHERE = "TYT02683", "TYT02686", "CDC15", "BYT", "CDC01"
_PARENTS = {TOP: None, CENTRE: TOP, ELSEWHERE: TOP, HERE: CENTRE, NEXT: CENTRE}
_NAMES = {
    TOP: "Bộ Y tế",
    CENTRE: "CDC Lào Cai",
    ELSEWHERE: "CDC Hà Nội",
    HERE: "Trạm Y tế xã Bát Xát",
    NEXT: "Trạm Y tế xã Cốc San",
}
CODE = receipt_code(7)
"""598066111: of every record here."""

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=VIETNAM)
NURSE, NEIGHBOUR, OFFICER = "nga.batxat", "hoa.cocsan", "cdc.laocai"
PASSWORD = "thu-khaibao"


def clock(text: str, day: int = 21) -> datetime:
    """08:05 of that day in November, local."""
    hour, minute = text.split(":")
    return datetime(2026, 11, day, int(hour), int(minute), tzinfo=VIETNAM)


@dataclass
class Ward:
    """One province's database. `now` is domain time, `wall` real time."""

    engine: Engine
    now: datetime = NOON
    wall: datetime = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
    staff: dict[str, UUID] = field(default_factory=dict)
    phones: int = 0

    def settle_in(self) -> Ward:
        """The units, a nurse in each commune, an officer in their province."""
        for code, parent in _PARENTS.items():
            self.add(units, **_unit(code, parent))
        with self.engine.begin() as connection:
            for login, unit in ((NURSE, HERE), (NEIGHBOUR, NEXT), (OFFICER, CENTRE)):
                self.staff[login] = accounts.create(connection, login, f"Y tá {login}", unit, PASSWORD)
        return self

    def tree(self) -> UnitTree:
        with self.engine.connect() as connection:
            return load(connection)

    def scope(self, unit: str = HERE) -> Scope:
        tree = self.tree()
        return Scopes(lambda: tree).of(unit)

    def day(self) -> Day:
        return day_of(self.now)

    def add(self, table: Table, **values: Any) -> UUID:
        """One row; its id."""
        row = ({"id": uuid4()} if "id" in table.c else {}) | values
        with self.engine.begin() as connection:
            connection.execute(insert(table).values(row))
        return UUID(str(row["id"])) if isinstance(row.get("id"), UUID) else uuid4()

    def change(self, table: Table, row_id: UUID, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(table).where(table.c.id == row_id).values(values))

    def phone(self, address: str = "", channel: str = "phone") -> UUID:
        self.phones += 1
        address = address or f"+849000000{self.phones:02d}"
        made = self.add(contacts, channel=channel, address=address, seen_at=self.now)
        self.add(addresses, channel=channel, address=address, contact_id=made)
        return made

    def person(self, name: str = "Sùng Thị Thử", unit: str | None = HERE, *, phone: UUID | None = None) -> UUID:
        """Somebody who answers on a phone of their own, or on the given one."""
        folded = words(name)
        made = self.add(
            persons,
            full_name=name,
            folded_name=folded,
            sort_key=sort_key(folded),
            year_of_birth=1953,
            gender="female",
            unit_code=unit,
            address="thôn Bản Qua",
            created_at=self.now,
        )
        phone = phone or self.phone()
        self.add(members, contact_id=phone, letter=made.hex, person_id=made)
        return made

    def phone_of(self, person: UUID) -> UUID:
        with self.engine.connect() as connection:
            found = connection.execute(members.select().where(members.c.person_id == person)).first()
        assert found is not None
        return UUID(str(found.contact_id))

    def follow(self, person: UUID, unit: str = HERE, **changes: Any) -> UUID:
        """Under follow-up since yesterday, nine days to go."""
        today = self.day().today
        values = {
            "person_id": person,
            "contact_id": self.phone_of(person),
            "unit_code": unit,
            "group": "F1",
            "place": "home",
            "start_on": today - timedelta(days=1),
            "end_on": today + timedelta(days=9),
            "hours": [8, 16],
            "status": "under_follow_up",
        }
        return self.add(follow_ups, **values | changes)

    def due(self, person: UUID, follow_up: UUID, at: str, status: str = "not_performed", **changes: Any) -> UUID:
        """Due today at that hour."""
        due_at = clock(at)
        values = {
            "follow_up_id": follow_up,
            "person_id": person,
            "contact_id": self.phone_of(person),
            "unit_code": HERE,
            "opens_at": due_at - timedelta(hours=4),
            "due_at": due_at,
            "remind_at": due_at,
            "closes_at": due_at + timedelta(hours=8),
            "status": status,
        }
        return self.add(due_checks, **values | changes)

    def said(self, text: str, contact: UUID, at: datetime | None = None) -> UUID:
        """A message as it came in."""
        values = {"external_id": str(uuid4()), "contact_id": contact, "address": "a", "text": text, "state": "done"}
        return self.add(inbox, channel="phone", received_at=at or self.now, **values)

    def record(self, person: UUID, form: str = "checkin", **changes: Any) -> UUID:
        """A record of ten in the morning, well unless said otherwise."""
        made = uuid4()
        contact = self.phone_of(person)
        values: dict[str, Any] = {
            "id": made,
            "root": made,
            "version": 1,
            "code": CODE,
            "form": form,
            "form_hash": "h",
            "person_id": person,
            "contact_id": contact,
            "channel": "phone",
            "unit_code": HERE,
            "answers": {},
            "signs": [],
            "level": "none",
            "legal_basis": "consent",
            "on_behalf": False,
            "declared_at": clock("10:00"),
            "confirmed_at": clock("10:00"),
        } | changes
        values["inbound_id"] = values.get("inbound_id") or self.said("SK OK", contact, values["declared_at"])
        return self.add(records, **values)

    def alert(self, person: UUID | None, kind: str = "danger", text: str = "tôi khó thở", **changes: Any) -> UUID:
        """An open alert of half past eleven."""
        contact = changes.pop("contact_id", None) or (self.phone_of(person) if person else self.phone())
        values = {
            "kind": kind,
            "contact_id": contact,
            "person_id": person,
            "unit_code": HERE,
            "signs": ["shortness_of_breath"] if kind == "danger" else [],
            "inbound_id": self.said(text, contact),
            "status": "open",
            "raise_at": clock("11:30"),
        }
        return self.add(alerts, **values | changes)


def _unit(code: str, parent: str | None) -> dict[str, object]:
    named = dict.fromkeys(("name", "short_name", "sort_key"), _NAMES[code])
    made = {"code": code, "parent": parent, "data_version": "test", "type": "made_up", "level": 1}
    centre = {"type": "provincial_cdc"} if code == CENTRE else {}
    where = {"province": {ELSEWHERE: "01", TOP: None}.get(code, "15")}
    return named | made | centre | where | {"valid_from": date(2025, 7, 1)}
