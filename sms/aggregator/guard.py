"""Whether a request is the provider's: from its addresses, with the shared word, signed, and not too old."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, Final

from werkzeug.datastructures import Headers

from core.clock import VIETNAM
from sms.aggregator.pick import at
from sms.aggregator.settings import Guard, Moment, Network, Token
from sms.aggregator.template import Template, Values

_AHEAD: Final = 600  # seconds that the provider's clock may be before ours


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as far as guards look at it. `tree` has its fields, `token` what stands behind the route's path."""

    tree: Any
    query: Mapping[str, str]
    headers: Headers
    body: bytes
    address: str
    token: str = ""


def trusted(guard: Guard, asked: Asked, secrets: Values, now: float) -> str:
    """ "" if everything that is set holds; else what does not, in a word for the log. `now` is wall time."""
    if guard.allow and not _is_from(asked.address, guard.allow):
        return "address"
    if guard.token and not _is_word(guard.token, asked):
        return "token"
    if guard.signature:
        given = _value(asked, guard.signature.field) or ""
        if not given or not guard.signature.fits(given, _signed(guard.signature.over, asked, secrets)):
            return "signature"
    if guard.moment and not _is_fresh(guard.moment, _value(asked, guard.moment.field), now):
        return "age"
    return ""


def _is_from(address: str, allow: tuple[Network, ...]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in allow)


def _is_word(token: Token, asked: Asked) -> bool:
    places = {"path": asked.token, "query": asked.query.get(token.name), "header": asked.headers.get(token.name)}
    given = places.get(token.place) or ""
    return bool(token.secret) and hmac.compare_digest(given.encode("utf-8", "replace"), token.secret.encode())


def _value(asked: Asked, place: str) -> str | None:
    """A field, or a header as `header:X-Sign`."""
    kind, _, name = place.partition(":")
    return asked.headers.get(name) if kind == "header" and name else at(asked.tree, place)


def _signed(over: Template, asked: Asked, secrets: Values) -> Values:
    """What the signature's template asks for."""
    found: dict[str, str] = {}
    for name in over.names:
        kind, _, rest = name.partition(".")
        if name == "request.body":
            found[name] = asked.body.decode("utf-8", "surrogateescape")
        elif kind == "secret":
            found[name] = secrets.get(name, "")
        elif kind == "header":
            found[name] = asked.headers.get(rest, "")
        else:
            found[name] = at(asked.tree, name) or ""
    return found


def _is_fresh(moment: Moment, given: str | None, now: float) -> bool:
    try:
        made = _seconds(moment.form, given or "")
    except (ValueError, OverflowError, OSError):
        return False
    return -_AHEAD <= now - made <= moment.max_age


def _seconds(form: str, given: str) -> float:
    """Seconds since 1970. A time without a zone is Vietnam's."""
    if form in {"unix", "unix_ms"}:
        return float(given) / (1000 if form == "unix_ms" else 1)
    made = datetime.fromisoformat(given) if form == "iso" else datetime.strptime(given, form)  # noqa: DTZ007
    return (made if made.tzinfo else made.replace(tzinfo=VIETNAM)).astimezone(UTC).timestamp()
