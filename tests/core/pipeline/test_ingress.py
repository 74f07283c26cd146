"""The way in while the database is away, and after it is back."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from app.settings import Settings
from core.care import due
from core.database.tables import addresses, outbox
from core.messaging.channel import InboundMessage, Status, StatusReport
from core.messaging.entries import written
from core.messaging.ports import Change, Notice
from core.messaging.spool import Spool, SpoolFull
from core.pipeline import ingress as rooms
from core.pipeline.ingress import Ingress
from core.pipeline.receive import receive
from core.reminders.enqueue import enqueue
from core.secrets import Vault
from tests.cast import HOA, LAN, STRANGER, Cast
from tests.outage import away

LIMIT = 50_000_000


@dataclass
class Gate:
    """A cast whose messages go through an ingress."""

    cast: Cast
    database: str
    spool: Spool
    ingress: Ingress

    def says(self, *texts: str, who: str = LAN) -> None:
        for each in texts:
            self.ingress.accept([self.cast.message(each, who)])
            self.cast.later(seconds=20)

    def drain(self) -> int:
        return self.ingress.drain()

    def wait_is_over(self) -> None:
        """For entries that failed."""
        self.ingress._failed = {key: replace(each, until=0.0) for key, each in self.ingress._failed.items()}

    def texts(self, who: str = LAN) -> list[str]:
        return [row["text"] for row in self.cast.inbox(who)]


@pytest.fixture
def gate(cast: Cast, settings: Settings) -> Gate:
    return made(cast, settings)


def made(cast: Cast, settings: Settings, limit: int = LIMIT) -> Gate:
    spool = Spool(settings.var_dir / "spool", Vault(settings.data_keys), limit)
    ingress = Ingress(cast.engine, cast.clock.now, lambda: cast.services, spool)
    return Gate(cast, settings.database_url, spool, ingress)


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


def test_what_the_database_refuses_for_good_is_set_aside_and_acknowledged(gate: Gate) -> None:
    gate.ingress.accept(
        [gate.cast.message("KHAI", LAN, sid="".join(map(str, range(2000)))), gate.cast.message("KHAI", HOA)]
    )

    assert gate.texts(HOA) == ["KHAI"]
    assert [why for _, why in gate.spool.aside()] == ["refused"]
    assert gate.spool.waiting() == []


def test_a_fault_of_ours_keeps_the_message_and_the_others_pass(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(rooms, "receive", failing_for(LAN))
    gate.says("KHAI")
    gate.says("KHAI", who=HOA)

    assert gate.texts(HOA) == ["KHAI"]
    assert gate.spool.size().entries == 1
    assert "900000001" not in caplog.text
    monkeypatch.undo()
    assert gate.drain() == 1
    assert gate.texts() == ["KHAI"]


def test_an_entry_that_can_never_be_handed_in_holds_up_nobody_else_and_is_set_aside(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    with away(gate.database):
        gate.says("KHAI", "dong y")
        gate.says("KHAI", who=HOA)
    monkeypatch.setattr(rooms, "receive", failing_for(LAN))
    gate.drain()
    assert gate.texts(HOA) == ["KHAI"]
    assert [entry.key for entry in gate.spool.waiting()] == [gate.spool.key("phone", LAN)] * 2

    gate.drain()
    assert len(gate.ingress._failed) == 1  # it is left alone for some seconds
    for _ in range(7):
        gate.wait_is_over()
        gate.drain()
    assert [why for _, why in gate.spool.aside()] == ["failed"]
    monkeypatch.undo()
    gate.wait_is_over()
    gate.drain()
    assert gate.texts() == ["dong y"]


def failing_for(who: str) -> Callable[[object, Sequence[InboundMessage]], None]:
    def fail(services: object, messages: Sequence[InboundMessage]) -> None:
        if any(message.address == who for message in messages):
            raise RuntimeError("a fault of ours")
        receive(services, messages)  # type: ignore[arg-type]

    return fail


def test_a_damaged_entry_is_set_aside_and_the_rest_is_read(gate: Gate, settings: Settings) -> None:
    with away(gate.database):
        gate.says("KHAI", who=HOA)
        gate.says("KHAI")
    first = gate.spool.waiting()[0]
    path: Path = settings.var_dir / "spool" / first.key[:2] / f"{first.key}.{first.id}"
    path.write_bytes(b"\x00" * 40)
    gate.drain()

    assert (gate.texts(HOA), gate.texts()) == ([], ["KHAI"])
    assert gate.spool.aside() == [(first, "unreadable")]


def test_what_can_be_kept_nowhere_is_not_acknowledged(cast: Cast, settings: Settings) -> None:
    gate = made(cast, settings, limit=2 * 4096)
    with away(gate.database):
        gate.says("KHAI", "dong y")
        with pytest.raises(SpoolFull):
            gate.says("khong")
    gate.drain()
    gate.says("khong")

    assert gate.texts() == ["KHAI", "dong y", "khong"]


def test_half_a_smiley_is_kept_as_well(gate: Gate) -> None:
    with away(gate.database):
        gate.says("sot \ud83e")
    gate.drain()

    assert gate.texts() == ["sot \ufffd"]


def test_while_it_is_away_nobody_waits_for_it_again(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    asked: list[int] = []
    gate.ingress._pipeline = lambda: asked.append(1) or gate.cast.services  # type: ignore[func-returns-value]
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


def test_an_entry_of_another_program_is_set_aside(gate: Gate) -> None:
    entry = gate.spool.keep(gate.spool.key("phone", LAN), '{"kind": "song"}')
    gate.spool.keep(gate.spool.key("phone", HOA), written(gate.cast.message("KHAI", HOA)))
    gate.drain()

    assert gate.texts(HOA) == ["KHAI"]
    assert gate.spool.aside() == [(entry, "unreadable")]


def test_nothing_is_asked_of_the_spool_while_another_process_empties_it(gate: Gate) -> None:
    with away(gate.database):
        gate.says("KHAI")
    with gate.spool.alone():
        assert gate.drain() == 0
    assert gate.drain() == 1


def test_an_error_of_one_statement_is_no_outage(gate: Gate) -> None:
    with gate.cast.engine.begin() as connection:
        connection.execute(text("DROP TABLE cell_test.visits CASCADE"))
    gate.says("VAO 2468102")

    assert gate.ingress._is_away is False


def test_who_waits_behind_a_failure_is_not_handed_in_later_in_the_same_pass(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pass over a long spool takes longer than an entry that failed is left alone."""
    with away(gate.database):
        gate.says("poison")
        gate.says("KHAI", who=HOA)
        gate.says("second")

    def fail(services: object, messages: Sequence[InboundMessage]) -> None:
        gate.wait_is_over()
        if any(message.text == "poison" for message in messages):
            raise RuntimeError("a fault of ours")
        receive(services, messages)  # type: ignore[arg-type]

    monkeypatch.setattr(rooms, "receive", fail)
    monkeypatch.setattr(rooms, "_BATCH", 1)
    gate.drain()

    assert (gate.texts(), gate.texts(HOA)) == ([], ["KHAI"])
    for _ in range(7):
        gate.wait_is_over()
        gate.drain()
    assert gate.texts() == ["second"]
    assert [why for _, why in gate.spool.aside()] == ["failed"]


def test_a_report_that_is_earlier_than_its_message_waits_for_it(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The worker has the provider's id, and could not write it down yet."""
    gate.says("KHAI")
    with away(gate.database):
        gate.ingress.report([StatusReport("phone", "P1", Status.DELIVERED), StatusReport("phone", "P2", Status.SENT)])
    assert gate.drain() == 0
    with gate.cast.engine.begin() as connection:
        connection.execute(update(outbox).values(status="sent", provider_id="P1"))
    assert gate.drain() == 1
    assert gate.cast.outbox()[0]["status"] == "delivered"

    monkeypatch.setattr(rooms, "_EARLY", -1.0)
    assert gate.drain() == 1
    assert "no message of ours" in caplog.text


def test_a_spool_that_cannot_be_looked_into_refuses_nothing_that_the_database_takes(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate.spool, "holds", disturbed)
    gate.says("KHAI")

    assert gate.texts() == ["KHAI"]


def disturbed(*_: object) -> bool:
    raise OSError(24, "Too many open files")


def test_a_database_that_can_only_be_read_is_away(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with gate.cast.engine.connect() as connection:
        name = connection.scalar(text("SELECT current_database()"))
    admin = gate.cast.engine.execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    gate.cast.engine.dispose()
    try:
        gate.says("KHAI")
        assert [gate.drain() for _ in range(3)] == [0, 0, 0]
        assert sum("answers again" in record.message for record in caplog.records) == 0
    finally:
        with admin.connect() as connection:
            connection.execute(text("SET default_transaction_read_only = off"))
            connection.execute(text(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'))
        gate.cast.engine.dispose()
    gate.drain()

    assert gate.texts() == ["KHAI"]
