"""Sending through Telegram's Bot API, with python-telegram-bot.

There is no idempotency key, and Telegram cannot be asked what it took: an answer that does not come leaves the message
in doubt. After a crash between Telegram's yes and our commit, a message comes twice.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import ChatMigrated, InvalidToken

from bot.telegram.client import closed, opened
from bot.telegram.config import TelegramConfig
from bot.telegram.errors import judged
from bot.telegram.render import Row, laid_out
from core.messaging.channel import ChannelProfile, OutboundMessage, Refused, SendError, Sent, TryLater
from core.messaging.notices import apply
from core.messaging.ports import Change, Notice, Tools

log = logging.getLogger(__name__)

_ASKING: Final = 3.0  # seconds in which Telegram says who we are
_NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)
"""Telegram would open a link of ours, which may be one person's own, to draw a picture of it."""


class TelegramSender:
    """Sends one message at a call. Its connections belong to the event loop of the first call."""

    profile: ChannelProfile

    def __init__(self, config: TelegramConfig, tools: Tools) -> None:
        self.profile = config.profile
        self._config = config
        self._tools = tools
        self._bot: Bot | None = None

    async def send(self, message: OutboundMessage) -> Sent:
        """Send it; to a chat that moved, at its new address, which is written down first. Raises SendError."""
        try:
            return await self._try(message, message.address)
        except ChatMigrated as moved:
            address = str(moved.new_chat_id)
        await asyncio.to_thread(self._move, message.address, address)
        try:
            return await self._try(message, address)
        except ChatMigrated:
            raise Refused("400 moved twice") from None

    async def close(self) -> None:
        """Close the connections."""
        if self._bot is not None:
            await closed(self._bot)

    async def _try(self, message: OutboundMessage, address: str) -> Sent:
        text, rows = laid_out(message)
        try:
            made = await self._opened().send_message(
                address, text, reply_markup=_keyboard(rows), link_preview_options=_NO_PREVIEW
            )
            return Sent(str(made.message_id))
        except ChatMigrated:
            raise
        except InvalidToken:
            raise await self._out_of_order() from None
        except Exception as error:
            raise judged(error) from None

    async def _out_of_order(self) -> SendError:
        """Whether it is our token, or a box on the way that answers in Telegram's place (an empty 404)."""
        try:
            await self._opened().get_me(read_timeout=_ASKING, connect_timeout=_ASKING)
        except InvalidToken:
            log.error("telegram: TELEGRAM_TOKEN is not accepted: nothing can be sent")
            return TryLater("401", whole=True)
        except Exception:  # whatever is in between does not even say who we are
            return TryLater("404", whole=True)
        return TryLater("404", away=True)

    def _move(self, address: str, to: str) -> None:
        with self._tools.engine.begin() as connection:
            moved = Notice(self.profile.name, address, Change.MOVED, moved_to=to)
            apply(connection, [moved], self._tools.clock())

    def _opened(self) -> Bot:
        if self._bot is None:
            profile = self.profile
            self._bot = opened(self._config, connections=profile.in_flight, timeout=profile.timeout)
        return self._bot


def sender(config: TelegramConfig, tools: Tools) -> TelegramSender:
    """The bot's sender."""
    return TelegramSender(config, tools)


def _keyboard(rows: tuple[Row, ...]) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup([[InlineKeyboardButton(c.label, callback_data=c.value) for c in row] for row in rows])
