"""The web chat in this installation: on by WEB_CHAT, and in a demo."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flask import Blueprint

from app import i18n
from bot.web.config import WebConfig
from bot.web.receive import Chat, blueprint
from core.clock import VIETNAM

if TYPE_CHECKING:
    from app.web import Services


def chat(services: Services) -> Blueprint | None:
    """Everything under /chat, or None when it is off."""
    config = services.settings.channel("web")
    if not isinstance(config, WebConfig):
        return None
    secure = services.settings.public_url.startswith("https://")
    secret, now = services.settings.secret_key, services.clock.now
    pages = blueprint(Chat(config, services.ingress.ports(), services.engine, secret, secure, now, i18n.language))
    pages.add_app_template_filter(_clock, "clock")
    return pages


def _clock(at: datetime) -> str:
    """The hour and the minute in Vietnam."""
    return f"{at.astimezone(VIETNAM):%H:%M}"
