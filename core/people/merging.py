"""Two persons who may be one: shown, merged by staff alone, and undone by them.

Whoever two people declared is there twice. The one that is merged points to the one that is kept; records and alerts
stay where they are, so that undoing it is to forget that pointer. Of two open follow-ups one rests meanwhile
(`core.care.merged_follow_ups`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Text, Uuid, bindparam, exists, insert, select, update
from uuid_utils.compat import uuid7

from core.access.scope import Scope
from core.care import merged_follow_ups
from core.care.handling import By
from core.database.households import merges
from core.database.shared import Instant
from core.database.tables import persons
from core.people.same import of_root

_MOST = 20


@dataclass(frozen=True, slots=True)
class Same:
    """Somebody who may be the same person, or was said to be."""

    person_id: UUID
    name: str
    year_of_birth: int | None
    address: str


@dataclass(frozen=True, slots=True)
class Sameness:
    """Of one person: who may be the same, who was merged into them, and into whom they were."""

    candidates: tuple[Same, ...]
    merged: tuple[Same, ...]
    kept: Same | None


def read(connection: Connection, scope: Scope, person: UUID) -> Sameness | None:
    """None if there is nothing to show. Everybody in it is of the scope."""
    told = {"person": person, "units": list(scope.codes)}
    candidates = tuple(Same(*row) for row in connection.execute(_CANDIDATES, told))
    merged = tuple(Same(*row) for row in connection.execute(_MERGED, told))
    kept = connection.execute(_KEPT, told).one_or_none()
    found = Sameness(candidates, merged, Same(*kept) if kept else None)
    return found if candidates or merged or kept else None


def merge(connection: Connection, scope: Scope, pair: tuple[UUID, UUID], by: UUID, now: datetime) -> bool:
    """The second of the pair is the first, staff say, and so is whoever was merged into the second: nobody points to
    somebody who points on. False if one is not theirs, or is merged already."""
    kept, gone = pair
    found = (
        select(persons.c.id)
        .where(persons.c.id.in_(pair), persons.c.unit_code.in_(scope.codes), persons.c.merged_into.is_(None))
        .order_by(persons.c.id)
        .with_for_update(key_share=True)
    )
    if kept == gone or len(connection.scalars(found).all()) < 2:
        return False
    they = update(persons).where(of_root(persons, gone)).values(merged_into=kept)
    moved = connection.scalars(they.returning(persons.c.id)).all()
    same = {"kept_id": kept, "at": now, "by": by}
    connection.execute(insert(merges), [{"id": uuid7(), "merged_id": each, **same} for each in moved])
    merged_follow_ups.rest(connection, scope, kept, By(by, now))
    return True


def undo(connection: Connection, scope: Scope, gone: UUID, by: UUID, now: datetime) -> bool:
    """They are two after all: whoever was merged into the second before goes with them. False if that person is not
    theirs, or was not merged."""
    here = (persons.c.id == gone, persons.c.unit_code.in_(scope.codes), persons.c.merged_into.is_not(None))
    kept = connection.scalar(select(persons.c.merged_into).where(*here).with_for_update(key_share=True))
    if kept is None:
        return False
    connection.execute(update(persons).where(persons.c.id == gone).values(merged_into=None))
    undone = {"gone": gone, "now": now, "staff": by}
    since = connection.scalars(_SINCE, undone).all()
    connection.execute(_BACK, undone)
    connection.execute(_WENT_ALONG, undone)
    connection.execute(_UNDO, undone)
    merged_follow_ups.go_on(connection, scope, (kept, gone), since, By(by, now))
    return True


_PERSON = bindparam("person", type_=Uuid)
_IN_SCOPE = persons.c.unit_code == bindparam("units", type_=ARRAY(Text)).any_()
_this = persons.alias("this")
_SHOWN = tuple(persons.c[name] for name in ("id", "full_name", "year_of_birth", "address"))
_CANDIDATES = (
    select(*_SHOWN)
    .join(
        _this,
        (_this.c.unit_code == persons.c.unit_code)
        & (_this.c.folded_name == persons.c.folded_name)
        & (_this.c.year_of_birth == persons.c.year_of_birth),
    )
    .where(
        _this.c.id == _PERSON,
        persons.c.id != _PERSON,
        persons.c.folded_name != "",
        persons.c.merged_into.is_(None),
        _this.c.merged_into.is_(None),
        _IN_SCOPE,
    )
    .order_by(persons.c.created_at)
    .limit(_MOST)
)
_MERGED = select(*_SHOWN).where(persons.c.merged_into == _PERSON, _IN_SCOPE).order_by(persons.c.created_at).limit(_MOST)
_KEPT = select(*_SHOWN).join(_this, _this.c.merged_into == persons.c.id).where(_this.c.id == _PERSON, _IN_SCOPE)

_GONE = bindparam("gone", type_=Uuid)
_own, _before = merges.alias(), merges.alias()
_followed = select(_before.c.merged_id).where(_before.c.kept_id == _GONE, _before.c.undone_at.is_(None))
"""Who was merged into the second of the pair before, however far they went with them since."""
_together = exists().where(
    _own.c.merged_id == _GONE,
    _own.c.undone_at.is_(None),
    _own.c.kept_id == merges.c.kept_id,
    _own.c.at == merges.c.at,
)
_undoing = {"undone_at": bindparam("now", type_=Instant), "undone_by": bindparam("staff", type_=Uuid)}
_BACK = update(persons).where(persons.c.id.in_(_followed)).values(merged_into=_GONE)
_WENT_ALONG = (
    update(merges)
    .where(merges.c.merged_id.in_(_followed), merges.c.undone_at.is_(None), _together.correlate(merges))
    .values(_undoing)
)
_SINCE = select(merges.c.at).where(merges.c.merged_id == _GONE, merges.c.undone_at.is_(None))
_UNDO = update(merges).where(merges.c.merged_id == _GONE, merges.c.undone_at.is_(None)).values(_undoing)
