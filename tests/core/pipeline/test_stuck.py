"""Messages that a fault of ours keeps us from reading: a human looks, and danger does not wait for the last attempt."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, update

from core.care import records as record_rows
from core.conversation.context import Context
from core.conversation.engine import Step, step
from core.conversation.form import Library
from core.conversation.limits import Limits
from core.conversation.messages import Inbound
from core.conversation.parsers import danger
from core.conversation.session import Session, from_json
from core.database.batch import Row
from core.database.due import alerts
from core.database.tables import contacts as contact_rows
from core.pipeline import receive as pipeline
from core.pipeline import stuck
from core.pipeline.inbox import GIVE_UP
from core.pipeline.receive import receive, retry_waiting
from tests.cast import HOA, LAN, STATION, STRANGER, Cast

BAD = "a text that trips us"


@pytest.fixture
def tripped(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A step that raises at any text with this in it."""

    def trip(session: Session, inbound: Inbound, library: Library, context: Context, now: datetime) -> Step:
        if BAD in inbound.text:
            raise KeyError("a fault of ours")
        return step(session, inbound, library, context, now)

    monkeypatch.setattr(pipeline, "step", trip)
    return monkeypatch


def store(cast: Cast, **changed: Any) -> None:
    """Change Lan's stored session."""
    session = cast.session() | changed
    with cast.engine.begin() as connection:
        connection.execute(update(contact_rows).where(contact_rows.c.id == cast.contact()).values(session=session))


def wait_it_out(cast: Cast) -> None:
    """Until the last attempt."""
    for _ in range(GIVE_UP - 1):
        cast.later(minutes=6)
        retry_waiting(cast.services)


def test_a_session_of_a_form_that_is_not_here_ends_and_the_message_is_read(cast: Cast) -> None:
    cast.writes("ENGLISH", "KHAI", "dong y")
    store(cast, form="the hash of a later version")
    cast.writes("KHAI")
    assert cast.states()[-1] == ("KHAI", "waiting")
    wait_it_out(cast)

    assert cast.states()[-1] == ("KHAI", "done")
    assert (cast.session()["stage"], cast.session()["language"]) == ("legal", "en")
    assert cast.alerts() == [("misunderstood", "open")]
    cast.writes("dong y")
    assert cast.states()[-1] == ("dong y", "done")


def test_those_behind_it_are_read_too(cast: Cast) -> None:
    cast.writes("KHAI", "dong y")
    store(cast, form="the hash of a later version")
    receive(cast.services, [cast.message(text) for text in ("KHAI", "dong y")])
    wait_it_out(cast)

    assert [state for _, state in cast.states()] == ["done"] * 4
    assert cast.session()["pending"] == "signs"


def test_the_newest_record_is_kept_if_its_form_is_here(cast: Cast) -> None:
    cast.declares()
    session = from_json(cast.session())
    assert session.last

    assert stuck.anew(session, cast.services.library).last == session.last
    strange = replace(session, last=replace(session.last, form_hash="the hash of a later version"))
    assert stuck.anew(strange, cast.services.library).last is None


@pytest.mark.usefixtures("tripped")
def test_what_cannot_be_read_at_all_fails_and_a_human_looks(cast: Cast) -> None:
    cast.declares()
    cast.writes(BAD)
    assert cast.alerts() == []
    wait_it_out(cast)

    assert cast.states()[-1] == (BAD, "failed")
    assert cast.inbox()[-1]["error"] == "KeyError"
    (row,) = cast.rows(alerts)
    assert (row["kind"], row["status"], row["unit_code"]) == ("misunderstood", "open", STATION)
    assert row["inbound_id"] == cast.inbox()[-1]["id"]


@pytest.mark.usefixtures("tripped")
def test_danger_is_raised_at_the_first_attempt_and_once(cast: Cast) -> None:
    receive(cast.services, [cast.message(f"toi kho tho {BAD}"), cast.message("38 ho", HOA)])
    assert cast.alerts() == [("danger", "open")]
    assert cast.rows(alerts)[0]["signs"] == ["shortness_of_breath"]
    wait_it_out(cast)

    assert sorted(cast.alerts()) == [("danger", "open"), ("misunderstood", "open")]
    assert cast.alerts(HOA) == []


@pytest.mark.usefixtures("tripped")
def test_danger_that_waits_behind_it_is_raised_at_once(cast: Cast) -> None:
    cast.writes(BAD, "toi kho tho")

    assert [state for _, state in cast.states()] == ["waiting"] * 2
    assert cast.alerts() == [("danger", "open")]


def test_danger_that_is_read_later_is_no_second_alert(cast: Cast, tripped: pytest.MonkeyPatch) -> None:
    cast.declares()
    cast.writes(f"toi kho tho {BAD}")
    tripped.undo()
    cast.later(seconds=5)
    retry_waiting(cast.services)

    assert cast.states()[-1][1] == "done"
    assert cast.alerts() == [("danger", "open")]
    assert any("115" in text for text in cast.heard()[-2:])


def test_a_strangers_danger_that_is_read_later_is_no_second_alert(cast: Cast, tripped: pytest.MonkeyPatch) -> None:
    cast.writes(f"toi kho tho {BAD}", who=STRANGER)
    tripped.undo()
    cast.later(seconds=5)
    retry_waiting(cast.services)

    assert cast.states(STRANGER)[-1][1] == "done"
    assert cast.alerts(STRANGER) == [("danger", "open")]


def test_a_fault_in_reading_danger_itself_is_seen_at_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(text: str, limits: Limits) -> danger.Danger:
        raise LookupError(text)

    monkeypatch.setattr(danger, "find", lost)
    cast.writes("toi kho tho")

    assert cast.states() == [("toi kho tho", "waiting")]
    assert cast.alerts() == [("misunderstood", "open")]


def refuse(connection: Connection, rows: list[Row]) -> list[Row]:
    """A database that takes no record of anybody."""
    if rows:
        connection.execute(update(contact_rows).values(address=None))
    return rows


def test_what_the_database_refuses_for_good_is_seen(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.writes("chao")
    monkeypatch.setattr(pipeline, "step", lambda *_: 1 / 0)
    cast.writes("kho tho, 39 do")
    monkeypatch.undo()
    monkeypatch.setattr(record_rows, "insert", refuse)
    for _ in range(GIVE_UP + 1):
        cast.later(minutes=6)
        retry_waiting(cast.services)

    assert cast.states()[-1][1] == "failed"
    assert cast.inbox()[-1]["error"] == "NotNullViolation"
    assert sorted(cast.alerts(LAN)) == [("danger", "open"), ("misunderstood", "open")]
