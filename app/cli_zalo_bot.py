"""`khaibao zalo-bot`: what is done once when a bot of Zalo's bot platform is set up."""

from __future__ import annotations

import asyncio
import os

import click

from app.logs import setup
from app.settings import load
from bot.zalo_bot.client import ZaloBotClient
from bot.zalo_bot.config import ZaloBotConfig
from core.messaging.channel import SendError

_PATIENCE = 15.0  # seconds


@click.group("zalo-bot")
def zalo_bot() -> None:
    """Set up the bot of Zalo's bot platform."""


@zalo_bot.command()
def register() -> None:
    """Have Zalo call PUBLIC_URL from now on, with ZALO_BOT_SECRET; again after either was changed."""
    settings = load(os.environ)
    setup(settings, "zalo-bot")
    config = settings.channel("zalo_bot")
    if not isinstance(config, ZaloBotConfig):
        raise click.ClickException("ZALO_BOT_TOKEN is not set: Zalo Bot Manager sends it when the bot is made")
    if not config.hook:
        raise click.ClickException("PUBLIC_URL is not set: Zalo brings messages only to a public https:// address")
    try:
        asyncio.run(_register(config))
    except SendError as error:
        raise click.ClickException(f"Zalo did not take it ({error.code})") from None
    click.echo(f"{config.hook}: Zalo calls here from now on")


async def _register(config: ZaloBotConfig) -> None:
    client = ZaloBotClient(config, _PATIENCE)
    try:
        await client.call("setWebhook", url=config.hook, secret_token=config.secret)
    finally:
        await client.close()
