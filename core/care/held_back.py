"""Why a follow-up goes on behind its last day: something is not decided yet that may change it.

Nobody gets a paper over that. Staff see them on a list of their own, and each ends by itself once nothing holds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, or_

from core.care.standing import CLAIMING, one_of
from core.conversation.effects import AlertKind
from core.database.due import alerts
from core.database.following import follow_ups, level_proposals, test_results
from core.people.same import Same, is_same


class HeldBack(StrEnum):
    """What is waited for."""

    LEVEL = "level"  # the CDC, about a level that is proposed
    TEST = "test"  # a laboratory
    ALERT = "alert"  # whoever answers an alert of danger, or of signs or a leaving that somebody is to see to


_TESTED = or_(
    test_results.c.follow_up_id == follow_ups.c.id,
    and_(test_results.c.follow_up_id.is_(None), test_results.c.sampled_on >= follow_ups.c.start_on),
)
_GRAVE = tuple(kind for kind in CLAIMING if kind is not AlertKind.CALL_BACK)
"""Alerts that say how they are, or where. A wish to be called says nothing of it."""


def held_by(same: Same = is_same) -> Mapping[HeldBack, ColumnElement[bool]]:
    """Of a row of `follow_ups`: whether that holds it. What is said on their phone by nobody known may be theirs. Where
    it is known that nobody was merged with them, `same` may be `operator.eq`: it costs less."""
    theirs = or_(
        same(alerts.c.person_id, follow_ups.c.person_id),
        and_(alerts.c.person_id.is_(None), alerts.c.contact_id == follow_ups.c.contact_id),
    )
    return {
        HeldBack.LEVEL: exists().where(
            level_proposals.c.follow_up_id == follow_ups.c.id, one_of(level_proposals.c.status, "proposed")
        ),
        HeldBack.TEST: exists().where(
            same(test_results.c.person_id, follow_ups.c.person_id),
            one_of(test_results.c.result, "pending"),
            _TESTED,
        ),
        HeldBack.ALERT: exists().where(
            one_of(alerts.c.kind, *_GRAVE), one_of(alerts.c.status, "waiting", "open", "taken"), theirs
        ),
    }


def free(same: Same = is_same) -> ColumnElement[bool]:
    """Nothing holds it."""
    return and_(*(~why for why in held_by(same).values()))


WHY = held_by()
FREE = free()
