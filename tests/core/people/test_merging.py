"""Two persons whom staff merged: one follow-up, one reminder a phone, and both again once they are two after all."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import update

from core.access.scope import Scope
from core.care import due, follow_up, follow_up_lists
from core.care.follow_up_lists import State
from core.care.standing import day_of
from core.database.due import due_checks
from core.database.following import follow_up_events, follow_ups
from core.people import merging
from core.reminders.enqueue import enqueue
from tests.cast import HOA, LAN, STATION, TU, Cast

HERE = Scope(STATION, (STATION,))


def merge(cast: Cast, kept: UUID, gone: UUID) -> None:
    with cast.engine.begin() as connection:
        assert merging.merge(connection, HERE, (kept, gone), uuid4(), cast.clock.at)


def undo(cast: Cast, gone: UUID) -> None:
    with cast.engine.begin() as connection:
        assert merging.undo(connection, HERE, gone, uuid4(), cast.clock.at)


def open_of(cast: Cast) -> set[UUID]:
    return {row["person_id"] for row in cast.rows(follow_ups) if row["status"] == "under_follow_up"}


def asked(cast: Cast, who: str) -> list[str]:
    """The reminders that this phone got in the afternoon."""
    cast.clock.at = cast.local(16, 1)
    enqueue(cast.services)
    return [row["text"] for row in cast.outbox(who) if row["due_check_id"]]


def test_one_phone_is_asked_about_one_person(cast: Cast) -> None:
    kept, gone = cast.enrols(HOA), cast.enrols(HOA, name="Sung Thi Mei")
    merge(cast, kept, gone)

    (text,) = asked(cast, HOA)
    assert "A May" not in text
    cast.writes("OK", who=HOA)
    (check,) = (row for row in cast.rows(due_checks) if row["status"] == "seen_ok")
    assert check["person_id"] == kept
    assert open_of(cast) == {kept}


def test_of_two_phones_one_is_asked_and_either_answers(cast: Cast) -> None:
    kept, gone = cast.enrols(HOA), cast.enrols(LAN)
    merge(cast, kept, gone)
    assert [len(asked(cast, who)) for who in (HOA, LAN)] == [1, 0]
    cast.writes("SK OK", who=LAN)

    statuses = Counter(row["status"] for row in cast.rows(due_checks, person_id=kept))
    assert statuses["seen_ok"] == 1
    cast.clock.at = cast.local(20)
    assert len(cast.heard(HOA)) == 1  # and is not asked once more


def test_the_graver_goes_on_whoever_is_kept(cast: Cast) -> None:
    kept, gone = cast.enrols(HOA), cast.enrols(LAN)
    with cast.engine.begin() as connection:
        connection.execute(update(follow_ups).where(follow_ups.c.person_id == gone).values(group="F0"))
    merge(cast, kept, gone)
    assert open_of(cast) == {gone}
    assert [len(asked(cast, who)) for who in (HOA, LAN)] == [0, 1]
    cast.writes("OK", who=HOA)
    assert {row["person_id"] for row in cast.rows(due_checks, status="seen_ok")} == {gone}


def test_undoing_it_gives_both_back(cast: Cast) -> None:
    kept, gone = cast.enrols(HOA), cast.enrols(LAN)
    before = {row["id"]: (row["status"], row["end_on"], row["contact_id"]) for row in cast.rows(follow_ups)}
    merge(cast, kept, gone)
    undo(cast, gone)

    assert {row["id"]: (row["status"], row["end_on"], row["contact_id"]) for row in cast.rows(follow_ups)} == before
    assert [len(asked(cast, who)) for who in (HOA, LAN)] == [1, 1]
    assert {"merged", "parted"} <= {row["kind"] for row in cast.rows(follow_up_events, person_id=gone)}


def test_undoing_it_wakes_nobody_whose_days_are_over(cast: Cast) -> None:
    kept, gone = cast.enrols(HOA), cast.enrols(LAN, days=2)
    merge(cast, kept, gone)
    cast.clock.at = cast.local(9, days=4)
    undo(cast, gone)

    assert open_of(cast) == {kept}
    (rests,) = cast.rows(follow_ups, person_id=gone)
    assert (rests["status"], rests["release_code"]) == ("cancelled", None)


def test_undoing_one_merge_wakes_nobody_who_rests_by_another(cast: Cast) -> None:
    kept, gone, third = cast.enrols(HOA), cast.enrols(LAN), cast.enrols(TU)
    merge(cast, kept, gone)
    with cast.engine.begin() as connection:
        ended = update(follow_ups).where(follow_ups.c.person_id == kept).values(status="completed")
        connection.execute(ended.values(ended_at=cast.clock.at))
    cast.clock.at += timedelta(minutes=1)
    merge(cast, kept, third)
    undo(cast, third)

    assert open_of(cast) == {third}


def test_one_to_be_verified_is_so_again(cast: Cast) -> None:
    kept, gone = cast.enrols(HOA), cast.enrols(LAN)
    with cast.engine.begin() as connection:
        connection.execute(update(follow_ups).where(follow_ups.c.person_id == kept).values(status="to_verify"))
    merge(cast, kept, gone)
    assert open_of(cast) == {gone}
    undo(cast, gone)
    assert cast.rows(follow_ups, person_id=kept)[0]["status"] == "to_verify"


def test_what_another_unit_follows_is_left(cast: Cast) -> None:
    kept, gone = cast.enrols(HOA), cast.enrols(LAN)
    with cast.engine.begin() as connection:
        connection.execute(update(follow_ups).where(follow_ups.c.person_id == gone).values(unit_code="X"))
    merge(cast, kept, gone)
    assert open_of(cast) == {kept, gone}


def test_two_that_ended_are_one_in_the_list(cast: Cast) -> None:
    kept, gone = cast.enrols(HOA, days=1), cast.enrols(LAN, days=2)
    for day in (2, 3):
        cast.clock.at = cast.local(9, days=day)
        with cast.engine.begin() as connection:
            due.close(connection, cast.clock.at)
            follow_up.complete(connection, cast.clock.at)
    listed = closed(cast)
    assert len(listed) == 2
    cast.clock.at += timedelta(minutes=1)
    merge(cast, kept, gone)
    assert closed(cast) == [gone]  # it ended last
    undo(cast, gone)
    assert sorted(closed(cast)) == sorted([kept, gone])


def test_one_that_rests_is_no_ended_one(cast: Cast) -> None:
    kept, gone = cast.enrols(HOA), cast.enrols(LAN)
    merge(cast, kept, gone)
    assert closed(cast) == []


def closed(cast: Cast) -> list[UUID]:
    with cast.engine.connect() as connection:
        day = day_of(cast.clock.at)
        found = [row.person_id for row in follow_up_lists.listed(connection, HERE, day, State.CLOSED)]
        assert follow_up_lists.count(connection, HERE, day).closed == len(found)
    return found
