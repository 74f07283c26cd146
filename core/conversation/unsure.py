"""A volunteer's text that may be about a household or about their own people: it is asked, never guessed. Pure.

It came late, of a time when they were with a household that they have left since; or they were silent for so long that
they may have left it. Signs in it reach the unit if the question is never answered.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from core.conversation import asking, calling, household, seen_ill
from core.conversation import volunteer_words as text
from core.conversation.context import Duty, Home
from core.conversation.effects import SOMEBODY, AlertKind, RaiseAlert, SettleWaiting
from core.conversation.parsers import checkin, choice, danger
from core.conversation.parsers import volunteer as parser
from core.conversation.parsers.volunteer import Word
from core.conversation.session import Served, Serving, Unsure
from core.conversation.turn import Turn
from core.conversation.understanding import Choice, Understood
from core.messaging.channel import MessageKind

QUIET = timedelta(minutes=30)
"""After so long without a word a volunteer is taken to have left the household."""

HOME, OURS = "1", "2"
_MOST = 4  # households that are remembered
_MOST_LATE = 6  # texts that wait to be asked about
_QUOTED = 30  # characters of a text that is asked about
_COUNTS = timedelta(hours=3)
_DOUBTED = timedelta(minutes=10)
_REMEMBERED = timedelta(days=1)
_LETTER = re.compile(r"\s*([A-Za-z]\d{0,3})[\s:.,=-]+(?=\S)")
OF_A_HOME = frozenset({Word.VISIT, Word.NEED, Word.ASK, Word.SPOKEN, Word.HAND_OVER})


def left(turn: Turn, before: Serving | None) -> None:
    """Remember a household that was left by this message, if one was."""
    now = turn.session.serving
    if before is None or before.home is None or (now and (now.home, now.since) == (before.home, before.since)):
        return
    stay = Served(before.home, before.since, max(before.at, turn.inbound.at))
    known = [each for each in turn.session.served if stay.until - each.until < _REMEMBERED]
    turn.change(served=(*known, stay)[-_MOST:])


def of_then(turn: Turn, duty: Duty) -> Home | None:
    """The household that they were with when they wrote, if they left it since and the text may be about it; or the
    last one whose people the text calls, where nobody of the phone goes by that."""
    at = turn.inbound.at
    for stay in reversed(turn.session.served):
        home = duty.home(stay.home)
        if home and stay.since <= at < stay.until and may_be_of(turn, home):
            return home
    if turn.session.serving and turn.session.serving.home:
        return None
    lately = (stay for stay in reversed(turn.session.served) if timedelta(0) <= at - stay.until < _REMEMBERED)
    homes = (duty.home(stay.home) for stay in lately)
    return next((home for home in homes if home and calls(turn, home)), None)


def of_one_no_more_theirs(turn: Turn, duty: Duty | None) -> bool:
    """Whether a text may be about a household that was theirs when they were there and is not now (no `duty`: none is).
    Within half an hour of their last word there everything is; on the same day, or written then and read late, what
    tells of somebody's health."""
    at, serving = turn.inbound.at, turn.session.serving
    lost = [stay for stay in turn.session.served if duty is None or duty.home(stay.home) is None]
    by_letter = _LETTER.match(turn.text)
    tells = _is_of_a_home(turn) or (by_letter is not None and _tells(turn, turn.text[by_letter.end() :]))
    if any(stay.since <= at < stay.until for stay in lost):
        return tells
    if serving is None or serving.home is None or at < serving.since or (duty and duty.home(serving.home)):
        return False
    return at - serving.at <= QUIET or (turn.is_today(serving.at) and tells)


def may_be_of(turn: Turn, home: Home) -> bool:
    """Whether a text tells of somebody's health, or is a word for a household."""
    return _is_of_a_home(turn) or (parser.parse(turn.text) is None and bool(_called(turn, home)[0]))


def _is_of_a_home(turn: Turn) -> bool:
    said = parser.parse(turn.text)
    return said.word in OF_A_HOME if said else _tells(turn, turn.text, sure=True)


def calls(turn: Turn, home: Home) -> bool:
    """Whether a text tells of somebody of that household by a letter or a name that nobody of this phone goes by."""
    letters, by_name = _called(turn, home)
    own = turn.context.members
    if by_name:
        return not calling.called(turn.text, own)[0]
    return any(all(member.letter != letter for member in own) for letter in letters)


def _called(turn: Turn, home: Home) -> tuple[tuple[str, ...], bool]:
    """Letters of the people of a household whom a report names; whether it does so by kin word and name."""
    found = _LETTER.match(turn.text)
    if found and home.has(found[1].upper()) and _tells(turn, turn.text[found.end() :]):
        return (found[1].upper(),), False
    letter, said = calling.called(turn.text, home.members)
    if letter and _tells(turn, said):
        return (letter,), True
    return tuple(household.reports(turn.text, home.members)), False


def _tells(turn: Turn, said: str, *, sure: bool = False) -> bool:
    """Whether it is a report. `sure`: a bare "ok" or "khong" is none, for it names nobody."""
    if seen_ill.is_report(turn, said) or danger.find(said, turn.context.rules.limits).doubtful:
        return True
    return not sure and isinstance(checkin.parse(said), Understood)


def ask(turn: Turn, home: Home) -> None:
    """Of whom? Signs in it are told if there is no answer. What was asked about before is asked first, and again."""
    _tell_later(turn)
    held = Unsure(home.id, turn.text, turn.now)
    asked = turn.session.unsure
    there = turn.context.duty.home(asked.home) if asked and turn.context.duty else None
    if asked and there:
        turn.change(late=(*turn.session.late, held)[-_MOST_LATE:])
        _put(turn, asked, there, text.WHICH_OF)
    else:
        _put(turn, held, home, text.WHICH)


def ask_next(turn: Turn) -> None:
    """Ask about the next text that came late, once nothing else is asked."""
    going_on = turn.session.newest
    doubted = going_on.doubt_at is not None and turn.now - going_on.doubt_at < _DOUBTED and going_on.doubt
    duty = turn.context.duty
    if turn.session.unsure or not turn.session.late or going_on.busy or doubted or duty is None:
        return
    late = [each for each in turn.session.late if not has_expired(turn, each)]
    turn.change(late=tuple(late[1:]))
    if late and (home := duty.home(late[0].home)):
        _put(turn, late[0], home, text.WHICH_OF)


def has_expired(turn: Turn, asked: Unsure) -> bool:
    """Whether the question is too old, or something else was asked on this phone since: an answer is no answer to it
    then."""
    consent = turn.context.consent
    old = turn.now - asked.at > _COUNTS or not turn.is_today(asked.at)
    return old or turn.context.asked_after(asked.at) or (consent is not None and consent.told_at > asked.at)


def _put(turn: Turn, held: Unsure, home: Home, which: str) -> None:
    turn.change(unsure=replace(held, at=turn.now))
    said = held.said if len(held.said) <= _QUOTED else f"{held.said[:_QUOTED]}..."
    turn.say(which, MessageKind.QUESTION, _options(home), said=" ".join(said.split()))


def _tell_later(turn: Turn) -> None:
    """Danger said plainly is told at once, by whoever asks."""
    found = turn.danger()
    if found.present:
        return
    if found.doubtful:
        wait = timedelta(minutes=turn.context.rules.doubt_minutes)
        turn.do(RaiseAlert(AlertKind.DANGER, found.doubtful, wait, SOMEBODY))
    else:
        keep(turn, turn.text)


def keep(turn: Turn, said: str) -> None:
    """Signs of somebody, of whom is not known yet: told to the unit if no more comes."""
    signs = _signs(turn, said)
    if signs is not None:
        asking.tell_if_unfinished(turn, signs, SOMEBODY)


def _signs(turn: Turn, said: str) -> tuple[str, ...] | None:
    """What would be told of a text; None if nothing."""
    answers = seen_ill.worrying(turn, "", said)
    if answers is None:
        return None
    signs = answers.get("signs")
    return signs if isinstance(signs, tuple) and signs else asking.fever(turn, answers.get("temperature"))


def answer(turn: Turn, home: Home) -> str | None:
    """HOME or OURS; None if the message says neither."""
    said = choice.parse(turn.text, _options(home))
    return said.value if isinstance(said, Understood) else None


def again(turn: Turn, held: str) -> None:
    """Read the text that was asked about in place of the answer. What waited for that is settled: the text is read."""
    left = {sign for each in turn.session.late for sign in _signs(turn, each.said) or ()}
    doubtful = danger.find(held, turn.context.rules.limits).doubtful
    if doubtful:
        turn.do(SettleWaiting(AlertKind.DANGER, raise_now=False, letter=SOMEBODY, signs=doubtful, of_phone=True))
    elif (signs := _signs(turn, held)) is not None:
        settled = tuple(sign for sign in signs if sign not in left)
        turn.do(SettleWaiting(AlertKind.UNFINISHED, raise_now=False, letter=SOMEBODY, signs=settled, of_phone=True))
    waiting = turn.session.waiting if left else tuple(letter for letter in turn.session.waiting if letter != SOMEBODY)
    turn.change(unsure=None, waiting=waiting)
    turn.inbound = replace(turn.inbound, text=held, mark="")


def _options(home: Home) -> tuple[Choice, ...]:
    return Choice(HOME, home.label), Choice(OURS, text.OURS)
