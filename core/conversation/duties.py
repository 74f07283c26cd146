"""What a volunteer's words do: the list of the day, the next household, consent, visits, needs, handing over. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from uuid import UUID

from core.conversation import volunteer_words as text
from core.conversation.context import Duty, Home, Member, State, given_name
from core.conversation.fold import fold
from core.conversation.messages import Listed, Param, Say
from core.conversation.parsers import volunteer as parser
from core.conversation.parsers.volunteer import Said, Word
from core.conversation.session import Serving, Session
from core.conversation.turn import Turn
from core.conversation.understanding import Choice
from core.conversation.volunteer_effects import (
    AnswerHandOver,
    AskConsent,
    AskForHome,
    FindHomes,
    HandOver,
    NoteVisit,
    PassNeed,
    Resign,
    SpokenConsent,
)
from core.messaging.channel import MessageKind

SHOWN = 8
"""Households of a list by number; the others come by TIEP."""

_ORDER = tuple(State)


def do(turn: Turn, duty: Duty, home: Home | None, said: Said) -> bool:
    """Carry out a volunteer's word. False if it needs a household and there is none."""
    if said.word in _EVERYWHERE:
        _EVERYWHERE[said.word](turn, duty, said)
        return True
    if home is None:
        return False
    _AT_HOME[said.word](turn, home, said)
    if turn.session.serving:
        turn.change(serving=replace(turn.session.serving, at=max(turn.session.serving.at, turn.inbound.at)))
    return True


def _list(turn: Turn, duty: Duty, said: Said) -> None:
    homes = sorted(duty.homes, key=lambda home: (_ORDER.index(home.state), fold(home.label).text))
    silent = sum(home.state is State.SILENT for home in homes)
    nurse = sum(home.state is State.NURSE for home in homes)
    shown = tuple(homes[:SHOWN])
    turn.change(serving=Serving(turn.inbound.at, turn.inbound.at, shown=tuple(home.id for home in shown)))
    if not homes:
        turn.say(text.NO_HOMES)
        return
    options = tuple(Choice(str(n), _in_a_list(home)) for n, home in enumerate(shown, start=1))
    turn.say(text.TODAY, MessageKind.QUESTION, options, homes=len(homes), silent=silent, nurse=nurse)


def _in_a_list(home: Home) -> str:
    return home.label + {State.NURSE: " (!!)", State.SILENT: " (!)"}.get(home.state, "")


def _next(turn: Turn, duty: Duty, said: Said) -> None:
    """The next silent household behind this one, in the order of the list."""
    serving = turn.session.serving
    homes = sorted(duty.homes, key=lambda home: fold(home.label).text)
    here = next((n for n, home in enumerate(homes) if serving and home.id == serving.home), -1)
    behind = [*homes[here + 1 :], *homes[: max(here, 0)]]
    silent = [home for home in behind if home.state in (State.NURSE, State.SILENT)]
    silent.sort(key=lambda home: home.state is State.NURSE)  # who is silent first: a nurse is told of the others
    if silent:
        go_to(turn, duty, silent[0].id)
    else:
        turn.change(serving=None)
        turn.say(text.NOBODY_SILENT)


def go_to(turn: Turn, duty: Duty, id_: UUID) -> None:
    """Take up a household; one that is not theirs is asked for."""
    home = duty.home(id_)
    if home is None:
        turn.change(serving=None)
        turn.do(AskForHome(id_))
        return
    plain = Session(language=turn.session.language, chosen=turn.session.chosen, accents=turn.session.accents)
    turn.change(serving=Serving(turn.inbound.at, turn.inbound.at, home.id, session=plain))
    if not home.members:
        turn.say(text.NOBODY_YET, home=home.label)
        return
    people = Listed(tuple(_called(home, member) for member in home.members))
    first = home.members[0].letter
    turn.say(text.AT, MessageKind.QUESTION, home=home.label, people=people, first=first)
    if to_agree := home.without - home.refused:
        turn.say(text.TO_AGREE, letter=min(to_agree))
    elif home.refused:
        turn.say(text.REFUSED_BEFORE, people=_named(home, home.refused))


def _called(home: Home, member: Member) -> Param:
    name = f"{member.letter} {given_name(member.name)}"
    return Say(text.UNAGREED, {"name": name}) if member.letter in home.without else name


def _find(turn: Turn, duty: Duty, said: Said) -> None:
    turn.change(serving=None)
    turn.do(FindHomes(said.rest))


def _resign(turn: Turn, duty: Duty, said: Said) -> None:
    turn.change(serving=None)
    turn.do(Resign())
    turn.say(text.RESIGNED)


def _take_over(turn: Turn, duty: Duty, said: Said) -> None:
    turn.do(AnswerHandOver(said.word is Word.TAKE))


def _ask_consent(turn: Turn, home: Home, said: Said) -> None:
    if home.without:
        turn.do(AskConsent(home.id))
    else:
        turn.say(text.ALL_AGREED, home=home.label)


def _spoken(turn: Turn, home: Home, said: Said) -> None:
    letters = parser.letters(said.rest, tuple(m.letter for m in home.members))
    if not letters:
        turn.say(text.WHO_AGREED, letter=min(home.without, default="A"))
        return
    if said_no := home.refused & set(letters):
        turn.say(text.REFUSED_BEFORE, people=_named(home, said_no))
    if heard := tuple(letter for letter in letters if letter not in said_no):
        turn.do(SpokenConsent(home.id, heard))
        turn.say(text.NOTED_SPOKEN, people=_named(home, heard))


def _named(home: Home, letters: Collection[str]) -> Listed:
    return Listed(tuple(f"{m.letter} {given_name(m.name)}" for m in home.members if m.letter in letters))


def _visited(turn: Turn, home: Home, said: Said) -> None:
    turn.do(NoteVisit(home.id, said.rest))
    turn.say(text.VISIT_NOTED, home=home.label)


def _need(turn: Turn, home: Home, said: Said) -> None:
    turn.do(PassNeed(home.id, parser.need(said.rest), said.rest))
    turn.say(text.NEED_PASSED, home=home.label)


def _hand_over(turn: Turn, home: Home, said: Said) -> None:
    if phone := parser.phone_in(said.rest):
        turn.do(HandOver(home.id, phone))
    else:
        turn.say(text.HAND_OVER_HOW)


_EVERYWHERE: dict[Word, Callable[[Turn, Duty, Said], None]] = {
    Word.LIST: _list,
    Word.NEXT: _next,
    Word.FIND: _find,
    Word.RESIGN: _resign,
    Word.TAKE: _take_over,
    Word.LEAVE: _take_over,
}
_AT_HOME: dict[Word, Callable[[Turn, Home, Said], None]] = {
    Word.ASK: _ask_consent,
    Word.SPOKEN: _spoken,
    Word.VISIT: _visited,
    Word.NEED: _need,
    Word.HAND_OVER: _hand_over,
}
