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
from sqlalchemy import Engine, Select, delete, exists, or_, select

from app import wiring
from app.clock import DUE
from app.embedded import embedded
from app.migrate import migrate
from app.scenario import GoOnDuty
from app.scenario_help import AskPresence
from app.settings import Settings
from core.access.scope import Scope
from core.care import duty, presence
from core.care.duty import NewDuty
from core.care.follow_up import Enrolment, Line, open_follow_up
from core.care.handling import By
from core.care.presence import Rule
from core.care.receipt_code import ReceiptCodes
from core.clock import Clock
from core.conversation.form import Form, Gate
from core.database.cell import cell
from core.database.due import alerts, presence_rules
from core.database.engine import make_engine
from core.database.following import area_decisions, follow_ups
from core.database.households import volunteers
from core.database.shared import directory, duty_phones, gates, venue_guards, venues
from core.database.tables import outbox, visits
from core.messaging.channel import ChannelProfile, InboundMessage, Media, OutboundMessage, Sent, Status
from core.messaging.dispatch import Dispatcher
from core.people.directory import Directory
from core.pipeline import library as versions
from core.pipeline.receive import receive
from core.places import gates as gate_rows
from core.places import venues as venue_rows
from core.places.venues import NewVenue
from core.words import languages, load_words

_STEP = timedelta(minutes=10)  # time moves at most so far before it is asked what is due
_STRIDE = timedelta(minutes=30)  # the same where nobody says a word for hours
_LEAP = timedelta(hours=1)  # or for days
_HOURS, _DAYS = timedelta(hours=6), timedelta(days=1)
_TYPING = timedelta(seconds=20)  # from one text to the next
_SELDOM = 20  # on the way a question is asked so many times as rarely as the clock does; wherever time stops, at once

_UNSENT = select(exists().where(outbox.c.status.in_(("queued", "sending"))))
_MAY_WAIT = select(
    or_(*(exists(select(table)) for table in (follow_ups, alerts, visits, volunteers, area_decisions, presence_rules)))
)
"""Where all of these are empty nothing is ever due but what is forgotten, and that has time until time stops."""

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
        self._services = replace(services, on={channel: services.channels[channel].profile})
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
        self._asked: defaultdict[str, datetime] = defaultdict(lambda: START)
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

    def write(
        self, address: str, text: str, media: Media | None = None, point: tuple[float, float] | None = None
    ) -> None:
        """A person's message arrives, and everything that follows from it is sent."""
        said = InboundMessage(self.channel, str(uuid4()), address, text, self.clock.now(), media, point=point)
        receive(self._services, [said])
        self._send()

    def go_on(self, until: datetime) -> None:
        """Time moves forward; what is due on the way happens."""
        while self.clock.at < until:
            left = until - self.clock.at
            pace = _STEP if left <= _HOURS else _STRIDE if left <= _DAYS else _LEAP
            self.clock.at = min(self.clock.at + pace, until)
            self._ask_what_is_due(_SELDOM if self.clock.at < until else 0)

    def type(self) -> None:
        """The time passes in which somebody types a text."""
        self.clock.at += _TYPING
        self._ask_what_is_due(_SELDOM)

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

    def ask_presence(self, address: str, deed: AskPresence) -> None:
        """Switch it on for the unit, and ask for a sign of everybody who is followed on this phone."""
        now, scope = self.clock.now(), Scope(deed.unit_code, (deed.unit_code,))
        rule = Rule(deed.unit_code, now.date() - timedelta(days=1), 0, deed.minutes, "(bịa)", "(bịa)")
        with self.engine.begin() as connection:
            presence.switch_on(connection, rule, now)
            followed = select(follow_ups.c.person_id).where(follow_ups.c.contact_id == self.contact(address))
            for person in connection.scalars(followed).all():
                presence.set_home(connection, scope, person, presence.point_of(deed.home))
                presence.ask(connection, scope, person, presence.Kind(deed.kind), By(uuid4(), now))

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

    def _ask_what_is_due(self, seldom: int) -> None:
        """Ask each question that was not asked for so many times its seconds, and send what came of it."""
        if seldom and not self._is_anything(_MAY_WAIT):
            return
        now = self.clock.at
        due = [each for each in DUE if now - self._asked[each.name] >= timedelta(seconds=seldom * each.seconds)]
        for question in due:
            self._asked[question.name] = now
            question.run(self._services)
        if due:
            self._send()

    def _is_anything(self, there: Select[tuple[bool]]) -> bool:
        with self.engine.connect() as connection:
            return bool(connection.scalar(there))

    def _send(self) -> None:
        async def work() -> None:
            while self._is_anything(_UNSENT) and await self._dispatcher.turn():
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
