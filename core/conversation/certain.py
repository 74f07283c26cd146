"""What a text that may mean danger says besides: "A OK B SOT 39 C khong ho, kho tho". It is read as a message of its
own, and written down before the question about danger is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from core.conversation import asking, household, measures, seen_ill
from core.conversation.allowed import NotAllowed
from core.conversation.answers import day_values
from core.conversation.effects import AlertKind, RaiseAlert, SaveRecord
from core.conversation.form import Kind, codes
from core.conversation.parsers import checkin, danger, doubtful
from core.conversation.parsers.danger import Danger
from core.conversation.session import Session, Stage
from core.conversation.turn import Turn
from core.conversation.understanding import Unclear
from core.messaging.channel import MessageKind

Read = Callable[[Turn], None]
"""How a message without danger is read (`core.conversation.engine`)."""


class Certain(NamedTuple):
    """What a text says besides danger that may be meant. `letter`: about whom that danger is, "" if not known; `said`:
    what is certain, of the people of those `letters` where it tells them apart."""

    letter: str
    said: str
    letters: tuple[str, ...] = ()


def find(turn: Turn) -> Certain:
    """What is certain in a text that may mean danger, and about whom that danger is."""
    limits, context = turn.context.rules.limits, turn.context
    strange = household.strange(turn.text, context.members)
    parts = [] if strange else household.told_apart(turn.text, context)
    if not parts:
        return Certain("" if strange else turn.about(), doubtful.certain(turn.text, limits, turn.age()))
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


def write(turn: Turn, about: Certain, read: Read) -> bool:
    """Read what is certain as a message of its own, and ask nothing of it now. False if nothing came of it. What is not
    understood so is left for the questions that follow, and nobody is well by it of whom danger is feared."""
    aside = Turn(turn.session, replace(turn.inbound, text=about.said), turn.library, turn.context, turn.now)
    try:
        if about.said and not _note(aside):
            read(aside)
    except NotAllowed as refused:
        return seen_ill.tell(turn, refused.letter, about.said)
    if not _says_well(aside, turn.session, about):
        return _keep(turn, aside)
    said = doubtful.measured(about.said)
    return said != about.said and write(turn, Certain(about.letter, said), read)


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


def _keep(turn: Turn, aside: Turn) -> bool:
    """What came of it but a question, if anything did."""
    after, before = aside.session, turn.session
    missed = after.misses > before.misses or RaiseAlert(AlertKind.MISUNDERSTOOD) in aside.effects
    if missed or not (aside.effects or any(getattr(after, name) != getattr(before, name) for name in _KEPT)):
        return False
    turn.session = after
    turn.effects += aside.effects
    turn.replies += [reply for reply in aside.replies if reply.kind is not MessageKind.QUESTION]
    return True


def _says_well(aside: Turn, before: Session, about: Certain) -> bool:
    """Whether it would write "no signs" of whoever may be in danger."""
    answers = aside.session.answers
    if answers.get("signs") == () and before.answers.get("signs") != ():
        return True
    sure = set(about.letters) - {about.letter}
    written = [effect for effect in aside.effects if isinstance(effect, SaveRecord) and effect.letter not in sure]
    return any("signs" in each.answers and not codes(each.answers, "signs") for each in written)


_KEPT = ("form", "answers", "held", "agreed", "stage", "letter")
"""What of a session says that something came of a text."""
