"""The same conversations on a channel with buttons: who taps is understood as who writes the number."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.play import Player
from app.play_world import RecordingSender, World, temporary_world
from app.scenario import load
from app.settings import Settings
from core.conversation.form import Form
from core.conversation.understanding import Choice
from core.conversation.wording import numbered
from core.messaging.channel import Channel, ChannelProfile, Media, OutboundMessage, Rendered, Sent
from sms.text import unaccent

pytestmark = pytest.mark.slow

SMS_ONLY = {"accents"}  # what it asks for costs nothing in a chat
FILES = [path for path in sorted((Path(__file__).parent / "scenarios").glob("*.chat")) if path.stem not in SMS_ONLY]


def render(text: str, choices: tuple[Choice, ...], *, accents: bool) -> Rendered:
    """As a chat does: with accents, and every choice as a button."""
    return Rendered(text, 1, choices)


CHAT = Channel(ChannelProfile("phone", sms=False, max_text=4096, buttons=13), render)


class Keyboard(RecordingSender):
    """Shows what came as an SMS would say it, and keeps the newest buttons of everybody."""

    def __init__(self, profile: ChannelProfile) -> None:
        super().__init__(profile)
        self.buttons: dict[str, tuple[Choice, ...]] = {}

    async def send(self, message: OutboundMessage) -> Sent:
        self.buttons[message.address] = message.choices
        text = unaccent(message.text + numbered(message.choices))
        return await super().send(replace(message, text=text, choices=()))


class ChatWorld(World):
    """Whoever writes the number of a button taps it instead."""

    sender = Keyboard
    tapped = 0

    def __init__(self, engine: Engine, settings: Settings, channel: str, forms: Collection[Form] | None = None) -> None:
        super().__init__(engine, settings, channel, forms)
        self._services = replace(self._services, channels={**self._services.channels, channel: CHAT})
        self.clear()

    def write(self, address: str, text: str, media: Media | None = None) -> None:
        assert isinstance(self._sender, Keyboard)
        buttons = self._sender.buttons.pop(address, ())
        if text.isdigit() and 0 < int(text) <= len(buttons):
            text = buttons[int(text) - 1].value
            self.tapped += 1
        super().write(address, text, media)


@pytest.fixture(scope="module")
def chat() -> Iterator[ChatWorld]:
    """One database for all scenarios; each finds it empty."""
    with temporary_world("phone", kind=ChatWorld) as world:
        assert isinstance(world, ChatWorld)
        yield world


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_goes_as_by_sms(chat: ChatWorld, path: Path) -> None:
    Player(chat, load(path)).play()


def test_buttons_are_tapped(chat: ChatWorld) -> None:
    before = chat.tapped
    Player(chat, load(next(path for path in FILES if path.stem == "household_corrected"))).play()
    assert chat.tapped > before
