"""What Zalo's errors mean for a message. They come with HTTP 200, as `error` in the answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Final

from core.clock import VIETNAM
from core.messaging.channel import Refused, SendError, TryLater, Unreachable, WindowClosed

RATE: Final = -32

ERRORS: Final[Mapping[int, type[SendError]]] = {
    # passing
    RATE: TryLater,  # too many requests a minute
    -200: TryLater,  # could not be sent
    # the access token; `send.py` renews it once first
    -216: TryLater,  # invalid
    -220: TryLater,  # expired or removed
    -124: TryLater,  # the same, of template messages by phone
    # the person
    -213: Unreachable,  # does not follow the account, and never wrote
    -217: Unreachable,  # blocked invitations
    -227: Unreachable,  # banned, or not on Zalo for over 45 days
    -244: Unreachable,  # wants no messages of this kind
    -118: Unreachable,  # no account, or one that was closed
    -114: Unreachable,  # cannot receive: not on Zalo lately, an old version, a setting of theirs
    -119: Unreachable,  # cannot receive
    -139: Unreachable,  # refused messages of this kind
    -140: Unreachable,  # refused messages of this kind
    -141: Unreachable,  # refused all messages of this account
    -108: Unreachable,  # no such telephone number
    # the window
    -230: WindowClosed,  # over seven days since they wrote
    -232: WindowClosed,  # they never wrote, or too long ago
    # what we may send
    -211: TryLater,  # the account's messages are used up
    -218: TryLater,  # what this person may be sent is used up
    -144: TryLater,  # the day's template messages are used up
    -147: TryLater,  # the day's messages of this template are used up
    -115: TryLater,  # no money left
    -136: TryLater,  # no Zalo Cloud Account
    -137: TryLater,  # could not be paid
    -321: TryLater,  # the Zalo Cloud Account has no money left
    # the hour
    -133: TryLater,  # no template messages at night
    -234: TryLater,  # none of this kind at night
    # the request
    -201: Refused,  # a parameter is wrong
    -210: Refused,  # a parameter is too long
    -233: Refused,  # messages of this kind are not supported
    -240: Refused,  # this way of sending was closed
    -242: Refused,  # the application is not the account's
    -1121: Refused,  # a template's parameter is too long
    -1122: Refused,  # a template's parameter is missing
    -100: Refused,  # an attachment that is not there any more
    # the account or the application
    -204: TryLater,  # the account was closed
    -205: TryLater,  # there is no such account
    -209: TryLater,  # this interface is not supported
    -212: TryLater,  # the application is not registered for this interface
    -219: TryLater,  # the application was removed or switched off
    -221: TryLater,  # the account has not been verified
    -223: TryLater,  # the account made too many calls
    -224: TryLater,  # the account has not bought the package that this needs
    -248: TryLater,  # broke Zalo's rules
    -249: TryLater,  # may not call
    -320: TryLater,  # the application is not connected to a Zalo Cloud Account
    # the template
    -117: TryLater,  # the account may not use it
    -131: TryLater,  # it is not approved
    -135: TryLater,  # the account may not send template messages
    -1351: TryLater,  # the account may not send template messages: it is not verified
    -146: TryLater,  # it was switched off for its quality
}
"""By Zalo's code (zalo.cloud, "handle error code"). A code that is not here is a refusal."""

STALE: Final = frozenset({-216, -220, -124})
"""The access token is not taken: a new one may be."""

BROKEN: Final = frozenset(
    {-204, -205, -209, -212, -219, -221, -223, -224, -248, -249, -320, -117, -131, -135, -1351, -146}
)
"""Only an operator can end these."""

QUOTA: Final = frozenset({-211, -218, -144, -147, -115, -136, -137, -321})
"""What costs or counts. Answers within 48 hours are free and go on, so the channel does not pause."""

NIGHT: Final = frozenset({-133, -234})

_MINUTE, _HOUR, _REPAIR = timedelta(minutes=1), timedelta(hours=1), timedelta(minutes=5)
_MORNING = time(6, 0)


def error(code: int, now: datetime, *, template: bool = False) -> SendError:
    """The error for an answer other than success. `now` is wall time: the night ends at six in Vietnam.

    What is wrong with template messages concerns reminders alone: they go another way (WindowClosed), and the
    answers to people, who wait for them, do not pause.
    """
    if template and code in BROKEN:
        return WindowClosed(str(code))
    kind = ERRORS.get(code, Refused)
    if kind is TryLater:
        return TryLater(str(code), _after(code, now), whole=code == RATE or code in BROKEN | STALE)
    return kind(str(code))


def _after(code: int, now: datetime) -> timedelta | None:
    """How long to stay away at least; None where a passing fault says nothing of that."""
    if code in NIGHT:
        return until_morning(now)
    if code in BROKEN | STALE:
        return _REPAIR
    return {RATE: _MINUTE}.get(code, _HOUR if code in QUOTA else None)


def until_morning(now: datetime) -> timedelta:
    """Until six o'clock in Vietnam: today's, or tomorrow's."""
    here = now.astimezone(VIETNAM)
    today = here.replace(hour=_MORNING.hour, minute=0, second=0, microsecond=0)
    return (today if here < today else today + timedelta(days=1)) - here
