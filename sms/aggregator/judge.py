"""What a provider's answer means for a message. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import httpx

from core.messaging.channel import (
    OptedOut,
    OutcomeUnknown,
    Refused,
    SendError,
    Sent,
    TryLater,
    Unreachable,
)
from core.messaging.http import by_status, json_object, retry_after
from sms.aggregator.pick import first
from sms.aggregator.settings import Answer, Meaning

MENDING: Final = timedelta(minutes=5)
"""How long a channel waits whose account or settings are at fault."""

_LONGEST: Final = timedelta(hours=6)
_EPOCH: Final = 1_000_000_000  # above it a header's number is a moment, not a wait
_ERRORS: Final[Mapping[Meaning, type[SendError]]] = {
    Meaning.PERMANENT: Refused,
    Meaning.UNREACHABLE: Unreachable,
    Meaning.OPTED_OUT: OptedOut,
    Meaning.UNKNOWN: OutcomeUnknown,
}
_CODE = re.compile(r"[A-Za-z0-9_.:\-]{1,40}")


class TokenExpired(TryLater):
    """The access token is no longer good: another one is asked for, once."""


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer says: the provider's code and id, "" where it has none."""

    code: str
    id: str
    good: bool


def read(answer: Answer, response: httpx.Response) -> Found:
    """What is in it. A success has a good status and, if the file names codes, a good code."""
    tree, text = json_object(response), response.text
    code = first(answer.code, tree, text)
    id = first(answer.id, tree, text) or ""
    low, high = answer.http
    good = low <= response.status_code <= high
    if answer.code:
        good = good and (code or "") in answer.good and bool(code is not None or id)
    return Found(_shown(code), id, good)


def judged(answer: Answer, response: httpx.Response, now: float) -> Sent:
    """That it was taken. Raises SendError otherwise. `now` is wall time, for a header that names a moment."""
    found = read(answer, response)
    if found.good:
        return Sent(found.id or None)
    meaning = answer.errors.get(found.code) or answer.errors.get(f"http:{response.status_code}")
    if meaning is Meaning.DUPLICATE:
        return Sent(found.id or None)
    if meaning is None:
        meaning = _unlisted(answer, response, found)
    raise _error(meaning, found.code or str(response.status_code), _wait(answer, response, now), response)


def _unlisted(answer: Answer, response: httpx.Response, found: Found) -> Meaning | None:
    """Without a line in the table: by the HTTP status if it is an error; an answer that says nothing leaves the message
    in doubt."""
    if not response.is_success:
        return None
    return answer.otherwise if found.code else Meaning.UNKNOWN


def _error(meaning: Meaning | None, code: str, after: timedelta | None, response: httpx.Response) -> SendError:
    if meaning is None:
        said = by_status(response) or OutcomeUnknown(code)
        if isinstance(said, TryLater):
            return TryLater(said.code, after or said.after, whole=said.whole, away=said.away)
        return said
    if meaning is Meaning.EXPIRED:
        return TokenExpired(code, MENDING, whole=True)
    if meaning is Meaning.CONFIGURATION:
        return TryLater(code, after or MENDING, whole=True)
    if meaning in {Meaning.TEMPORARY, Meaning.THROTTLED}:
        whole = meaning is Meaning.THROTTLED
        return TryLater(code, after, whole=whole, away=not whole)
    return _ERRORS[meaning](code)


def _wait(answer: Answer, response: httpx.Response, now: float) -> timedelta | None:
    """By the header that the file names: seconds, or the moment at which to come again."""
    given = response.headers.get(answer.retry_after, "").strip()
    if not given.isascii() or not given.isdigit() or len(given) > 12:
        return retry_after(response)
    number = int(given)
    seconds = max(0.0, number - now) if number > _EPOCH else float(number)
    return min(timedelta(seconds=seconds), _LONGEST)


def _shown(code: str | None) -> str:
    """A code, if it looks like one: what is a sentence may quote a number."""
    if not code:
        return ""
    return code if _CODE.fullmatch(code) else "answer"
