"""Whom something is about: asked where several people answer on one phone, and never guessed."""

from __future__ import annotations

import re
from collections import Counter

from core.conversation import asking, calling, household
from core.conversation.context import Member
from core.conversation.effects import AlertKind, RaiseAlert
from core.conversation.fold import fold, words
from core.conversation.messages import N_, Say
from core.conversation.misses import BY_HUMAN, CALLED, MOST
from core.conversation.parsers import checkin, choice, on_behalf
from core.conversation.session import FRESH, Stage
from core.conversation.turn import Turn
from core.conversation.understanding import Choice, Understood
from core.messaging.channel import MessageKind

_ME, _ME_DECLARED = N_("Của tôi"), N_("Tôi")
_I = re.compile(r"(?:cua |cho )?(?:chinh )?(?:toi|minh)")

MINE = "mine"
"""The choice of the phone's owner, of whom nothing is known yet."""

EACH = N_("Xin trả lời từng người, ví dụ: {first} OK {second} 37,8 HO.")
"""What is asked where several are named, and not who has what."""

NEW = "new"
"""The choice "somebody else" when it is asked whom a record is about."""


def ask_who(turn: Turn, form: str, held: str, before: str = "") -> None:
    """Ask whom it is about; what was said is held meanwhile. `before`: what is said first, with a place for {hint}."""
    options = _people(turn, form, held)
    turn.change(**FRESH)
    turn.change(stage=Stage.WHO, form=turn.library.form(form).hash, held=held, options=options, asked_at=turn.now)
    text = N_("Đây là sức khỏe của ai?") if turn.form.daily else N_("{You} khai cho ai?")
    if before:
        turn.say(before, MessageKind.QUESTION, options, hint=Say(text, turn.facts()))
    else:
        turn.say(text, MessageKind.QUESTION, options)


def ask_who_again(turn: Turn) -> None:
    """Whose it is stays open, and signs said meanwhile are kept. At the third time a human is told, who knows the
    family; then we fall silent until there is an answer."""
    form, count = turn.form, turn.session.misses + 1
    members = turn.context.members
    named = calling.mentioned(turn.text, members)
    if named:  # it says how those are: that is not of whoever is picked next
        asking.tell_of(turn, turn.text, "")
    else:
        asking.hold(turn, turn.text)
    held = turn.session.held
    turn.change(misses=count, asked_at=turn.now)
    if len(named) > 1 and count < BY_HUMAN:
        turn.say(EACH, MessageKind.QUESTION, first=members[0].letter, second=members[1].letter)
    elif count <= MOST:
        ask_who(turn, form.key, held, CALLED if count == BY_HUMAN else "")
        turn.change(misses=count)
    if count == BY_HUMAN:
        turn.do(RaiseAlert(AlertKind.MISUNDERSTOOD))


def _people(turn: Turn, form: str, held: str) -> tuple[Choice, ...]:
    """Who it may be about: those here, the phone's owner if they are all somebody else, and for a declaration, or a
    report about a relative or by a letter that is nobody's, anybody. The one without a name is the owner, who reported
    and was not declared yet."""
    declaring = not turn.library.form(form).daily
    anybody = declaring or on_behalf.of_relative(held) or bool(household.strange(held, turn.context.members))
    me, members = _ME_DECLARED if declaring else _ME, turn.context.members
    nameless = [m.letter for m in members if not m.name]
    people = tuple(Choice(c.value, me) if [c.value] == nameless else c for c in named(members))
    mine = (Choice(MINE, me),) if all(turn.is_other(m) for m in members) else ()
    return (*people, *mine, *((Choice(NEW, N_("Người khác")),) if anybody else ()))


def named(members: tuple[Member, ...]) -> tuple[Choice, ...]:
    """People to pick from, by their letters."""
    names = Counter(m.name for m in members)
    return tuple(Choice(m.letter, _told_apart(m, names)) for m in members)


def _told_apart(member: Member, names: Counter[str]) -> str:
    """A name as it is offered; of two people with one name, with the year of birth."""
    year = member.year_of_birth if names[member.name] > 1 else None
    return f"{member.name} {year}" if year else member.name or member.letter


def who(turn: Turn) -> str | None:
    """The letter picked, NEW, MINE, or None if the message picks nobody."""
    if _I.fullmatch(fold(turn.text).text) and (me := _mine(turn)):
        return me
    members, options = turn.context.members, turn.session.options
    if len(calling.mentioned(turn.text, members)) > 1:
        return None
    exact = [option.value for option in options if words(option.label) == words(turn.text)]
    named = calling.named(turn.text, members)
    if len(exact) == 1 or named in {option.value for option in options}:
        return exact[0] if len(exact) == 1 else named
    said = choice.parse(turn.text, options)
    return said.value if isinstance(said, Understood) and not _reports(turn.text) else None


def _reports(text: str) -> bool:
    """Whether a text says how somebody is: "Hung khoe" does not say that the fever is Hung's."""
    said = checkin.parse(text)
    return isinstance(said, Understood) and (said.value.signs is not None or said.value.temperature is not None)


def _mine(turn: Turn) -> str | None:
    """What "toi" picks: the phone's owner as offered, or the one person here who was not declared by somebody else."""
    options = turn.session.options
    own = [member.letter for member in turn.context.members if not turn.is_other(member)]
    offered = [option.value for option in options if option.label in (_ME, _ME_DECLARED)] or own
    return offered[0] if len(offered) == 1 and any(option.value == offered[0] for option in options) else None
