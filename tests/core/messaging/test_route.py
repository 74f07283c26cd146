from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.messaging.channel import ChannelProfile
from core.messaging.route import Address, Barred, route

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
ON = {
    profile.name: profile
    for profile in (
        ChannelProfile("twilio", sms=True, max_text=1600, price=800),
        ChannelProfile("kannel", sms=True, max_text=1600, price=300),
        ChannelProfile("zalo", sms=False, max_text=2000, window=timedelta(days=7), price=55),
        ChannelProfile("web", sms=False, max_text=4000, rings=False),
    )
}


def at(channel: str, hours: float | None = 1, **state: bool) -> Address:
    heard = None if hours is None else NOW - timedelta(hours=hours)
    return Address(channel, f"on {channel}", heard, **state)


def where(*addresses: Address, last: str = "twilio") -> str:
    found = route(addresses, (last, f"on {last}"), ON, NOW)
    return found.channel if isinstance(found, Address) else str(found)


@pytest.mark.parametrize(
    ("addresses", "last", "expected"),
    [
        ((at("twilio"), at("zalo")), "twilio", "twilio"),
        ((at("twilio"), at("zalo")), "zalo", "zalo"),
        ((at("twilio", unreachable=True), at("zalo")), "twilio", "zalo"),
        ((at("twilio", unreachable=True), at("zalo"), at("kannel")), "twilio", "zalo"),  # it costs least
        ((at("zalo", hours=24 * 7), at("kannel")), "zalo", "kannel"),  # its window closes
        ((at("zalo", hours=24 * 6), at("kannel")), "zalo", "zalo"),
        ((at("zalo", hours=None), at("kannel")), "kannel", "kannel"),
        ((at("telegram"), at("kannel")), "telegram", "kannel"),  # not switched on
        ((at("web"), at("kannel")), "web", "kannel"),  # nobody is told that something is on a page
        ((at("web"),), "web", "web"),
        ((at("zalo", hours=24 * 8), at("web")), "zalo", "web"),
        ((at("twilio"), at("kannel")), "gone", "kannel"),
        ((at("zalo", stopped=True), at("kannel")), "kannel", "kannel"),
    ],
)
def test_where_a_message_goes(addresses: tuple[Address, ...], last: str, expected: str) -> None:
    assert where(*addresses, last=last) == expected


@pytest.mark.parametrize(
    ("addresses", "last", "why"),
    [
        ((), "twilio", Barred.OFF),
        ((at("twilio", stopped=True),), "twilio", Barred.STOPPED),
        ((at("twilio", stopped=True), at("zalo")), "twilio", Barred.STOPPED),  # it was us that they meant
        ((at("twilio", unreachable=True),), "twilio", Barred.UNREACHABLE),
        ((at("zalo", hours=24 * 8),), "zalo", Barred.WINDOW),
        ((at("telegram"),), "telegram", Barred.OFF),
        ((at("zalo", hours=24 * 8), at("twilio", unreachable=True)), "zalo", Barred.UNREACHABLE),
    ],
)
def test_why_it_goes_nowhere(addresses: tuple[Address, ...], last: str, why: Barred) -> None:
    assert where(*addresses, last=last) == why


def test_the_order_of_the_addresses_does_not_matter() -> None:
    both = at("twilio"), at("kannel")
    assert where(*both, last="gone") == where(*reversed(both), last="gone")
