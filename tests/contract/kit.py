"""What the contract needs to know of a channel: how its provider speaks to us, and what reached the provider."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from core.messaging.channel import Status


@dataclass(frozen=True, slots=True)
class Hook:
    """One request that a provider makes to us. `path` with its query."""

    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Arrived:
    """One message that the provider took from us. `buttons`: labels and payloads. `id`: whatever `reports` needs."""

    address: str
    text: str
    buttons: tuple[tuple[str, str], ...] = ()
    id: str = ""


class Kit(Protocol):
    """A channel and the server that plays its provider, on loopback."""

    @property
    def name(self) -> str:
        """The channel's, as in its profile."""

    @property
    def address(self) -> str:
        """A made-up person there."""

    @property
    def environ(self) -> Mapping[str, str]:
        """The settings that turn the channel on."""

    def says(self, text: str, id: str) -> Hook:
        """A genuine message from the person, under the provider's id."""

    def taps(self, payload: str, id: str) -> Hook | None:
        """A tap on a button of ours; None where there are no buttons."""

    def forged(self) -> Sequence[Hook]:
        """Not the provider's: unsigned, signed with another key, changed after signing, for another path."""

    def replayed(self) -> Hook | None:
        """Genuine, but signed too long ago; None where signatures carry no time, and only the id protects."""

    def malformed(self) -> Sequence[Hook]:
        """Genuine, and of no use: parts are missing, or are of another kind than promised."""

    def unknown(self) -> Sequence[Hook]:
        """Genuine events that we do not know, or that nobody has to answer."""

    def blocked(self) -> Hook | None:
        """The person closes the door; None where the provider does not tell."""

    def arrived(self) -> Sequence[Arrived]:
        """Everything that the provider took, in its order."""

    def reports(self, message: Arrived) -> Mapping[Status, Hook]:
        """What the provider may say of it later; empty where it says nothing."""

    def refuses(self) -> None:
        """The next send is refused for good: the person blocked us, or there is nobody."""

    def limits(self, seconds: int) -> None:
        """The next send is refused: too many. It may say after how many seconds to come again."""

    def falls_silent(self) -> None:
        """The next send is taken, and never answered."""


Opened = Callable[[], AbstractContextManager[Kit, bool | None]]
"""Starts the provider's server, and ends it."""
