"""A session as JSON: written by one version of the program and read by another."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from uuid import UUID

import pytest

from core.conversation import session as module
from core.conversation.session import LastRecord, Session, Stage, from_json, to_json

RECORD = LastRecord(
    form_hash="abc",
    letter="B",
    root=UUID(int=5),
    version=2,
    code="000000123",
    at=datetime(2026, 11, 21, 5, 0, tzinfo=UTC),
    answers={"signs": ("fever",), "temperature": 38.5},
    on_behalf=True,
)
ASKING = Session(language="en", stage=Stage.ASKING, form="abc", letter="B", pending="signs", last=RECORD, others=("B",))


def test_a_record_comes_back_as_it_was() -> None:
    session = Session(last=RECORD, together=(RECORD, RECORD), correcting=RECORD)

    assert from_json(to_json(session)) == session


def test_every_field_of_a_session_and_a_record_is_read() -> None:
    assert set(module._IN) == {f.name for f in fields(Session)}
    assert set(module._IN_RECORD) == {f.name for f in fields(LastRecord)}


def test_what_a_newer_program_added_is_left_aside() -> None:
    stored = to_json(ASKING)
    stored["last"] |= {"of_later": 1}

    assert from_json(stored | {"of_later": [1]}) == ASKING


def test_what_an_older_program_did_not_write_has_its_default() -> None:
    stored = to_json(ASKING)
    del stored["last"]["on_behalf"], stored["others"]

    read = from_json(stored)
    assert read.last is not None
    assert (read.last.root, read.last.on_behalf, read.others) == (RECORD.root, False, ())


def test_a_record_without_what_it_needs_is_no_record() -> None:
    stored = to_json(Session(language="en", last=RECORD, together=(RECORD, RECORD)))
    del stored["last"]["root"], stored["together"][0]["root"]

    assert from_json(stored) == Session(language="en", together=(RECORD,))


@pytest.mark.parametrize("lost", [{"stage": "of a newer program"}, {"correcting": {"code": "000000123"}}])
def test_a_form_that_cannot_go_on_has_ended_and_the_rest_stays(lost: dict[str, object]) -> None:
    read = from_json(to_json(ASKING) | lost)

    assert (read.stage, read.form, read.pending) == (Stage.IDLE, "", "")
    assert (read.language, read.last, read.others) == ("en", RECORD, ("B",))
