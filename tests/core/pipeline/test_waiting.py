"""Messages that cannot be read now: they cost their own contact some time, and nobody else anything."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.exc import DataError

from core.care import records as record_rows
from core.conversation.context import Context
from core.conversation.engine import Step, step
from core.conversation.form import Library
from core.conversation.messages import Inbound
from core.conversation.session import Session
from core.conversation.wording import word
from core.database.batch import Row
from core.database.shared import directory
from core.database.tables import contacts as contact_rows
from core.database.tables import persons
from core.people import contacts
from core.people.directory import Directory
from core.pipeline import receive as pipeline
from core.pipeline.inbox import GIVE_UP
from core.pipeline.receive import receive, retry_waiting
from tests.cast import DECLARED, HOA, LAN, STRANGER, TU, Cast
from tests.conftest import CELL

BAD = "a text that trips us"


@pytest.fixture
def tripped(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A step that raises at one text."""

    def trip(session: Session, inbound: Inbound, library: Library, context: Context, now: datetime) -> Step:
        if inbound.text == BAD:
            raise KeyError("a fault of ours")
        return step(session, inbound, library, context, now)

    monkeypatch.setattr(pipeline, "step", trip)
    return monkeypatch


@contextmanager
def held(cast: Cast, who: str) -> Iterator[None]:
    """Somebody else has this contact in their hands."""
    with cast.engine.begin() as other:
        contacts.lock(other, [cast.contact(who)], wait=True)
        yield


def timed(deed: Callable[[], None]) -> float:
    started = time.monotonic()
    deed()
    return time.monotonic() - started


@pytest.mark.usefixtures("tripped")
def test_a_step_that_raises_costs_only_its_contact(cast: Cast) -> None:
    texts = [("KHAI", LAN), (BAD, LAN), ("KHAI", HOA), ("dong y", LAN), ("dong y", HOA), ("khong", HOA)]
    receive(cast.services, [cast.message(text, who) for text, who in texts])

    assert cast.states(LAN) == [("KHAI", "done"), (BAD, "waiting"), ("dong y", "waiting")]
    assert {state for _, state in cast.states(HOA)} == {"done"}
    assert (len(cast.heard(LAN)), len(cast.heard(HOA))) == (1, 3)
    assert cast.session(LAN)["stage"] == "legal"


def test_what_waits_is_taken_up_in_order(cast: Cast, tripped: pytest.MonkeyPatch) -> None:
    cast.writes(BAD, "KHAI", "dong y")
    assert [state for _, state in cast.states()] == ["waiting"] * 3
    tripped.undo()

    assert retry_waiting(cast.services) == 1
    assert [state for _, state in cast.states()] == ["done"] * 3
    assert cast.session()["pending"] == "signs"
    assert retry_waiting(cast.services) == 0


def test_the_next_message_takes_up_those_before_it(cast: Cast, tripped: pytest.MonkeyPatch) -> None:
    cast.writes(BAD, "KHAI")
    tripped.undo()
    cast.writes("dong y")

    assert [state for _, state in cast.states()] == ["done"] * 3
    assert cast.session()["pending"] == "signs"


@pytest.mark.usefixtures("tripped")
def test_nothing_is_tried_before_its_time(cast: Cast) -> None:
    receive(cast.services, [cast.message(BAD), cast.message("KHAI")])

    waits = []
    for _ in range(GIVE_UP - 1):
        waits.append(1)
        cast.later(seconds=1)
        while not retry_waiting(cast.services):
            cast.later(seconds=1)
            waits[-1] += 1
    assert waits == [5, 10, 20, 40, 80, 160, 320]


@pytest.mark.usefixtures("tripped")
def test_it_is_given_up_at_last_and_holds_up_nothing(cast: Cast) -> None:
    receive(cast.services, [cast.message(text) for text in (BAD, "KHAI", "dong y")])
    for n in range(GIVE_UP - 1):
        assert cast.states()[0] == (BAD, "waiting"), n
        cast.later(minutes=6)
        retry_waiting(cast.services)

    assert cast.states() == [(BAD, "failed"), ("KHAI", "done"), ("dong y", "done")]
    assert cast.inbox()[0]["attempts"] == GIVE_UP
    assert cast.session()["pending"] == "signs"
    cast.later(days=1)
    assert retry_waiting(cast.services) == 0


def test_words_that_cannot_be_found_cost_only_their_contact(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(said: Any, words: Any) -> str:
        if "khai báo" in said.text:
            raise LookupError(said.text)
        return word(said, words)

    monkeypatch.setattr("core.pipeline.replies.word", lost)
    receive(cast.services, [cast.message("KHAI", LAN), cast.message("38 ho", HOA), cast.message("39 ho", LAN)])

    assert [state for _, state in cast.states(LAN)] == ["waiting", "waiting"]
    assert cast.heard(LAN) == []
    assert (len(cast.records(HOA)), len(cast.heard(HOA))) == (1, 1)


@pytest.mark.parametrize("stored", [{"stage": "from a later version"}, {"last": {"later": 1}}, [1]])
def test_a_session_that_cannot_be_read_begins_anew(cast: Cast, stored: object) -> None:
    cast.writes("KHAI")
    with cast.engine.begin() as connection:
        connection.execute(update(contact_rows).values(session=stored))
    receive(cast.services, [cast.message("38 ho", HOA), cast.message("KHAI", LAN)])

    assert cast.session()["stage"] == "legal"
    assert len(cast.heard(HOA)) == 1


@pytest.mark.parametrize("where", ["core.pipeline.assess.triage", "core.pipeline.receive.advance"])
def test_an_effect_that_raises_costs_only_its_contact(cast: Cast, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    cast.declares()
    module, _, name = where.rpartition(".")
    real = getattr(import_module(module), name)

    def trip(*given: Any, **named: Any) -> Any:
        if "39.0" in str(given):
            raise KeyError("a fault of ours")
        return real(*given, **named)

    monkeypatch.setattr(where, trip)
    texts = [("38 ho", LAN), ("39 ho", LAN), ("38 ho", LAN), ("38 ho", HOA), ("STOP", STRANGER)]
    receive(cast.services, [cast.message(text, who) for text, who in texts])

    assert [state for _, state in cast.states(LAN)][-3:] == ["done", "waiting", "waiting"]
    assert (len(cast.records(LAN)), len(cast.records(HOA))) == (2, 1)
    assert len(cast.heard(LAN)) == len(DECLARED) + 2, "nothing is said of what was not written"
    assert len(cast.heard(STRANGER)) == 1
    monkeypatch.undo()
    cast.later(seconds=5)
    retry_waiting(cast.services)
    assert [row["temperature"] for row in cast.records(LAN)] == [None, 38.0, 39.0, 38.0]


def test_a_contact_in_other_hands_costs_a_second_and_only_itself(cast: Cast) -> None:
    cast.writes("KHAI", who=LAN)
    cast.writes("KHAI", who=HOA)
    texts = [("dong y", LAN), ("dong y", HOA), ("khong", LAN), ("38 ho", STRANGER)]
    batch = [cast.message(text, who) for text, who in texts]
    with held(cast, LAN):
        took = timed(lambda: receive(cast.services, batch))
        assert retry_waiting(cast.services) == 0
        cast.later(seconds=5)
        assert retry_waiting(cast.services) == 0, "what cannot be taken up must not be asked for without rest"

    assert 1.0 <= took < 3.0
    assert [state for _, state in cast.states(LAN)] == ["done", "waiting", "waiting"]
    assert cast.session(HOA)["pending"] == "signs"
    assert len(cast.records(STRANGER)) == 1
    assert retry_waiting(cast.services) == 1
    assert cast.session(LAN)["pending"] == "contacts"


def test_a_repeat_of_what_waits_is_no_second_message(cast: Cast) -> None:
    cast.writes("KHAI")
    message = cast.message("dong y")
    for _ in range(2):
        with held(cast, LAN):
            receive(cast.services, [message, cast.message("?", TU)])
    cast.later(seconds=5)
    retry_waiting(cast.services)

    assert cast.states() == [("KHAI", "done"), ("dong y", "done")]
    assert len(cast.heard()) == 2


def test_many_in_other_hands_cost_one_second_together(cast: Cast) -> None:
    people = [f"+84900{n:06d}" for n in range(50)]
    receive(cast.services, [cast.message("KHAI", who) for who in people])
    with cast.engine.begin() as other:
        contacts.lock(other, [cast.contact(who) for who in people[:25]], wait=True)
        took = timed(lambda: receive(cast.services, [cast.message("dong y", who) for who in people]))

    assert took < 3.0
    assert sum(cast.states(who)[-1][1] == "waiting" for who in people) == 25


def test_a_row_that_is_held_longer_than_a_second_costs_the_batch_an_error(cast: Cast) -> None:
    """Not a contact's: nothing is written, and the provider repeats the message."""
    cast.declares()
    with cast.engine.begin() as other:
        other.execute(select(persons).with_for_update())
        with pytest.raises(Exception, match="lock timeout"):
            receive(cast.services, [cast.message("38 ho")])
    assert len(cast.records()) == 1


def test_a_waiting_message_that_the_database_refuses_holds_up_nobody_else(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.writes("chao", who=LAN)
    cast.writes("chao", who=HOA)
    with held(cast, LAN), held(cast, HOA):
        receive(cast.services, [cast.message("39 ho", LAN), cast.message("38 ho", HOA), cast.message("?", LAN)])
    insert = record_rows.insert

    def refuse(connection: Connection, rows: list[Row]) -> list[Row]:
        if any(row["temperature"] == 39.0 for row in rows):
            connection.execute(select(bindparam("x", "no number").cast(contact_rows.c.seq.type)))
        return insert(connection, rows)

    monkeypatch.setattr(record_rows, "insert", refuse)
    with pytest.raises(DataError), cast.engine.connect() as connection:
        refuse(connection, [{"temperature": 39.0}])
    for _ in range(GIVE_UP + 1):
        cast.later(minutes=6)
        retry_waiting(cast.services)

    assert (len(cast.records(LAN)), len(cast.records(HOA))) == (0, 1)
    assert [state for _, state in cast.states(LAN)] == ["done", "failed", "done"]


def test_messages_wait_in_the_order_in_which_they_came(cast: Cast) -> None:
    cast.writes("chao")
    texts = [f"{36 + n / 10:.1f} met" for n in range(9)]
    with held(cast, LAN):
        receive(cast.services, [cast.message(text) for text in texts[:5]])
        receive(cast.services, [cast.message(text) for text in texts[5:]])
    receive(cast.services, [cast.message("39,5 met")])

    assert [row["temperature"] for row in cast.records()] == [*(36 + n / 10 for n in range(9)), 39.5]


def test_first_messages_of_one_phone_in_two_processes_at_once(cast: Cast) -> None:
    together = Barrier(2)

    def process(text: str) -> None:
        own = replace(cast.services, directory=Directory(cast.engine, CELL))
        together.wait()
        receive(own, [cast.message(text, STRANGER)])

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(process, ("37 ho", "39 ho")))

    assert len(cast.rows(contact_rows)) == len(cast.rows(directory)) == 1
    assert sorted(row["temperature"] for row in cast.records(STRANGER)) == [37.0, 39.0]
    assert [row["seq"] for row in cast.outbox(STRANGER)] == [1, 2]
