"""What a channel is: its limits, the messages that cross it, and how sending may end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable
from uuid import UUID

from core.conversation.understanding import Choice


@dataclass(frozen=True, slots=True)
class Rate:
    """What a provider takes: messages a second (SMS: parts), and how many at once after a rest."""

    per_second: float
    burst: int

    @classmethod
    def a_minute(cls, most: int) -> Rate:
        """At most `most` in a minute, a tenth of them at once (two at least)."""
        return cls(most / 60, max(2, most // 10))


@dataclass(frozen=True, slots=True)
class ChannelProfile:
    """The limits of a channel, declared beside its code. Each account or sender is a channel of its own, with its own
    name: what is counted by the name (its rate, its breaker) is counted for that account alone.

    `sms`: addresses are telephone numbers (E.164), texts cost by the part and leave without accents unless asked for.
    `buttons`: how many choices can be tapped; 0 means that they are numbered in the text. `max_text` in characters,
    `timeout` in seconds for one send, `in_flight` sends at a time by one worker. `rate`: what all workers together may
    send; None: as fast as it goes. `spacing`: seconds between two messages to one address, as far as one worker sends
    them, so that parts do not overtake each other; a warning does not wait.
    `window`: how long after their last word a person can be written to; None: always. `rings`: the person is told at
    once that something came. `price` in đồng, for a part of an SMS or for a message: what costs least is preferred.
    `once`: the provider knows our id, so that what is sent again arrives once. `reports`: it reports by our own id, so
    that what was sent without an answer is heard of (`core.messaging.silence`).
    """

    name: str
    sms: bool
    max_text: int
    buttons: int = 0
    timeout: float = 15.0
    in_flight: int = 8
    rate: Rate | None = None
    spacing: float = 0.0
    window: timedelta | None = None
    price: int = 0
    rings: bool = True
    once: bool = False
    reports: bool = False


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as one channel will carry it. `parts` is what it costs: SMS parts, or 1."""

    text: str
    parts: int
    choices: tuple[Choice, ...] = ()


class Render(Protocol):
    """How a channel carries words: choices as buttons or as numbers, accents or none."""

    def __call__(self, text: str, choices: tuple[Choice, ...], *, accents: bool) -> Rendered:
        """Pure. `accents`: the person asked for them where they cost more."""
        ...


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel as the pipeline sees it."""

    profile: ChannelProfile
    render: Render


class Media(StrEnum):
    """What a message holds that is no text. Nothing of it is fetched or kept: only that it came."""

    VOICE = "voice"
    PHOTO = "photo"
    VIDEO = "video"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A message from a person, as our own type. `external_id` is the provider's id, the same on every retry.

    `address` is E.164 for SMS, the provider's user id for chat. `received_at` is domain time, aware. `mark`: of the
    question whose button was tapped (`core.messaging.buttons`). `phone`: their own number as E.164, if they shared it
    here and the provider vouches that it is theirs. `language`: of the page they write on; it counts for who has said
    nothing yet. `also`: other ids under which the same message may be stored already. `point`: latitude and longitude,
    if they shared where they are; it is read with the message or not at all, and is never stored.
    """

    channel: str
    external_id: str
    address: str
    text: str
    received_at: datetime
    media: Media | None = None
    mark: str = ""
    phone: str = ""
    language: str = ""
    also: tuple[str, ...] = ()
    point: tuple[float, float] | None = field(default=None, repr=False)


class MessageKind(StrEnum):
    """What a message is for: decides its priority, its expiry, and what withdraws it."""

    DANGER = "danger"
    QUESTION = "question"
    RECEIPT = "receipt"
    INFO = "info"
    REMINDER = "reminder"
    NEWS = "news"


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One message to send, leased by this process. `id` is ours, the same on every attempt.

    `choices` are buttons; their values are payloads to carry as they are. `heard_at`: when they last wrote from
    there, domain time; None if not known. `expires_at`: when it is too late to send it, domain time.
    """

    id: UUID
    channel: str
    address: str
    text: str
    choices: tuple[Choice, ...] = ()
    kind: MessageKind = MessageKind.INFO
    heard_at: datetime | None = None
    expires_at: datetime | None = None


class Status(StrEnum):
    """Where an outgoing message is. Moves only forward, in this order of rank."""

    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"  # timed out: the provider may have it
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took the message, under its own id if it gives one."""

    provider_id: str | None = None
    status: Status = Status.SENT


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What a provider says later of a message that it took.

    `message_id` is ours, if the provider carries it: it finds the row also when the report overtakes the
    answer to our request, and when that answer never came. `unreachable`: the address itself is at fault.
    `opted_out`: the person told the provider to stop.
    """

    channel: str
    provider_id: str
    status: Status
    error: str = ""
    message_id: UUID | None = None
    unreachable: bool = False
    opted_out: bool = False


class SendError(Exception):
    """Sending failed.

    SendError
    ├── Refused          never again: the address or the text is not accepted
    │   ├── OptedOut     the person told the provider to stop: the address is marked
    │   ├── Unreachable  no message can ever reach this address: it is marked
    │   └── WindowClosed too long since they wrote: another address, or none
    ├── TryLater         the outbox keeps it and comes back
    │   └── NotTried     a reason of ours: nothing is known of the provider
    ├── TooLate          it expired before it could leave
    └── OutcomeUnknown   timed out after the request left: the provider may have it
        └── Lapsed       whoever sent it died, or was too slow

    `code` is the provider's, for staff and metrics; it holds no number, name or text.
    """

    def __init__(self, code: str = "") -> None:
        super().__init__(code)
        self.code = code


class Refused(SendError):
    """The provider will never take this message."""


class OptedOut(Refused):
    """The person told the provider that they want no more."""


class Unreachable(Refused):
    """The address cannot receive: no such number, a landline, a chat that is gone."""


class WindowClosed(Refused):
    """The provider takes messages only for some time after the person wrote."""


class TryLater(SendError):
    """A passing fault. `after`, if the provider said how long. `whole`: the channel is at fault, not this message, so
    that nothing else is sent through it until then. `away`: the provider may be at fault as a whole (nobody listens, a
    machine of theirs broke): several in a row mean that it is (`core.messaging.breaker`).
    """

    def __init__(
        self, code: str = "", after: timedelta | None = None, *, whole: bool = False, away: bool = False
    ) -> None:
        super().__init__(code)
        self.after = after
        self.whole = whole
        self.away = away


class NotTried(TryLater):
    """A fault of ours, or time was short: says nothing of the provider."""


class TooLate(SendError):
    """It expired while it waited to be sent."""


class OutcomeUnknown(SendError):
    """No answer in time, after the request may have arrived."""


class Lapsed(OutcomeUnknown):
    """A lease ended before anybody said what became of the send. It says nothing of the provider."""


class Sender(Protocol):
    """One provider, as the worker sees it. Lives on the worker's one event loop."""

    profile: ChannelProfile

    async def send(self, message: OutboundMessage) -> Sent:
        """Send once. Raises SendError; anything else is a fault of ours and counts as TryLater."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...


@runtime_checkable
class Finder(Protocol):
    """A sender whose provider can be asked what became of a send without an answer."""

    async def find(self, message: OutboundMessage, since: datetime) -> Sequence[Sent]:
        """What the provider took for this address with this text since then (wall time), oldest first.

        Raises SendError if it cannot say: then nothing is sent.
        """
        ...
