"""What comes in, and what is said: as ids of texts with their parameters, worded and sized outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from core.conversation.understanding import Choice
from core.messaging.channel import Media, MessageKind


def N_(text: str) -> str:
    """Mark a Vietnamese source text for translation; it is translated when it is worded."""
    return text


@dataclass(frozen=True, slots=True)
class Term:
    """A word that is translated: the name of a sign, a gender."""

    text: str


@dataclass(frozen=True, slots=True)
class Degrees:
    """A temperature in degrees Celsius, written with the language's decimal mark."""

    value: float


Param: TypeAlias = "str | int | Term | Degrees | Say | Listed"


@dataclass(frozen=True, slots=True)
class Say:
    """A source text with its parameters, formatted after translating."""

    text: str
    params: Mapping[str, Param] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listed:
    """Several things after each other."""

    items: tuple[Param, ...]
    mark: str = ", "


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to the person who wrote. Choices become buttons, or numbers where there are none.

    `to`: the channel and the address where it goes instead of where they wrote.
    """

    say: Say
    kind: MessageKind
    choices: tuple[Choice, ...] = ()
    to: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message as the engine sees it. `id` is ours; everything made from it derives its id from it.

    `mark`: of the question whose button was tapped (`Session.mark`); "" for what was typed. `phone`:
    their own number, shared in a chat. `point`: latitude and longitude in degrees, shared in a chat; kept nowhere.
    """

    id: UUID
    text: str
    at: datetime
    media: Media | None = None
    mark: str = ""
    phone: str = ""
    point: tuple[float, float] | None = field(default=None, repr=False)
