"""Becoming a volunteer, and what those whom they help answer: yes, no, not any more. Pure."""

from __future__ import annotations

from core.conversation import asking, doubt
from core.conversation import volunteer_words as text
from core.conversation.parsers import volunteer as parser
from core.conversation.turn import Turn
from core.conversation.understanding import Understood
from core.conversation.volunteer_effects import AnswerConsent, Enrol, WithdrawConsents

_NAME = 2  # words, at least


def take(turn: Turn) -> bool:
    """Whether a message is about that. What is going on otherwise goes first, but for a plain "dong y"."""
    if _answered(turn):
        return True
    if turn.session.busy:
        return False
    found = turn.danger()
    said = None if found.present or found.doubtful else parser.enrols(turn.text)
    duty = turn.context.duty
    if said is None or (duty and duty.active):
        return False
    if duty:
        turn.say(text.WAITING)
    else:
        _enrol(turn, said)
    return True


def withdrawn(turn: Turn) -> bool:
    """Whether the message is RUT: heard in a form and at work as well, before anything else."""
    if not parser.withdraws(turn.text):
        return False
    turn.do(WithdrawConsents())
    turn.say(text.WITHDRAWN)
    asking.ask_again(turn)
    return True


def _answered(turn: Turn) -> bool:
    asked = turn.context.consent
    said = parser.agrees(turn.text) if asked else None
    if asked is None or said is None or turn.inbound.mark:  # the buttons of this question carry no mark
        return False
    at = turn.session.asked_at if turn.session.busy else None
    newer = (at is not None and at > asked.told_at) or turn.context.asked_after(asked.told_at)
    if newer and (turn.session.busy or not parser.names_consent(turn.text)):
        return False
    if _asked_otherwise(turn) and not parser.names_consent(turn.text):
        return False
    turn.do(AnswerConsent(asked.id, said))
    turn.say(text.AGREED if said else text.REFUSED)
    asking.ask_again(turn)
    return True


def _asked_otherwise(turn: Turn) -> bool:
    """Whether a bare yes or no may answer something else: danger that was asked about, a wrong number, a reminder."""
    reminded = any(member.check and member.check.reminded_at for member in turn.context.members)
    return bool(turn.session.doubt and doubt.asked(turn)) or turn.session.wrong_at is not None or reminded


def _enrol(turn: Turn, said: str) -> None:
    """All in one text; or nothing behind the word from somebody who is known."""
    name, _, place = said.partition(",")
    member = turn.alone()
    if not said and member and member.name and member.unit_code:
        name, unit = member.name, member.unit_code
    else:
        found = turn.library.read_unit(place.strip()) if place.strip() else None
        unit = found.value.value if isinstance(found, Understood) else ""
    name = " ".join(name.split())
    if unit and len(name.split()) >= _NAME and all(part.isalpha() for part in name.split()):
        turn.do(Enrol(name, unit))
        turn.say(text.ENROLLED, name=name)
    else:
        turn.say(text.ENROL_HOW)
