"""Asking Telegram for updates, where it cannot call us: in a worker, one process at a time.

Telegram forgets an update when it is asked for later ones, and that happens only once this one is committed. A crash
before then: it comes again, and the pipeline knows it already if it had been committed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from telegram import Bot
from telegram.error import Conflict, InvalidToken, TelegramError

from bot.telegram.client import closed, opened
from bot.telegram.config import TelegramConfig
from bot.telegram.errors import judged
from bot.telegram.hand_in import hand_in
from bot.telegram.lock import Lock
from bot.telegram.updates import KINDS, Heard, heard, update_id
from core.messaging.channel import TryLater
from core.messaging.ports import Ports, Tools

log = logging.getLogger(__name__)

_LONG: Final = 10  # seconds that Telegram keeps a question open while there is nothing to tell
_ANSWER: Final = 5.0  # seconds beyond that for its answer to come
_LOOK: Final = 1.0  # seconds between two looks at the lock, and until we notice that we are to stop
_LATER: Final = 10.0  # seconds after what ends only when somebody mends it
_TAPS: Final = 3.0  # seconds for answers to taps; the person sees at most a button that blinks longer


class Poller:
    """Asks for one bot. `__call__` is one look, and never takes much over a second, but for a commit.

    A question to Telegram stays open from one look to the next; `finish` breaks it off.
    """

    def __init__(self, config: TelegramConfig, ports: Ports, tools: Tools) -> None:
        self._config = config
        self._ports = ports
        self._lock = Lock(tools.engine, config.bot)
        self._bot: Bot | None = None
        self._asking: asyncio.Task[Any] | None = None
        self._asked_at = 0.0  # the monotonic clock's, as below
        self._offset: int | None = None
        self._not_before = 0.0
        self._trouble = ""

    async def __call__(self) -> bool:
        """True while it asks: look again at once. False if another process does, or Telegram cannot be asked now, or
        answers at once with nothing, as something in its place may.
        """
        if time.monotonic() < self._not_before:
            return False
        if not await asyncio.to_thread(self._lock.hold):
            await self._break_off()
            return False
        if self._asking is None:
            self._asked_at = time.monotonic()
            self._asking = asyncio.create_task(self._ask(self._opened()))
        await asyncio.wait({self._asking}, timeout=_LOOK)
        if not self._asking.done():
            return True
        asked, self._asking = self._asking, None
        try:
            updates = asked.result()
        except TelegramError as error:
            await self._look_into(error)
            return False
        self._tell("")
        return await self._take(updates) or time.monotonic() - self._asked_at > _LOOK

    async def finish(self, seconds: float) -> None:
        """Break off, close the connections, and let another process ask."""
        await self._break_off()
        if self._bot is not None:
            await closed(self._bot)
        await asyncio.to_thread(self._lock.release)

    async def _break_off(self) -> None:
        asked, self._asking = self._asking, None
        if asked is not None:
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)

    async def _ask(self, bot: Bot) -> Any:
        """The updates as they came. `Bot.get_updates` would refuse all of them over one that it cannot read; written
        with a capital (Telegram's methods are the same in any case) it is not pointed out to us.
        """
        asked: dict[str, Any] = {"timeout": _LONG, "allowed_updates": list(KINDS)}
        if self._offset is not None:
            asked["offset"] = self._offset
        return await bot.do_api_request("GetUpdates", asked, read_timeout=_LONG + _ANSWER)

    async def _take(self, updates: Any) -> bool:
        """Hand all of them in; they are confirmed by the next question. False if there were none."""
        found = [each for each in updates if update_id(each) is not None] if isinstance(updates, list) else []
        if not found:
            return False
        now = await asyncio.to_thread(self._ports.clock)
        said = [one for each in found if (one := heard(each, self._config.bot, now))]
        await asyncio.to_thread(hand_in, self._ports, said)
        self._offset = max(update_id(each) or 0 for each in found) + 1
        await self._answer_taps(said)
        return True

    async def _answer_taps(self, said: Sequence[Heard]) -> None:
        """A tap that is not answered leaves a button blinking, no more: a fault is let be."""
        bot = self._opened()
        with suppress(TimeoutError):
            async with asyncio.timeout(_TAPS):
                answers = (bot.answer_callback_query(each.callback) for each in said if each.callback)
                await asyncio.gather(*answers, return_exceptions=True)

    async def _look_into(self, error: TelegramError) -> None:
        """Say once what is wrong; mend what can be mended; ask again later."""
        if isinstance(error, Conflict) and "webhook" in error.message.lower():
            with suppress(TelegramError):
                await self._opened().delete_webhook()
                log.warning("telegram: a webhook was set, and is deleted: without PUBLIC_URL the worker asks")
            return
        later = judged(error)
        if isinstance(later, TryLater) and later.whole:
            self._not_before = time.monotonic() + (later.after.total_seconds() if later.after else _LATER)
        if isinstance(error, Conflict):
            self._tell("another program asks for this bot's updates: stop it, or give each its own bot")
        elif isinstance(error, InvalidToken):
            self._tell("TELEGRAM_TOKEN is not accepted, or something in between answers for Telegram")
        else:
            self._tell(f"Telegram cannot be asked ({later.code})")

    def _tell(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            log.warning("telegram: %s", trouble)
        elif self._trouble and not trouble:
            log.info("telegram: Telegram answers again")
        self._trouble = trouble

    def _opened(self) -> Bot:
        """Two connections: one for the open question, one beside it."""
        if self._bot is None:
            self._bot = opened(self._config, connections=2, timeout=_ANSWER)
        return self._bot


def poller(config: TelegramConfig, ports: Ports, tools: Tools) -> Poller | None:
    """What asks Telegram; None where Telegram calls us."""
    return None if config.hook else Poller(config, ports, tools)
