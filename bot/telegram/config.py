"""What the channel needs to know, from the environment."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot.telegram import PROFILE
from core.environment import ORIGIN, Reader, origin
from core.messaging.channel import ChannelProfile

HOOK: Final = "/bot/telegram"

_API = "https://api.telegram.org"
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_TOKEN_HINT = "copy it from @BotFather, as 123456:ABC-DEF"  # noqa: S105 - a hint
_SECRET_HINT = "use 1 to 256 of A-Z, a-z, 0-9, _ and -"  # noqa: S105 - a hint


@dataclass(frozen=True, slots=True)
class TelegramConfig:
    """One bot. `public_url` is how Telegram reaches us, without a slash at its end; empty: the worker asks Telegram.

    `secret` comes back in a header of every webhook. `api_url` may be a Bot API server of one's own, where Telegram's
    is out of reach.
    """

    token: str = field(repr=False)
    secret: str = field(default="", repr=False)
    api_url: str = _API
    public_url: str = ""
    profile: ChannelProfile = PROFILE

    @property
    def outside(self) -> tuple[tuple[str, str], ...]:
        """Where messages are sent."""
        return (("TELEGRAM_API_URL", self.api_url),)

    @property
    def bot(self) -> str:
        """The bot's own number, which is no secret: the ids of its updates are its own."""
        return self.token.partition(":")[0]

    @property
    def hook(self) -> str:
        """The webhook's address; "" when the worker asks instead."""
        return f"{self.public_url}{HOOK}" if self.public_url else ""


def load(reader: Reader, public_url: str) -> tuple[TelegramConfig, ...]:
    """The bot of the TELEGRAM_ variables; empty when none is set. What is wrong is told to `reader`."""
    group = reader.group("TELEGRAM_", {"TOKEN": _TOKEN_HINT}, optional=("SECRET",))
    api_url = reader.read("TELEGRAM_API_URL", origin, _API, ORIGIN)
    if group is None:
        return ()
    token = reader.read("TELEGRAM_TOKEN", _matching(_TOKEN), "", _TOKEN_HINT)
    secret = reader.read("TELEGRAM_SECRET", _matching(_SECRET), "", _SECRET_HINT)
    if public_url and not secret:
        reader.need("TELEGRAM_SECRET", f"with PUBLIC_URL, Telegram proves itself by it: {_SECRET_HINT}")
    return (TelegramConfig(token, secret, api_url, public_url),)


def _matching(shape: re.Pattern[str]) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if not shape.fullmatch(raw):
            raise ValueError
        return raw

    return parse
