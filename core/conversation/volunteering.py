"""A volunteer at work: their households of the day, one after the other. Pure.

The conversation about a household's people is a session of its own (`Serving.session`) with its own letters, so that
nothing said there can be credited to the volunteer's own phone, nor the other way round. It is left by XONG, by a
command that is about themselves, when the household is not theirs any more, and by half an hour of silence. What
counts is when a message was written, not when it is read: one that waited on a host's disk is still about that
household, and one that was written before is not.
"""

from __future__ import annotations

from dataclasses import replace

from core.conversation import at_home, duties, enrolling, joining, resume, seen_ill, unsure
from core.conversation import volunteer_words as text
from core.conversation.at_home import Read
from core.conversation.context import Duty, Home
from core.conversation.parsers import command
from core.conversation.parsers import volunteer as parser
from core.conversation.parsers.command import Command
from core.conversation.parsers.volunteer import Said, Word
from core.conversation.session import Serving, Session, Unsure
from core.conversation.turn import Turn
from core.conversation.understanding import Understood


def take(turn: Turn, read: Read) -> Home | None:
    """Read a message; the household that it was about, or None if it was about whoever writes."""
    before = turn.session.serving
    home = _take(turn, read)
    if turn.context.duty and turn.context.duty.active and not turn.context.on_duty:
        at_home.hear_at_least(turn)
        unsure.ask_next(turn)
    unsure.left(turn, before)
    return home


def _take(turn: Turn, read: Read) -> Home | None:
    duty = turn.context.duty
    if enrolling.withdrawn(turn) or joining.take(turn):
        return None
    if duty is None or not duty.active:
        _at_work_no_more(turn, read)
        return None
    if turn.session.unsure:
        return _answered(turn, read, duty, turn.session.unsure)
    return _in_its_time(turn, read, duty)


def _at_work_no_more(turn: Turn, read: Read) -> None:
    """They are no volunteer, or not any more. Who was stopped may not know it yet: what they write of a household is
    not of themselves."""
    asked = turn.session.unsure
    of_a_home = (asked and not unsure.has_expired(turn, asked)) or unsure.of_one_no_more_theirs(turn, None)
    if turn.session.serving or asked:
        turn.change(serving=None, unsure=None, late=())
    if of_a_home:
        _taken_away(turn, read, None)
    else:
        _plain(turn, read)


def _in_its_time(turn: Turn, read: Read, duty: Duty) -> Home | None:
    serving = turn.session.serving
    if home := unsure.of_then(turn, duty):
        unsure.ask(turn, home)
        at_home.danger_of_somebody(turn)
        return None
    if unsure.of_one_no_more_theirs(turn, duty):
        _taken_away(turn, read, duty)
        return None
    if serving and turn.inbound.at < serving.since:
        read(turn)  # written before they began
        return None
    if serving and turn.inbound.at - serving.at > unsure.QUIET:
        return _left(turn, read, serving, duty)
    return _at_work(turn, read, duty)


def _at_work(turn: Turn, read: Read, duty: Duty) -> Home | None:
    serving = turn.session.serving
    home = duty.home(serving.home) if serving else None
    if home and turn.context.consent and parser.names_consent(turn.text) and enrolling.take(turn):
        return None  # what they were asked about themselves
    if home:
        return at_home.take(turn, read, duty, home)
    if at_home.in_danger(turn):
        _plain(turn, read)
    elif not _at_the_list(turn, duty):
        turn.change(serving=None)
        _plain(turn, read)
    return None


def _plain(turn: Turn, read: Read) -> None:
    if not enrolling.take(turn):
        read(turn)


def _left(turn: Turn, read: Read, serving: Serving, duty: Duty) -> Home | None:
    """They were silent for long. What may be about the household is asked; else it is about themselves, and that is
    said."""
    home = duty.home(serving.home)
    lately = home and turn.is_today(serving.at) and unsure.may_be_of(turn, home)
    if home and (lately or unsure.calls(turn, home)):
        turn.change(serving=None)
        unsure.ask(turn, home)
        at_home.danger_of_somebody(turn)
        return None
    turn.change(serving=None)
    if home and parser.parse(turn.text) is None:
        turn.say(text.LEFT, home=home.label)
    return _at_work(turn, read, duty)


def _answered(turn: Turn, read: Read, duty: Duty, asked: Unsure) -> Home | None:
    """Whose the text was. Another report in place of an answer is asked about in its turn; anything else is read as it
    is, and so is whatever comes when the question is old. A button of another question leaves it open."""
    if unsure.has_expired(turn, asked):
        turn.change(unsure=None, late=())
        return _take(turn, read)
    if turn.inbound.mark and turn.inbound.mark != turn.session.mark:
        _plain(turn, read)
        return None
    home = duty.home(asked.home)
    said = unsure.answer(turn, home) if home else None
    if home and said is None and (unsure.may_be_of(turn, home) or unsure.of_then(turn, duty)):
        unsure.ask(turn, unsure.of_then(turn, duty) or home)
        at_home.danger_of_somebody(turn)
        return None
    if said is None:
        turn.change(unsure=None)
        return _take(turn, read)
    unsure.again(turn, asked.said)
    if said == unsure.OURS or home is None:
        _plain(turn, read)
        return None
    return _back_at(turn, read, duty, home)


def _back_at(turn: Turn, read: Read, duty: Duty, home: Home) -> Home | None:
    """Read the text at that household. If nothing is asked there they are again where they were."""
    before = turn.session.serving
    if before is None or before.home != home.id:
        plain = Session(language=turn.session.language, chosen=turn.session.chosen, accents=turn.session.accents)
        turn.change(serving=Serving(turn.inbound.at, turn.inbound.at, home.id, session=plain))
    about = at_home.take(turn, read, duty, home)
    now = turn.session.serving
    if before and before.home and before.home != home.id and not (now and now.session and now.session.busy):
        turn.change(serving=replace(before, at=max(before.at, turn.inbound.at)))
    if now and (there := duty.home(turn.session.serving.home if turn.session.serving else None)):
        turn.say(text.AT_NOW, home=there.label)
    return about


def _taken_away(turn: Turn, read: Read, duty: Duty | None) -> None:
    """The household was given to somebody else meanwhile, or they were stopped (no `duty`). What was meant for it is
    nobody's here: it is not written down, but signs are told, and what is asked of us is done."""
    turn.change(serving=None)
    if duty and not at_home.in_danger(turn) and _at_the_list(turn, duty):
        return
    asked = turn.context.consent and parser.names_consent(turn.text)
    if (asked or parser.enrols(turn.text) is not None) and enrolling.take(turn):
        return
    turn.say(text.NOT_YOURS if duty else text.NO_VOLUNTEER)
    ordered = command.parse(turn.text)
    if isinstance(ordered, Understood) and ordered.value not in _OF_A_PERSON:
        read(turn)
        return
    at_home.danger_of_somebody(turn)
    if seen_ill.tell(turn, "", turn.text):
        turn.say(text.TOLD_OF_SOMEBODY)


def _at_the_list(turn: Turn, duty: Duty) -> bool:
    """Whether the message is a word of a volunteer who is in no household now."""
    serving = turn.session.serving
    if serving and turn.inbound.mark and turn.inbound.mark != turn.session.mark:
        resume.has_passed(turn)
        return True
    number = turn.text.strip()
    if serving and number.isascii() and number.isdigit():
        return _picked(turn, duty, serving, int(number))
    said = parser.parse(turn.text)
    if said is None or (turn.session.busy and not serving and said.word not in _EVEN_IN_A_FORM):
        return False
    if serving is None:
        return _in_no_household(turn, duty, said)
    if said.word is Word.DONE:
        turn.change(serving=None)
        turn.say(text.LEFT_THE_LIST)
        return True
    return duties.do(turn, duty, None, said)


def _in_no_household(turn: Turn, duty: Duty, said: Said) -> bool:
    if said.word not in unsure.OF_A_HOME:
        return said.word is not Word.DONE and duties.do(turn, duty, None, said)
    turn.say(text.WHERE_FIRST)
    unsure.keep(turn, turn.text)
    return True


def _picked(turn: Turn, duty: Duty, serving: Serving, number: int) -> bool:
    known = 1 <= number <= len(serving.shown)
    if known:
        duties.go_to(turn, duty, serving.shown[number - 1])
    return known


_OF_A_PERSON = frozenset({Command.CHECKIN, Command.CORRECT, Command.DECLARE, Command.EMERGENCY})
_EVEN_IN_A_FORM = frozenset({Word.LIST, Word.RESIGN})
