"""Where a message of ours goes when a person has several addresses. Pure; the sender and the screens ask the same.

The order: what the person used last, then what costs least, then what was heard last. What nobody is told of when it
arrives (a page that may be closed) comes after everything that rings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from core.messaging.channel import ChannelProfile

_MARGIN: Final = timedelta(minutes=10)  # a window that closes before the message leaves is closed


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a person. `heard_at`: when something last came from there."""

    channel: str
    address: str
    heard_at: datetime | None = None
    stopped: bool = False
    unreachable: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """The channel, and the address on it."""
        return self.channel, self.address


class Barred(StrEnum):
    """Why nothing can be sent to an address, the reason that staff can do most about first."""

    STOPPED = "stopped"  # they said STOP there
    UNREACHABLE = "unreachable"  # nothing arrives there
    WINDOW = "window"  # they have not written for too long
    OFF = "off"  # the channel is not switched on


def barred(address: Address, on: Mapping[str, ChannelProfile], now: datetime) -> Barred | None:
    """Why nothing may be started at this address now; None if it may."""
    profile = on.get(address.channel)
    if address.stopped:
        return Barred.STOPPED
    if address.unreachable:
        return Barred.UNREACHABLE
    if profile is None:
        return Barred.OFF
    if profile.window is not None and not _is_open(address.heard_at, profile.window, now):
        return Barred.WINDOW
    return None


def route(
    addresses: Collection[Address],
    last: tuple[str, str],
    on: Mapping[str, ChannelProfile],
    now: datetime,
    avoid: Collection[tuple[str, str]] = (),
) -> Address | Barred:
    """Where to send something that we start; or why nowhere. `avoid`: addresses where it is not to go.

    Who said STOP where they last wrote is not pursued elsewhere, whatever is avoided: it was us that they meant.
    """
    used_last = next((each for each in addresses if each.key == last), None)
    if used_last is not None and used_last.stopped:
        return Barred.STOPPED
    fit = [each for each in addresses if each.key not in avoid]
    found = best((each for each in fit if barred(each, on, now) is None), last, on)
    if found is not None:
        return found
    reasons = {reason for each in fit if (reason := barred(each, on, now))}
    return next((reason for reason in Barred if reason in reasons), Barred.OFF)


def best(addresses: Iterable[Address], last: tuple[str, str], on: Mapping[str, ChannelProfile]) -> Address | None:
    """The first of these by the order above; None without any."""

    def order(each: Address) -> tuple[bool, bool, int, float, str]:
        profile = on[each.channel]
        heard = each.heard_at.timestamp() if each.heard_at else 0.0
        return not profile.rings, each.key != last, profile.price, -heard, each.channel

    return min(addresses, key=order, default=None)


def heard_since(profile: ChannelProfile, now: datetime) -> datetime | None:
    """After when they must have written where we may not begin by ourselves; None where we always may."""
    return None if profile.window is None else now - profile.window + _MARGIN


def _is_open(heard_at: datetime | None, window: timedelta, now: datetime) -> bool:
    return heard_at is not None and now - heard_at < window - _MARGIN
