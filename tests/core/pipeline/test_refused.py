"""What the database refuses, and crashes at the worst moment: all or nothing, and neighbours are not harmed."""

from __future__ import annotations

import random
import string
import threading
from typing import Any

import pytest
from sqlalchemy import Connection

from core.care import alerts, due, records
from core.database.due import alerts as alert_rows
from core.database.tables import inbox, outbox, persons
from core.database.tables import records as record_rows
from core.people import contacts
from core.pipeline.receive import BatchRefused, receive
from tests.cast import HOA, LAN, STRANGER, Cast

POISON = "".join(random.Random(1).choices(string.ascii_letters, k=8000))
"""An id that no index entry holds (2,704 bytes at most), whatever compression does."""


class Crash(Exception):
    """The process is gone."""


def crash(*_: Any, **__: Any) -> None:
    raise Crash


@pytest.mark.parametrize("place", [0, 3, 6])
def test_a_poisoned_message_is_split_out_and_named(cast: Cast, place: int) -> None:
    people = [f"+8490000{n:04d}" for n in range(6)]
    batch = [cast.message("38 ho", who) for who in people]
    batch.insert(place, cast.message("38 ho", STRANGER, sid=POISON))
    with pytest.raises(BatchRefused) as refused:
        receive(cast.services, batch)

    assert refused.value.external_ids == (POISON,)
    assert POISON not in str(refused.value)
    assert len(cast.rows(record_rows)) == len(cast.rows(outbox)) == 6
    receive(cast.services, batch[:place] + batch[place + 1 :])
    assert len(cast.rows(record_rows)) == len(cast.rows(outbox)) == 6


def test_all_poisoned_messages_are_named(cast: Cast) -> None:
    batch = [cast.message("?", HOA, sid=f"{POISON}{n}" if n % 3 == 0 else "") for n in range(9)]
    with pytest.raises(BatchRefused) as refused:
        receive(cast.services, batch)

    assert refused.value.external_ids == tuple(f"{POISON}{n}" for n in (0, 3, 6))
    assert len(cast.inbox(HOA)) == 6


def test_an_address_that_no_index_holds_is_refused(cast: Cast) -> None:
    with pytest.raises(BatchRefused):
        receive(cast.services, [cast.message("?", POISON, sid="SM7"), cast.message("?", LAN)])

    assert len(cast.heard(LAN)) == 1


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("38 ho\x00\x00", "38 ho"),
        ("\x0038 h\x00o", "38 ho"),
        ("38 ho \ud83d", "38 ho \ufffd"),
        ("\udc00\ud800 38 ho", "\ufffd\ufffd 38 ho"),
        ("38 ho \ud83d\ude37", "38 ho 😷"),
        ("38 ho 😷 \ufffe \u202e", "38 ho 😷 \ufffe \u202e"),
        ("38 ho\r\n\t", "38 ho\r\n\t"),
        ("38 " + "ho " * 5000, "38 " + "ho " * 5000),
    ],
    ids=["padding", "inside", "half a pair", "two halves", "a pair in two", "oddities", "controls", "long"],
)
def test_any_text_is_survived(cast: Cast, text: str, kept: str) -> None:
    cast.writes(text)

    assert cast.states() == [(kept, "done")]
    assert cast.records()[0]["temperature"] == 38.0


@pytest.mark.parametrize("text", ["\x00", "\ud800", "", "   "])
def test_a_text_that_says_nothing_is_answered(cast: Cast, text: str) -> None:
    cast.writes(text)

    assert len(cast.heard()) == 1


@pytest.mark.parametrize("name", ["Lan\x00 Nguyen", "Lan \ud83d Nguyen", "Lan 'Nguyen\"; --", "Lan {unit} Nguyen %s"])
def test_any_name_is_survived(cast: Cast, name: str) -> None:
    cast.writes("KHAI", "dong y", "khong", "khong", "khong", name, "1984", "nu", "xa bat xat, lao cai", "thon na ang")
    cast.writes("OK")

    assert {state for _, state in cast.states()} == {"done"}


@pytest.mark.parametrize(
    ("where", "what"),
    [
        (contacts, "save"),
        (records, "insert"),
        (records, "supersede"),
        (due, "answer"),
        (alerts, "insert"),
        (alerts, "move"),
    ],
)
def test_a_crash_before_the_commit_leaves_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, where: object, what: str
) -> None:
    message = cast.message("toi kho tho")
    with monkeypatch.context() as failing:
        failing.setattr(where, what, crash)
        with pytest.raises(Crash):
            receive(cast.services, [message])
    assert not any(cast.rows(table) for table in (inbox, outbox, record_rows, alert_rows, persons))

    receive(cast.services, [message])
    assert (len(cast.inbox()), len(cast.records())) == (1, 1)
    assert cast.alerts() == [("danger", "open")]


def test_a_crash_after_the_commit_is_a_repeat(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    message = cast.message("38 ho")
    with monkeypatch.context() as failing:
        failing.setattr(cast.services.codes, "give_back", lambda codes: None)
        receive(cast.services, [message])
    receive(cast.services, [message])

    assert (len(cast.records()), len(cast.heard())) == (1, 1)


def test_a_code_is_never_given_to_two_though_transactions_fail(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    write = contacts.save
    lock = threading.Lock()
    calls = []

    def sometimes(connection: Connection, rows: Any) -> None:
        with lock:
            calls.append(1)
            if len(calls) % 3 == 0:
                raise Crash
        write(connection, rows)

    monkeypatch.setattr(contacts, "save", sometimes)
    messages = [cast.message("38 ho", f"+8490000{n:04d}") for n in range(30)]
    for message in messages:
        try:
            receive(cast.services, [message])
        except Crash:
            receive(cast.services, [message])

    codes = [row["code"] for row in cast.rows(record_rows)]
    assert len(codes) == len(set(codes)) == 30
