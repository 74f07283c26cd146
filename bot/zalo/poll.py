"""Keeps the token good also while nothing is sent: a refusal is logged hours before the first send would fail.

Zalo brings messages by its webhook; it is not asked for any.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Final

from bot.zalo.config import ZaloConfig
from bot.zalo.oauth import ZaloTokens
from core.messaging.channel import SendError
from core.messaging.ports import Ports, Tools

_EVERY: Final = 60.0  # seconds


class TokenKeeper:
    """Looks once a minute whether the token has to be exchanged. Lives on the worker's event loop."""

    def __init__(self, config: ZaloConfig, tools: Tools) -> None:
        self._tokens = ZaloTokens(config, tools)
        self._next = 0.0  # the monotonic clock's

    async def __call__(self) -> bool:
        """One look. A failure is logged where it happens, and comes again in a minute."""
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + _EVERY
        with suppress(SendError):
            await self._tokens.current()
        return False

    async def finish(self, seconds: float) -> None:
        """Let an exchange end, longer than the seconds given if it must: its answer comes only once."""
        await self._tokens.close()


def poller(config: ZaloConfig, ports: Ports, tools: Tools) -> TokenKeeper:
    """The account's keeper."""
    return TokenKeeper(config, tools)
