"""Where Telegram calls us: written down at Telegram by an operator's command, and compared by the check."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from telegram import Bot, WebhookInfo

from bot.telegram.config import TelegramConfig
from bot.telegram.updates import KINDS

_CONNECTIONS: Final = 20  # requests of Telegram at a time, each for another chat


async def register(bot: Bot, config: TelegramConfig) -> None:
    """Have Telegram call `config.hook` with our secret; what waits there is kept. Raises TelegramError."""
    await bot.set_webhook(config.hook, secret_token=config.secret, allowed_updates=KINDS, max_connections=_CONNECTIONS)


def differences(info: WebhookInfo, config: TelegramConfig) -> Iterator[str]:
    """What Telegram knows that is not as `register` writes it. The secret is never shown. Pure."""
    if info.url != config.hook:
        path = " at another path" if called(info) == urlsplit(config.hook).hostname else ""
        yield f"Telegram calls {called(info)}{path}, not {config.hook}"
        return
    if set(info.allowed_updates or ()) != set(KINDS):
        yield "Telegram brings other kinds of updates than we read"
    if info.max_connections != _CONNECTIONS:
        yield f"Telegram makes {info.max_connections} connections at a time, not {_CONNECTIONS}"


def called(info: WebhookInfo) -> str:
    """Whom Telegram calls: the host alone, since many write a secret into the path."""
    return urlsplit(info.url).hostname or "nobody"
