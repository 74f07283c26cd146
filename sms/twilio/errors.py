"""What Twilio's errors mean for a message."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from core.messaging.channel import OptedOut, OutcomeUnknown, Refused, SendError, TryLater, Unreachable

ERRORS: Final[Mapping[int, type[SendError]]] = {
    20003: TryLater,  # wrong token: an operator's fault, which ends when it is mended
    20404: TryLater,  # wrong account
    20429: TryLater,  # too many requests
    21211: Unreachable,  # no such number
    21408: TryLater,  # sending to this country is not switched on
    21606: TryLater,  # our sender cannot send SMS
    21610: OptedOut,
    21611: TryLater,  # our sender's queue is full
    21612: Refused,  # no way from our sender to this number
    21614: Unreachable,  # a landline
    21617: Refused,  # longer than 1600 characters
    30001: TryLater,  # queue overflow
    30002: TryLater,  # account suspended
    30003: Refused,  # handset off: Twilio tried for as long as it was worth
    30004: Refused,  # blocked by the recipient or the operator
    30005: Unreachable,  # unknown handset
    30006: Unreachable,  # landline, or an operator that cannot be reached
    30007: Refused,  # filtered by the operator
    30008: Refused,  # no reason given
    30010: Refused,  # dearer than the account's limit
    30036: Refused,  # too late: it waited longer than its ValidityPeriod
    63038: TryLater,  # the account's messages of the day are used up
}
"""By Twilio's code (twilio.com/docs/api/errors), then by HTTP status in `error`."""

AFTER: Final[Mapping[int, timedelta]] = {63038: timedelta(hours=1)}
"""How long to stay away at least, where the code says so."""

WHOLE: Final = frozenset({20003, 20404, 20429, 21606, 21611, 30001, 30002, 63038})
"""Codes that are about our account or our sender: nothing else would leave either."""


def error(code: int, status: int) -> SendError:
    """The error for an answer other than success. `code` is Twilio's own, or repeats the HTTP status.

    A code that the table does not know: 429 and most 5xx are passing faults; behind a 504 the message may
    have been taken; any other refusal is final.
    """
    kind = ERRORS.get(code) or _by_status(status)
    if kind is TryLater:
        whole = code in WHOLE or status == 429
        return TryLater(str(code), AFTER.get(code), whole=whole, away=code not in ERRORS)
    return kind(str(code))


def _by_status(status: int) -> type[SendError]:
    if status == 504:
        return OutcomeUnknown
    if status in {401, 403, 404, 408, 429} or status >= 500:
        return TryLater
    return Refused
