"""What staff decide: open, verify, extend, release, cancel; within their scope, once, written down."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, insert, update

from core.access.scope import Scope
from core.care import follow_up_acts as acts
from core.care.certificate import Certificate, look_up
from core.care.follow_up_acts import CancelReason, ExtendReason, Extension, NewCase
from core.care.follow_up_opening import Line, Opened
from core.care.follow_up_opening import Outcome as Opening
from core.care.follow_up_rows import NewPerson
from core.care.follow_up_terms import Impossible, Problem, Terms
from core.care.handling import By, Outcome
from core.care.opening_page import CALL
from core.database.due import due_checks
from core.database.following import follow_up_events, follow_ups
from core.database.tables import addresses, members, outbox, persons
from tests.cast import CENTRE, HOA, LAN, NEXT_STATION, STATION, Cast

NURSE = uuid4()
HERE, ELSEWHERE = Scope(STATION, (STATION,)), Scope(NEXT_STATION, (NEXT_STATION,))
MAY = NewPerson("Sùng Thị May", 1953, "female", STATION, hamlet="thôn Bản Qua")


def do(cast: Cast, act: Callable[..., Any], *told: Any, scope: Scope = HERE) -> Any:
    with cast.engine.begin() as connection:
        return act(connection, scope, *told, By(NURSE, cast.clock.at))


def case(cast: Cast, who: UUID | NewPerson = MAY, phone: str = HOA, **terms: Any) -> NewCase:
    line = Line(cast.contact(phone), "phone", phone) if phone else None
    stated = Terms(**{"group": "F1", "end_on": cast.today() + timedelta(days=7), **terms})
    return NewCase(who, line, stated, STATION)


def opens(cast: Cast, who: UUID | NewPerson = MAY, phone: str = HOA, **terms: Any) -> UUID:
    """Open one; the follow-up's id."""
    opened = do(cast, acts.open_one, case(cast, who, phone, **terms))
    assert isinstance(opened, Opened), opened
    assert opened.outcome is Opening.OPENED
    return UUID(str(cast.rows(follow_ups, person_id=opened.person_id)[-1]["id"]))


def one(cast: Cast, follow_up: UUID) -> dict[str, Any]:
    (row,) = cast.rows(follow_ups, id=follow_up)
    return dict(row)


def decided(cast: Cast, follow_up: UUID) -> list[str]:
    return [row["kind"] for row in cast.rows(follow_up_events, follow_up_id=follow_up)]


def days(cast: Cast) -> set[str]:
    return {row["due_at"].isoformat()[:10] for row in cast.rows(due_checks)}


def test_a_new_person_is_followed_from_today_and_it_is_written_down(cast: Cast) -> None:
    follow_up = opens(cast, document="QĐ 12")

    row = one(cast, follow_up)
    assert (row["status"], row["source"], row["opened_by"]) == ("under_follow_up", "staff", NURSE)
    assert (row["start_on"], row["end_on"], row["hours"]) == (date(2026, 11, 21), date(2026, 11, 28), [8, 16])
    (person,) = cast.rows(persons)
    assert (person["folded_name"], person["hamlet"]) == ("sung thi may", "thôn Bản Qua")
    assert len(cast.due(HOA)) == 3  # eight has passed, and tomorrow's two
    (event,) = cast.rows(follow_up_events)
    assert (event["kind"], event["by"], event["unit_code"]) == ("opened", NURSE, STATION)
    assert event["detail"] == {"source": "staff", "group": "F1", "end_on": "2026-11-28", "document": "QĐ 12"}


def test_without_a_rule_the_end_is_to_be_stated(cast: Cast) -> None:
    found = do(cast, acts.open_one, case(cast, end_on=None))

    assert found == Impossible(Problem.NO_RULE, "Bộ Y tế 4/2022")
    assert cast.rows(persons) == []


def test_the_same_person_is_not_followed_twice(cast: Cast) -> None:
    opens(cast)

    again = do(cast, acts.open_one, case(cast, NewPerson("SUNG THI MAY", 1953, "", STATION)))

    assert again.outcome is Opening.ALREADY
    assert len(cast.rows(follow_ups)) == len(cast.rows(persons)) == len(cast.rows(follow_up_events)) == 1


def test_two_staff_open_the_same_person_at_the_same_moment(cast: Cast) -> None:
    gate, found = threading.Barrier(2), []

    def open_it() -> None:
        made = case(cast)
        gate.wait()
        found.append(do(cast, acts.open_one, made).outcome)

    both = [threading.Thread(target=open_it) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()

    assert sorted(found) == [Opening.ALREADY, Opening.OPENED]
    assert len(cast.rows(persons)) == 1


def test_without_a_phone_they_are_followed_and_never_texted(cast: Cast) -> None:
    opens(cast, phone="")
    again = do(cast, acts.open_one, case(cast, phone=""))

    assert again.outcome is Opening.ALREADY
    assert {row["contact_id"] for row in cast.rows(due_checks)} == {None}
    assert len(cast.rows(persons)) == 1


def test_a_landline_is_kept_to_be_called_and_never_texted(cast: Cast) -> None:
    number = "+842143840000"
    key = (CALL, number)
    line = Line(cast.services.directory.contacts([key])[key], *key)
    made = case(cast)

    do(cast, acts.open_one, NewCase(made.who, line, made.terms, STATION))

    assert {row["contact_id"] for row in cast.rows(due_checks)} == {None}
    assert [row["address"] for row in cast.rows(addresses)] == [number]
    assert len(cast.rows(members)) == 1


def test_somebody_known_answers_where_they_wrote_last(cast: Cast) -> None:
    cast.declares(LAN)
    (lan,) = cast.rows(persons)
    cast.later(minutes=5)
    cast.writes("KHAI", who=HOA)
    with cast.engine.begin() as connection:
        connection.execute(insert(members).values(contact_id=cast.contact(HOA), letter="B", person_id=lan["id"]))

    follow_up = opens(cast, lan["id"], phone="")

    assert one(cast, follow_up)["contact_id"] == cast.contact(HOA)


@pytest.mark.parametrize("known", [True, False])
def test_nobody_opens_outside_their_scope(cast: Cast, known: bool) -> None:
    cast.declares(LAN)
    (lan,) = cast.rows(persons)
    made = case(cast, lan["id"] if known else MAY)

    assert do(cast, acts.open_one, NewCase(made.who, None, made.terms, NEXT_STATION), scope=HERE) is None
    if known:
        assert do(cast, acts.open_one, NewCase(made.who, None, made.terms, NEXT_STATION), scope=ELSEWHERE) is None
    assert cast.rows(follow_ups) == []


def to_verify(cast: Cast) -> UUID:
    follow_up = opens(cast)
    with cast.engine.begin() as connection:
        connection.execute(update(follow_ups).values(status="to_verify", verify_by=cast.clock.at))
        connection.execute(due_checks.delete())
    return follow_up


def test_verifying_begins_it(cast: Cast) -> None:
    follow_up = to_verify(cast)
    cast.later(days=1)

    assert do(cast, acts.verify, follow_up, Terms("F0", hours=(7, 17))) is Outcome.DONE

    row = one(cast, follow_up)
    assert (row["status"], row["group"], row["start_on"]) == ("under_follow_up", "F0", date(2026, 11, 22))
    assert (row["end_on"], row["verify_by"]) == (date(2026, 12, 6), None)
    assert [when for when, _ in cast.due(HOA)] == ["22 17:00", "23 07:00", "23 17:00"]
    assert decided(cast, follow_up) == ["opened", "verified"]
    assert do(cast, acts.verify, follow_up, Terms("F0")) is Outcome.TOO_LATE


def test_a_longer_follow_up_is_asked_on_and_a_shorter_one_is_not(cast: Cast) -> None:
    follow_up = opens(cast, end_on=cast.today())
    assert days(cast) == {"2026-11-21"}
    seen = cast.today()

    later = Extension(seen + timedelta(days=3), seen, ExtendReason.POSITIVE, "QĐ 13", "cả nhà")
    assert do(cast, acts.extend, follow_up, later) is Outcome.DONE
    assert days(cast) == {"2026-11-21", "2026-11-22"}
    assert do(cast, acts.extend, follow_up, later) is Outcome.TOO_LATE  # a colleague's page was older

    sooner = Extension(seen, seen + timedelta(days=3), ExtendReason.MISTAKE)
    assert do(cast, acts.extend, follow_up, sooner) is Outcome.DONE
    assert days(cast) == {"2026-11-21"}
    assert one(cast, follow_up)["document"] == "QĐ 13"
    detail = cast.rows(follow_up_events, follow_up_id=follow_up)[1]["detail"]
    assert detail == {
        "from": "2026-11-21",
        "to": "2026-11-24",
        "document": "QĐ 13",
        "reason": "positive",
        "note": "cả nhà",
    }


@pytest.mark.parametrize(("shift", "problem"), [(-1, Problem.END_BEFORE_START), (400, Problem.TOO_LONG)])
def test_an_end_that_cannot_be_is_named(cast: Cast, shift: int, problem: Problem) -> None:
    follow_up = opens(cast)
    seen = one(cast, follow_up)["end_on"]

    found = do(cast, acts.extend, follow_up, Extension(cast.today() + timedelta(shift), seen, ExtendReason.OTHER))

    assert found == Impossible(problem)


def test_released_they_have_a_code_that_anybody_may_check(cast: Cast) -> None:
    follow_up = opens(cast)
    cast.later(days=2)

    code = do(cast, acts.release, follow_up, "negative: hai lần")

    with cast.engine.connect() as connection:
        found = look_up(connection, f"{code[:3]} {code[3:6]} {code[6:]}")
    assert found == Certificate(code, STATION, date(2026, 11, 21), date(2026, 11, 23), early=True)
    row = one(cast, follow_up)
    assert (row["status"], row["end_reason"], row["ended_by"]) == ("completed", "negative: hai lần", NURSE)
    assert decided(cast, follow_up) == ["opened", "released"]
    assert "2026-11-24" not in days(cast)
    extension = Extension(cast.today() + timedelta(days=9), row["end_on"], ExtendReason.OTHER)
    assert do(cast, acts.extend, follow_up, extension) is Outcome.TOO_LATE
    assert do(cast, acts.release, follow_up, "days") is Outcome.TOO_LATE


def test_a_cancelled_ones_reminders_are_withdrawn(cast: Cast) -> None:
    follow_up = opens(cast)
    cast.clock.at = cast.local(15, 59)
    with cast.engine.begin() as connection:
        queue_reminder(connection, cast)

    assert do(cast, acts.cancel, follow_up, acts.described(CancelReason.MISTAKE, " nhầm  tên ")) is Outcome.DONE

    row = one(cast, follow_up)
    assert (row["status"], row["end_reason"], row["release_code"]) == ("cancelled", "mistake: nhầm tên", None)
    assert [message["status"] for message in cast.outbox(HOA)] == ["withdrawn"]
    assert [status for _, status in cast.due(HOA)] == []
    assert do(cast, acts.cancel, follow_up, "mistake") is Outcome.TOO_LATE


def queue_reminder(connection: Connection, cast: Cast) -> None:
    check = cast.rows(due_checks)[0]["id"]
    row = {"id": uuid4(), "contact_id": cast.contact(HOA), "seq": 1, "due_check_id": check, "channel": "phone"}
    sent = {"address": HOA, "kind": "reminder", "priority": 2, "text": "?", "parts": 1, "created_at": cast.clock.at}
    times = {"due_at": cast.clock.at, "expires_at": cast.clock.at + timedelta(hours=1)}
    connection.execute(insert(outbox).values(row | sent | times))


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (acts.verify, (Terms("F0"),)),
        (acts.extend, (Extension(date(2026, 12, 1), date(2026, 11, 28), ExtendReason.OTHER),)),
        (acts.release, ("days",)),
        (acts.cancel, ("mistake",)),
    ],
)
def test_another_units_follow_up_is_not_there(cast: Cast, act: Callable[..., Any], told: tuple[Any, ...]) -> None:
    follow_up = opens(cast)

    assert do(cast, act, follow_up, *told, scope=ELSEWHERE) is Outcome.UNKNOWN
    assert do(cast, act, uuid4(), *told, scope=Scope(CENTRE, (CENTRE, STATION))) is Outcome.UNKNOWN
    assert decided(cast, follow_up) == ["opened"]
