"""Twenty-one days of an outbreak on a moved clock: the real pipeline, the real clock's questions, a real database.

Nothing is sent anywhere: what the worker would send is claimed and settled as sent, and read by who got it.
"""

from __future__ import annotations

import heapq
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random

from sqlalchemy import ARRAY, Uuid, bindparam, insert, select

from app.clock import DUE, Due
from core.care import duty
from core.care.follow_up_opening import Line, Wanted, open_all
from core.care.follow_up_rows import NewPerson, Source
from core.care.follow_up_terms import Settled
from core.clock import VIETNAM
from core.database.shared import units
from core.database.tables import outbox
from core.messaging import outbox as line
from core.messaging.channel import InboundMessage, Sent
from core.pipeline.receive import receive
from core.places import admin
from core.places.admin import Commune
from tests.cast import CENTRE, NEXT_STATION, STATION, Cast, unit
from tests.simulation.people import DANGER, DAYS, Said, Somebody

_BATCH = 400
_AT_ONCE = 1  # second between two times that the clock asks what cannot wait
_RARE = 600  # seconds between two times that such a question of the clock is asked
_NIGHT = timedelta(hours=3)
_LEASE = timedelta(seconds=60)

_CODE = re.compile(r"KhaiBao (\d{4})")
_ASKED = select(outbox.c.address).where(
    outbox.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_(), outbox.c.due_check_id.is_not(None)
)


@dataclass(frozen=True, slots=True)
class Station:
    """A commune's. `duty`: the phone that its nurse has with her."""

    code: str
    commune: Commune
    duty: str


def stations(count: int, first: int = 0) -> list[Station]:
    """Of so many communes of one province, from the `first` on."""
    known = {STATION, NEXT_STATION}
    here = [each for each in admin.load().communes if each.province.code == "15" and f"TYT{each.code}" not in known]
    return [
        Station(f"TYT{each.code}", each, f"+8490000{1000 + n}")
        for n, each in list(enumerate(here))[first : first + count]
    ]


@dataclass
class Outbreak:
    """`cast.clock` stands until it is moved. `sent` counts what left; `each_day` is asked at every midnight."""

    cast: Cast
    people: Sequence[Somebody]
    stations: Sequence[Station]
    chance: Random
    days: int = DAYS
    pace: timedelta = timedelta(minutes=30)
    sent: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    heard: list[Said] = field(default_factory=list)
    _coming: list[tuple[datetime, int, Said]] = field(default_factory=list)
    _thinking: set[str] = field(default_factory=set)
    _number: Iterator[int] = field(default_factory=count)
    _by_address: dict[str, Somebody] = field(default_factory=dict)
    _nurses: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """At seven in the morning of the first day each station puts its list of people under follow-up."""
        self.cast.clock.at = self.cast.local(7)
        self._found()
        self._first = self.cast.today()
        with self.cast.engine.begin() as connection:
            keys = [("phone", person.address) for person in self.people]
            whose = self.cast.services.directory.contacts(keys)
            lines = [Line(whose[key], *key) for key in keys]
            for n, station in enumerate(self.stations):
                theirs = zip(self.people[n :: len(self.stations)], lines[n :: len(self.stations)], strict=True)
                wanted = [
                    Wanted(_described(who, station), line, self._terms(who), station.code) for who, line in theirs
                ]
                open_all(connection, wanted, Source("staff"), station.code, self.cast.clock.at)
        self._by_address = {person.address: person for person in self.people}
        self._nurses = {station.duty for station in self.stations}

    def _found(self) -> None:
        """The stations of one province, each with its nurse."""
        with self.cast.engine.begin() as connection:
            for station in self.stations:
                row = unit(station.code, CENTRE, "commune_station", station.commune.name, "15", station.commune.code)
                connection.execute(insert(units).values(row))
                new = duty.NewDuty(station.code, "phone", station.duty, "Y ta bia")
                duty.add(connection, new, self.cast.clock.at)

    def _terms(self, person: Somebody) -> Settled:
        last = self._first + timedelta(days=self.days - 1)
        return Settled("F1", "home", self._first, last, None, None, None, (), person.hours, "")

    def run(self, each_day: Callable[[int], None]) -> None:
        """All days, and the night after the last; `each_day` looks at every day that is over."""
        for day in range(self.days):
            end = self.cast.local(23, 50, day)
            while self.cast.clock.at < end:
                self._step(min(self.cast.clock.at + self._pace(), end))
            each_day(day)
        for hour in (1, 4, 7):
            self._step(self.cast.local(hour, days=self.days))

    def _pace(self) -> timedelta:
        return self.pace if 6 <= self.cast.clock.at.astimezone(VIETNAM).hour < 21 else _NIGHT

    def _step(self, until: datetime) -> None:
        """What people write until then arrives, what is due then happens, and what is in line leaves."""
        while self._coming and self._coming[0][0] <= until:
            self._arrive(self._due_before(until))
        self.cast.clock.at = until
        rarely = until.hour % 6 == 0
        self._ask(lambda question: rarely or question.seconds < _RARE)
        self._send()

    def _due_before(self, until: datetime) -> list[Said]:
        """A batch of what arrives; it ends with danger, for which nobody waits."""
        said: list[Said] = []
        while self._coming and self._coming[0][0] <= until and len(said) < _BATCH:
            said.append(heapq.heappop(self._coming)[2])
            if DANGER in said[-1].text:
                break
        self._thinking -= {each.address for each in said}
        return said

    def _arrive(self, said: Sequence[Said]) -> None:
        self.cast.clock.at = max(self.cast.clock.at, said[-1].at)
        receive(
            self.cast.services,
            [InboundMessage("phone", f"S{next(self._number)}", each.address, each.text, each.at) for each in said],
        )
        self.heard += said
        if DANGER in said[-1].text:
            self.cast.clock.at += timedelta(seconds=20)
            self._ask(lambda question: question.seconds <= _AT_ONCE)
            self._send()

    def _ask(self, wanted: Callable[[Due], bool]) -> None:
        for question in DUE:
            if wanted(question):
                question.run(self.cast.services)

    def _send(self) -> None:
        now = self.cast.clock.at
        with self.cast.engine.begin() as connection:
            while taken := line.claim(connection, "phone", now, 1000, _LEASE, bulk=1000):
                line.settle(connection, [line.Outcome(leased, Sent()) for leased in taken], now)
                asked = connection.execute(_ASKED, {"ids": [leased.message.id for leased in taken]})
                for (address,) in asked.all():
                    self._asked(self._by_address[address], now)
                for leased in taken:
                    self.sent[leased.kind] += 1
                    self._on_duty(leased, now)

    def _on_duty(self, leased: line.Leased, now: datetime) -> None:
        """A nurse takes what she is told of after two minutes, and has done it half an hour later."""
        told = _CODE.match(leased.message.text)
        nurse = leased.message.address
        if nurse not in self._nurses or told is None:
            return
        for minutes, word in ((2, "NHAN"), (32, "XONG")):
            said = Said(now + timedelta(minutes=minutes), nurse, f"{word} {told[1]}")
            heapq.heappush(self._coming, (said.at, next(self._number), said))

    def _asked(self, person: Somebody, now: datetime) -> None:
        """They think of one answer at a time: what nudges them is not answered besides."""
        if person.address in self._thinking:
            return
        day = (now.astimezone(VIETNAM).date() - self._first).days
        for said in person.answers(now, day, self.chance):
            self._thinking.add(said.address)
            heapq.heappush(self._coming, (said.at, next(self._number), said))


def _described(person: Somebody, station: Station) -> NewPerson:
    return NewPerson(person.name, 1970, "female", station.code)
