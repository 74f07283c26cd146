"""When a person is asked. Pure: hours of a local day in, instants out.

A slot opens before its reminder, so that an early answer counts and no reminder follows; it closes with the next
reminder or with the day, so that a late answer still settles the reminder it answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import blake2b
from uuid import UUID
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Slot:
    """One due check-in: instants in local time. An answer in [opens_at, closes_at) settles it."""

    opens_at: datetime
    due_at: datetime
    closes_at: datetime


def slots(day: date, hours: Sequence[int], zone: ZoneInfo) -> Iterator[Slot]:
    """The slots of one local day, `hours` being whole hours from 0 to 23 in any order."""
    start = datetime.combine(day, time(), zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    due = [start.replace(hour=hour) for hour in sorted(set(hours))]
    for n, at in enumerate(due):
        opens = due[n - 1] + (at - due[n - 1]) / 2 if n else start
        closes = due[n + 1] if n + 1 < len(due) else end
        yield Slot(opens, at, closes)


def spread(slot: Slot, contact_id: UUID | None, minutes: int) -> datetime:
    """When the slot's reminder leaves: within so many minutes, always the same for a phone, so that the people who
    answer there are asked in one text. Never later than half of the slot."""
    most = min(timedelta(minutes=minutes), (slot.closes_at - slot.due_at) / 2)
    seconds = int(most.total_seconds())
    if contact_id is None or seconds <= 0:
        return slot.due_at
    return slot.due_at + timedelta(seconds=int.from_bytes(blake2b(contact_id.bytes, digest_size=4).digest()) % seconds)


def days(start_on: date, end_on: date, today: date, ahead: int) -> Iterator[date]:
    """The days from today on that are to be planned: within the follow-up, at most `ahead` of them."""
    first = max(start_on, today)
    count = min((end_on - first).days + 1, ahead)
    return (first + timedelta(days=n) for n in range(max(0, count)))
