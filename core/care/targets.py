"""Targets: how many of a unit's people, or of an organisation's members, are to have declared until which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Connection, Text, and_, bindparam, delete, insert, select
from sqlalchemy.dialects.postgresql import ARRAY
from uuid_utils.compat import uuid7

from core.access.scope import Scope
from core.care.progress import Board, Counted, Line
from core.conversation.messages import N_, Param, Say
from core.database.households import organisations, targets

ALL = 100
_MOST_PEOPLE = 1_000_000_000  # what fits into the column


class Kind(StrEnum):
    """What counts."""

    DECLARED = "declared"  # a declaration within the days that it asks about
    UPDATED = "updated"  # anything said today


class Set(StrEnum):
    """What became of a target that staff wanted."""

    DONE = "done"
    UNKNOWN = "unknown"  # no such unit or organisation in the scope
    MEMBERS_ONLY = "members_only"  # 100 % of residents: who lives somewhere is bound by no organisation
    WRONG = "wrong"  # a share, a number or a day that cannot be


@dataclass(frozen=True, slots=True)
class NewTarget:
    """`share`: percent. `population`: of how many, where that is known better than by counting. `organisation`: its
    code; "": all who live in the unit."""

    unit_code: str
    kind: Kind
    share: int
    due_on: date
    population: int | None = None
    organisation: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A target that holds. `name`: the organisation's."""

    id: UUID
    unit_code: str
    kind: Kind
    share: int
    due_on: date
    population: int | None
    title: str
    organisation: str
    name: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A target and how far it is. `count` None: too few to be shown. `partial`: small units are not in the count."""

    target: Target
    count: int | None
    of: int | None
    partial: bool

    @property
    def percent(self) -> int | None:
        """Rounded down: a target is not met by rounding. Never above 100, though more came than were counted."""
        return None if self.count is None or not self.of else min(ALL, self.count * ALL // self.of)


def add(connection: Connection, scope: Scope, new: NewTarget, by: UUID | None, now: datetime) -> Set:
    """Set a target; it takes the place of the one of the same people and kind."""
    if new.unit_code not in scope.codes:
        return Set.UNKNOWN
    if not 1 <= new.share <= ALL or not 1 <= (1 if new.population is None else new.population) <= _MOST_PEOPLE:
        return Set.WRONG
    if new.share == ALL and not new.organisation:
        return Set.MEMBERS_ONLY
    theirs = select(organisations.c.id).where(
        organisations.c.code == new.organisation, organisations.c.unit_code == new.unit_code, organisations.c.active
    )
    organisation = connection.scalar(theirs) if new.organisation else None
    if new.organisation and organisation is None:
        return Set.UNKNOWN
    same = targets.c.organisation_id == organisation if organisation else targets.c.organisation_id.is_(None)
    before = and_(targets.c.unit_code == new.unit_code, targets.c.kind == new.kind, same)
    connection.execute(delete(targets).where(before))
    row = {"id": uuid7(), "unit_code": new.unit_code, "organisation_id": organisation, "title": new.title}
    rest = {"kind": new.kind, "share": new.share, "population": new.population, "due_on": new.due_on}
    connection.execute(insert(targets).values({**row, **rest, "created_at": now, "created_by": by}))
    return Set.DONE


def remove(connection: Connection, scope: Scope, target: UUID) -> bool:
    """It holds no more."""
    here = (targets.c.id == target, targets.c.unit_code.in_(scope.codes))
    return connection.execute(delete(targets).where(*here)).rowcount > 0


def listed(connection: Connection, scope: Scope) -> tuple[Target, ...]:
    """The targets of the scope, by the day until when."""
    rows = connection.execute(_LISTED, {"units": list(scope.codes)})
    return tuple(
        Target(
            row.id,
            row.unit_code,
            Kind(row.kind),
            row.share,
            row.due_on,
            row.population,
            row.title,
            row.code or "",
            row.name or "",
        )
        for row in rows
    )


def standing(target: Target, residents: Counted, members: Counted) -> Standing:
    """How far a target is. What the boards hide is hidden here."""
    if target.organisation:
        line = members.board(target.unit_code).line(target.organisation)
    else:
        line = _whole(residents.board(target.unit_code))
    count = getattr(line, target.kind) if line else None
    people = line.people if line and line.everybody else None  # of fewer than there are a share would be too great
    return Standing(target, count, target.population or people, bool(line and line.partial))


def _whole(board: Board) -> Line:
    return board.total


def leaders_text(found: Standing, unit: str) -> Say:
    """One line for leaders: how many, of how many, against what, until when."""
    params: dict[str, Param] = {
        "unit": found.target.name or unit,
        "done": _number(found.count),
        "of": _number(found.of),
        "percent": _number(found.percent),
        "share": str(found.target.share),
        "until": f"{found.target.due_on:%d/%m}",
    }
    return Say(_TEXTS[found.target.kind, found.partial and found.count is not None], params)


def _number(count: int | None) -> str:
    """1.000, as Vietnam writes it."""
    return "-" if count is None else f"{count:,}".replace(",", ".")


_TEXTS = {
    (Kind.DECLARED, False): N_("{unit}: đã khai {done}/{of} ({percent} %), mục tiêu {share} % đến {until}."),
    (Kind.DECLARED, True): N_("{unit}: đã khai ít nhất {done}/{of} ({percent} %), mục tiêu {share} % đến {until}."),
    (Kind.UPDATED, False): N_("{unit}: hôm nay {done}/{of} ({percent} %) đã báo, mục tiêu {share} % đến {until}."),
    (Kind.UPDATED, True): N_(
        "{unit}: hôm nay ít nhất {done}/{of} ({percent} %) đã báo, mục tiêu {share} % đến {until}."
    ),
}
_LISTED = (
    select(
        *(targets.c[n] for n in ("id", "unit_code", "kind", "share", "due_on", "population", "title")),
        organisations.c.code,
        organisations.c.name,
    )
    .outerjoin(organisations, organisations.c.id == targets.c.organisation_id)
    .where(targets.c.unit_code == bindparam("units", type_=ARRAY(Text)).any_())
    .order_by(targets.c.due_on, targets.c.unit_code, targets.c.id)
)
