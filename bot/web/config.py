"""The web chat is on when WEB_CHAT says so, and in a demo."""

from __future__ import annotations

from dataclasses import dataclass

from bot.web import PROFILE
from core.environment import Reader, flag
from core.messaging.channel import ChannelProfile


@dataclass(frozen=True, slots=True)
class WebConfig:
    """The web chat of this installation. `public_url` is for links and QR codes; "" until it is known."""

    public_url: str = ""
    profile: ChannelProfile = PROFILE

    @property
    def outside(self) -> tuple[tuple[str, str], ...]:
        """Nothing leaves this machine but to the browsers that ask."""
        return ()


def load(reader: Reader, public_url: str) -> tuple[WebConfig, ...]:
    """On by WEB_CHAT=1; in a demo unless WEB_CHAT=0."""
    demo = reader.read("DEMO", flag, False, "use 1 or 0")
    on = reader.read("WEB_CHAT", flag, demo, "use 1 or 0")
    return (WebConfig(public_url),) if on else ()
