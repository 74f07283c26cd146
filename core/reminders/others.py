"""The rungs on which somebody else is told that a person does not answer: their household, or else a volunteer, as far
as the person agreed; never why, and once for the check-ins of a day (`told_hours` of the ladder).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row

from core.conversation.context import given_name
from core.conversation.ids import derived
from core.conversation.messages import Say
from core.messaging.channel import MessageKind
from core.pipeline.tell import Telling
from core.reminders import silent
from core.reminders.ladder import Step
from core.reminders.round import Climb, Round, unit_of
from core.reminders.words import ask_household, ask_volunteer

OTHERS: Final = (Step.HOUSEHOLD, Step.VOLUNTEER)
_WAITS = timedelta(hours=6)  # how long a message to others is worth sending

_Find = Callable[[Connection, Mapping[UUID, UUID | None]], Mapping[UUID, UUID | None]]


def tell_household(this: Round, climbs: Sequence[Climb]) -> Iterable[Climb]:
    """These, each with a message to somebody who answers for their household, or with a reason."""

    def say(check: Row[Any]) -> Say:
        unit = unit_of(this, check)
        return ask_household(unit.name, unit.phone, given_name(check.full_name))

    return _told(this, climbs, silent.household, say)


def tell_volunteer(this: Round, climbs: Sequence[Climb]) -> Iterable[Climb]:
    """The same to a volunteer, where nobody of the household was told."""
    return _told(
        this,
        climbs,
        silent.volunteer,
        lambda check: ask_volunteer(unit_of(this, check).name, check.full_name),
    )


def _told(this: Round, climbs: Sequence[Climb], find: _Find, say: Callable[[Row[Any]], Say]) -> Iterable[Climb]:
    people = {one.check.person_id: one.check.contact_id for one in climbs}
    since = this.at.now - timedelta(hours=this.ladder.told_hours)
    told = dict(silent.told(this.connection, list(people), since))
    found = find(this.connection, people)
    closed = [one.check.follow_up_id for one in climbs if one.check.closes_at <= this.at.now]
    opened = silent.opened(this.connection, closed, this.at.now)
    for one in climbs:
        before = told.get(one.check.person_id)
        if before is not None:
            by_household = before == Step.HOUSEHOLD and one.rung.step is Step.VOLUNTEER
            yield replace(one, outcome="household_told" if by_household else "told")
        elif one.check.person_id not in found:
            yield replace(one, outcome="not_agreed")
        elif (contact := found[one.check.person_id]) is None or not one.check.full_name:
            yield replace(one, outcome="nobody")
        else:
            told[one.check.person_id] = one.rung.step
            about = opened.get(one.check.follow_up_id) if one.check.closes_at <= this.at.now else one.check
            yield replace(one, telling=_telling(this, one, (contact, say(one.check)), about))


def _telling(this: Round, one: Climb, what: tuple[UUID, Say], about: Row[Any] | None) -> Telling:
    """`what`: to whom and in which words; `about`: the check-in that an answer now settles, which withdraws it."""
    expires_at = this.at.now + _WAITS
    return Telling(
        derived(one.check.id, f"rung:{one.number}"),
        *what,
        MessageKind.REMINDER,
        min(expires_at, about.closes_at) if about else expires_at,
        due_check_id=about.id if about else None,
    )
