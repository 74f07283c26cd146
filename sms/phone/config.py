"""The simulator is on in a demo, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

from core.environment import Reader, flag
from core.messaging.channel import ChannelProfile
from sms.phone import PROFILE


@dataclass(frozen=True, slots=True)
class PhoneConfig:
    """A demo's simulator."""

    profile: ChannelProfile = PROFILE

    @property
    def outside(self) -> tuple[tuple[str, str], ...]:
        """Nothing leaves this machine."""
        return ()


def load(reader: Reader, public_url: str) -> tuple[PhoneConfig, ...]:
    """On when DEMO is."""
    return (PhoneConfig(),) if reader.read("DEMO", flag, False, "use 1 or 0") else ()
