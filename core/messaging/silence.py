"""What follows a send without an answer: the provider may have the message, or may not. One table.

A process that died before it could write the answer down leaves more doubt: perhaps nothing was sent at all. So what
would else stay `unknown` is then sent again as a question is: two receipts are better than none.

A report that comes in the meantime settles the message, and nothing is sent again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from core.messaging.channel import ChannelProfile, Finder, MessageKind, Sender


class Ability(StrEnum):
    """How a provider helps to find out."""

    ONCE = "once"  # refuses our id the second time: what is sent again arrives once
    ASKED = "asked"  # says what it took (`Finder`)
    REPORTS = "reports"  # reports by our own id, soon
    NONE = "none"


_AT_ONCE = timedelta()
_REPORT: Final = timedelta(minutes=3)  # an operator's report comes within seconds; three minutes are a slow one
_URGENT: Final = timedelta(seconds=30)  # as long as a warning waits before it also takes another way
_NEVER = None

AGAIN: Final[Mapping[MessageKind, Mapping[Ability, timedelta | None]]] = {
    kind: dict(zip(Ability, row, strict=True))
    for kind, row in {
        #                        once      asked     reports  none
        MessageKind.DANGER: (_AT_ONCE, _AT_ONCE, _URGENT, _AT_ONCE),
        MessageKind.QUESTION: (_AT_ONCE, _AT_ONCE, _REPORT, _AT_ONCE),
        MessageKind.REMINDER: (_AT_ONCE, _AT_ONCE, _REPORT, _AT_ONCE),
        MessageKind.RECEIPT: (_AT_ONCE, _AT_ONCE, _NEVER, _NEVER),
        MessageKind.INFO: (_AT_ONCE, _AT_ONCE, _NEVER, _NEVER),
        MessageKind.NEWS: (_AT_ONCE, _AT_ONCE, _NEVER, _NEVER),
    }.items()
}
"""How long to wait at least before it is sent again (`asked`: unless it is found); None: it stays `unknown`.

A warning that did not arrive harms, a question that did not arrive ends the conversation, a reminder that did not
arrive is a day without a check: a second copy of these only repeats. A second copy of a receipt reads as a second
record."""


def wait(kind: MessageKind, able: Ability, *, lapsed: bool) -> timedelta | None:
    """How long until it is sent again; None: it is not. `lapsed`: who may have sent it died, or was too slow."""
    again = AGAIN[kind][able]
    return AGAIN[MessageKind.QUESTION][able] if again is None and lapsed else again


def ability(sender: Sender) -> Ability:
    """What this sender's provider can do; the surest first."""
    profile: ChannelProfile = sender.profile
    if profile.once:
        return Ability.ONCE
    if isinstance(sender, Finder):
        return Ability.ASKED
    return Ability.REPORTS if profile.reports else Ability.NONE
