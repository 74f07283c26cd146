"""Danger that may be meant ("khong sot, ho, kho tho") costs one question. The alert waits behind it and is raised by a
yes, or by silence (`Rules.doubt_minutes`). What the same text says for certain is written down at once: whoever never
answers has said it all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from core.conversation import (
    alarm,
    asking,
    checkins,
    correcting,
    household,
    measures,
    misses,
    seen_ill,
    visits,
    whose,
)
from core.conversation.allowed import NotAllowed
from core.conversation.answers import YES_NO, day_values
from core.conversation.effects import AlertKind, RaiseAlert, SaveRecord, Visit
from core.conversation.form import Kind, codes
from core.conversation.labels import SIGN_LABELS
from core.conversation.messages import N_, Listed, Param, Term
from core.conversation.parsers import checkin, danger, doubtful, yesno
from core.conversation.parsers.danger import Danger
from core.conversation.session import LastRecord, Session, Stage
from core.conversation.turn import Turn
from core.conversation.understanding import DayReport, Signs, Unclear, Understood
from core.messaging.channel import MessageKind

Read = Callable[[Turn], None]
"""How a message without danger is read (`core.conversation.engine`)."""

_FORGOTTEN = timedelta(hours=6)


class Certain(NamedTuple):
    """What a text says besides danger that may be meant. `letter`: about whom that danger is, "" if not known; `said`:
    what is certain, of the people of those `letters` where it tells them apart."""

    letter: str
    said: str
    letters: tuple[str, ...] = ()


def ask(turn: Turn, signs: tuple[str, ...], read: Read) -> None:
    """Ask one question about danger that may be meant; the alert is raised if it stays unanswered."""
    about = _certain(turn)
    letter = about.letter
    if not alarm.is_known(turn, signs, letter):
        wait = timedelta(minutes=turn.context.rules.doubt_minutes)
        turn.do(RaiseAlert(AlertKind.DANGER, signs, wait, letter))
    _write(turn, about, read)
    if not any(isinstance(effect, Visit) for effect in turn.effects):
        visits.beside(turn)
    turn.change(doubt=signs, doubt_at=turn.now, doubt_of=letter)
    _ask(turn, signs, letter)


def _ask(turn: Turn, signs: tuple[str, ...], letter: str) -> None:
    named: dict[str, Param] = {"signs": Listed(tuple(Term(SIGN_LABELS[code]) for code in signs))}
    member = turn.context.member(letter) if len(turn.context.members) > 1 else None
    if member and member.letter != turn.session.letter:
        text = N_("Xin hỏi lại cho chắc: bây giờ {name} có bị {signs} không?")
        turn.say(text, MessageKind.QUESTION, YES_NO, name=member.called, **named)
    else:
        text = N_("Xin hỏi lại cho chắc: bây giờ {you} có bị {signs} không?")
        turn.say(text, MessageKind.QUESTION, YES_NO, **named)


def _certain(turn: Turn) -> Certain:
    limits, context = turn.context.rules.limits, turn.context
    strange = household.strange(turn.text, context.members)
    parts = [] if strange else household.told_apart(turn.text, context)
    if not parts:
        return Certain("" if strange else turn.subject(), doubtful.certain(turn.text, limits, turn.age()))
    sure: dict[str, str] = {}
    feared: set[str] = set()
    for letter, said in parts:
        age = household.age(context, letter, turn.today.year)
        in_danger = danger.find(said, limits, age) != Danger()
        feared |= {letter} if in_danger else set()
        sure[letter] = doubtful.certain(said, limits, age) if in_danger else said
    told = {letter: said for letter, said in sure.items() if said}
    text = ", ".join(f"{letter}: {said}" for letter, said in told.items())
    return Certain(feared.pop() if len(feared) == 1 else "", text, tuple(told))


def _write(turn: Turn, about: Certain, read: Read) -> None:
    """Read what is certain as a message of its own, and ask nothing of it now. What is not understood so is left for
    the questions that follow, and nobody is well by it of whom danger is feared."""
    aside = Turn(turn.session, replace(turn.inbound, text=about.said), turn.library, turn.context, turn.now)
    try:
        if about.said and not _note(aside):
            read(aside)
    except NotAllowed as refused:
        seen_ill.tell(turn, refused.letter, about.said)
        return
    if not _says_well(aside, turn.session, about):
        _keep(turn, aside)
    elif (said := doubtful.measured(about.said)) != about.said:
        _write(turn, Certain(about.letter, said), read)


def _note(turn: Turn) -> bool:
    """Whether it was a part of the answer to the question about signs: the rest of that is asked for later."""
    report = checkin.parse(turn.text)
    if turn.session.stage is not Stage.ASKING or turn.pending.kind is not Kind.SIGNS or isinstance(report, Unclear):
        return False
    values = {**measures.said_in(turn.text, turn.form), **day_values(report.value, turn.form.window)}
    if worry := codes(values, "signs") or asking.fever(turn, values.get("temperature")):
        asking.tell_if_unfinished(turn, worry)
    said = codes(values, "signs")
    asking.take(turn, turn.session.pending, {k: v for k, v in values.items() if not k.startswith("signs")})
    asking.add_signs(turn, {"signs": said})
    asking.ask_next(turn)
    return True


def _keep(turn: Turn, aside: Turn) -> None:
    """What came of it but a question."""
    after, before = aside.session, turn.session
    missed = after.misses > before.misses or RaiseAlert(AlertKind.MISUNDERSTOOD) in aside.effects
    if not missed and (aside.effects or any(getattr(after, name) != getattr(before, name) for name in _KEPT)):
        turn.session = after
        turn.effects += aside.effects
        turn.replies += [reply for reply in aside.replies if reply.kind is not MessageKind.QUESTION]


def _says_well(aside: Turn, before: Session, about: Certain) -> bool:
    """Whether it would write "no signs" of whoever may be in danger."""
    answers = aside.session.answers
    if answers.get("signs") == () and before.answers.get("signs") != ():
        return True
    sure = set(about.letters) - {about.letter}
    written = [effect for effect in aside.effects if isinstance(effect, SaveRecord) and effect.letter not in sure]
    return any("signs" in each.answers and not codes(each.answers, "signs") for each in written)


def asked(turn: Turn) -> bool:
    """Whether danger is what we asked about last: only then is a bare "khong" about it."""
    at = turn.session.doubt_at
    if at is None or turn.now - at > _FORGOTTEN:
        return False
    form_asked = turn.session.asked_at
    return (form_asked is None or form_asked <= at) and not turn.context.asked_after(at)


def answered(turn: Turn) -> bool:
    """Whether the message answers our question about danger. The conversation goes on where it was.

    An answer that comes after the alert was raised by silence is heard all the same; the alert stays.
    """
    held = turn.session
    if not held.doubt or not asked(turn):
        return False
    answer = yesno.parse(turn.text)
    if not isinstance(answer, Understood) or answer.rest:
        return False
    turn.do(alarm.settled(turn, raise_now=answer.value))
    turn.change(doubt=(), doubt_at=None)
    if answer.value:
        alarm.say_115(turn, held.doubt_of)
        _confirmed(turn, held)
    else:
        _denied(turn, held)
    return True


def _confirmed(turn: Turn, held: Session) -> None:
    """Outside of a form a confirmed sign is a report of its own, or joins the one that was written with the doubt."""
    said = ", ".join(SIGN_LABELS[code] for code in held.doubt)
    report = DayReport(signs=Signs(present=held.doubt))
    if held.busy:
        alarm.remember(turn, held.doubt)
        if not (_asks_signs_of_today(turn) and asking.answer(turn, said) is None):
            ask_again(turn)
    elif record := _written(turn, held):
        correcting.reopen(turn, record)
        alarm.remember(turn, (*codes(record.answers, "signs"), *held.doubt))
        asking.answer(turn, said)
    elif turn.context.member(held.doubt_of):
        checkins.record(turn, held.doubt_of, report, said)
    else:
        checkins.credit(turn, report, said)


def _denied(turn: Turn, held: Session) -> None:
    """The sign is not there: what of the others, of which the text did not say clearly?"""
    record = _written(turn, held)
    if held.busy:
        ask_again(turn)
    elif record:
        correcting.reopen(turn, record)
        turn.change(answers={**turn.session.answers, "signs_said": codes(record.answers, "signs")})
        misses.ask_each_sign(turn)
    else:
        checkins.clarify(turn, held.doubt_of)


def _asks_signs_of_today(turn: Turn) -> bool:
    return turn.session.stage is Stage.ASKING and turn.form.daily and turn.pending.kind is Kind.SIGNS


def _written(turn: Turn, held: Session) -> LastRecord | None:
    """The check-in of that person that was written with the doubt."""
    made = (each for each in held.together if (each.letter, each.at) == (held.doubt_of, held.doubt_at))
    return next((each for each in made if turn.library.versions[each.form_hash].daily), None)


def ask_again(turn: Turn) -> None:
    """What is open is asked again, also where people or forms are picked by their numbers."""
    held = turn.session
    if held.stage is Stage.WHO:
        whose.ask_who(turn, turn.form.key, held.held)
    elif held.options and held.stage in (Stage.WHICH, Stage.WHOSE, Stage.CANCEL):
        turn.change(asked_at=turn.now)
        turn.say(N_("Xin chọn số, hoặc viết rõ hơn:"), MessageKind.QUESTION, held.options)
    else:
        asking.ask_again(turn)


_KEPT = ("form", "answers", "held", "agreed", "stage", "letter")
"""What of a session says that something came of a text."""
