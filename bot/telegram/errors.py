"""What Telegram's errors mean for a message.

The exceptions of python-telegram-bot, drawn as they inherit:

TelegramError
├── Forbidden        403: blocked, deactivated, never started
├── InvalidToken     401, 404: or a box on the way that knows no such page
├── RetryAfter       429
├── ChatMigrated     400: the group has another id (`bot.telegram.send`)
├── Conflict         409: of getUpdates alone
└── NetworkError     5xx, or nothing that can be read
    ├── BadRequest   400
    └── TimedOut     before or after the request left
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import httpx
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from core.messaging.channel import OutcomeUnknown, Refused, SendError, TryLater, Unreachable

UNREACHABLE: Final[Mapping[str, str]] = {
    "bot was blocked by the user": "403 blocked",
    "user is deactivated": "403 deactivated",
    "bot can't initiate conversation with a user": "403 never started",
    "chat not found": "400 chat not found",
    "user not found": "400 user not found",
    "peer_id_invalid": "400 peer id invalid",
}
"""By a part of Telegram's description, in small letters: the words that mean that the address is at fault."""

_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_STATUS = re.compile(r"\((\d{3})\)")


def judged(error: Exception) -> SendError:
    """The error that a call of the library ended with, as one of ours. It quotes nothing.

    What is neither the library's nor httpx's comes from reading an answer: the request had arrived.
    """
    if isinstance(error, RetryAfter):
        return TryLater("429", _span(error.retry_after), whole=True)
    if isinstance(error, Forbidden | BadRequest):
        return _refusal(error)
    if isinstance(error, InvalidToken | Conflict):
        return TryLater("409" if isinstance(error, Conflict) else "401", whole=True)
    if isinstance(error, NetworkError):
        return _network(error)
    return OutcomeUnknown("answer")


def _refusal(error: Forbidden | BadRequest) -> SendError:
    """Telegram's own refusals are JSON. A page of a box on the way says nothing of the person."""
    status = "403" if isinstance(error, Forbidden) else "400"
    if error.__cause__ is not None:
        return TryLater(f"{status} not Telegram's", away=True)
    said = error.message.lower()
    code = next((code for part, code in UNREACHABLE.items() if part in said), "")
    if code or status == "403":
        return Unreachable(code or status)
    return Refused(status)


def _network(error: NetworkError) -> SendError:
    """TimedOut too: what counts is whether the request had left."""
    cause = error.__cause__
    if isinstance(cause, _NEVER_LEFT):
        return TryLater(type(cause).__name__, away=True)
    if cause is not None and not isinstance(cause, TelegramError):
        return OutcomeUnknown(type(cause).__name__)
    found = _STATUS.search(error.message)
    status = found[1] if found else "5xx"
    if status == "504":  # behind it the message may have been taken
        return OutcomeUnknown(status)
    return TryLater(status, whole=status == "429", away=status != "429")


def _span(given: int | timedelta) -> timedelta:
    return given if isinstance(given, timedelta) else timedelta(seconds=given)
