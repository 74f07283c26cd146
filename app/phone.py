"""The phone simulator in this installation: only a demo has it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flask import Blueprint

from app import i18n
from app.cast import PEOPLE
from core.clock import FRESH
from sms.phone.receive import Simulator, blueprint
from sms.phone.screen import Screens

if TYPE_CHECKING:
    from app.web import Services


def phone(services: Services) -> Blueprint | None:
    """Everything under /phone, or None outside a demo."""
    if not services.settings.demo:
        return None

    def move_clock(seconds: int) -> None:
        with services.engine.begin() as connection:
            services.clock.move(connection, seconds)
        time.sleep(FRESH)  # then no other process dates the next message before the move

    screens = Screens(services.engine, services.settings.sms_price)
    return blueprint(Simulator(services.ingress.accept, screens, services.clock.now, move_clock, i18n.words, PEOPLE))
