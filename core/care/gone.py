"""Who is not there to be followed: staff ended their follow-up since they died, or left the province, or said so after
it had ended. No rule follows them again; staff may.

Whoever staff followed after that is there again; who had left also if they declared since.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Uuid, bindparam, func, literal_column, select, union_all

from core.care.standing import DAILY, one_of
from core.database.following import follow_up_events, follow_ups
from core.database.tables import persons, records
from core.people.same import kept, of_root

WAYS = ("died", "elsewhere")
"""How somebody is gone, as `core.care.follow_up_acts.CancelReason` has it."""

_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_twin = persons.alias("twin")
_OF_THEM = select(_twin.c.id).where(of_root(_twin, _IDS))
"""They, and whoever was merged into them."""

_stands = kept().label("stands")
_code = func.split_part(follow_ups.c.end_reason, literal_column("':'"), literal_column("1"))
_ENDED_FOR_IT = (
    select(_stands, follow_ups.c.ended_at.label("at"), _code.label("code"))
    .join(persons, persons.c.id == follow_ups.c.person_id)
    .where(
        follow_ups.c.person_id.in_(_OF_THEM),
        one_of(follow_ups.c.status, "cancelled"),
        one_of(_code, *WAYS),
    )
)
_NOTED = (
    select(_stands, follow_up_events.c.at, follow_up_events.c.detail["reason"].astext.label("code"))
    .join(persons, persons.c.id == follow_up_events.c.person_id)
    .where(follow_up_events.c.person_id.in_(_OF_THEM), one_of(follow_up_events.c.kind, "gone"))
)
_SAID_GONE = union_all(_ENDED_FOR_IT, _NOTED)
_FOLLOWED = (
    select(_stands, func.max(follow_ups.c.opened_at))
    .join(persons, persons.c.id == follow_ups.c.person_id)
    .where(follow_ups.c.person_id.in_(_OF_THEM), follow_ups.c.opened_at.is_not(None))
    .group_by(_stands)
)
_DECLARED = (
    select(_stands, func.max(records.c.declared_at))
    .join(persons, persons.c.id == records.c.person_id)
    .where(records.c.person_id.in_(_OF_THEM), records.c.form.not_in(DAILY))
    .group_by(_stands)
)


def gone(connection: Connection, people: Collection[UUID], codes: Collection[str] = WAYS) -> set[UUID]:
    """Those of these persons who died or left. `codes`: only whom that is said of. One statement where none is said
    to have, else three."""
    rows = connection.execute(_SAID_GONE, {"ids": list(people)}).all() if people else []
    said = [row for row in rows if row.code in codes]
    if not said:
        return set()
    told = {"ids": [row.stands for row in said]}
    followed = {row[0]: row[1] for row in connection.execute(_FOLLOWED, told)}
    declared = {row[0]: row[1] for row in connection.execute(_DECLARED, told)}
    found = set()
    for row in said:
        back = [followed.get(row.stands), declared.get(row.stands) if row.code == "elsewhere" else None]
        if not any(at and at > row.at for at in back):
            found.add(row.stands)
    return found
