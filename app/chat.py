"""The web chat in this installation: on by WEB_CHAT, and in a demo."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flask import Blueprint

from app.ports import ports
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
    given = ports(services.engine, services.clock.now, services.pipeline)
    secure = services.settings.public_url.startswith("https://")
    pages = blueprint(Chat(config, given, services.engine, services.settings.secret_key, secure, services.clock.now))
    pages.add_app_template_filter(_clock, "clock")
    return pages


def _clock(at: datetime) -> str:
    """The hour and the minute in Vietnam."""
    return f"{at.astimezone(VIETNAM):%H:%M}"
