"""Telegram's own client, python-telegram-bot, opened the one way that suits us.

A `Bot` belongs to one event loop: on a second one its kept connections fail after the request has arrived, so that
a repeat makes a second message (python-telegram-bot issue 4023).
"""

from __future__ import annotations

import logging
import os
from typing import Final

import httpx
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.telegram.config import TelegramConfig

_CONNECT: Final = 5.0  # seconds
_IDLE: Final = 4.0  # seconds; a connection that Telegram closes just as we use it leaves a send in doubt


def opened(config: TelegramConfig, *, connections: int, timeout: float) -> Bot:
    """A client of the bot, whose connections belong to the event loop of the first call. Close it with `closed`.

    `timeout` in seconds is for an answer. It follows no redirect and reads no proxy from the environment.
    """
    os.environ.setdefault("PTB_TIMEDELTA", "1")  # spans of time as such: otherwise it warns at each 429
    # it logs whole messages, and what it cannot read even as errors
    logging.getLogger("telegram").setLevel(logging.CRITICAL + 1)
    request = HTTPXRequest(
        connection_pool_size=connections,
        connect_timeout=min(_CONNECT, timeout),
        read_timeout=timeout,
        write_timeout=timeout,
        pool_timeout=timeout,
        httpx_kwargs={
            "limits": httpx.Limits(max_connections=connections, keepalive_expiry=_IDLE),
            "trust_env": False,
        },
    )
    return Bot(
        config.token,
        base_url=f"{config.api_url}/bot",
        base_file_url=f"{config.api_url}/file/bot",
        request=request,
        get_updates_request=request,
    )


async def closed(bot: Bot) -> None:
    """Close the connections."""
    await bot.request.shutdown()
