"""Danger that may be meant ("khong sot, ho, kho tho") costs one question. The alert waits behind it and is raised by a
yes, or by silence (`Rules.doubt_minutes`). What the same text says for certain is written down at once: whoever never
answers has said it all the same.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from core.conversation import alarm, asking, certain, checkins, correcting, household, misses, visits, whose
from core.conversation.answers import YES_NO
from core.conversation.effects import SOMEBODY, AlertKind, RaiseAlert, Visit
from core.conversation.fold import fold
from core.conversation.form import Kind, codes
from core.conversation.labels import SIGN_LABELS
from core.conversation.messages import N_, Listed, Param, Term
from core.conversation.parsers import checkin, command, doubtful, yesno
from core.conversation.parsers.reader import read as read_signs
from core.conversation.parsers.said import Said
from core.conversation.session import LastRecord, Session, Stage
from core.conversation.signs import SIGNS
from core.conversation.turn import Turn
from core.conversation.understanding import DayReport, Signs, Unclear, Understood
from core.messaging.channel import MessageKind

_FORGOTTEN = timedelta(hours=6)
_PARTED = re.compile(r"\s*(.+?)(?:\s*[,.;:!\n]\s*|\s+(?=(?:v[àa]|nh[ưu]ng|and|but)\s))(.+)", re.IGNORECASE | re.DOTALL)
"""A yes or a no, and what stands behind it: "co va sot 39". Without anything between, "co sot" says something else."""


class Answer(NamedTuple):
    """What a message says of the danger that we asked about. `rest`: what else it says; `signs`: of which of them it
    speaks (none: of all)."""

    yes: bool
    rest: str = ""
    signs: tuple[str, ...] = ()


def ask(turn: Turn, signs: tuple[str, ...], read: certain.Read) -> bool:
    """Ask one question about danger that may be meant, and about what is still open of the same person; the alert is
    raised if it stays unanswered. False if just that was asked last, so that the message is read on."""
    about, held = certain.find(turn), turn.session
    again = bool(held.doubt) and held.doubt_of == about.letter and not _is_forgotten(turn)
    fresh = tuple(sign for sign in signs if not (again and sign in held.doubt))
    if fresh and not alarm.is_known(turn, fresh, about.letter):
        wait = timedelta(minutes=turn.context.rules.doubt_minutes)
        turn.do(RaiseAlert(AlertKind.DANGER, fresh, wait, about.letter))
    kept = certain.write(turn, about, read)
    if not fresh and not kept and asked(turn):
        return False
    if not any(isinstance(effect, Visit) for effect in turn.effects):
        visits.beside(turn)
    together = tuple(sign for sign in SIGNS if sign in {*signs, *(held.doubt if again else ())})
    turn.change(doubt=together, doubt_at=turn.now, doubt_of=about.letter)
    _ask(turn, together, about.letter)
    return True


def _ask(turn: Turn, signs: tuple[str, ...], letter: str) -> None:
    text = N_("Xin hỏi lại cho chắc: bây giờ {name} có bị {signs} không?")
    named: dict[str, Param] = {"signs": Listed(tuple(Term(SIGN_LABELS[code]) for code in signs))}
    member = turn.context.member(letter) if len(turn.context.members) > 1 else None
    if letter == SOMEBODY:
        turn.say(text, MessageKind.QUESTION, YES_NO, name=Term(_RELATIVE), **named)
    elif member and member.letter != turn.session.letter:
        turn.say(text, MessageKind.QUESTION, YES_NO, name=member.called, **named)
    else:
        text = N_("Xin hỏi lại cho chắc: bây giờ {you} có bị {signs} không?")
        turn.say(text, MessageKind.QUESTION, YES_NO, **named)


def asked(turn: Turn) -> bool:
    """Whether danger is what we asked about last: only then is a bare "khong" about it."""
    at = turn.session.doubt_at
    if at is None or _is_forgotten(turn):
        return False
    form_asked = turn.session.asked_at
    return (form_asked is None or form_asked <= at) and not turn.context.asked_after(at)


def is_tapped(turn: Turn) -> bool:
    """Whether a button of our question about danger was tapped, which is still open, whatever was asked since."""
    mark = turn.inbound.mark
    return bool(mark and turn.session.doubt) and mark == turn.session.doubt_mark and not _is_forgotten(turn)


def keep_mark(turn: Turn) -> None:
    """Keep the mark of the question about danger, if this turn asks it."""
    asks, serving = turn.session.newest, turn.session.serving
    if not asks.doubt or asks.doubt_at != turn.now or asks.doubt_mark == turn.session.mark:
        return
    marked = replace(asks, doubt_mark=turn.session.mark)
    if serving and serving.session:
        turn.change(serving=replace(serving, session=marked))
    else:
        turn.session = marked


def _is_forgotten(turn: Turn) -> bool:
    at = turn.session.doubt_at
    return at is None or turn.now - at > _FORGOTTEN


def answered(turn: Turn) -> bool:
    """Whether the message answers our question about danger, and that was all. The conversation goes on where it was.
    What else it says is left in the turn, to be read on.

    An answer that comes after the alert was raised by silence is heard all the same; the alert stays.
    """
    held = turn.session
    if not held.doubt or _is_forgotten(turn):
        return False
    no = isinstance(yesno.parse(turn.text), Understood)
    if asked(turn) and command.may_answer(turn.text) and (held.busy or no):
        _ask(turn, held.doubt, held.doubt_of)  # to decline to answer denies nothing
        return True
    last = asked(turn) or is_tapped(turn)
    answer = (_answer(turn.text) if last else None) or _denied_by_name(turn)
    if answer is None:
        return False
    turn.do(alarm.settled(turn, answer.signs or held.doubt, raise_now=answer.yes))
    left = tuple(sign for sign in held.doubt if answer.signs and sign not in answer.signs)
    turn.change(doubt=left, doubt_at=held.doubt_at if left else None)
    if left:
        return False
    if answer.yes:
        alarm.say_115(turn, held.doubt_of)
        return _confirmed(turn, held, answer.rest)
    return _denied(turn, held, answer.rest)


def _answer(text: str) -> Answer | None:
    """ "Co", "khong", and "co, va sot 39": what stands behind a yes or a no has to be a report by itself."""
    said = yesno.parse(text)
    if isinstance(said, Understood) and not said.rest:
        return Answer(said.value)
    parted = _PARTED.fullmatch(text)
    if parted is None:
        return None
    first, report = yesno.parse(parted[1]), checkin.parse(parted[2])
    if isinstance(first, Unclear) or first.rest or isinstance(report, Unclear):
        return None
    well = report.value.signs == Signs()
    return None if well and first.value else Answer(first.value, parted[2])


def _denied_by_name(turn: Turn) -> Answer | None:
    """ "Khong kho tho, chi ho": which of the signs asked about are denied, by a text about the same person."""
    held, parts = turn.session, household.told_apart(turn.text, turn.context)
    of, text = parts[0] if len(parts) == 1 else (turn.about(), turn.text)
    if len(parts) > 1 or of != held.doubt_of or (not of and not asked(turn)):
        return None
    said = read_signs(fold(text))
    if said.asked or said.unsure:
        return None
    not_denied = {*said.listed, *said.present}
    signs = tuple(sign for sign in held.doubt if sign in said.denied and sign not in not_denied)
    alone = (
        set(said.denied) == set(held.doubt)
        and said == Said(denied=said.denied, faint=said.faint)
        and not doubtful.measured(text)
    )
    return Answer(False, "" if alone else turn.text, signs) if signs else None


def _confirmed(turn: Turn, held: Session, rest: str) -> bool:
    """Outside of a form a confirmed sign is a report of its own, or joins the one that was written with the doubt. True
    if nothing is left to be read."""
    said = ", ".join((*(SIGN_LABELS[code] for code in held.doubt), *([rest] if rest else [])))
    said = f"{_RELATIVE} {said}" if held.doubt_of == SOMEBODY else said
    report = checkin.parse(said)
    day = report.value if isinstance(report, Understood) else DayReport(signs=Signs(present=held.doubt))
    if held.busy:
        return _confirmed_in_a_form(turn, held, said, rest)
    if record := _written(turn, held):
        _join(turn, record, said, held.doubt)
    elif turn.context.member(held.doubt_of):
        checkins.record(turn, held.doubt_of, day, said)
    else:
        checkins.credit(turn, day, said)
    return True


def _confirmed_in_a_form(turn: Turn, held: Session, said: str, rest: str) -> bool:
    if held.doubt_of == SOMEBODY and held.stage is not Stage.WHO:  # staff were told: the form is about another one
        ask_again(turn)
        return True
    if held.stage is Stage.WHO:
        turn.change(held=", ".join(each for each in (held.held, said) if each))
        ask_again(turn)
        return True
    alarm.remember(turn, held.doubt)
    if _asks_signs_of_today(turn) and asking.answer(turn, said) is None:
        return True
    if rest:
        turn.inbound = replace(turn.inbound, text=rest)
        return False
    ask_again(turn)
    return True


def _denied(turn: Turn, held: Session, rest: str) -> bool:
    """The sign is not there: what of the others, of which the text did not say clearly? True if nothing is left to be
    read."""
    record = None if held.busy else _written(turn, held)
    report = checkin.parse(rest)
    if record and rest:
        _join(turn, record, rest)
    elif isinstance(report, Understood) and not held.busy and turn.context.member(held.doubt_of):
        checkins.record(turn, held.doubt_of, report.value, rest)
    elif rest:
        turn.inbound = replace(turn.inbound, text=rest)
        return False
    elif held.busy:
        ask_again(turn)
    elif record:
        _reopen(turn, record)
        misses.ask_each_sign(turn)
    elif held.doubt_of == SOMEBODY:
        whose.ask_who(turn, asking.CHECKIN, _RELATIVE)
    else:
        checkins.clarify(turn, held.doubt_of)
    return True


def _join(turn: Turn, record: LastRecord, said: str, signs: tuple[str, ...] = ()) -> None:
    """Add to the check-in that was written with the doubt."""
    _reopen(turn, record, signs)
    if isinstance(asking.answer(turn, said), Unclear):
        misses.ask_each_sign(turn)


def _reopen(turn: Turn, record: LastRecord, signs: tuple[str, ...] = ()) -> None:
    correcting.reopen(turn, record)
    alarm.remember(turn, (*codes(record.answers, "signs"), *signs))


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


_RELATIVE = N_("người nhà")
"""How somebody of the family is called of whom no more is known; a text that begins so is about them."""
