"""What the bot platform's errors mean. It lists no codes; its official library reads them as HTTP statuses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from core.messaging.channel import Refused, SendError, TryLater, Unreachable

ERRORS: Final[Mapping[int, type[SendError]]] = {
    400: Refused,  # a parameter is wrong
    401: TryLater,  # wrong token
    403: Unreachable,  # they blocked the bot, or never wrote to it
    404: TryLater,  # wrong token, or a method that is gone
    408: TryLater,
    409: TryLater,  # something else at the same time
    413: Refused,  # too long
    429: TryLater,  # too many requests, or the month's messages are used up
}
"""By `error_code`, or by the HTTP status where the answer has none. 500 and more is passing, the rest is a refusal."""

WHOLE: Final = frozenset({401, 404, 429})
"""About the bot, not about a message: nothing else would leave either."""

_AFTER: Final[Mapping[int, timedelta]] = {401: timedelta(minutes=5), 404: timedelta(minutes=5)}


def error(code: int, after: timedelta | None = None) -> SendError:
    """The error for an answer other than success. `after`: what the header Retry-After said."""
    kind = ERRORS.get(code) or (TryLater if code >= 500 else Refused)
    if kind is TryLater:
        return TryLater(str(code), after or _AFTER.get(code), whole=code in WHOLE, away=code not in WHOLE)
    return kind(str(code))
