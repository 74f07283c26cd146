"""Signs in a volunteer's text about somebody of whom nothing may be written down: they reach the unit all the same, as
an alert and not as a record (the duty to protect life; law 91/2025/QH15). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from core.conversation import asking
from core.conversation.answers import day_values
from core.conversation.effects import SOMEBODY, TellSeenIll
from core.conversation.fold import fold
from core.conversation.form import Answers, Value
from core.conversation.limits import age_in
from core.conversation.measures import numbers
from core.conversation.parsers import checkin, command, danger, temperature, vitals, yesno
from core.conversation.parsers.command import Command
from core.conversation.parsers.reader import read
from core.conversation.turn import Turn
from core.conversation.understanding import Understood

_CLAUSES = re.compile(r"[,.;\n]+(?=\s)|\n")
_MEDICINE = re.compile(r"\bthuoc (?:(?:ha|giam|tri|chua|cam) )*(?:sot|ho|dau|cam)\b")


def tell(turn: Turn, letter: str, said: str) -> bool:
    """Tell the unit, if somebody is not well by that text. Danger was told when the message was heard. `letter`: "" if
    it is about somebody who is not known here."""
    member = turn.context.member(letter)
    age = age_in(turn.today.year, member.year_of_birth) if member else None
    found = danger.find(said, turn.context.rules.limits, age)
    answers = worrying(turn, letter, said)
    if answers is None and found.doubtful:
        answers = {"signs": found.doubtful}  # nobody can be asked whether it is meant
    if answers is None:
        return False
    if not found.present:
        turn.do(TellSeenIll(letter if member else SOMEBODY, answers))
    return True


def worrying(turn: Turn, letter: str, said: str) -> Answers | None:
    """What a check-in would take from it; None if it says nothing that a nurse would want to know."""
    day, measured = checkin.parse(said), vitals.parse(said)
    values: dict[str, Value] = {}
    if isinstance(measured, Understood):
        values |= {name: value for name, value in numbers("", measured.value).items() if name}
    if isinstance(day, Understood):
        values |= day_values(day.value, window=False)
    else:
        values |= _half_read(said)
    member = turn.context.member(letter)
    age = age_in(turn.today.year, member.year_of_birth) if member else None
    limits = turn.context.rules.limits
    hot = asking.fever(turn, values.get("temperature"))
    beyond = limits.danger(values, age) or limits.urgent(values, age)
    ill = values.get("signs") or hot or beyond or read(fold(said)).unwell
    return values if ill else None


def _half_read(said: str) -> dict[str, Value]:
    """Of a text that is no whole report: what is plain in it."""
    folded = fold(said)
    found = read(folded)
    plain = tuple(dict.fromkeys(found.present)) if not found.faint else ()
    values: dict[str, Value] = {"signs": plain} if plain else {}
    try:
        degrees = temperature.find(folded)
    except temperature.Ambiguous:
        degrees = None
    return values if degrees is None else {**values, "temperature": degrees}


def is_report(turn: Turn, said: str) -> bool:
    """Whether a text tells of somebody's health, be it that they are well."""
    ordered = command.parse(said)
    if isinstance(ordered, Understood):
        return ordered.value is Command.CHECKIN
    if isinstance(yesno.parse(said), Understood) and not read(fold(said)).present:
        return False
    return isinstance(checkin.parse(said), Understood) or worrying(turn, "", said) is not None


def parted(turn: Turn, said: str, without_name: Callable[[str], str]) -> tuple[str, str]:
    """What a note says of health, if somebody is not well by it, and the rest of it, which may be kept: "ba Sau sot
    39", "gao". All that it says of health stays together: "khong sot, ho" without its "khong" would be another thing.
    Medicine against a fever is no fever."""
    clauses = [clause.strip() for clause in _CLAUSES.split(said) if clause.strip()]
    bare = {clause: _without_medicine(without_name(clause)) for clause in clauses}
    if not any(_is_ill(turn, what) for what in bare.values()):
        return "", said
    told = [
        clause
        for clause in clauses
        if _is_ill(turn, bare[clause]) or isinstance(checkin.parse(bare[clause]), Understood)
    ]
    return ", ".join(told), ", ".join(clause for clause in clauses if clause not in told)


def _without_medicine(clause: str) -> str:
    plain = fold(clause).text
    return _MEDICINE.sub(" ", plain) if _MEDICINE.search(plain) else clause


def _is_ill(turn: Turn, said: str) -> bool:
    ordered = command.parse(said)
    calls = isinstance(ordered, Understood) and ordered.value in (Command.EMERGENCY, Command.HUMAN)
    found = danger.find(said, turn.context.rules.limits)
    return calls or worrying(turn, "", said) is not None or bool(found.present or found.doubtful)
