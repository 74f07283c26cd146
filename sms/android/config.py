"""What the channel needs to know, from the environment."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from core.environment import Reader, url, whole
from core.messaging.channel import ChannelProfile, Rate
from sms.android import PROFILE

INBOUND: Final = "/sms/android/inbound"

_HINTS: Final = {
    "SEND_URL": "use the gateway's address: https://api.sms-gate.app/3rdparty/v1, or http://PHONE:8080 beside it",
    "USER": "the application shows it on its first page",
    "PASSWORD": "the application shows it on its first page",
    "SIGNING_KEY": "the application shows it under Settings, Webhooks, Signing Key",
}


@dataclass(frozen=True, slots=True)
class AndroidConfig:
    """One phone, or several of one account. `api_url` is without a slash at its end. `sim`: 1 to 3; None: the phone
    chooses, and every SIM's messages are ours.
    """

    api_url: str
    user: str
    password: str = field(repr=False)
    signing_key: str = field(repr=False)
    sim: int | None = None
    public_url: str = ""
    profile: ChannelProfile = PROFILE

    @property
    def outside(self) -> tuple[tuple[str, str], ...]:
        """Where messages are sent."""
        return (("ANDROID_SEND_URL", self.api_url),)

    @property
    def hook(self) -> str:
        """What the phone calls; "" if nobody outside reaches us."""
        return f"{self.public_url}{INBOUND}" if self.public_url else ""


def load(reader: Reader, public_url: str) -> tuple[AndroidConfig, ...]:
    """The phone of the ANDROID_ variables; empty when none is set. What is wrong is told to `reader`."""
    group = reader.group("ANDROID_", _HINTS)
    sim = reader.read("ANDROID_SIM", whole(1, 3), 0, "use 1, 2 or 3")
    most = reader.read("ANDROID_PER_MINUTE", whole(1, 60), 0, "use a number from 1 to 60")
    api_url = reader.read("ANDROID_SEND_URL", _api, "", _HINTS["SEND_URL"])
    if group is None:
        return ()
    profile = replace(PROFILE, rate=Rate.a_minute(most)) if most else PROFILE
    _, user, password, key = group.values()
    return (AndroidConfig(api_url, user, password, key, sim or None, public_url, profile),)


def _api(raw: str) -> str:
    """The address before /messages, which may be given with it."""
    return url(raw).rstrip("/").removesuffix("/messages")
