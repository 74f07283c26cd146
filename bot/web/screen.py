"""What one browser's conversation shows, read from the rows that the pipeline writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Engine, Row, bindparam, func, select

from bot.web import PROFILE
from core.conversation.session import from_json
from core.conversation.understanding import Choice
from core.database.tables import addresses, contacts
from core.messaging.buttons import loaded, payload, shown, tapped
from core.messaging.channel import Status
from core.messaging.transcript import messages

_MOST: Final = 60
"""Messages on a page: some kilobytes, also for a slow phone."""

_SHOWN: Final = (Status.QUEUED, Status.SENDING, Status.SENT, Status.DELIVERED, Status.UNKNOWN)
"""A message is on the page as soon as it is written; the worker only notes that."""


@dataclass(frozen=True, slots=True)
class Line:
    """One message. `sent`: by the person. `unseen`: ours, and shown for the first time."""

    id: UUID
    sent: bool
    text: str
    at: datetime
    choices: tuple[Choice, ...]
    unseen: bool


@dataclass(frozen=True, slots=True)
class Screen:
    """A conversation's newest lines, oldest first. `count` of all its messages only grows: equal counts are equal
    screens. `mark`: of the question that is open.
    """

    lines: tuple[Line, ...] = ()
    count: int = 0

    mark: str = ""

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The buttons of the question that is still open, also when something was said since; else those of what was
        said last.
        """
        asked = (line.choices for line in reversed(self.lines) if line.choices)
        open_ = next((found for found in asked if tapped(found[0].value)[1] == self.mark), ())
        said_last = takewhile(lambda line: not line.sent, reversed(self.lines))
        unmarked = (line.choices for line in said_last if line.choices and not tapped(line.choices[0].value)[1])
        return open_ or next(unmarked, ())


def read(engine: Engine, address: str) -> Screen:
    """The conversation of the browser with this address; empty for one that never wrote."""
    with engine.connect() as connection:
        count = connection.scalars(_COUNT, {"address": address}).one()
        rows = connection.execute(_NEWEST, {"address": address}).all()
        session = connection.scalar(_SESSION, {"address": address})
    mark = from_json(session).mark if session is not None else ""
    return Screen(tuple(_lines(reversed(rows))), count, mark)


def _lines(rows: Iterable[Row[Any]]) -> Iterator[Line]:
    """Oldest first. A tap is shown as the words of its button."""
    words: dict[str, str] = {}
    for row in rows:
        choices = shown(loaded(row.choices))
        words.update((choice.value, choice.label) for choice in choices)
        text = words.get(payload(row.mark, row.text), row.text) if row.mark else row.text
        unseen = not row.sent and row.status != Status.DELIVERED
        yield Line(row.id, row.sent, text, row.at, choices, unseen)


_owner = select(addresses.c.contact_id).where(
    addresses.c.channel == PROFILE.name, addresses.c.address == bindparam("address")
)
_SESSION = select(contacts.c.session).where(contacts.c.id == _owner.scalar_subquery())
_held = messages(PROFILE.name, _SHOWN).subquery()
_COUNT = select(func.count()).select_from(_held)
_NEWEST = select(_held).order_by(_held.c.at.desc(), _held.c.sent, _held.c.seq.desc(), _held.c.id.desc()).limit(_MOST)
