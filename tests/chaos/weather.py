"""One whole run: a calm walk through each conversation, then load and kills, then calm, then the judgement."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from core.clock import VIETNAM
from core.messaging.quiet import is_quiet
from tests.chaos.due import CENTRE, STATION, patients
from tests.chaos.judge import Report, judge
from tests.chaos.load import Load
from tests.chaos.processes import KINDS, NOW, Cluster, System, all_of_it, cluster, khaibao, system
from tests.chaos.sink import Delivery, Send, Sink, answered, sink

_LEFT = f"""
SELECT what || ': ' || count(*) FROM (
    SELECT 'outbox ' || status FROM outbox
    WHERE status = 'sending' OR status = 'queued' AND (attempts > 0 OR due_at <= {NOW} + interval '1 min')
    UNION ALL SELECT 'forwards' FROM forwards WHERE status = 'pending'
    UNION ALL SELECT 'inbox' FROM inbox WHERE state = 'waiting'
    UNION ALL SELECT 'due checks' FROM due_checks
    WHERE status = 'not_performed' AND reminded_at IS NULL AND due_at <= {NOW} AND closes_at > {NOW}
) AS left_over (what) GROUP BY what ORDER BY what
"""
"""Everything that is still to be done."""

_NEXT_ATTEMPTS = f"""
WITH messages AS (UPDATE outbox SET due_at = {NOW} WHERE status = 'queued' AND attempts > 0 AND due_at > {NOW})
UPDATE forwards SET due_at = {NOW} WHERE status = 'pending' AND attempts > 0 AND due_at > {NOW}
"""
_LEASES = "UPDATE {} SET lease_until = now() WHERE lease_until > now() AND status IN ('sending', 'pending')"


@dataclass(frozen=True, slots=True)
class Weather:
    """How long it blows, and how.

    `hurry`: at the end the leases of what was killed are ended, not waited for. `twins`: two workers and two clocks.
    `outage`: seconds for which PostgreSQL is stopped half-way, while people go on writing.
    """

    rounds: int
    seed: int
    calm_between: tuple[float, float] = (0.5, 3.0)
    people: int = 12
    patients: int = 40
    hurry: bool = True
    twins: bool = False
    outage: float = 0
    say: Callable[[str], None] = lambda _: None


@dataclass
class Scene:
    """What is there after a calm walk: everything runs, a unit is told, nobody has been killed."""

    running: System
    load: Load
    sink: Sink
    chance: Random
    calm: list[str]

    def settle(self, *, hurry: bool = True) -> None:
        """Until nothing is left to do. `hurry`: no lease and no wait for a next attempt is sat through."""
        self.running.until(lambda: self.running.values("SELECT 1") == ["1"], 60, "the database")
        if hurry:
            self._end_leases()
        seconds = 300 if hurry else 900
        self.running.until(lambda: self._done(hurry), seconds, lambda: f"an end of all work ({self.left()})")

    def _done(self, hurry: bool) -> bool:
        if not self.left():
            return True
        if hurry and not self.sink.all_reported():
            return False
        if hurry:
            self.pass_time()
        return False

    def pass_time(self) -> None:
        """Until the next attempts of all that failed, or may have arrived."""
        self.running.values(f"{_NEXT_ATTEMPTS} RETURNING ''")

    def left(self) -> str:
        """What there is still to do; nothing if it is empty."""
        spooled = [f"spool: {len(self.running.spooled())}"] if self.running.spooled() else []
        return ", ".join(self.running.values(_LEFT) + spooled)

    def _end_leases(self) -> None:
        """The time of the leases of those who were killed passes: no worker is alive meanwhile, none is robbed."""
        for name, process in self.running.processes.items():
            if name.startswith("worker"):
                process.kill()
        with self.running.database() as connection:
            for table in ("outbox", "forwards"):
                connection.execute(_LEASES.format(table).encode())

    def judged(self) -> Report:
        return judge(self.running, self.load, self.sink, self.calm)


@contextmanager
def scene(template: Cluster, seed: int, *, people: int = 12, by_day: bool = False, **more: str) -> Iterator[Scene]:
    """Everything up, with a station and the centre above it as units of their own systems.

    `by_day`: nobody is reminded at night, so if it is night in Vietnam, this is a demo whose clock was moved to noon.
    """
    chance = Random(seed)
    with (
        tempfile.TemporaryDirectory(prefix="kb-") as name,
        sink(Path(name), seed) as given,
        system(template, given.provider, **more) as running,
    ):
        if by_day and is_quiet(datetime.now(UTC)):
            _move_to_noon(running)
        for unit in (STATION, CENTRE):
            _register(running, given, unit)
        all_of_it(running)
        load = Load(running.address, chance, width=people)
        made = Scene(running, load, given, chance, load.calm())
        made.settle(hurry=False)
        yield made


def _move_to_noon(running: System) -> None:
    running.environ["DEMO"] = "1"
    here = datetime.now(VIETNAM)
    noon = here.replace(hour=12, minute=0) + timedelta(days=here.hour > 12)
    with running.database() as connection:
        seconds = int((noon - here).total_seconds())
        connection.execute("UPDATE shared.installation SET demo = true, clock_offset = %s", (seconds,))


def _register(running: System, given: Sink, unit: str) -> None:
    printed = khaibao(running.environ, "forwarding", "destination", "add", unit, given.unit(unit))
    given.secrets[f"/unit/{unit}"] = next(word for word in printed.split() if word.startswith("whsec_"))


def storm(weather: Weather) -> Report:
    """Raises AssertionError if something does not come back."""
    with cluster() as template, scene(template, weather.seed, people=weather.people) as made:
        return blow(made, weather)


def blow(made: Scene, weather: Weather) -> Report:
    """The rounds, the end, and the judgement."""
    if not is_quiet(datetime.now(UTC)):
        patients(made.running, weather.patients, weather.rounds * sum(weather.calm_between) / 2)
    made.sink.fault = _sometimes(Random(weather.seed))
    for name in ("worker", "clock") if weather.twins else ():
        made.running.add(f"{name} 2", name)
    with made.load.blowing():
        for n in range(weather.rounds):
            if weather.outage and n == weather.rounds // 2:
                _outage(made, weather)
            made.running.live_for(made.chance.uniform(*weather.calm_between))
            kind = made.chance.choice(KINDS) if n >= len(KINDS) else KINDS[n]  # each at least once
            weather.say(f"round {n + 1}: kill {kind}, {len(made.load.acknowledged())} messages acknowledged")
            made.running.kill(kind, made.chance)
        made.sink.fault = answered
        finish(made, hurry=weather.hurry)
    return made.judged()


def _outage(made: Scene, weather: Weather) -> None:
    before = len(made.load.acknowledged())
    made.running.stop("postgres")
    made.running.live_for(weather.outage)
    made.running.start("postgres")
    during = len(made.load.acknowledged()) - before
    weather.say(f"PostgreSQL was stopped for {weather.outage:.0f} s: {during} messages acknowledged meanwhile")


def finish(made: Scene, *, hurry: bool = True, settle: bool = True) -> None:
    """Everybody finishes their conversation, and all that follows from it is done."""
    made.load.finish()
    made.running.until(made.load.done, 120, "an acknowledgement of everything")
    if settle:
        made.settle(hurry=hurry)
        made.running.until(lambda: made.sink.all_reported() and not made.left(), 60, "an end of the reports")


def _sometimes(chance: Random) -> Callable[[Send | Delivery], bool]:
    """One in a hundred is taken, and the line is cut before the answer."""
    return lambda _: chance.random() > 0.01
