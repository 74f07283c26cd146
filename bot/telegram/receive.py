"""Telegram's webhook: messages, taps on buttons, and chats that are closed or opened.

A forged request gets 403. A genuine one that we cannot use gets 200 and a log line by its number: Telegram would repeat
it for a day, and hold up everything else from that chat meanwhile. What can be kept nowhere is a 503, and Telegram
repeats it. A tap is answered in our response, so that no provider is called from here.
"""

from __future__ import annotations

import hmac
import logging

from flask import Blueprint, Response, abort, jsonify, request

from bot.telegram.config import HOOK, TelegramConfig
from bot.telegram.hand_in import hand_in
from bot.telegram.updates import heard
from core.messaging.ports import Ports

log = logging.getLogger(__name__)

_HEADER = "X-Telegram-Bot-Api-Secret-Token"


def blueprint(config: TelegramConfig, ports: Ports) -> Blueprint:
    """The one route that Telegram calls."""
    pages = Blueprint("telegram", __name__)

    @pages.before_request
    def sent_by_telegram() -> None:
        given = request.headers.get(_HEADER, "").encode()
        if not (config.hook and config.secret and hmac.compare_digest(given, config.secret.encode())):
            log.warning("telegram: forged request")
            abort(403)

    @pages.post(HOOK)
    def inbound() -> Response:
        said = heard(request.get_json(force=True, silent=True), config.bot, ports.clock())
        if said is None:
            return Response(content_type="text/plain")
        hand_in(ports, [said])
        if said.callback:
            return jsonify(method="answerCallbackQuery", callback_query_id=said.callback)
        return Response(content_type="text/plain")

    return pages
