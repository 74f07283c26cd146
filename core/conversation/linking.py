"""LIEN KET: who writes here is also whoever holds another phone or chat. Codes are made and looked up in the pipeline
(`core.pipeline.links`), which words those answers; here it is read what is wanted."""

from __future__ import annotations

from core.conversation import asking
from core.conversation.effects import AskLinkCode, PartLinks, SharePhone, TextLinkCode, UseLinkCode
from core.conversation.messages import N_
from core.conversation.parsers import link
from core.conversation.turn import Turn


def run(turn: Turn, rest: str) -> bool:
    """Ask for a code, or use one. A form that is going on goes on, wherever it is answered."""
    asked = link.parse(rest)
    if asked.odd:
        turn.say(N_("Xin nhắn LIEN KET và mã 8 số, hoặc LIEN KET và số điện thoại di động, ví dụ LIEN KET 0900000001."))
    elif asked.code:
        turn.do(UseLinkCode(asked.code))
    elif asked.phone:
        turn.do(TextLinkCode(asked.phone))
    else:
        turn.do(AskLinkCode())
    asking.ask_again(turn)
    return True


def bare(turn: Turn) -> bool:
    """A code alone, where no question could mean it. False if it is none."""
    if turn.session.busy or not link.parse(turn.text).code:
        return False
    return run(turn, turn.text)


def part(turn: Turn, rest: str) -> bool:
    """Undo a link: it was not them."""
    turn.do(PartLinks())
    return True


def shared(turn: Turn) -> None:
    """They shared their own number here, and the provider vouches for it."""
    turn.do(SharePhone(turn.inbound.phone))
    asking.ask_again(turn)
