"""What played conversations cost, counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from uuid import UUID

from sqlalchemy import Engine, func, select, true

from core.database.tables import contacts, outbox, records

_NEWEST = (
    select(records.c.root, records.c.form)
    .where(records.c.contact_id == contacts.c.id)
    .order_by(records.c.number.desc())
    .limit(1)
    .lateral()
)
_SENT = select(func.coalesce(func.sum(outbox.c.parts), 0)).where(outbox.c.contact_id == contacts.c.id)
_LINE = (
    select(
        contacts.c.session["stage"].astext.label("stage"),
        _SENT.scalar_subquery().label("parts"),
        _NEWEST.c.root,
        _NEWEST.c.form,
    )
    .select_from(contacts)
    .outerjoin(_NEWEST, true())
)


@dataclass(slots=True)
class _Line:
    """One phone: SMS parts sent to it by the end of its last conversation, and the record that one ended in."""

    parts: int = 0
    root: UUID | None = None


@dataclass
class Tally:
    """`records`: SMS parts of each conversation that ended in a new record, from its first text to its receipt."""

    files: int = 0
    turns: int = 0
    out: int = 0
    parts: int = 0
    records: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _lines: defaultdict[UUID, _Line] = field(default_factory=lambda: defaultdict(_Line))

    def turn(self, engine: Engine, contact: UUID) -> None:
        """A text of this contact was answered."""
        self.turns += 1
        with engine.connect() as connection:
            now = connection.execute(_LINE.where(contacts.c.id == contact)).one()
        if now.stage is not None:
            return
        line = self._lines[contact]
        if now.root is not None and now.root != line.root:
            self.records[now.form].append(now.parts - line.parts)
        self._lines[contact] = _Line(now.parts, now.root)

    def end(self, engine: Engine) -> None:
        """A scenario ended; its database still holds all that was sent."""
        self.files += 1
        with engine.connect() as connection:
            out, parts = connection.execute(
                select(func.count(), func.coalesce(func.sum(outbox.c.parts), 0)).where(outbox.c.status == "delivered")
            ).one()
        self.out += out
        self.parts += parts

    def lines(self) -> list[str]:
        """The summary."""
        first = f"{self.files} files, {self.turns} texts in, {self.out} out in {self.parts} SMS parts"
        return [first, *(f"{form}: {_spread(parts)}" for form, parts in sorted(self.records.items()))]


def _spread(parts: Sequence[int]) -> str:
    return f"{len(parts)}, SMS parts each: median {median(parts):g}, {min(parts)} to {max(parts)}"
