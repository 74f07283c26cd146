"""What an operator should know of the bot: whether Telegram accepts it, and whether its updates reach us."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from telegram import Bot, WebhookInfo
from telegram.error import InvalidToken

from bot.telegram.client import closed, opened
from bot.telegram.config import TelegramConfig
from bot.telegram.errors import judged
from bot.telegram.webhook import called, differences
from core.messaging.ports import Finding, Level, Tools

_PATIENCE: Final = 10.0  # seconds
_MANY: Final = 100
_REGISTER: Final = "khaibao telegram register"


async def check(config: TelegramConfig, tools: Tools) -> Sequence[Finding]:
    """What is set, then what Telegram says. Sends nothing to people."""
    bot = opened(config, connections=1, timeout=_PATIENCE)
    try:
        return await _asked(bot, config)
    except InvalidToken:
        return [Finding(Level.BAD, "Telegram does not accept TELEGRAM_TOKEN: copy it again from @BotFather")]
    except Exception as error:
        said = f"Telegram cannot be reached ({judged(error).code}): in Vietnam it is often blocked"
        return [Finding(Level.BAD, f"{said}; TELEGRAM_API_URL may name a Bot API server of yours elsewhere")]
    finally:
        await closed(bot)


async def _asked(bot: Bot, config: TelegramConfig) -> list[Finding]:
    me = await bot.get_me()
    info = await bot.get_webhook_info()
    found = [
        Finding(Level.GOOD, f"Telegram knows the bot as @{me.username}: people find it at https://t.me/{me.username}")
    ]
    return [*found, *(_hooked(info, config) if config.hook else _polled(info))]


def _polled(info: WebhookInfo) -> Iterator[Finding]:
    yield Finding(Level.GOOD, "PUBLIC_URL is not set: the worker asks Telegram for messages")
    if info.url:
        yield Finding(Level.WARNING, f"Telegram calls {called(info)}: the worker deletes that when it first asks")
    yield _waiting(info)


def _hooked(info: WebhookInfo, config: TelegramConfig) -> Iterator[Finding]:
    wrong = list(differences(info, config))
    for said in wrong:
        yield Finding(Level.BAD, f"{said}: start {_REGISTER}")
    if not wrong:
        yield Finding(Level.GOOD, f"Telegram calls {config.hook}")
    if info.last_error_date and info.last_error_message:
        when = f"{info.last_error_date:%Y-%m-%d %H:%M} UTC"
        hint = f"; if the secret was changed, start {_REGISTER}" if "403" in info.last_error_message else ""
        yield Finding(Level.WARNING, f"Telegram last failed to call us at {when}: {info.last_error_message}{hint}")
    yield _waiting(info)


def _waiting(info: WebhookInfo) -> Finding:
    count = info.pending_update_count
    level = Level.WARNING if count > _MANY else Level.GOOD
    return Finding(level, f"updates that wait at Telegram: {count}")
