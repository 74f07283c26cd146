"""A message of a volunteer who declares for a household: its words, its people, and what cannot be either. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from core.conversation import (
    alarm,
    allowed,
    asking,
    calling,
    checkins,
    doubt,
    duties,
    household,
    opening,
    resume,
    seen_ill,
    unsure,
    whose,
)
from core.conversation import volunteer_words as text
from core.conversation.context import Duty, Home
from core.conversation.effects import SOMEBODY, AlertKind, Effect, NameAlerts, RaiseAlert, SettleWaiting
from core.conversation.fold import words
from core.conversation.limits import age_in
from core.conversation.messages import Listed
from core.conversation.parsers import checkin, command, danger
from core.conversation.parsers import volunteer as parser
from core.conversation.parsers.command import Command
from core.conversation.parsers.volunteer import Said, Word
from core.conversation.session import IDLE, Session, Stage
from core.conversation.turn import Turn
from core.conversation.understanding import Understood
from core.messaging.channel import MessageKind

Read = Callable[[Turn], None]
"""How any message of any conversation is read (`core.conversation.engine`)."""

_ABOUT_THE_WRITER = frozenset(
    {
        *(Command.STOP, Command.START, Command.VISIT, Command.MY_DATA, Command.WRONG_NUMBER, Command.LANGUAGE),
        *(Command.ACCENTS, Command.STATUS, Command.HOURS, Command.UNLINK, Command.LINK, Command.REPORT, Command.AREA),
    }
)


def take(turn: Turn, read: Read, duty: Duty, home: Home) -> Home | None:
    """A message of a volunteer who declares for a household."""
    serving = turn.session.serving
    assert serving is not None  # noqa: S101 - asked only of who is there
    within = Turn(serving.session or Session(), turn.inbound, turn.library, turn.context.at(home), turn.now)
    if turn.inbound.mark and turn.inbound.mark != turn.session.mark and not doubt.is_tapped(within):
        resume.has_passed(within)
        return _go_on(turn, within, home)
    within.inbound = replace(turn.inbound, mark=turn.inbound.mark if doubt.is_tapped(within) else "")
    if _noted(turn, within, duty, home):
        before = len(within.effects)
        about = _read_within(turn, read, within, home)
        _tell_at_least(turn, within.effects[before:], within)
        return about
    if not in_danger(turn) and _worked(turn, within, duty, home):
        return None
    if _is_about_the_writer(turn):
        turn.change(serving=None)
        turn.say(text.LEFT, home=home.label)
        read(turn)
        return None
    if _says_me(turn, home):
        danger_of_somebody(within)
        told = seen_ill.tell(within, "", turn.text)
        within.say(text.NOT_OF_YOU, home=home.label)
        if told:
            within.say(text.TOLD_OF_SOMEBODY)
    elif not _declares(within):
        return _read_within(turn, read, within, home)
    return _go_on(turn, within, home)


def in_danger(turn: Turn) -> bool:
    """Whether danger is said plainly."""
    return bool(turn.danger().present)


def _noted(turn: Turn, within: Turn, duty: Duty, home: Home) -> bool:
    """ "Tham ba Sau sot 39": a visit, or what they need, and beside it how somebody is. That is read behind it."""
    said = parser.parse(turn.text)
    if said is None or said.word not in _WITH_A_REPORT or within.session.busy:
        return False
    ill, rest = seen_ill.parted(within, said.rest, lambda clause: calling.called(clause, home.members)[1])
    if not ill:
        return False
    # of a need that is one sentence with who is ill nothing is cut off: the unit has to know what is needed
    duties.do(turn, duty, home, said if said.word is Word.NEED and not rest else Said(said.word, rest))
    within.inbound = replace(within.inbound, text=ill)
    return True


def _tell_at_least(turn: Turn, made: Sequence[Effect], within: Turn) -> None:
    """Of a report beside a visit that led to nothing and asks nothing, the unit is told all the same."""
    if not made and not within.session.busy and seen_ill.tell(turn, "", within.text):
        turn.say(text.TOLD_OF_SOMEBODY)


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
        about_them = before.stage is Stage.WHO or before.letter == refused.letter
        kept = _without_form(before) if before.busy and about_them else before
        after = within.session  # what it says of danger stands, whether or not a record may be made
        within.session = replace(kept, doubt=after.doubt, doubt_at=after.doubt_at, doubt_of=after.doubt_of)
        within.replies = [reply for reply in within.replies if reply.kind is MessageKind.DANGER]
        within.effects = [each for each in within.effects if _is_alarm(each)]
        _refuse(within, home, refused.letter, before)
    return _go_on(turn, within, home)


def _is_alarm(effect: Effect) -> bool:
    """Whether it tells the unit of somebody, or settles whether it is told of danger."""
    settled = isinstance(effect, SettleWaiting) and effect.kind is AlertKind.DANGER
    return settled or isinstance(effect, RaiseAlert | NameAlerts)


def _of_letter(within: Turn, home: Home) -> bool:
    """ "A sot 38", "a: ok", "A", "ba Sau sot": of that person, as a volunteer was told to write. A small letter without
    a colon may be a word ("e" is "em", "c" is "chi"): then it is asked whose it is. Raises NotAllowed."""
    found = _LETTER.match(within.text)
    letter, said = (found[1].upper(), within.text[found.end() :].strip()) if found else ("", "")
    if not letter:
        letter, said = calling.called(within.text, home.members)
    if letter not in home.gone and within.context.member(letter) is None:
        return False
    if within.context.member(letter) and household.strange(within.text, home.members):
        return False
    if len(household.reports(within.text, home.members)) > 1 or (not said and within.session.busy):
        return False
    member = within.context.member(letter)
    age = age_in(within.today.year, member.year_of_birth) if member else None
    signs = danger.find(said, within.context.rules.limits, age)
    if signs.doubtful or (said and not isinstance(checkin.parse(said), Understood)):
        return False
    unclear = found is not None and found[1].islower() and ":" not in found[0] and len(home.members) > 1
    if signs.present:
        alarm.danger(within, signs.present, {letter if member and not unclear else SOMEBODY: signs.present})
    held = within.session
    if unclear:
        unsure.keep(within, said)
        whose.ask_who(within, asking.CHECKIN, said)
        return True
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


def _refuse(within: Turn, home: Home, letter: str, before: Session) -> None:
    """Say that nothing is written down, and why; tell the unit of whoever is not well. Behind "whose is it?" the text
    only picks somebody: "2" is no number that was measured."""
    found = household.reports(within.text, home.members)
    said = f"{before.held}, {within.text}" if before.held else within.text
    if before.held and before.stage is Stage.WHO:
        said = before.held
    parts = {each: part.said for each, part in found.items()} or {letter: _behind(said, letter)}
    told = [each for each, what in parts.items() if seen_ill.tell(within, each, what)]
    if letter in home.gone:
        within.say(text.GONE, letter=letter, home=home.label)
        if told:
            within.say(text.TOLD_OF_SOMEBODY)
        return
    for each in told or [letter]:
        member = within.context.member(each)
        called = member.called if member else each
        if told:
            within.say(text.TOLD, person=called)
        elif each in home.refused:
            within.say(text.REFUSED_BEFORE, people=Listed((called,)))
        else:
            within.say(text.NOT_AGREED, name=called, letter=each)


def _behind(said: str, letter: str) -> str:
    """A text without the letter in front."""
    found = _LETTER.match(said)
    return said[found.end() :] if found and found[1].upper() == letter else said


def _is_about_the_writer(turn: Turn) -> bool:
    ordered = command.parse(turn.text)
    if isinstance(ordered, Understood) and ordered.value in _ABOUT_THE_WRITER:
        return True
    keys, _ = opening.begun_by(turn, turn.text)
    return any(not turn.library.form(key).daily and key != opening.DECLARATION for key in keys)


def _says_me(turn: Turn, home: Home) -> bool:
    """ "Toi sot 38": whoever writes, or somebody of the household who speaks through them? That is not guessed."""
    me = parser.says_me(turn.text) and checkins.reported(turn.text) is not None
    return me and not household.reports(turn.text, home.members)


def _declares(within: Turn) -> bool:
    """KHAI within a household takes down somebody who is new there. Those who are known check in."""
    ordered = command.parse(within.text)
    if within.session.busy or not isinstance(ordered, Understood) or ordered.value is not Command.DECLARE:
        return False
    opening.start_for(within, opening.DECLARATION, whose.NEW, "")
    return True


def danger_of_somebody(turn: Turn) -> None:
    """Danger in a text of which it is not known whom it is about: 115, and the station calls the volunteer."""
    signs = turn.danger().present
    if signs or parser.is_command(turn.text, Command.EMERGENCY):
        alarm.danger(turn, signs, {SOMEBODY: signs})


def hear_at_least(turn: Turn) -> None:
    """Danger in a volunteer's text, whatever else that was read as: 115 is said once, and the unit told. A button of a
    question that has passed says nothing."""
    if not alarm.said(turn) and not turn.inbound.mark:
        danger_of_somebody(turn)


_LETTER = re.compile(r"\s*([A-Za-z]\d{0,3})(?:[\s:.,=-]+|$)")
_WITH_A_REPORT = frozenset({Word.VISIT, Word.NEED})
_MAY_BE_AN_ANSWER = frozenset({Word.VISIT, Word.NEED, Word.FIND, Word.ASK, Word.LIST})
