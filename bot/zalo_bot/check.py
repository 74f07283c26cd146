"""What an operator should know of the bot: whether Zalo knows it, and whether its messages reach us."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.zalo_bot.client import ZaloBotClient
from bot.zalo_bot.config import ZaloBotConfig
from core.messaging.channel import SendError
from core.messaging.ports import Finding, Level, Tools

_PATIENCE: Final = 10.0  # seconds
_REGISTER: Final = "start khaibao zalo-bot register"


async def check(config: ZaloBotConfig, tools: Tools) -> Sequence[Finding]:
    """The token, then the webhook. Sends nothing to people."""
    client = ZaloBotClient(config, _PATIENCE)
    try:
        me = await client.call("getMe")
        named = Finding(Level.GOOD, f"Zalo knows the bot as {me.get('account_name', 'unnamed')!s}")
        return [named, await _webhook(config, client)]
    except SendError as error:
        if error.code in {"401", "404"}:
            return [_bad("Zalo does not accept ZALO_BOT_TOKEN: copy it again from Zalo Bot Manager")]
        return [_bad(f"Zalo's bot platform cannot be asked ({error.code}): try again, or mend ZALO_BOT_API_URL")]
    finally:
        await client.close()


async def _webhook(config: ZaloBotConfig, client: ZaloBotClient) -> Finding:
    """Zalo does not tell the secret that it calls with: after a change of it, register again."""
    if not config.hook:
        return _bad("PUBLIC_URL is not set: Zalo cannot bring messages from people")
    called = (await client.call("getWebhookInfo")).get("url")
    if called != config.hook:
        instead = "another address" if called else "nobody"
        return _bad(f"Zalo calls {instead}, not {config.hook}: {_REGISTER}")
    return Finding(Level.GOOD, f"Zalo calls {config.hook}; if ZALO_BOT_SECRET was changed, {_REGISTER}")


def _bad(text: str) -> Finding:
    return Finding(Level.BAD, text)
