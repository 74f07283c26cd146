"""The health units' pages in this installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from app.cast import SIGN_INS
from console import Console, blueprint

if TYPE_CHECKING:
    from app.web import Services


def console(services: Services) -> Blueprint:
    """Everything under /console. A demo offers its made-up accounts at the door."""
    return blueprint(
        Console(
            engine=services.engine,
            now=services.clock.now,
            units=lambda: services.pipeline().units(),
            sign_ins=SIGN_INS if services.settings.demo else (),
            pipeline=services.pipeline,
        )
    )
