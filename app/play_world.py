"""Where scenarios happen: a database of their own, the whole pipeline over it, and time that they move."""

from __future__ import annotations

import asyncio
import tempfile
from collections import defaultdict, deque
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from cryptography.fernet import Fernet
from sqlalchemy import Engine, delete, select

from app import wiring
from app.clock import run_due
from app.embedded import embedded
from app.migrate import migrate
from app.scenario import GoOnDuty
from app.settings import Settings
from core.care import duty
from core.care.duty import NewDuty
from core.care.follow_up import Enrolment, Line, open_follow_up
from core.care.receipt_code import ReceiptCodes
from core.clock import Clock
from core.conversation.form import Form, Gate
from core.database.cell import cell
from core.database.engine import make_engine
from core.database.shared import directory, duty_phones, gates, venue_guards, venues
from core.database.tables import outbox
from core.messaging.channel import ChannelProfile, InboundMessage, Media, OutboundMessage, Sent, Status
from core.messaging.dispatch import Dispatcher
from core.people.directory import Directory
from core.pipeline import library as versions
from core.pipeline.receive import receive
from core.places import gates as gate_rows
from core.places import venues as venue_rows
from core.places.venues import NewVenue
from core.words import languages, load_words

STEP = timedelta(minutes=10)
_STRIDE = timedelta(minutes=30)  # through days in which nobody says a word
"""Time moves at most so far before it is asked what is due."""

START = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)  # seven on a Monday morning in Vietnam


class StoryClock(Clock):
    """Domain time that a scenario sets. It stands still in between."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, demo=False)
        self.at = START

    def now(self) -> datetime:
        """The story's moment, aware."""
        return self.at


class RecordingSender:
    """Takes every message of a channel and keeps it by address, in the order in which it was sent."""

    def __init__(self, profile: ChannelProfile) -> None:
        self.profile = replace(profile, rate=None, spacing=0.0)  # nobody waits in a story
        self.heard: defaultdict[str, deque[str]] = defaultdict(deque)

    async def send(self, message: OutboundMessage) -> Sent:
        """Delivered at once. Buttons are shown behind the text."""
        buttons = "".join(f" [{choice.label}]" for choice in message.choices)
        self.heard[message.address].append(message.text + buttons)
        return Sent(str(message.id), Status.DELIVERED)

    async def close(self) -> None:
        """Nothing is held."""


class World:
    """One database and its pipeline on one channel, for one scenario after the other."""

    sender: type[RecordingSender] = RecordingSender

    def __init__(self, engine: Engine, settings: Settings, channel: str, forms: Collection[Form] | None = None) -> None:
        self.engine = engine
        self.channel = channel
        self.clock = StoryClock(engine)
        self._cell = settings.cell
        self._province = settings.province
        services = wiring.services(settings, engine, self.clock, forms)
        self._services = replace(services, on=(services.channels[channel].profile,))
        self._runner = asyncio.Runner()
        self.clear()

    def clear(self) -> None:
        """Nobody has written yet, and it is START again."""
        with self.engine.begin() as connection:
            for table in reversed(cell.sorted_tables):
                connection.execute(delete(table))
            for table in (directory, duty_phones, venue_guards, venues, gates):
                connection.execute(delete(table))
        self.clock.at = START
        self._sender = self.sender(self._services.channels[self.channel].profile)
        self._dispatcher = Dispatcher(self.engine, self._sender, self.clock.now, chance=lambda: 0.5)
        self._services = replace(
            self._services,
            directory=Directory(self.engine, self._cell, self._phones()),
            codes=ReceiptCodes(self.engine),
        )
        self._read_gates()

    def heard(self, address: str) -> deque[str]:
        """What arrived there and was not looked at yet; the caller takes from it."""
        return self._sender.heard[address]

    def unheard(self) -> list[str]:
        """Addresses with messages that nobody looked at."""
        return [address for address, texts in self._sender.heard.items() if texts]

    def write(self, address: str, text: str, media: Media | None = None) -> None:
        """A person's message arrives, and everything that follows from it is sent."""
        receive(self._services, [InboundMessage(self.channel, str(uuid4()), address, text, self.clock.now(), media)])
        self._send()

    def go_on(self, until: datetime) -> None:
        """Time moves forward; what is due on the way happens."""
        while self.clock.at < until:
            pace = STEP if until - self.clock.at <= timedelta(days=1) else _STRIDE
            self.clock.at = min(self.clock.at + pace, until)
            run_due(self._services)
            if self._is_anything_queued():
                self._send()

    def enrol(self, address: str, enrolment: Enrolment) -> None:
        """Put somebody under follow-up on this phone."""
        with self.engine.begin() as connection:
            open_follow_up(connection, Line(self.contact(address), self.channel, address), enrolment, self.clock.now())

    def open_venue(self, code: str, venue: NewVenue) -> None:
        """Let people check in at a place by that code."""
        with self.engine.begin() as connection:
            venue_rows.add(connection, venue, self.clock.now(), code)

    def add_guard(self, code: str, address: str) -> None:
        """Let this phone check others in there."""
        with self.engine.begin() as connection:
            venue_rows.add_guard(connection, code, address)

    def open_gate(self, gate: Gate) -> None:
        """Let people who enter the country declare there, from now on."""
        with self.engine.begin() as connection:
            gate_rows.open_gate(connection, gate, self._province)
        self._read_gates()

    def go_on_duty(self, address: str, deed: GoOnDuty) -> None:
        """Text this phone of a unit's alerts."""
        new = NewDuty(deed.unit_code, self.channel, address, deed.name, deed.hours)
        with self.engine.begin() as connection:
            duty.add(connection, new, self.clock.now())

    def _phones(self) -> list[str]:
        return [name for name, channel in self._services.channels.items() if channel.profile.sms]

    def _read_gates(self) -> None:
        """Now, and not when a running process would look again."""
        forms = wiring.with_gates(self.engine, self._services.library, self._province)
        self._services = replace(self._services, forms=forms)

    def contact(self, address: str) -> UUID:
        """Whose the address is."""
        key = (self.channel, address)
        return self._services.directory.contacts([key])[key]

    def close(self) -> None:
        """Give the event loop back."""
        self._runner.close()

    def _is_anything_queued(self) -> bool:
        with self.engine.connect() as connection:
            return connection.scalar(select(outbox.c.id).where(outbox.c.status == "queued").limit(1)) is not None

    def _send(self) -> None:
        async def work() -> None:
            while await self._dispatcher.turn():
                pass

        self._runner.run(work())


@contextmanager
def temporary_world(channel: str, forms: Collection[Form] | None = None, kind: type[World] = World) -> Iterator[World]:
    """A world whose database lives in a temporary folder and is gone afterwards. It asks by the program's own forms, or
    by those given."""
    with (
        tempfile.TemporaryDirectory(prefix="khaibao-play-") as folder,
        embedded(Path(folder), durable=False) as url,
    ):
        settings = Settings(
            secret_key="made up for scenarios " * 2,
            data_keys=(Fernet.generate_key().decode(),),
            database_url=url,
            var_dir=Path(folder),
            demo=True,
        )
        engine = make_engine(url, settings.cell)
        try:
            migrate(engine, settings)
            with engine.begin() as connection:
                versions.publish(connection, [load_words(language) for language in languages()], forms)
            with closing(kind(engine, settings, channel, forms)) as world:
                yield world
        finally:
            engine.dispose()
