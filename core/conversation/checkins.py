"""Check-ins: in one text if people like, and asked about no more than needed. Never credited to a person by guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from core.conversation import household, letters, measures, whose
from core.conversation.answers import day_values
from core.conversation.asking import (
    CHECKIN,
    add_signs,
    ask_again,
    ask_next,
    begin,
    checkin_of,
    fever,
    note,
    take,
    tell_if_unfinished,
    tell_of,
)
from core.conversation.context import Member
from core.conversation.fold import fold
from core.conversation.form import Kind
from core.conversation.misses import ask_each_sign, miss
from core.conversation.parsers import checkin, on_behalf, yesno
from core.conversation.parsers.reader import read
from core.conversation.session import IDLE, Session, Stage
from core.conversation.turn import Turn
from core.conversation.understanding import DayReport, Reason, Unclear, Understood

_GOING_ON = timedelta(hours=1)
"""A form that was asked so lately is going on; later signs are another day's, or another part of the day."""


def start(turn: Turn, said: str) -> None:
    """SK, with or without what follows it."""
    if _household(turn, said) or letters.of_strangers(turn, said):
        return
    report = checkin.parse(said) if said else None
    if isinstance(report, Understood):
        credit(turn, report.value, said)
    elif letters.of_several(turn, said):
        return
    elif letter := _sole(turn, turn.context.members):
        start_for(turn, letter, said)
    else:
        whose.ask_who(turn, CHECKIN, "")


def start_for(turn: Turn, letter: str, held: str) -> None:
    """The check-in of a member who was picked, with what was said before."""
    held = household.unlettered(held, turn.context.members)
    report = checkin.parse(held) if held else None
    if isinstance(report, Understood):
        record(turn, letter, report.value, held)
    else:
        begin(turn, checkin_of(turn, letter), letter, guided=not held)
        ask_next(turn)


def answers_reminder(turn: Turn) -> bool:
    """Whether the message is taken as the answer to a reminder, which was the last thing we asked. What it
    interrupted goes on; whose answer it is can then not be asked in between."""
    asked, held = _asked(turn), turn.session
    if not asked or _answers_the_form(turn):
        return False
    if not _household(turn, turn.text):
        if household.strange(turn.text, turn.context.members):
            return False
        report = _whole(turn.text) or _numbers(turn, asked)
        if report is None or (held.busy and (len(asked) > 1 or on_behalf.of_relative(turn.text))):
            return False
        _credit(turn, report, turn.text, asked)
    resume(turn, held)
    return True


def of_others(turn: Turn) -> bool:
    """Whether the message tells of people by letter or name while something else is going on, which goes on then: but
    not a check-in of somebody whose part was told, nor a question whose check-in it is."""
    held = turn.session
    if letters.beside_a_form(turn):
        return True
    if not held.busy or held.stage is Stage.WHOSE or len(turn.context.members) < 2:
        return False
    found = household.reports(turn.text, turn.context.members)
    if not found or (held.stage is Stage.ASKING and set(found) == {held.letter}):
        return False
    _write(turn, found)
    open_still = held.held and len(found) < len(turn.context.members)
    if held.stage is Stage.WHO and (open_still or not turn.library.versions[held.form].daily):
        whose.ask_who(turn, turn.library.versions[held.form].key, held.held)
    elif held.letter not in found or not turn.library.versions[held.form].daily:
        resume(turn, held)
    return True


def _answers_the_form(turn: Turn) -> bool:
    """A bare yes or no is for the question of a form that goes on: the reminder may only be in line to be sent."""
    at, said = turn.session.asked_at, yesno.parse(turn.text)
    pending = turn.session.stage in (Stage.ASKING, Stage.LEGAL, Stage.SUMMARY) and at and turn.now - at < _GOING_ON
    return bool(pending) and isinstance(said, Understood) and not said.rest and reported(turn.text) is None


def resume(turn: Turn, held: Session) -> None:
    """What a check-in interrupted goes on, once the check-in itself asks nothing more; signs of the same person
    belong there too; so does a form of which HUY asked whether it ends. A check-in that was not ended has been now."""
    if held.stage is Stage.CANCEL and held.letter:
        held = replace(held, stage=Stage.ASKING if held.pending else Stage.LEGAL, options=())
    if held.stage not in (Stage.ASKING, Stage.LEGAL, Stage.SUMMARY) or turn.session.busy:
        return
    made = turn.session.last
    same = made is not None and made.letter == held.letter
    if same and not held.correcting and turn.library.versions[held.form].daily:
        return
    kept = {name: getattr(held, name) for name in (*IDLE, "asked_at")}
    turn.change(**kept)
    if held.stage is Stage.SUMMARY or held.correcting:
        turn.change(last=held.last)
    elif made and same and held.stage is Stage.ASKING:
        add_signs(turn, made.answers)
    ask_again(turn)


def reported(text: str) -> DayReport | None:
    """The temperature or the signs (also those that are over) that a message reports, if it does. That nothing is
    wrong is no report here."""
    report = checkin.parse(text)
    if not isinstance(report, Understood):
        return None
    day = report.value
    return day if day.temperature is not None or (day.signs and (day.signs.present or day.signs.gone)) else None


def unprompted(turn: Turn) -> bool:
    """Whether an unasked message is a report: that counts, always. A lone "ok" is none; "khoe" is one from somebody
    we know."""
    if _household(turn, turn.text) or letters.of_strangers(turn, turn.text):
        return True
    day = reported(turn.text) or _well(turn, turn.text) or _numbers(turn, turn.context.members)
    if day is None:
        return False
    credit(turn, day, turn.text)
    return True


def _whole(text: str) -> DayReport | None:
    report = checkin.parse(text)
    return report.value if isinstance(report, Understood) else None


def _numbers(turn: Turn, members: tuple[Member, ...]) -> DayReport | None:
    """Nothing but numbers that were measured, from the one person of whom we ask for them: a report that begins."""
    one = members[0] if len(members) == 1 else None
    asks = one is not None and measures.said_in(turn.text, turn.library.form(checkin_of(turn, one.letter)))
    return DayReport() if asks else None


def heard(turn: Turn, said: str) -> bool:
    """Whether a report came in place of an answer. It joins the form if that is going on just now; otherwise it is
    a check-in, and what it interrupted is asked again."""
    day = reported(said)
    if day is None:
        return False
    if on_behalf.of_relative(said):
        tell_of(turn, said, "")
        ask_again(turn)
        return True
    held, asked_at = turn.session, turn.session.asked_at
    going_on = held.stage is Stage.ASKING and asked_at is not None and turn.now - asked_at < _GOING_ON
    if going_on and turn.form.asks(Kind.SIGNS) and not _owed(turn):
        note(turn, day)
        return True
    credit(turn, day, said)
    resume(turn, held)
    return True


def heard_beside(turn: Turn, *said: str) -> None:
    """A report said with a command that ends everything, before it or behind it, is written down all the same."""
    told = [each for each in said if each and _tells(turn, each)]
    together = ", ".join(told)
    for each in [together] if _tells(turn, together) else told:
        if not _household(turn, each) and (day := _whole(each)):
            credit(turn, day, each)


def _tells(turn: Turn, said: str) -> bool:
    return bool(reported(said) or _well(turn, said) or household.reports(said, turn.context.members))


def _owed(turn: Turn) -> bool:
    """Whether the one person here was asked for a check-in just now, and went on with the form's question first."""
    member = turn.alone()
    at = member.check.reminded_at if member and member.check else None
    return at is not None and turn.now - at < _GOING_ON


def unclear(turn: Turn) -> bool:
    """Whether a message that was not understood is about somebody's health: it answers a reminder, or says that they
    are not well. Then we ask."""
    asked, said = _asked(turn), read(fold(turn.text))
    signs = () if said.faint else tuple(said.present) or fever(turn, letters.degrees(turn.text))
    if not asked and not said.unwell and not signs:
        return False
    if signs or said.unwell:
        tell_if_unfinished(turn, signs)
    if letters.of_several(turn, turn.text):
        return True
    letter = _sole(turn, asked or turn.context.members)
    if letter is None:
        whose.ask_who(turn, CHECKIN, "")
        return True
    begin(turn, checkin_of(turn, letter), letter, guided=False)
    turn.change(stage=Stage.ASKING, pending="signs")
    miss(turn, Unclear(Reason.NOT_AN_ANSWER))
    return True


def tell_if_unwell(turn: Turn) -> None:
    """Somebody who says in place of an answer that they are ill, and then no more, is looked after all the same."""
    if read(fold(turn.text)).unwell:
        tell_if_unfinished(turn, ())


def thanks(turn: Turn) -> bool:
    """Whether the message only acknowledges what we just confirmed: an answer would cost a text and say nothing."""
    last = turn.session.last
    if last is None or turn.now - last.at > _GOING_ON or turn.context.alarmed:
        return False
    said = yesno.parse(turn.text)
    return isinstance(said, Understood) and said.value and not said.rest


def clarify(turn: Turn, letter: str) -> None:
    """Danger was denied in a list of signs outside any form: what of the others? `letter`: of whom, if it is known."""
    letter = letter if turn.context.member(letter) else _sole(turn, turn.context.members) or ""
    if not letter:
        whose.ask_who(turn, CHECKIN, "")
        return
    begin(turn, checkin_of(turn, letter), letter, guided=False)
    ask_each_sign(turn)


def credit(turn: Turn, report: DayReport, said: str) -> None:
    """Write a report down for the one person here, for nobody known yet, or ask whose it is."""
    _credit(turn, report, said, turn.context.members)


def all_of_us(turn: Turn) -> bool:
    """Whether "of all of us" answers whose report it is; only that all are well can be said so."""
    held = turn.session.held
    if not held or not household.means_all(turn.text, len(turn.context.members)):
        return False
    return _household(turn, f"{household.ALL}: {held}")


def record(turn: Turn, letter: str, report: DayReport, said: str) -> None:
    """Write one person's report down, with what was measured at home, and ask for the signs if it has none."""
    begin(turn, checkin_of(turn, letter), letter, guided=False)
    take(turn, "signs", {**measures.said_in(said, turn.form), **day_values(report, window=False)})
    ask_next(turn)


def _household(turn: Turn, said: str) -> bool:
    """Whether the text reports on several people here, or on one by name."""
    if len(turn.context.members) < 2:
        return False
    found = household.reports(said, turn.context.members)
    if found:
        _write(turn, found)
    return bool(found)


def _write(turn: Turn, found: Mapping[str, household.Part]) -> None:
    if len(found) > 1:
        household.credit(turn, found)
    else:
        ((letter, part),) = found.items()
        record(turn, letter, part.day, part.said)


def _credit(turn: Turn, report: DayReport, said: str, members: tuple[Member, ...]) -> None:
    another = bool(members) and (on_behalf.of_relative(said) or household.calls_another(turn, said))
    letter = None if another else _sole(turn, members)
    if letter is None:
        if signs := (report.signs.present if report.signs else ()) or fever(turn, report.temperature):
            tell_if_unfinished(turn, signs)
        letters.ask_of_each(turn, said)
        return
    record(turn, letter, report, said)


def _sole(turn: Turn, members: tuple[Member, ...]) -> str | None:
    """The letter of the one person it can be about, who may be new; None if that has to be asked. Who declares
    another is not the one who is declared."""
    if not members:
        return turn.new_letter() if turn.session.on_behalf else turn.context.free_letter()
    one = members[0] if len(members) == 1 else None
    return one.letter if one and not (turn.is_other(one) and members == turn.context.members) else None


def _well(turn: Turn, said: str) -> DayReport | None:
    """ "Khoe" from somebody we know. A yes or a no may answer something else: somebody's call, a receipt."""
    member = turn.alone()
    known = member.name if member else len(turn.context.members) > 1
    report = checkin.parse(said)
    if not known or not isinstance(report, Understood):
        return None
    return None if isinstance(yesno.parse(said), Understood) else report.value


def _asked(turn: Turn) -> tuple[Member, ...]:
    """Members whose reminder is the newest question on this phone."""
    since = turn.session.asked_at if turn.session.busy else None
    return tuple(
        m
        for m in turn.context.members
        if m.check and m.check.reminded_at and (since is None or m.check.reminded_at > since)
    )
