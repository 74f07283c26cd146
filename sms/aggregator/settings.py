"""What a provider's file says, as our own types. `schema.py` makes them; README.md explains each key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from typing import Final

from core.messaging.channel import Status
from sms.aggregator.signature import Signature
from sms.aggregator.template import Template, Tree

Network = IPv4Network | IPv6Network
EMPTY: Final = Template("")


class Format(StrEnum):
    """How fields travel."""

    QUERY = "query"
    FORM = "form"
    JSON = "json"
    XML = "xml"
    TEXT = "text"


class Meaning(StrEnum):
    """What a provider's error says of a message."""

    TEMPORARY = "temporary"  # this message later
    CONFIGURATION = "configuration"  # an operator has to mend something: the channel waits
    THROTTLED = "throttled"  # too many: the channel waits
    PERMANENT = "permanent"  # never this message
    UNREACHABLE = "unreachable"  # never this address, until they write
    OPTED_OUT = "opted_out"  # they told the provider to stop
    DUPLICATE = "duplicate"  # the provider has this id already: it was sent
    UNKNOWN = "unknown"  # it may have been sent
    EXPIRED = "token"  # the access token is no longer good


class State(StrEnum):
    """What a delivery report says."""

    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    OPTED_OUT = "opted_out"

    @property
    def status(self) -> Status:
        """Where it leaves the message."""
        return {State.SENT: Status.SENT, State.DELIVERED: Status.DELIVERED}.get(self, Status.FAILED)


@dataclass(frozen=True, slots=True)
class Token:
    """A word that both sides know. `place`: path, query or header; `name`: of the query's field or the header."""

    place: str
    name: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a request was made. `form`: unix, unix_ms, iso, or strptime's, which is Vietnam's time without a zone.

    `max_age` in seconds; what is older is refused.
    """

    field: str
    form: str
    max_age: int


@dataclass(frozen=True, slots=True)
class Guard:
    """How a genuine request is known. At least one of them is set; all that are set must hold."""

    signature: Signature | None = None
    token: Token | None = None
    allow: tuple[Network, ...] = ()
    moment: Moment | None = None


@dataclass(frozen=True, slots=True)
class Ack:
    """What the provider wants to hear: that it arrived. Replies are messages of their own."""

    status: int = 200
    format: Format = Format.TEXT
    body: Template | Tree = EMPTY


@dataclass(frozen=True, slots=True)
class Hook:
    """Requests that the provider makes to us. `when`: only those with these values are meant."""

    method: str
    format: Format
    guard: Guard
    ack: Ack
    when: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inbound:
    """Messages from people: where what is. `id` "" if the provider gives none: then the same request within `repeats`
    seconds is a repeat. `recipients`: our numbers; empty: all. `keyword`: the short code's, dropped before the text.
    """

    hook: Hook
    sender: str
    text: str
    id: str = ""
    repeats: int = 10
    recipient: str = ""
    recipients: tuple[str, ...] = ()
    keyword: str = ""


@dataclass(frozen=True, slots=True)
class Reports:
    """What became of our messages. `status` may join several fields; `states` by its value, `1-63` or `5:*`."""

    hook: Hook
    status: Template
    states: Mapping[str, State]
    id: str = ""
    ours: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A request of ours. `body` is a table, filled and then written in its format; or a template, for XML."""

    method: str
    url: Template
    format: Format
    headers: Mapping[str, Template]
    body: Tree


@dataclass(frozen=True, slots=True)
class Auth:
    """`kind`: none, basic, bearer or oauth2. `token` is a bearer's template. For oauth2: where to ask, where in the
    answer the token and its seconds are, and how long it is good if the answer does not say.
    """

    kind: str = "none"
    user: Template = EMPTY
    password: Template = EMPTY
    token: Template = EMPTY
    request: Request | None = None
    pick: tuple[str, ...] = ("access_token",)
    seconds: tuple[str, ...] = ("expires_in",)
    lifetime: int = 3000


@dataclass(frozen=True, slots=True)
class Answer:
    """How an answer is judged. `http`: first and last status that may be a success. `code` and `id` are paths or
    patterns; `good`: codes of success, "" if there is none then. `retry_after`: the header of a 429.
    """

    http: tuple[int, int] = (200, 299)
    code: tuple[str, ...] = ()
    good: frozenset[str] = frozenset()
    id: tuple[str, ...] = ()
    errors: Mapping[str, Meaning] = field(default_factory=dict)
    otherwise: Meaning = Meaning.PERMANENT
    retry_after: str = "Retry-After"


@dataclass(frozen=True, slots=True)
class Send:
    """One message to one person. `phone`: the form of numbers; `unicode`: the flag without and with accents.

    `once`: the provider knows our id and takes it a single time.
    """

    request: Request
    answer: Answer
    auth: Auth = Auth()
    phone: str = "84"
    unicode: tuple[str, str] = ("0", "1")
    signature: Signature | None = None
    once: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A request that tells whether our account is good, and sends nothing: a balance, for example."""

    request: Request
    answer: Answer


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider. `sender` is our number or name there."""

    name: str
    title: str
    sender: str
    send: Send
    inbound: Inbound | None = None
    reports: Reports | None = None
    check: Check | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
