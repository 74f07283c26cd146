"""THAM GIA and ROI: joining an organisation, which then sees how many of its members declared, and leaving it. Pure.

Who joins is told first what the organisation sees, and counts as a member only after a yes to that.
"""

from __future__ import annotations

from datetime import timedelta

from core.conversation import asking, doubt
from core.conversation import volunteer_words as text
from core.conversation.messages import Listed
from core.conversation.parsers import organisation
from core.conversation.parsers import volunteer as parser
from core.conversation.parsers.organisation import Joins
from core.conversation.session import Joining
from core.conversation.turn import Turn
from core.conversation.volunteer_effects import AskToJoin, JoinOrganisation, LeaveOrganisations

_HEARD = timedelta(days=1)


def take(turn: Turn) -> bool:
    """Whether a message is about that."""
    if turn.session.joining and _answered(turn, turn.session.joining):
        return True
    wanted = organisation.joins(turn.text)
    if wanted:
        _ask(turn, wanted)
        return True
    left = organisation.leaves(turn.text)
    if left is None or (not left and _may_mean_done(turn)):
        return False
    turn.do(LeaveOrganisations(left))
    return True


def _may_mean_done(turn: Turn) -> bool:
    """Whether a bare "ROI" may answer something: "rồi"."""
    reminded = any(member.check and member.check.reminded_at for member in turn.context.members)
    bare = turn.text.strip().strip(".!") == "ROI"
    return bare and (turn.session.busy or reminded or bool(turn.session.doubt) or turn.context.visit is not None)


def _ask(turn: Turn, wanted: Joins) -> None:
    """Whoever writes joins for themselves: somebody whom they once declared is picked by letter alone."""
    named = turn.context.named()
    people = named if wanted.letter else tuple(member for member in named if not turn.is_other(member))
    picked = [member for member in people if wanted.letter in ("", member.letter)]
    if not people:
        turn.say(text.DECLARE_FIRST)
    elif len(picked) == 1:
        turn.do(AskToJoin(wanted.code, picked[0].letter))
    else:
        letter = people[0].letter
        turn.say(text.WHO_JOINS, people=Listed(tuple(m.called for m in people)), code=wanted.code, letter=letter)


def _answered(turn: Turn, asked: Joining) -> bool:
    """Whether it is the yes or no to joining, which was the last thing that was asked here; no button of
    another question."""
    if turn.inbound.mark not in ("", turn.session.mark):
        return False
    said = parser.agrees(turn.text)
    newer = turn.context.asked_after(asked.at) or (turn.context.consent and turn.context.consent.told_at > asked.at)
    last = turn.session.last
    since = (turn.session.asked_at if turn.session.busy else None, last.at if last else None)
    newer = (
        newer or any(at is not None and at > asked.at for at in since) or bool(turn.session.doubt and doubt.asked(turn))
    )
    if said is None or turn.inbound.at - asked.at > _HEARD or (newer and not parser.names_consent(turn.text)):
        return False
    turn.change(joining=None)
    if said:
        turn.do(JoinOrganisation(asked.code, asked.letter))
    else:
        turn.say(text.NOT_JOINED)
    asking.ask_again(turn)
    return True
