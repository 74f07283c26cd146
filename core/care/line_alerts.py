"""Whoever an open alert asks to be called, by person; where it is not known who wrote, by the phone it came from.

Two alerts from one phone are one call to make.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CTE, ColumnElement, Text, Uuid, and_, case, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from core.care.standing import CLAIMING, OPEN_ALERT, UNITS, one_of
from core.conversation.effects import SOMEBODY, AlertKind
from core.database.due import alerts
from core.database.households import volunteers
from core.database.tables import members, persons


def said_by(contact_id: ColumnElement[UUID], letter: ColumnElement[str]) -> ColumnElement[Any]:
    """The name of the volunteer who said it of somebody else, as SQL; NULL where a phone's own people speak."""
    of_others = or_(letter.startswith(SOMEBODY), letter.contains("@"))
    newest = (
        select(volunteers.c.name)
        .where(volunteers.c.contact_id == contact_id, of_others)
        .order_by(volunteers.c.asked_at.desc())
        .limit(1)
    )
    return newest.correlate_except(volunteers).scalar_subquery()


def whose(contact_id: ColumnElement[UUID], person_id: ColumnElement[UUID]) -> ColumnElement[Any]:
    """The names of the scope's people who answer on the phone of somebody who is not known, as SQL."""
    return (
        select(func.array_agg(aggregate_order_by(persons.c.full_name, members.c.letter)))
        .join(members, members.c.person_id == persons.c.id)
        .where(members.c.contact_id == contact_id, person_id.is_(None))
        .where(persons.c.full_name != "", persons.c.unit_code == UNITS.any_())
        .correlate_except(persons, members)
        .scalar_subquery()
    )


def _alerted() -> CTE:
    """person_id (of two whom staff merged: the one kept) or contact_id alone, and what to call about."""
    root = func.coalesce(persons.c.merged_into, alerts.c.person_id)
    phone = func.coalesce(alerts.c.contact_id, alerts.c.id)
    newest = func.array_agg(aggregate_order_by(alerts.c.contact_id, alerts.c.raise_at.desc()), type_=ARRAY(Uuid))
    unit = func.array_agg(aggregate_order_by(alerts.c.unit_code, alerts.c.raise_at.desc()), type_=ARRAY(Text))
    codes = func.array_agg(aggregate_order_by(alerts.c.code, alerts.c.raise_at)).filter(alerts.c.code != "")
    return (
        select(
            root.label("person_id"),
            newest[1].label("contact_id"),
            unit[1].label("unit_code"),
            func.min(alerts.c.raise_at).label("since"),
            func.bool_or(alerts.c.kind != AlertKind.CALL_BACK.value).label("grave"),
            codes.label("codes"),
            case((root.is_(None), func.max(said_by(alerts.c.contact_id, alerts.c.letter)))).label("volunteer"),
        )
        .select_from(alerts.outerjoin(persons, persons.c.id == alerts.c.person_id))
        .where(and_(OPEN_ALERT, one_of(alerts.c.kind, *CLAIMING)))
        .group_by(root, case((root.is_(None), phone)))
        .cte("only_alerted")
    )


ALERTED = _alerted()
