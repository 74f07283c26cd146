"""Check-ins: in one text if people like, and asked about no more than needed. Never credited to a person by guess."""

from __future__ import annotations

from core.conversation.answers import day_values
from core.conversation.asking import ask_next, begin, take
from core.conversation.context import Member
from core.conversation.messages import N_
from core.conversation.parsers import checkin, choice
from core.conversation.session import FRESH, Stage
from core.conversation.turn import Turn
from core.conversation.understanding import Choice, DayReport, Understood
from core.messaging.channel import MessageKind

NEW = "new"
"""The choice "somebody else" when it is asked whom a record is about."""


def start(turn: Turn, said: str) -> None:
    """SK, with or without what follows it."""
    report = checkin.parse(said) if said else None
    if isinstance(report, Understood):
        credit(turn, report.value, said)
    elif (member := turn.alone()) or not turn.context.members:
        start_for(turn, member.letter if member else turn.context.free_letter(), said)
    else:
        ask_who(turn, "checkin", "")


def start_for(turn: Turn, letter: str, held: str) -> None:
    """The check-in of a member who was picked, with what was said before."""
    report = checkin.parse(held) if held else None
    if isinstance(report, Understood):
        record(turn, letter, report.value)
    else:
        begin(turn, "checkin", letter, guided=not held)
        ask_next(turn)


def answers_reminder(turn: Turn) -> bool:
    """Whether the message is taken as the answer to a reminder, which was the last thing we asked."""
    asked = _asked(turn)
    if not asked:
        return False
    report = checkin.parse(turn.text)
    if not isinstance(report, Understood):
        return False
    _credit(turn, report.value, turn.text, asked)
    return True


def unprompted(turn: Turn) -> bool:
    """Whether an unasked message reports signs or a temperature: that counts, always. A lone "ok" reports nothing."""
    report = checkin.parse(turn.text)
    if not isinstance(report, Understood):
        return False
    day = report.value
    if day.temperature is None and not (day.signs and day.signs.present):
        return False
    credit(turn, day, turn.text)
    return True


def credit(turn: Turn, report: DayReport, said: str) -> None:
    """Write a report down for the one person here, for nobody known yet, or ask whose it is."""
    _credit(turn, report, said, turn.context.members)


def ask_who(turn: Turn, form: str, held: str) -> None:
    """Ask whom it is about; what was said is held meanwhile."""
    people = tuple(Choice(m.letter, m.name or m.letter) for m in turn.context.members)
    options = (*people, Choice(NEW, N_("Người khác"))) if form == "declaration" else people
    turn.change(**FRESH)
    turn.change(stage=Stage.WHO, form=turn.library.form(form).hash, held=held, options=options, asked_at=turn.now)
    text = N_("{you} khai cho ai?") if form == "declaration" else N_("Đây là sức khỏe của ai?")
    turn.say(text, MessageKind.QUESTION, options)


def who(turn: Turn) -> str | None:
    """The letter picked, NEW, or None if the message picks nobody."""
    said = choice.parse(turn.text, turn.session.options)
    return said.value if isinstance(said, Understood) else None


def record(turn: Turn, letter: str, report: DayReport) -> None:
    """Write one person's report down, and ask for the signs if it has none."""
    begin(turn, "checkin", letter, guided=False)
    take(turn, "signs", day_values(report, window=False))
    ask_next(turn)


def _credit(turn: Turn, report: DayReport, said: str, members: tuple[Member, ...]) -> None:
    if len(members) > 1:
        ask_who(turn, "checkin", said)
        return
    record(turn, members[0].letter if members else turn.context.free_letter(), report)


def _asked(turn: Turn) -> tuple[Member, ...]:
    """Members whose reminder is the newest question on this phone."""
    since = turn.session.asked_at if turn.session.busy else None
    return tuple(
        m
        for m in turn.context.members
        if m.check and m.check.reminded_at and (since is None or m.check.reminded_at > since)
    )
