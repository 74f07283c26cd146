"""The way in while the database is away, and after it is back."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from core.care import due
from core.database.tables import addresses, outbox
from core.messaging.channel import InboundMessage, Status, StatusReport
from core.messaging.ports import Change, Notice
from core.pipeline import ingress as rooms
from core.reminders.enqueue import enqueue
from tests.cast import HOA, LAN, STRANGER, Cast
from tests.core.pipeline.gate import Gate
from tests.outage import away


def test_with_a_database_nothing_is_spooled(gate: Gate) -> None:
    gate.says("KHAI")

    assert gate.texts() == ["KHAI"]
    assert gate.spool.size().entries == 0


def test_what_came_while_it_was_away_is_read_afterwards_in_order(gate: Gate) -> None:
    gate.says("KHAI", "dong y")
    with away(gate.database):
        gate.says("khong co gi", "khong gap ai")
        gate.says("SK 38,2 ho", who=HOA)
        assert gate.drain() == 0
    assert gate.drain() == 3

    assert gate.texts() == ["KHAI", "dong y", "khong co gi", "khong gap ai"]
    assert gate.texts(HOA) == ["SK 38,2 ho"]
    assert [row["state"] for row in gate.cast.inbox()] == ["done"] * 4
    assert gate.spool.size().entries == 0


def test_whoever_has_something_in_the_spool_waits_behind_it(gate: Gate) -> None:
    gate.says("KHAI")
    with away(gate.database):
        gate.says("dong y")
    gate.ingress._is_away = False  # it is back, which was found out this moment
    gate.says("khong co gi")  # it would be read before "dong y"
    gate.says("KHAI", who=STRANGER)

    assert gate.texts() == ["KHAI"]
    assert gate.texts(STRANGER) == ["KHAI"]
    gate.drain()
    assert gate.texts() == ["KHAI", "dong y", "khong co gi"]


def test_a_repeat_from_the_spool_changes_nothing(gate: Gate) -> None:
    said = gate.cast.message("SK 38,2 ho", sid="SM1")
    gate.ingress.accept([said])
    heard = gate.cast.heard()
    with away(gate.database):
        gate.ingress.accept([said, said])
    gate.drain()

    assert gate.texts() == ["SK 38,2 ho"]
    assert gate.cast.heard() == heard


def test_a_crash_between_the_commit_and_the_removal_hands_in_again_and_changes_nothing(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    with away(gate.database):
        gate.says("SK 38,2 ho")
    with monkeypatch.context() as crash:
        crash.setattr(gate.spool, "remove", lambda entries: None)
        gate.drain()
    heard, kept = gate.cast.heard(), gate.spool.size().entries
    gate.drain()

    assert kept == 1
    assert gate.texts() == ["SK 38,2 ho"]
    assert gate.cast.heard() == heard
    assert gate.spool.size().entries == 0


def test_reports_and_changes_of_addresses_wait_as_well(gate: Gate) -> None:
    gate.says("KHAI")
    (row, *_) = gate.cast.outbox()
    with gate.cast.engine.begin() as connection:
        connection.execute(update(outbox).values(status="sent", provider_id="P1").where(outbox.c.id == row["id"]))
    with away(gate.database):
        assert gate.ingress.report([StatusReport("phone", "P1", Status.DELIVERED)]) == []
        gate.ingress.notice([Notice("phone", LAN, Change.BLOCKED, code="gone")])
        gate.ingress.alive("phone")
    gate.drain()

    assert gate.cast.outbox()[0]["status"] == "delivered"
    assert gate.cast.rows(addresses, address=LAN)[0]["unreachable_code"] == "gone"


def test_who_answered_in_time_is_not_silent_however_late_it_is_read(gate: Gate) -> None:
    cast = gate.cast
    cast.enrols(HOA)
    plan(cast)
    cast.clock.at = cast.local(16, 30)
    enqueue(cast.services, 500)
    with away(gate.database):
        gate.says("SK OK", who=HOA)
    cast.clock.at = cast.local(9, days=1)
    close(cast)
    assert ("21 16:00", "non_reporting") in cast.due(HOA)
    gate.drain()

    assert ("21 16:00", "seen_ok") in cast.due(HOA)
    assert cast.records(HOA)[0]["declared_at"] == cast.local(16, 30)


def plan(cast: Cast) -> None:
    with cast.engine.begin() as connection:
        due.plan(connection, cast.clock.now())


def close(cast: Cast) -> None:
    with cast.engine.begin() as connection:
        due.close(connection, cast.clock.now())


def test_half_a_smiley_is_kept_as_well(gate: Gate) -> None:
    with away(gate.database):
        gate.says("sot \ud83e")
    gate.drain()

    assert gate.texts() == ["sot \ufffd"]


def test_while_it_is_away_nobody_waits_for_it_again(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    asked: list[int] = []
    database = gate.ingress._database

    def accept(messages: Sequence[InboundMessage]) -> None:
        asked.append(1)
        database.accept(messages)

    gate.ingress._database = replace(database, accept=accept)
    with away(gate.database):
        gate.says("KHAI")
        gate.says(*["x"] * 20, who=HOA)
    count = len(asked)
    gate.drain()

    assert count == 1
    assert [r.message for r in caplog.records if r.name == rooms.__name__] == [
        "ingress: the database is away: what comes goes into the spool",
        "ingress: the database answers again",
    ]


def test_many_threads_through_an_outage_lose_and_double_nothing(gate: Gate) -> None:
    """Eight providers' threads write while the database goes away and comes back; one empties the spool."""
    stop, faults = threading.Event(), []

    def writes(who: str) -> None:
        for n in range(12):
            try:
                message = InboundMessage("phone", f"{who}-{n}", who, f"{n}", gate.cast.clock.at + timedelta(seconds=n))
                gate.ingress.accept([message])
            except Exception as fault:
                faults.append(fault)

    def empties() -> None:
        while not stop.wait(0.05):
            gate.drain()

    people = [f"+8490000001{n}" for n in range(8)]
    threads = [threading.Thread(target=writes, args=[who]) for who in people]
    emptier = threading.Thread(target=empties)
    emptier.start()
    for thread in threads:
        thread.start()
    with away(gate.database):
        threads[0].join(0.3)
    for thread in threads:
        thread.join()
    stop.set()
    emptier.join()
    while gate.drain():
        pass

    assert faults == []
    assert {who: gate.texts(who) for who in people} == {who: [str(n) for n in range(12)] for who in people}


def test_nothing_is_asked_of_the_spool_while_another_process_empties_it(gate: Gate) -> None:
    with away(gate.database):
        gate.says("KHAI")
    with gate.spool.alone():
        assert gate.drain() == 0
    assert gate.drain() == 1
