"""What the channel needs to know, from the environment."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot.zalo_bot import PROFILE
from core.environment import ORIGIN, Reader, origin
from core.messaging.channel import ChannelProfile

PATH: Final = "/bot/zalo_bot"

_API = "https://bot-api.zaloplatforms.com"
_TOKEN = re.compile(r"[0-9A-Za-z:_.-]+")
_SECRET = re.compile(r"[!-~]{8,256}")


@dataclass(frozen=True, slots=True)
class ZaloBotConfig:
    """One bot. Its token is a part of every address that we call, so no address is ever logged or told.

    `secret` comes back in the header of every call to us.
    """

    token: str = field(repr=False)
    secret: str = field(repr=False)
    api_url: str = _API
    public_url: str = ""
    profile: ChannelProfile = PROFILE

    @property
    def outside(self) -> tuple[tuple[str, str], ...]:
        """Where messages are sent."""
        return (("ZALO_BOT_API_URL", self.api_url),)

    @property
    def hook(self) -> str:
        """Where Zalo is to call us; empty if it cannot."""
        return f"{self.public_url}{PATH}" if self.public_url else ""


def load(reader: Reader, public_url: str) -> tuple[ZaloBotConfig, ...]:
    """The bot of the ZALO_BOT_ variables; empty when none is set. What is wrong is told to `reader`."""
    needed = {
        "TOKEN": "Zalo Bot Manager sends it when the bot is made",
        "SECRET": "make one of 8 to 256 letters and digits",
    }
    found = reader.group("ZALO_BOT_", needed)
    token = reader.read("ZALO_BOT_TOKEN", _like(_TOKEN), "", "copy it as Zalo Bot Manager sent it")
    secret = reader.read("ZALO_BOT_SECRET", _like(_SECRET), "", "use 8 to 256 letters, digits and signs, no spaces")
    api_url = reader.read("ZALO_BOT_API_URL", origin, _API, ORIGIN)
    return () if found is None else (ZaloBotConfig(token, secret, api_url, public_url),)


def _like(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if not pattern.fullmatch(raw):
            raise ValueError
        return raw

    return parse
