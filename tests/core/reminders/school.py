"""A school with a guard, who checks people in by their phones."""

from __future__ import annotations

from sqlalchemy import RowMapping, update

from core.database.tables import outbox, visits
from core.reminders.visit_questions import ask_visitors
from tests.cast import HOA, LAN, STRANGER, TU, Cast

SCHOOL = "7654325"
GUARD = TU
PHONES = {LAN: "0900000001", HOA: "0900000002", STRANGER: "0900000006"}


def says(cast: Cast, who: str = LAN, word: str = "VAO") -> None:
    cast.writes(f"{word} {SCHOOL} {PHONES[who]}", who=GUARD)


def ask(cast: Cast, limit: int = 200) -> int:
    """Ask, and have it sent."""
    count = ask_visitors(cast.services, limit)
    send(cast)
    return count


def send(cast: Cast, status: str = "sent") -> None:
    with cast.engine.begin() as connection:
        connection.execute(update(outbox).where(outbox.c.status == "queued").values(status=status))


def newest(cast: Cast) -> RowMapping:
    return max(cast.rows(visits), key=lambda row: row["at"])


def fate(cast: Cast) -> str:
    """Of the newest visit."""
    row = newest(cast)
    return "confirmed" if row["confirmed_at"] else "denied" if row["denied_at"] else "open"
