"""People under follow-up who are to be reminded while the storm blows."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert, update
from uuid_utils.compat import uuid7

from core.care.follow_up import Enrolment, Line, open_follow_up
from core.database.due import due_checks
from core.database.engine import make_engine
from core.database.following import follow_ups
from core.people.directory import Directory
from sms.kannel import PROFILE
from tests.chaos.load import number
from tests.chaos.processes import CELL, NOW, System

STATION, CENTRE = "TYT02905", "CDC15"
_FIRST = 500_000  # their phones are apart from those who write


def patients(running: System, count: int, seconds: float) -> None:
    """So many people, each on a phone of their own, due one after the other within the next `seconds`."""
    engine = make_engine(running.cluster.url, CELL, pool_size=1)
    phones = [(PROFILE.name, number(_FIRST + n)) for n in range(count)]
    contacts = Directory(engine, CELL, [PROFILE.name]).contacts(phones)
    now = datetime.fromisoformat(running.values(f"SELECT {NOW}")[0])
    enrolment = Enrolment("Người Thử", 1950, "female", STATION, "F1", now.date() + timedelta(days=5), (8,))
    with engine.begin() as connection:
        people = [
            open_follow_up(connection, Line(contacts[phone], *phone), enrolment, now - timedelta(days=1))
            for phone in phones
        ]
        connection.execute(
            update(due_checks).where(due_checks.c.due_at <= now + timedelta(hours=2)).values(reminded_at=now)
        )
        connection.execute(update(follow_ups).values(welcomed_at=now))  # yesterday, when it was opened
        held = {row.person_id: row for row in connection.execute(follow_ups.select())}
        connection.execute(
            insert(due_checks),
            [
                {
                    "id": uuid7(),
                    "follow_up_id": held[person].id,
                    "person_id": person,
                    "contact_id": held[person].contact_id,
                    "unit_code": STATION,
                    "opens_at": now,
                    "due_at": now + timedelta(seconds=seconds * n / count),
                    "remind_at": now + timedelta(seconds=seconds * n / count),
                    "closes_at": now + timedelta(hours=12),
                    "status": "not_performed",
                }
                for n, person in enumerate(people)
            ],
        )
    engine.dispose()
