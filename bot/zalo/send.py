"""Sending through Zalo's open API, with our own client: there is no official one for Python.

There is no idempotency key and no way to ask what became of a message: an answer that does not come leaves it in doubt.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import httpx

from bot.zalo.config import ZaloConfig
from bot.zalo.errors import BROKEN, STALE, error
from bot.zalo.oauth import ZaloTokens, error_code
from bot.zalo.render import body
from bot.zalo.template import Posting, posting
from core.messaging.channel import ChannelProfile, OutboundMessage, OutcomeUnknown, Sent, WindowClosed
from core.messaging.http import ProviderClient, by_status, json_object
from core.messaging.ports import Tools

log = logging.getLogger(__name__)


class ZaloSender:
    """Sends one message at a call. Its connections belong to the event loop of the first call."""

    profile: ChannelProfile

    def __init__(self, config: ZaloConfig, tools: Tools) -> None:
        self.profile = config.profile
        self._config = config
        self._clock = tools.clock
        self._tokens = ZaloTokens(config, tools)
        self._http = {url: ProviderClient(url, config.profile.timeout) for url in {config.api_url, config.business_url}}

    async def send(self, message: OutboundMessage) -> Sent:
        """In the window as a message of its own, behind it as a template, if there is one for it.

        Raises SendError by `errors.ERRORS`; WindowClosed without a call if it is known to be closed. A token that is
        not taken is renewed once, and the message sent once more: it was refused, so it cannot come twice.
        """
        what = self._posting(message)
        token = await self._tokens.current()
        answer = await self._post(what, token)
        if error_code(answer) in STALE:
            answer = await self._post(what, await self._tokens.renewed(token))
        if code := error_code(answer):
            if code in BROKEN | STALE:
                log.error("zalo: nothing can be sent by %s: error %s: see khaibao channels check", what.path, code)
            raise error(code, datetime.now(UTC), template=what.template)
        return _sent(answer)

    async def close(self) -> None:
        """Close the connections, when an exchange of tokens that is under way has ended."""
        await self._tokens.close()
        for http in self._http.values():
            await http.close()

    def _posting(self, message: OutboundMessage) -> Posting:
        if not self._is_closed(message):
            return Posting(self._config.api_url, "/v3.0/oa/message/cs", body(message))
        if template := posting(self._config, message):
            return template
        raise WindowClosed("window")

    def _is_closed(self, message: OutboundMessage) -> bool:
        """Whether Zalo would refuse it. Nobody writes to us from a telephone number."""
        window, heard_at = self.profile.window, message.heard_at
        if message.address.startswith("+"):
            return True
        return window is not None and heard_at is not None and self._clock() - heard_at >= window

    async def _post(self, what: Posting, token: str) -> dict[str, Any]:
        headers = {"access_token": token}
        response = await self._http[what.base_url].request("POST", what.path, json=what.body, headers=headers)
        return _judged(response)


def sender(config: ZaloConfig, tools: Tools) -> ZaloSender:
    """The account's sender."""
    return ZaloSender(config, tools)


def _judged(response: httpx.Response) -> dict[str, Any]:
    """The answer that says what became of it. Raises SendError if it says nothing."""
    answer = json_object(response)
    if error_code(answer):
        return answer
    if failure := by_status(response):
        raise failure
    if "error" not in answer:
        raise OutcomeUnknown("answer")
    return answer


def _sent(answer: dict[str, Any]) -> Sent:
    """Under `message_id`, or `msg_id` by telephone number."""
    data = answer.get("data")
    given = (data.get("message_id") or data.get("msg_id")) if isinstance(data, dict) else None
    return Sent(str(given) if given else None)
