"""Danger, at any moment of any conversation: 115 first, the station at once, the conversation kept.

Danger said plainly is acted on. Danger that may be meant costs one question (`core.conversation.doubt`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from core.conversation.effects import SOMEBODY, AlertKind, NameAlerts, RaiseAlert, SettleWaiting
from core.conversation.form import Answers, codes
from core.conversation.messages import N_
from core.conversation.parsers import on_behalf
from core.conversation.signs import SIGNS
from core.conversation.turn import Turn
from core.messaging.channel import MessageKind

_SAID_AGAIN = timedelta(minutes=15)
"""For how long danger of nobody named is taken for the same person's; after that it may be another one's."""


def danger(turn: Turn, signs: tuple[str, ...] = (), of: Mapping[str, tuple[str, ...]] | None = None) -> None:
    """Say to call 115 now, and tell the station unless it was told of these signs just now. `of`: whose they are by
    what the text says (letter -> signs), if it names anybody; else it is about whom the conversation is about."""
    whose = of or {turn.about(): signs}
    if turn.session.doubt:
        # what was doubted and is said now is in the new alert; anything else is no less to be feared than before
        feared, of_nobody = turn.session.doubt, turn.session.doubt_of in _nobody_yet(turn)
        plain = signs if of_nobody else whose.get(turn.session.doubt_of, ())
        turn.do(settled(turn, feared, raise_now=not set(feared) <= set(plain)))
        turn.change(doubt=(), doubt_at=None)
    for letter, theirs in whose.items():
        if not is_known(turn, theirs, letter):
            turn.do(RaiseAlert(AlertKind.DANGER, theirs, letter=letter))
    if turn.session.letter in whose or turn.subject() in whose:
        remember(turn, whose.get(turn.session.letter, signs))
    say_115(turn, next(iter(whose)))


def tell(turn: Turn, signs: tuple[str, ...]) -> None:
    """Danger that turned out to be about the person of the form going on: the alert names them, once each."""
    letter = turn.session.letter
    for place, effect in enumerate(turn.effects):
        if (
            isinstance(effect, RaiseAlert)
            and effect.kind is AlertKind.DANGER
            and effect.letter in (*_nobody_yet(turn), letter)
        ):
            turn.effects[place] = replace(effect, letter=letter)
            return
        if isinstance(effect, SettleWaiting) and effect.kind is AlertKind.DANGER and effect.raise_now:
            return
    heard = said(turn)
    named = None if heard else _named(turn, signs)
    if named:
        turn.do(named)
        return
    if is_known(turn, signs, letter):
        return
    turn.do(RaiseAlert(AlertKind.DANGER, signs, letter=letter))
    if not heard:
        say_115(turn, letter)


def said(turn: Turn) -> bool:
    """Whether this message was answered with 115 already."""
    return any(reply.kind is MessageKind.DANGER for reply in turn.replies)


def finished(turn: Turn, answers: Answers) -> None:
    """What was held back about the form's person, or about nobody yet, is in a record now, or was not to be kept
    (no `answers`). Signs that were said in other texts, and not again, wait on."""
    gone = (*codes(answers, "signs"), *codes(answers, "signs_gone"), *(("fever",) if "temperature" in answers else ()))
    settled = tuple(code for code in SIGNS if code in {*gone, *turn.session.told})
    over = (*_nobody_yet(turn), turn.session.letter)
    for letter in turn.session.waiting:
        if letter in over:
            turn.do(SettleWaiting(AlertKind.UNFINISHED, raise_now=False, letter=letter, signs=settled))
    turn.change(waiting=tuple(letter for letter in turn.session.waiting if letter not in over))


def _nobody_yet(turn: Turn) -> tuple[str, ...]:
    """About whom an alert is of which it was not known yet whose it is: at a household it is one of its people. What a
    volunteer said of somebody is not settled by what they say of themselves."""
    return ("", SOMEBODY) if turn.context.home else ("",)


def is_known(turn: Turn, signs: tuple[str, ...], letter: str) -> bool:
    """Whether staff were told this of this person just now. A call for help without a sign adds nothing to a sign."""
    since = turn.now - _SAID_AGAIN if letter in ("", SOMEBODY) else None
    alarmed = turn.context.alarmed
    told = {each.sign for each in alarmed if each.letter == letter and (since is None or each.at > since)}
    return bool(told) and set(signs) <= told


def _named(turn: Turn, signs: tuple[str, ...]) -> NameAlerts | None:
    """Whose the danger is of which staff were told when it was said, before it was known of whom: if the words that
    said it were held back until now. From when on: the newest of each sign, if they were told of all these."""
    if not turn.recalled:
        return None
    told_of = SOMEBODY if on_behalf.of_relative(turn.recalled) and turn.context.home is None else ""
    newest: dict[str, datetime] = {}
    for each in turn.context.alarmed:
        if each.letter == told_of and each.sign in signs:
            newest[each.sign] = max(each.at, newest.get(each.sign, each.at))
    told = bool(newest) and set(signs) <= newest.keys()
    return NameAlerts(turn.session.letter, signs, min(newest.values()), told_of) if told else None


def settled(turn: Turn, signs: tuple[str, ...], *, raise_now: bool) -> SettleWaiting:
    """What becomes of the alerts with these signs that wait for the answer to our question about danger."""
    return SettleWaiting(AlertKind.DANGER, raise_now, turn.session.doubt_of, signs)


def remember(turn: Turn, signs: tuple[str, ...]) -> None:
    """Keep danger that was said beside the questions, for the record that is being made."""
    if not turn.session.busy or not signs:
        return
    before = turn.session.answers.get("signs_said")
    known = before if isinstance(before, tuple) else ()
    together = tuple(code for code in SIGNS if code in {*known, *signs})
    turn.change(answers={**turn.session.answers, "signs_said": together})


def say_115(turn: Turn, letter: str) -> None:
    """Say to call 115 now. Named is the unit that is told of this person: on a family's phone it may be another one
    than the others'."""
    unit = turn.context.unit_of(letter)
    if unit.phone:
        text = N_("GỌI 115 NGAY nếu khó thở, tím môi, lơ mơ, co giật. Đã báo {unit}, điện thoại {phone}.")
    else:
        text = N_("GỌI 115 NGAY nếu khó thở, tím môi, lơ mơ, co giật. Đã báo {unit}.")
    turn.say(text, MessageKind.DANGER, unit=unit.name, phone=unit.phone)
