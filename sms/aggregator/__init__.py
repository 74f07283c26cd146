"""SMS through any HTTP provider, described by a TOML file: README.md has its keys, examples/ has providers."""

from __future__ import annotations

from typing import Final

from core.messaging.channel import ChannelProfile

PROFILE: Final = ChannelProfile(
    name="aggregator", sms=True, max_text=612, timeout=15.0, in_flight=4, spacing=1.0, price=500
)
"""What a provider has whose file says no more. 612 characters are four parts without accents, 500 đồng what a
part costs about. Each provider's channel carries its own name, and so each has
a rate and a breaker of its own; two senders of one provider are two tables of the file."""
