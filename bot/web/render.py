"""A page carries words with accents, and every choice as a button."""

from __future__ import annotations

from bot.render import renderer
from bot.web import PROFILE

render = renderer(PROFILE.buttons)
