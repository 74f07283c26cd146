"""`khaibao telegram`: what is done once when a bot is set up."""

from __future__ import annotations

import asyncio
import os
import re

import click
from telegram.error import TelegramError

from app.logs import setup
from app.settings import load
from bot.telegram.client import closed, opened
from bot.telegram.config import TelegramConfig
from bot.telegram.errors import judged
from bot.telegram.webhook import register as write_down

_PATIENCE = 15.0  # seconds


@click.group()
def telegram() -> None:
    """Set up the Telegram bot."""


@telegram.command()
def register() -> None:
    """Have Telegram call PUBLIC_URL from now on, with TELEGRAM_SECRET; again after either was changed."""
    settings = load(os.environ)
    setup(settings, "telegram")
    config = settings.channel("telegram")
    if not isinstance(config, TelegramConfig):
        raise click.ClickException("TELEGRAM_TOKEN is not set: copy it from @BotFather")
    if not config.hook:
        raise click.ClickException("PUBLIC_URL is not set: without it the worker asks Telegram, and nothing is needed")
    try:
        asyncio.run(_register(config))
    except TelegramError as error:
        said = re.sub(re.escape(config.token), "TOKEN", error.message, flags=re.IGNORECASE)
        raise click.ClickException(f"Telegram did not take it ({judged(error).code}): {said}") from None
    click.echo(f"{config.hook}: Telegram calls here from now on")


async def _register(config: TelegramConfig) -> None:
    bot = opened(config, connections=1, timeout=_PATIENCE)
    try:
        await write_down(bot, config)
    finally:
        await closed(bot)
