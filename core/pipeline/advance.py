"""A contact's facts after a step, without asking the database again: the next message of the batch needs them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from core.conversation.context import CALL_FOR_HELP, Alarmed, Context, Duty, Member, PastRecord
from core.conversation.effects import (
    AlertKind,
    AnswerVisit,
    Effect,
    NameAlerts,
    RaiseAlert,
    SaveRecord,
    SettleWaiting,
    Unlink,
)
from core.conversation.form import Answers, codes
from core.conversation.volunteer_effects import AnswerConsent, SpokenConsent


def advance(context: Context, effects: Sequence[Effect], next_code: Callable[[], str], at: datetime) -> Context:
    """`context` after a message of that moment, as the rows that `effects` will write would give it."""
    for effect in effects:
        match effect:
            case SaveRecord():
                context = _with_record(context, effect, next_code, at)
            case RaiseAlert(kind=AlertKind.DANGER) if not effect.wait:
                told = {Alarmed(effect.letter, sign, at) for sign in effect.signs or (CALL_FOR_HELP,)}
                context = replace(context, alarmed=context.alarmed | told)
            case SettleWaiting(kind=AlertKind.DANGER, raise_now=True):
                told = {Alarmed(effect.letter, sign, at) for sign in effect.signs or ()}
                context = replace(context, alarmed=context.alarmed | told)
            case NameAlerts():
                context = replace(context, alarmed=frozenset(_of(told, effect) for told in context.alarmed))
            case AnswerVisit():
                context = replace(context, visit=None)
            case Unlink():
                context = replace(context, members=())
            case SpokenConsent() if context.duty:
                context = replace(context, duty=_agreed(context.duty, effect))
            case AnswerConsent():
                context = replace(context, consent=None)
    return context


def _of(told: Alarmed, named: NameAlerts) -> Alarmed:
    meant = told.letter == named.told_of and told.sign in named.signs and told.at >= named.since
    return told._replace(letter=named.letter) if meant else told


def _agreed(duty: Duty, said: SpokenConsent) -> Duty:
    homes = (replace(h, without=h.without - set(said.letters)) if h.id == said.home_id else h for h in duty.homes)
    return replace(duty, homes=tuple(homes))


def _with_record(context: Context, record: SaveRecord, next_code: Callable[[], str], at: datetime) -> Context:
    before = context.member(record.letter) or Member(record.person_id, record.letter)
    temperature = record.answers.get("temperature")
    heat = temperature if isinstance(temperature, float) else None
    said = PastRecord(record.root, at, codes(record.answers, "signs"), heat)
    history = (said, *(past for past in before.history if past.root != record.root))
    check = None if record.check_id else before.check
    after = replace(_named(before, record.answers), check=check, history=history)
    others = tuple(m for m in context.members if m.letter != record.letter)
    members = tuple(sorted((*others, after), key=lambda m: (len(m.letter), m.letter)))
    return replace(context, members=members, code=next_code())


def _named(member: Member, answers: Answers) -> Member:
    """What a declaration says of its person; a check-in says nothing of that kind."""
    if "full_name" not in answers:
        return member
    year, lives = answers.get("year_of_birth"), str(answers["unit"]) if answers.get("unit") else member.unit_code
    return replace(
        member,
        name=str(answers["full_name"]),
        year_of_birth=year if isinstance(year, int) else None,
        gender=str(answers["gender"]) if answers.get("gender") else None,
        nationality=str(answers.get("nationality", member.nationality)),
        unit_code=lives,
        unit=member.unit if member.group or lives == member.unit_code else None,
        unit_name=str(answers.get("unit_name") or member.unit_name),
        address=str(answers.get("address") or member.address),
    )
