"""The same conversations on every chat: a tap is understood as the number, and the same is written down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from app.channels import CHANNELS
from app.play import Player
from app.play_world import RecordingSender, World, temporary_world
from app.scenario import load
from core.care.follow_up import Enrolment
from core.conversation.understanding import Choice
from core.database.tables import addresses
from core.messaging import buttons
from core.messaging.channel import ChannelProfile, InboundMessage, Media, OutboundMessage, Sent
from core.people import contacts
from core.pipeline.receive import receive
from sms.text import unaccent

pytestmark = pytest.mark.slow

SMS_ONLY = {
    "accents": "what it asks for costs nothing in a chat",
    "visit_by_guard": "the visitor is asked by SMS (tests/core/people/test_linking.py has a guard who chats)",
    "visit_not_a_guard": "the same",
    "visit_not_confused": "the same",
    "volunteer_serves": "it hands over by a number, which a chat has only once it is linked",
}
FILES = [path for path in sorted((Path(__file__).parent / "scenarios").glob("*.chat")) if path.stem not in SMS_ONLY]
CHATS = [plug.profile.name for plug in CHANNELS if not plug.profile.sms]


class Keyboard(RecordingSender):
    """Shows what came as an SMS would say it, and keeps the newest buttons of everybody."""

    def __init__(self, profile: ChannelProfile) -> None:
        super().__init__(profile)
        self.buttons: dict[str, tuple[Choice, ...]] = {}

    async def send(self, message: OutboundMessage) -> Sent:
        self.buttons[message.address] = message.choices
        labels = "".join(f" {choice.label}" for choice in message.choices if not choice.tapped)
        return await super().send(replace(message, text=unaccent(message.text + labels), choices=()))


class ChatWorld(World):
    """Whoever writes the number of a button taps it instead. Everybody has just written: windows are open."""

    sender = Keyboard
    tapped = 0

    def write(
        self, address: str, text: str, media: Media | None = None, point: tuple[float, float] | None = None
    ) -> None:
        assert isinstance(self._sender, Keyboard)
        shown = self._sender.buttons.pop(address, ())
        numbered = [choice for choice in shown if not choice.tapped]
        mark = ""
        if text.isdigit() and 0 < int(text) <= len(numbered):
            text, mark = buttons.tapped(numbered[int(text) - 1].value)
            self.tapped += 1
        self.receive(address, text, media, mark, point)

    def receive(
        self, address: str, text: str, media: Media | None, mark: str, point: tuple[float, float] | None = None
    ) -> None:
        now = self.clock.now()
        self.tells_number(address)
        message = InboundMessage(self.channel, f"{address} {now.isoformat()} {text}", address, text, now, media, mark)
        receive(self._services, [replace(message, point=point)])
        self._send()

    def tells_number(self, address: str) -> None:
        """Staff have a number to call, as they have by SMS: nobody is asked for one."""
        row = {"id": self.contact(address), "channel": self.channel, "address": address, "seen_at": self.clock.now()}
        with self.engine.begin() as connection:
            contacts.ensure(connection, [row])
            contacts.say_phone(connection, [{"id": row["id"], "phone": address}])

    def enrol(self, address: str, enrolment: Enrolment) -> None:
        super().enrol(address, enrolment)
        with self.engine.begin() as connection:
            connection.execute(update(addresses).values(heard_at=self.clock.now()))


@contextmanager
def opened(channel: str) -> Iterator[ChatWorld]:
    with temporary_world(channel, kind=ChatWorld) as world:
        assert isinstance(world, ChatWorld)
        yield world


@pytest.fixture(scope="module", params=CHATS)
def chat(request: pytest.FixtureRequest) -> Iterator[ChatWorld]:
    """One database for all scenarios on one channel; each finds it empty."""
    with opened(request.param) as world:
        yield world


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_goes_as_by_sms(chat: ChatWorld, path: Path) -> None:
    Player(chat, load(path)).play()


def test_buttons_are_tapped_where_there_are_any(chat: ChatWorld) -> None:
    before = chat.tapped
    Player(chat, load(next(path for path in FILES if path.stem == "household_corrected"))).play()
    profile = next(plug.profile for plug in CHANNELS if plug.profile.name == chat.channel)
    assert (chat.tapped > before) is (profile.buttons > 0)
