"""The bot platform's webhook: messages from people. It tells nothing else.

Without our secret a request gets 403. What can be kept nowhere is a 503. Everything else gets 200, also what we cannot
use, by its id in the log.
"""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, abort, request

from bot.zalo_bot import PROFILE
from bot.zalo_bot.config import PATH, ZaloBotConfig
from core.messaging.channel import InboundMessage, Media
from core.messaging.ports import Ports

log = logging.getLogger(__name__)

_MEDIA: Final[Mapping[str, Media | None]] = {
    "message.text.received": None,
    "message.image.received": Media.PHOTO,
    "message.sticker.received": Media.STICKER,
    "message.voice.received": Media.VOICE,
    "message.unsupported.received": Media.FILE,  # Zalo keeps the content of some senders to itself
}
_ID = re.compile(r"[0-9A-Za-z_.:-]{1,128}")


def blueprint(config: ZaloBotConfig, ports: Ports) -> Blueprint:
    """The route that Zalo calls."""
    pages = Blueprint("zalo_bot", __name__)

    @pages.before_request
    def knows_our_secret() -> None:
        given = request.headers.get("X-Bot-Api-Secret-Token", "")
        if not config.secret or not hmac.compare_digest(given.encode(), config.secret.encode()):
            log.warning("zalo_bot: forged request")
            abort(403)

    @pages.post(PATH)
    def update() -> Response:
        message = _read(request.get_json(force=True, silent=True), ports)
        if message is not None:
            ports.accept([message])
        return Response("", content_type="text/plain")

    return pages


def _read(given: object, ports: Ports) -> InboundMessage | None:
    """The message; None if there is nobody to answer."""
    told = _inside(given, "result")
    name, message = told.get("event_name"), _inside(told, "message")
    id, chat = _id(message.get("message_id")), _inside(message, "chat")
    address, text = _id(chat.get("id")), _words(message)
    if not isinstance(name, str) or name not in _MEDIA or not id or not address:
        log.warning("zalo_bot: an unusable event: %s", id or "without an id")
        return None
    if chat.get("chat_type") != "PRIVATE" or _inside(message, "from").get("is_bot") is True:
        log.info("zalo_bot: message %s comes from a group or a bot: nobody's health is asked there", id)
        return None
    if text is None and _MEDIA[name] is None:
        log.warning("zalo_bot: a message without a text: %s", id)
        return None
    return InboundMessage(PROFILE.name, id, address, text or "", ports.clock(), _MEDIA[name])


def _words(message: dict[str, Any]) -> str | None:
    """The text, or what is written below a picture."""
    for name in ("text", "caption"):
        if isinstance(words := message.get(name), str):
            return words
    return None


def _inside(given: object, name: str) -> dict[str, Any]:
    found = given.get(name) if isinstance(given, dict) else None
    return found if isinstance(found, dict) else {}


def _id(value: object) -> str:
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""
