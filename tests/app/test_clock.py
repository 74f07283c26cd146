"""The clock: asks what is due, and one at a time does so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, text

from app import clock
from app.clock import DUE, Due, Line, run_due
from app.settings import Settings
from core.care import duty
from core.care.duty import NewDuty
from core.database.engine import make_engine
from core.database.shared import installation
from core.database.tables import forwards, records
from core.forwarding import destinations
from core.migrations.run import upgrade
from core.pipeline.services import Services
from core.secrets import Vault
from tests.app.test_worker import wait_for
from tests.cast import DECLARED, HOA, NURSE, STATION, STRANGER, Cast, settle

SECOND_CELL = "cell_other"


@dataclass
class Runs:
    """Which clock asked, in order; each answer is noted by the name of its application."""

    by: list[str] = field(default_factory=list)

    def ask(self, services: Services) -> int:
        with services.engine.connect() as connection:
            self.by.append(connection.scalar(text("SHOW application_name")) or "")
        return 0

    def last(self) -> str:
        return self.by[-1] if self.by else ""


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> Runs:
    """A clock that asks one thing, ten times a second, in an installation."""
    made = Runs()
    monkeypatch.setattr(clock, "DUE", (Due("note who asks", 0.1, made.ask),))
    monkeypatch.setattr(clock, "_LOOK", 0.1)
    with engine.begin() as connection:
        connection.execute(insert(installation).values(id=1, demo=True))
    return made


@pytest.fixture
def cast(engine: Engine, settings: Settings) -> Cast:
    return settle(engine, settings)


@contextmanager
def running(settings: Settings, name: str) -> Iterator[threading.Event]:
    """A clock in a thread of its own, with connections of its own."""
    stop = threading.Event()
    own = make_engine(settings.database_url, settings.cell, name=name)
    thread = threading.Thread(target=clock.serve, args=(settings, own, stop))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(20)
        own.dispose()
    assert not thread.is_alive()


def kill_holder(engine: Engine, name: str) -> None:
    """Its connection with the lock is cut."""
    with engine.begin() as connection:
        cut = connection.scalars(
            text(
                "SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid "
                "WHERE l.locktype = 'advisory' AND a.application_name = :name"
            ),
            {"name": name},
        ).all()
    assert cut == [True]


def test_the_second_clock_stands_by_and_takes_over(settings: Settings, engine: Engine, runs: Runs) -> None:
    with running(settings, "first"):
        wait_for(lambda: runs.by.count("first") >= 3)
        with running(settings, "second"):
            before = len(runs.by)
            wait_for(lambda: len(runs.by) >= before + 5)
            assert set(runs.by) == {"first"}
            kill_holder(engine, "first")
            wait_for(lambda: runs.last() == "second")
            before = len(runs.by)
            wait_for(lambda: len(runs.by) >= before + 5)
            assert set(runs.by[before:]) == {"second"}


def test_a_clock_that_stops_gives_the_lock_back(settings: Settings, runs: Runs) -> None:
    with running(settings, "second"):
        wait_for(lambda: runs.last() == "second")
    with running(settings, "third"):
        wait_for(lambda: runs.last() == "third")


def test_a_clock_of_another_cell_does_not_wait(settings: Settings, runs: Runs) -> None:
    other = replace(settings, cell=SECOND_CELL)
    engine = make_engine(settings.database_url, SECOND_CELL)
    upgrade(engine, SECOND_CELL)
    engine.dispose()
    with running(settings, "first"), running(other, "neighbour"):
        wait_for(lambda: {"first", "neighbour"} <= set(runs.by))


def test_it_stops_at_once(settings: Settings, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_LOOK", 60.0)
    with running(settings, "first"):
        wait_for(lambda: runs.last() == "first")
        with running(settings, "second"):
            pass


def test_a_question_that_fails_is_asked_again_and_stops_no_other(
    settings: Settings, runs: Runs, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failures: list[None] = []

    def fail(_: Services) -> int:
        failures.append(None)
        raise KeyError("words of a person")

    monkeypatch.setattr(clock, "DUE", (Due("fail", 0.1, fail), *clock.DUE))
    with running(settings, "first"):
        wait_for(lambda: len(failures) >= 2 and len(runs.by) >= 2)
    assert "clock: fail failed" in caplog.text


def test_without_a_database_it_waits_for_one(
    settings: Settings, engine: Engine, runs: Runs, caplog: pytest.LogCaptureFixture
) -> None:
    """Its tables come a moment later: another process migrates."""
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE shared.forms RENAME TO forms_later"))
    with running(settings, "first"):
        wait_for(lambda: "does not answer" in caplog.text)
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE shared.forms_later RENAME TO forms"))
        wait_for(lambda: runs.last() == "first")


def test_what_is_ever_due() -> None:
    assert [(question.name, question.seconds) for question in DUE] == [
        ("raise waiting alerts", 1),
        ("tell duty phones", 1),
        ("complete follow-ups", 300),
        ("follow areas", 30),
        ("tell the released", 60),
        ("plan check-ins", 300),
        ("tell of other days", 5),
        ("welcome", 5),
        ("enqueue reminders", 1),
        ("tell of the last day", 60),
        ("climb", 5),
        ("ask about visits", 1),
        ("signs of presence", 5),
        ("tell of volunteers", 2),
        ("ask about households", 600),
        ("close check-ins", 10),
        ("nobody tried", 600),
        ("forward unconfirmed records", 10),
        ("forget strangers", 600),
        ("forget visits", 3600),
        ("give alert codes back", 600),
        ("forget codes", 3600),
        ("forget histories", 3600),
        ("warn of spending", 10),
    ]


def snapshot(cast: Cast) -> list[object]:
    """All that the clock may change."""
    return [
        cast.due(HOA),
        cast.alerts(STRANGER),
        cast.heard(HOA),
        len(cast.rows(forwards)),
        len(cast.rows(records)),
    ]


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """Something of every kind is due, or soon will be."""
    with cast.engine.begin() as connection:
        destinations.register(connection, Vault(["x" * 43 + "="]), STATION, "https://unit.example/")
    cast.later(hours=-1)
    cast.enrols(HOA, 8, 16, days=3)
    cast.writes("khong sot, ho, kho tho", who=STRANGER)
    cast.writes(*DECLARED)
    cast.writes("38 ho", who="+84900000009")
    return cast


DAY_AND_A_HALF = tuple(timedelta(hours=n) for n in range(1, 37))


def test_asking_twice_changes_nothing_more(busy: Cast) -> None:
    start = busy.clock.at
    for span in DAY_AND_A_HALF:
        busy.clock.at = start + span
        run_due(busy.services)
        once = snapshot(busy)
        run_due(busy.services)
        assert snapshot(busy) == once

    assert once[0][:4] == [(f"{when}", "non_reporting") for when in ("21 08:00", "21 16:00", "22 08:00")] + [  # type: ignore[index]
        ("22 16:00", "not_performed")
    ]
    assert once[1:] == [[("danger", "open")], busy.heard(HOA), 1, 1]


def test_asked_by_two_at_once_it_happens_once(busy: Cast) -> None:
    start = busy.clock.at
    for span in DAY_AND_A_HALF[::3]:
        busy.clock.at = start + span
        threads = [threading.Thread(target=run_due, args=(busy.services,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        run_due(busy.services)

    assert len(busy.due(HOA)) == len(set(busy.due(HOA))) == 6
    told = [(row["due_check_id"], row["text"]) for row in busy.outbox(HOA)]
    assert len(told) == len(set(told)), "each is asked once, and nudged once"
    assert busy.alerts(STRANGER) == [("danger", "open")]
    assert len(busy.rows(forwards)) == 1


def test_a_clock_that_was_away_for_days_catches_up(busy: Cast) -> None:
    busy.later(days=2)
    run_due(busy.services)

    unseen = [status for _, status in busy.due(HOA)][:4]
    assert unseen[:2] == ["not_attempted"] * 2, "nobody tried to reach them on the day after either"
    assert unseen[2:] == ["non_reporting"] * 2
    assert not [text for text in busy.heard(HOA) if "hoi tham" in text], "nobody is asked about yesterday"
    assert busy.alerts(STRANGER) == [("danger", "open")]
    assert len(busy.rows(forwards)) == 1


def test_pages_go_on_while_they_are_full(busy: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_PAGE", 2)
    for n in range(10, 15):
        busy.enrols(f"+84900000{n:03d}", 8)
        busy.writes(*DECLARED, who=f"+84900000{n + 10:03d}")
    busy.later(hours=2)
    run_due(busy.services)

    assert all(len(busy.due(f"+84900000{n:03d}")) == 2 for n in range(10, 15))
    assert len(busy.rows(forwards)) == 6


def test_alerts_are_told_while_everything_else_that_is_due_takes_for_ever(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As at midnight, when a million check-ins are planned: every other question hangs, each in a thread of its own."""
    over = threading.Event()
    cast.clock.at = datetime.now(UTC)  # a running clock has the day's own time

    def hang(_services: Services) -> int:
        return 0 if over.wait(30) else 1

    asked = tuple(due if due.line is Line.ALERTS else replace(due, run=hang, seconds=0.1) for due in DUE)
    monkeypatch.setattr(clock, "DUE", asked)
    monkeypatch.setattr(clock, "_LOOK", 0.1)
    with cast.engine.begin() as connection:
        duty.add(connection, NewDuty(STATION, "phone", NURSE, "Dieu duong"), cast.clock.at)
    cast.enrols(HOA)
    with running(settings, "late"):
        wait_for(lambda: "late" in names(cast.engine))
        cast.writes("kho tho qua", who=HOA)
        try:
            wait_for(lambda: bool(cast.heard(NURSE)))
        finally:
            over.set()


def names(engine: Engine) -> set[str]:
    """Who is connected."""
    with engine.connect() as connection:
        return set(connection.scalars(text("SELECT application_name FROM pg_stat_activity")))
