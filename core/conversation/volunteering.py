"""A volunteer at work: their households of the day, one after the other. Pure.

The conversation about a household's people is a session of its own (`Serving.session`) with its own letters, so that
nothing said there can be credited to the volunteer's own phone, nor the other way round. It is left by XONG, by a
command that is about themselves, when the household is not theirs any more, and by half an hour of silence. What
counts is when a message was written, not when it is read: one that waited on a host's disk is still about that
household, and one that was written before is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from core.conversation import alarm, allowed, asking, checkins, duties, enrolling, household, opening, resume, whose
from core.conversation import volunteer_words as text
from core.conversation.context import Duty, Home
from core.conversation.effects import RaiseAlert
from core.conversation.fold import fold, words
from core.conversation.limits import age_in
from core.conversation.parsers import checkin, command, danger
from core.conversation.parsers import volunteer as parser
from core.conversation.parsers.command import Command
from core.conversation.parsers.volunteer import Word
from core.conversation.session import IDLE, Serving, Session
from core.conversation.turn import Turn
from core.conversation.understanding import Understood
from core.messaging.channel import MessageKind

QUIET = timedelta(minutes=30)
"""After so long without a word a volunteer is taken to have left the household."""

Read = Callable[[Turn], None]
"""How any message of any conversation is read (`core.conversation.engine`)."""

_ABOUT_THE_WRITER = frozenset(
    {
        *(Command.STOP, Command.START, Command.VISIT, Command.MY_DATA, Command.WRONG_NUMBER, Command.LANGUAGE),
        *(Command.ACCENTS, Command.STATUS, Command.HOURS, Command.UNLINK, Command.LINK, Command.REPORT, Command.AREA),
    }
)


def take(turn: Turn, read: Read) -> Home | None:
    """Read a message; the household that it was about, or None if it was about whoever writes."""
    duty, serving = turn.context.duty, turn.session.serving
    if serving and turn.inbound.at < serving.since:
        read(turn)  # written before they began
        return None
    if serving and (duty is None or not duty.active or turn.inbound.at - serving.at > QUIET):
        return _left(turn, read, serving, duty)
    home = duty.home(serving.home) if duty and serving else None
    if duty and home:
        return _at_home(turn, read, duty, home)
    if serving and serving.home:
        _taken_away(turn)
    elif duty is None or not duty.active or _in_danger(turn):
        _plain(turn, read)
    elif not _at_the_list(turn, duty):
        turn.change(serving=None)
        _plain(turn, read)
    return None


def _plain(turn: Turn, read: Read) -> None:
    if not enrolling.take(turn):
        read(turn)


def _left(turn: Turn, read: Read, serving: Serving, duty: Duty | None) -> Home | None:
    """They were silent for long, or help no more: the message is about themselves, and that is said."""
    turn.change(serving=None)
    if serving.home is None:
        return take(turn, read)
    home = duty.home(serving.home) if duty else None
    said = parser.parse(turn.text) if duty and duty.active else None
    if home and said is None and _of_that_home(turn, home):
        turn.say(text.WHICH_HOME, home=home.label)
        _danger_of_somebody(turn)
        return None
    if home and said is None:
        turn.say(text.LEFT, home=home.label)
    return take(turn, read)


def _of_that_home(turn: Turn, home: Home) -> bool:
    """Whether a text tells by letter or name of people: those of the household, or their own? That is not guessed."""
    ours, theirs = turn.context.members, home.members
    return bool(household.reports(turn.text, ours) or household.reports(turn.text, theirs)) and bool(theirs)


def _taken_away(turn: Turn) -> None:
    """The household was given to somebody else meanwhile. What was meant for it is nobody's here: it is not written
    down, but danger is told."""
    turn.change(serving=None)
    turn.say(text.NOT_YOURS)
    _danger_of_somebody(turn)


def _danger_of_somebody(turn: Turn) -> None:
    """Danger in a text of which it is not known whom it is about: 115, and the station calls the volunteer."""
    signs = danger.find(turn.text, turn.context.rules.limits).present
    if signs or parser.is_command(turn.text, Command.EMERGENCY):
        alarm.danger(turn, signs, {"": signs})


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
        return said.word not in _ONLY_AT_WORK and duties.do(turn, duty, None, said)
    if said.word is Word.DONE:
        turn.change(serving=None)
        turn.say(text.LEFT_THE_LIST)
        return True
    return duties.do(turn, duty, None, said)


def _picked(turn: Turn, duty: Duty, serving: Serving, number: int) -> bool:
    known = 1 <= number <= len(serving.shown)
    if known:
        duties.go_to(turn, duty, serving.shown[number - 1])
    return known


def _at_home(turn: Turn, read: Read, duty: Duty, home: Home) -> Home | None:
    """A message of a volunteer who declares for a household."""
    serving = turn.session.serving
    assert serving is not None  # noqa: S101 - asked only of who is there
    within = Turn(serving.session or Session(), turn.inbound, turn.library, turn.context.at(home), turn.now)
    if turn.inbound.mark and turn.inbound.mark != turn.session.mark:
        resume.has_passed(within)
        return _go_on(turn, within, home)
    within.inbound = replace(turn.inbound, mark="")
    in_danger = _in_danger(turn)
    if not in_danger and _worked(turn, within, duty, home):
        return None
    if _is_about_the_writer(turn):
        turn.change(serving=None)
        turn.say(text.LEFT, home=home.label)
        read(turn)
        return None
    if _says_me(turn, home):
        _danger_of_somebody(within)
        within.say(text.NOT_OF_YOU, home=home.label)
    elif not _declares(within):
        return _read_within(turn, read, within, home)
    return _go_on(turn, within, home)


def _in_danger(turn: Turn) -> bool:
    return bool(danger.find(turn.text, turn.context.rules.limits).present)


def _worked(turn: Turn, within: Turn, duty: Duty, home: Home) -> bool:
    """Whether the message is a word of a volunteer, and no answer to what a form asks about the household."""
    said, busy = parser.parse(turn.text), within.session.busy
    if said is None or (busy and (said.word in _MAY_BE_AN_ANSWER or words(turn.text) == "thoat")):
        return False
    if said.word is not Word.DONE:
        return duties.do(turn, duty, home, said)
    turn.change(serving=None)
    turn.say(text.LEFT_HOME, home=home.label)
    asking.ask_again(turn)
    return True


def _read_within(turn: Turn, read: Read, within: Turn, home: Home) -> Home:
    """The household's own conversation. Who has not agreed is not declared for, whatever way that was tried."""
    before = within.session
    try:
        if not _of_letter(within, home):
            read(within)
    except allowed.NotAllowed as refused:
        within.session = _without_form(before) if before.busy and before.letter == refused.letter else before
        within.replies = [reply for reply in within.replies if reply.kind is MessageKind.DANGER]
        within.effects = [each for each in within.effects if isinstance(each, RaiseAlert)]
        _refuse(within, home, refused.letter)
    return _go_on(turn, within, home)


def _of_letter(within: Turn, home: Home) -> bool:
    """ "A sot 38", "a ok", "A": of the person of that letter, in front of what that person has. On anybody's own phone
    "a" may be no more than a sound; a volunteer was told to write so. Raises NotAllowed."""
    found = _LETTER.match(within.text)
    letter, said = (found[1].upper(), within.text[found.end() :].strip()) if found else ("", "")
    if letter not in home.gone and within.context.member(letter) is None:
        return False
    if len(household.reports(within.text, home.members)) > 1 or (not said and within.session.busy):
        return False
    member = within.context.member(letter)
    age = age_in(within.today.year, member.year_of_birth) if member else None
    signs = danger.find(said, within.context.rules.limits, age)
    if signs.doubtful or (said and not isinstance(checkin.parse(said), Understood)):
        return False
    if signs.present:
        alarm.danger(within, signs.present, {letter if member else "": signs.present})
    held = within.session
    allowed.check(within, letter)
    checkins.start_for(within, letter, said)
    checkins.resume(within, held)
    return True


def _without_form(session: Session) -> Session:
    return replace(session, **IDLE)


def _go_on(turn: Turn, within: Turn, home: Home) -> Home:
    serving = turn.session.serving
    assert serving is not None  # noqa: S101 - they are there
    at = max(serving.at, turn.inbound.at)
    turn.change(serving=replace(serving, at=at, session=within.session), language=within.session.language)
    turn.replies += within.replies
    turn.effects += within.effects
    return home


def _refuse(within: Turn, home: Home, letter: str) -> None:
    if letter in home.gone:
        within.say(text.GONE, letter=letter, home=home.label)
        return
    member = within.context.member(letter)
    within.say(text.NOT_AGREED, name=member.called if member else letter, letter=letter)


def _is_about_the_writer(turn: Turn) -> bool:
    ordered = command.parse(turn.text)
    if isinstance(ordered, Understood) and ordered.value in _ABOUT_THE_WRITER:
        return True
    keys, _ = opening.begun_by(turn, turn.text)
    return any(not turn.library.form(key).daily and key != opening.DECLARATION for key in keys)


def _says_me(turn: Turn, home: Home) -> bool:
    """ "Toi sot 38": whoever writes, or somebody of the household who speaks through them? That is not guessed."""
    me = bool(parser.ME.search(fold(turn.text).text)) and checkins.reported(turn.text) is not None
    return me and not household.reports(turn.text, home.members)


def _declares(within: Turn) -> bool:
    """KHAI within a household takes down somebody who is new there. Those who are known check in."""
    ordered = command.parse(within.text)
    if within.session.busy or not isinstance(ordered, Understood) or ordered.value is not Command.DECLARE:
        return False
    opening.start_for(within, opening.DECLARATION, whose.NEW, "")
    return True


_LETTER = re.compile(r"\s*([A-Za-z]\d{0,3})(?:[\s:.,=-]+|$)")
_ONLY_AT_WORK = frozenset({Word.DONE, Word.NEXT})
_EVEN_IN_A_FORM = frozenset({Word.LIST, Word.RESIGN})
_MAY_BE_AN_ANSWER = frozenset({Word.VISIT, Word.NEED, Word.FIND, Word.ASK, Word.LIST})
