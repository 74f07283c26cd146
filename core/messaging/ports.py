"""What a channel is given: where it hands in what it received, and what it may use to send."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy import Engine

from core.messaging.channel import ChannelProfile, InboundMessage, StatusReport
from core.secrets import Vault


class Change(StrEnum):
    """What a provider says of an address, not of a message."""

    BLOCKED = "blocked"  # the person closed the door: nothing arrives there
    OPENED = "opened"  # they opened it, for the first time or again
    MOVED = "moved"  # the same chat under another address
    STOPPED = "stopped"  # the person told the provider to stop: it refuses what we send there
    RESUMED = "resumed"  # and told it to go on


@dataclass(frozen=True, slots=True)
class Notice:
    """A change of an address. `moved_to` is its new name on the same channel; `code` is the provider's reason."""

    channel: str
    address: str
    change: Change
    moved_to: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where `receive.py` hands in what came. When a call returns, what it was given is kept: it is committed, or in the
    spool.

    `accept` takes messages. `report` takes what became of ours and gives back what speaks of no message of ours.
    `notice` takes changes of addresses. `clock` gives domain time. `alive` is told the channel whose own machine was
    heard.
    """

    accept: Callable[[Sequence[InboundMessage]], None]
    report: Callable[[Sequence[StatusReport]], Sequence[StatusReport]]
    notice: Callable[[Sequence[Notice]], None]
    clock: Callable[[], datetime]
    alive: Callable[[str], None] = lambda channel: None


@dataclass(frozen=True, slots=True)
class Tools:
    """What `send.py` may use besides its configuration. Most channels need none of it."""

    engine: Engine
    vault: Vault
    clock: Callable[[], datetime]


class Config(Protocol):
    """One channel of this installation, as its `config.load` made it from the environment."""

    @property
    def profile(self) -> ChannelProfile:
        """Its limits; the profile's name is the channel's."""
        ...

    @property
    def outside(self) -> tuple[tuple[str, str], ...]:
        """Variables and the addresses in them that messages are sent to. A demo refuses what is not this machine."""
        ...


class Level(StrEnum):
    """How a thing that was checked is."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked about a channel, and what to do about it, for an operator. Holds no secret."""

    level: Level
    text: str
