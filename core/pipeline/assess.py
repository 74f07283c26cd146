"""What a record means: its level with its reasons, the alert that it raises, and the advice that its receipt gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from core.care.rules import RuleSet, in_force
from core.care.triage import About, Level, Triaged, triage
from core.clock import VIETNAM
from core.conversation.context import Context
from core.conversation.effects import AlertKind, Effect, RaiseAlert, SaveRecord, TellSeenIll
from core.conversation.engine import Step
from core.conversation.form import Answers, codes
from core.conversation.limits import age_in
from core.conversation.records import URGENT_RECEIPTS
from core.conversation.signs import DANGER
from core.conversation.stages import URGENT_REFUSALS
from core.messaging.channel import MessageKind
from core.pipeline.cause import Cause


@dataclass(frozen=True, slots=True)
class Assessed:
    """A record's triage, and what it raises, if that was not raised when it was said."""

    triaged: Triaged
    raised: RaiseAlert | None

    @property
    def status(self) -> str:
        """What the due check-in that it answers becomes."""
        return "seen_ok" if self.triaged.level is Level.NONE else "seen_not_ok"


def assess(effect: SaveRecord, cause: Cause, rules: RuleSet) -> Assessed:
    """Triage one record, by what is known of its person."""
    answers = effect.answers
    about = _about(effect.letter, answers, cause, effect.root)
    triaged = triage(answers, rules, about)
    told = _told(answers) or bool(rules.limits.danger(answers, about.age))
    again = effect.version > 1 and triaged.alert is AlertKind.RISK  # was told with the first version
    raised = None
    if triaged.alert and not told and not again:
        raised = RaiseAlert(triaged.alert, codes(answers, "signs"), letter=effect.letter, reasons=triaged.reasons)
    return Assessed(triaged, raised)


def seen_ill(effect: TellSeenIll, cause: Cause, rules: RuleSet) -> RaiseAlert | None:
    """What a unit is told of somebody of whom no record is written, as urgent as a record would be; None if it is told
    nothing."""
    about = _about(effect.letter, effect.answers, cause)
    triaged = triage(effect.answers, rules, about)
    kind = triaged.alert or AlertKind.SEEN_ILL
    if effect.only_urgent and kind is not AlertKind.URGENT:
        return None
    return RaiseAlert(kind, codes(effect.answers, "signs"), letter=effect.letter, reasons=triaged.reasons)


def _about(letter: str, answers: Answers, cause: Cause, root: UUID | None = None) -> About:
    """Whom a record is about, by what is known of them. `root`: of the record itself."""
    member, at = cause.context.member(letter), cause.message.received_at
    year = answers.get("year_of_birth") or (member.year_of_birth if member else None)
    history = member.history if member else ()
    return About(
        at=at,
        group=member.group if member else "",
        age=age_in(at.astimezone(VIETNAM).year, year),
        before=[past for past in history if past.root != root],
        earlier=next((past for past in history if past.root == root), None),
    )


def advised(made: Step, cause: Cause, now: datetime) -> Step:
    """The step whose receipt says what comes next, where a record of it is urgent and nothing graver is said."""
    if any(reply.kind is MessageKind.DANGER for reply in made.replies):
        return made
    rules = in_force(now.astimezone(VIETNAM).date())
    if not any(_is_urgent(effect, cause, rules) for effect in made.effects):
        return made
    instead = {**URGENT_RECEIPTS, **URGENT_REFUSALS}
    worded = (
        replace(reply, say=replace(reply.say, text=instead.get(reply.say.text, reply.say.text)))
        for reply in made.replies
    )
    return replace(made, replies=tuple(worded))


def _is_urgent(effect: Effect, cause: Cause, rules: RuleSet) -> bool:
    if isinstance(effect, TellSeenIll):
        return effect.only_urgent and seen_ill(effect, cause, rules) is not None
    return isinstance(effect, SaveRecord) and assess(effect, cause, rules).triaged.level is Level.URGENT


def moved(effect: SaveRecord, context: Context, unit: str) -> Iterator[dict[str, Any]]:
    """Whose alerts go to the unit that is told of them: the own ones, and those about nobody yet on a phone of one."""
    others = [m for m in context.members if m.letter != effect.letter]
    for letter in (effect.letter,) if others else (effect.letter, ""):
        about = {"contact_id": context.contact_id, "letter": context.whose(letter), "person_id": effect.person_id}
        yield {**about, "unit_code": unit}


def _told(answers: Answers) -> bool:
    """Whether these signs made a danger alert of their own when they were said."""
    return bool(DANGER & (set(codes(answers, "signs")) - set(codes(answers, "signs_gone"))))
