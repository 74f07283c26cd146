"""Danger, at any moment of any conversation: 115 first, the station at once, the conversation kept.

Danger said plainly is acted on. Danger that may be meant ("khong sot, ho, kho tho") costs one question; the
alert waits behind it and is raised by a yes, or by silence (`Rules.doubt_minutes`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from core.conversation.answers import YES_NO
from core.conversation.effects import AlertKind, RaiseAlert, SettleWaiting
from core.conversation.form import Answers, codes
from core.conversation.labels import SIGN_LABELS
from core.conversation.messages import N_, Listed, Term
from core.conversation.parsers import yesno
from core.conversation.signs import SIGNS
from core.conversation.turn import Turn
from core.conversation.understanding import Understood
from core.messaging.channel import MessageKind

_FORGOTTEN = timedelta(hours=6)


def danger(turn: Turn, signs: tuple[str, ...] = (), of: Mapping[str, tuple[str, ...]] | None = None) -> None:
    """Say to call 115 now, and tell the station unless it was told of these signs just now. `of`: whose they are by
    what the text says (letter -> signs), if it names anybody; else it is about whom the conversation is about."""
    whose = of or {turn.subject(): signs}
    if turn.session.doubt:
        # what was doubted and is said now is in the new alert; anything else is no less to be feared than before
        turn.do(_settled(turn, raise_now=not set(turn.session.doubt) <= set(signs)))
        turn.change(doubt=(), doubt_at=None)
    for letter, theirs in whose.items():
        if not is_known(turn, theirs, letter):
            turn.do(RaiseAlert(AlertKind.DANGER, theirs, letter=letter))
    if not of or turn.session.letter in of:
        _remember(turn, whose.get(turn.session.letter, signs))
    _say_115(turn)


def tell(turn: Turn, signs: tuple[str, ...]) -> None:
    """Danger that turned out to be about the person of the form going on: the alert names them, once each."""
    letter = turn.session.letter
    for place, effect in enumerate(turn.effects):
        if isinstance(effect, RaiseAlert) and effect.kind is AlertKind.DANGER and effect.letter in ("", letter):
            turn.effects[place] = replace(effect, letter=letter)
            return
        if isinstance(effect, SettleWaiting) and effect.kind is AlertKind.DANGER and effect.raise_now:
            return
    heard = any(reply.kind is MessageKind.DANGER for reply in turn.replies)
    if is_known(turn, signs, letter) or (not heard and is_known(turn, signs, "")):
        return  # told when it was said, before it was known of whom
    turn.do(RaiseAlert(AlertKind.DANGER, signs, letter=letter))
    if not heard:
        _say_115(turn)


def doubt(turn: Turn, signs: tuple[str, ...]) -> None:
    """Ask one question about danger that may be meant; the alert is raised if it stays unanswered."""
    letter = turn.subject()
    if not is_known(turn, signs, letter):
        wait = timedelta(minutes=turn.context.rules.doubt_minutes)
        turn.do(RaiseAlert(AlertKind.DANGER, signs, wait, letter))
    turn.change(doubt=signs, doubt_at=turn.now, doubt_of=letter)
    named = Listed(tuple(Term(SIGN_LABELS[code]) for code in signs))
    text = N_("Xin hỏi lại cho chắc: bây giờ {you} có bị {signs} không?")
    turn.say(text, MessageKind.QUESTION, YES_NO, signs=named)


def asked(turn: Turn) -> bool:
    """Whether danger is what we asked about last: only then is a bare "khong" about it."""
    at = turn.session.doubt_at
    if at is None or turn.now - at > _FORGOTTEN:
        return False
    form_asked = turn.session.asked_at
    return (form_asked is None or form_asked <= at) and not turn.context.asked_after(at)


def doubt_answer(turn: Turn) -> tuple[str, ...] | None:
    """If the message answers our question about danger: the signs confirmed (none of them after a no).

    An answer that comes after the alert was raised by silence is heard all the same; the alert stays.
    """
    signs = turn.session.doubt
    if not signs or not asked(turn):
        return None
    said = yesno.parse(turn.text)
    if not isinstance(said, Understood) or said.rest:
        return None
    turn.do(_settled(turn, raise_now=said.value))
    turn.change(doubt=(), doubt_at=None)
    if not said.value:
        return ()
    _remember(turn, signs)
    _say_115(turn)
    return signs


def finished(turn: Turn, answers: Answers) -> None:
    """What was held back about the form's person, or about nobody yet, is in a record now, or was not to be kept
    (no `answers`). Signs that were said in other texts, and not again, wait on."""
    gone = (*codes(answers, "signs"), *codes(answers, "signs_gone"), *(("fever",) if "temperature" in answers else ()))
    settled = tuple(code for code in SIGNS if code in {*gone, *turn.session.told})
    for letter in turn.session.waiting:
        if letter in ("", turn.session.letter):
            turn.do(SettleWaiting(AlertKind.UNFINISHED, raise_now=False, letter=letter, signs=settled))
    others = tuple(w for w in turn.session.waiting if w not in ("", turn.session.letter))
    turn.change(waiting=others)


def is_known(turn: Turn, signs: tuple[str, ...], letter: str) -> bool:
    """Whether staff were told this of this person just now. A call for help without a sign adds nothing to a sign."""
    told = {sign for whose, sign in turn.context.alarmed if whose == letter}
    return bool(told) and set(signs) <= told


def _settled(turn: Turn, *, raise_now: bool) -> SettleWaiting:
    return SettleWaiting(AlertKind.DANGER, raise_now, turn.session.doubt_of)


def _remember(turn: Turn, signs: tuple[str, ...]) -> None:
    """Keep danger that was said beside the questions, for the record that is being made."""
    if not turn.session.busy or not signs:
        return
    said = turn.session.answers.get("signs_said")
    known = said if isinstance(said, tuple) else ()
    together = tuple(code for code in SIGNS if code in {*known, *signs})
    turn.change(answers={**turn.session.answers, "signs_said": together})


def _say_115(turn: Turn) -> None:
    if turn.context.unit.phone:
        text = N_("GỌI 115 NGAY nếu khó thở, tím môi, lơ mơ, co giật. Đã báo {unit}, điện thoại {phone}.")
    else:
        text = N_("GỌI 115 NGAY nếu khó thở, tím môi, lơ mơ, co giật. Đã báo {unit}.")
    turn.say(text, MessageKind.DANGER)
