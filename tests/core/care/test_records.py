"""Declarations and check-ins: every version is kept, each is written once."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from core.care import records
from core.database.batch import Row
from core.database.tables import forwards, persons
from core.database.tables import records as rows
from core.forwarding import destinations, jobs
from core.pipeline.receive import receive
from core.secrets import Vault
from tests.cast import CENTRE, DECLARED, HOA, STATION, Cast


def shown(cast: Cast) -> list[tuple[int, str, bool, bool]]:
    """Each version: its number, level, whether it is confirmed, and whether a newer one stands for it."""
    return [
        (r["version"], r["level"], r["confirmed_at"] is not None, r["superseded_at"] is not None)
        for r in cast.records()
    ]


def version(cast: Cast, number: int = 1, root: UUID | None = None, **changes: Any) -> dict[str, Any]:
    made = uuid4()
    (person,) = cast.rows(persons)
    row = {
        "id": made,
        "root": root or made,
        "version": number,
        "code": "412738605",
        "form": "checkin",
        "form_hash": "h",
        "person_id": person["id"],
        "contact_id": cast.contact(),
        "inbound_id": uuid4(),
        "entered_by": None,
        "channel": "phone",
        "unit_code": STATION,
        "answers": {"signs": []},
        "signs": [],
        "temperature": None,
        "level": "none",
        "legal_basis": "consent",
        "on_behalf": False,
        "declared_at": cast.clock.at,
        "confirmed_at": None,
        "forwarded_at": None,
    }
    return row | changes


@pytest.fixture
def lan(cast: Cast) -> Cast:
    """Lan is known and has no record."""
    cast.enrols("+84900000001", 8, name="Nguyen Thi Lan")
    return cast


def write(cast: Cast, *made: Row) -> list[Row]:
    with cast.engine.begin() as connection:
        fresh = records.insert(connection, made)
        records.supersede(connection, made)
        return fresh


def confirm(cast: Cast, *made: Row) -> list[UUID]:
    with cast.engine.begin() as connection:
        given = [{**row, "confirmed_at": cast.clock.at} for row in made]
        return [row["id"] for row in records.confirm(connection, given)]


def test_a_declaration_stands_before_it_is_confirmed(cast: Cast) -> None:
    cast.writes(*DECLARED)
    assert shown(cast) == [(1, "none", False, False)]
    cast.writes("ok")

    assert shown(cast) == [(1, "none", True, False)]


def test_a_correction_is_a_new_version_of_the_same_record(cast: Cast) -> None:
    cast.declares()
    cast.writes("SUA 1 sot 38, ho", "ok")

    first, second = cast.records()
    assert shown(cast) == [(1, "none", True, True), (2, "signs", True, False)]
    assert (second["root"], second["code"], second["person_id"]) == (first["id"], first["code"], first["person_id"])
    assert first["answers"]["signs"] == [], "what was declared first is kept as it was"


def test_corrections_in_one_batch_are_versions_too(cast: Cast) -> None:
    cast.declares()
    texts = ("SUA 1 ho", "SUA 1 sot 38", "ok")
    receive(cast.services, [cast.message(text) for text in texts])

    assert shown(cast) == [(1, "none", True, True), (2, "signs", False, True), (3, "signs", True, False)]


def test_a_corrected_checkin_stays_in_its_slot(cast: Cast) -> None:
    cast.later(hours=-1)
    cast.enrols(HOA, 8, 16)
    cast.writes("SK khoe", "SUA 38,2 ho", who=HOA)

    assert cast.due(HOA)[0][1] == "seen_not_ok"
    assert [row["version"] for row in cast.records(HOA)] == [1, 2]


def test_each_version_is_written_once(lan: Cast) -> None:
    made = version(lan)
    again = version(lan, inbound_id=made["inbound_id"])
    write(lan, made)
    write(lan, made, again)

    assert [row["id"] for row in lan.records()] == [made["id"]]


def test_only_older_versions_are_superseded_and_once(lan: Cast) -> None:
    first, other = version(lan), version(lan)
    write(lan, first, other)
    write(lan, version(lan, 2, first["root"]))
    when = lan.records()[0]["superseded_at"]
    lan.later(hours=1)
    write(lan, version(lan, 3, first["root"]))

    assert [r["superseded_at"] is not None for r in lan.records()] == [True, False, True, False]
    assert lan.records()[0]["superseded_at"] == when


def test_what_is_confirmed_when_it_is_written_is_to_be_forwarded(lan: Cast) -> None:
    at = lan.clock.at
    plain, done = version(lan), version(lan, confirmed_at=at, forwarded_at=at)

    assert [row["id"] for row in write(lan, plain, done)] == [done["id"]]


def test_confirming_is_once_and_of_one_version(lan: Cast) -> None:
    first, other = version(lan), version(lan)
    second = version(lan, 2, first["root"])
    write(lan, first, other)
    write(lan, second)

    assert confirm(lan, second) == [second["id"]]
    assert confirm(lan, second) == []
    assert confirm(lan) == []
    assert [r["confirmed_at"] is not None for r in lan.records()] == [False, False, True]


def test_a_confirmed_record_is_queued_for_its_unit_and_those_above(cast: Cast) -> None:
    vault = Vault(["x" * 43 + "="])
    with cast.engine.begin() as connection:
        for unit in (STATION, CENTRE):
            destinations.register(connection, vault, unit, f"https://{unit}.example/".lower())
    cast.declares()
    assert len(cast.rows(forwards)) == 2
    cast.writes("SUA 1 ho", "ok")

    queued = sorted((row["sequence"], str(row["record_id"])) for row in cast.rows(forwards))
    first, second = (str(row["id"]) for row in cast.records())
    assert queued == [(1, first), (1, first), (2, second), (2, second)]


def test_a_record_that_was_forwarded_unconfirmed_is_not_sent_again(cast: Cast) -> None:
    vault = Vault(["x" * 43 + "="])
    with cast.engine.begin() as connection:
        destinations.register(connection, vault, STATION, "https://unit.example/")
    cast.writes(*DECLARED)
    cast.later(minutes=31)
    with cast.engine.begin() as connection:
        jobs.enqueue_unconfirmed(connection, cast.clock.at, cast.services.destinations())
    assert len(cast.rows(forwards)) == 1
    cast.writes("ok")

    assert len(cast.rows(forwards)) == 1
    assert cast.rows(rows)[0]["confirmed_at"] is not None
