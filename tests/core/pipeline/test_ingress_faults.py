"""The way in when something is broken besides: a message, an entry, the disk, a database that can only be read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import text, update

from app import ports
from app.settings import Settings
from core.database.tables import outbox
from core.messaging.channel import InboundMessage, Status, StatusReport
from core.messaging.entries import written
from core.messaging.spool import SpoolFull
from core.pipeline import ingress as rooms
from core.pipeline.receive import receive
from tests.cast import HOA, LAN, Cast
from tests.core.pipeline.gate import Gate, made
from tests.outage import away


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
    monkeypatch.setattr(ports, "receive", failing_for(LAN))
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
    monkeypatch.setattr(ports, "receive", failing_for(LAN))
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


def test_an_entry_of_another_program_is_set_aside(gate: Gate) -> None:
    entry = gate.spool.keep(gate.spool.key("phone", LAN), '{"kind": "song"}')
    gate.spool.keep(gate.spool.key("phone", HOA), written(gate.cast.message("KHAI", HOA)))
    gate.drain()

    assert gate.texts(HOA) == ["KHAI"]
    assert gate.spool.aside() == [(entry, "unreadable")]


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

    monkeypatch.setattr(ports, "receive", fail)
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
