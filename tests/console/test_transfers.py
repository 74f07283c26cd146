"""Somebody goes from one unit to another: offered, taken or refused; both see it, and one acts."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from core.care import line_lists, today, transfers
from core.care.handling import By, Outcome
from core.care.line_lists import Line
from core.care.transfers import Answer, Offer
from core.database.due import alerts, due_checks
from core.database.following import follow_up_events, follow_ups
from core.database.following import transfers as rows
from core.database.tables import contacts, persons
from tests.console.conftest import Browser
from tests.console.test_cases import post_on
from tests.console.test_lists import asked, in_the_evening, lists
from tests.console.test_today import words
from tests.console.ward import CENTRE, ELSEWHERE, HERE, NEIGHBOUR, NEXT, NURSE, TOP, Ward, clock


@pytest.fixture
def person(ward: Ward) -> UUID:
    """Under follow-up here, with a check of the morning, one of the evening and an alert that our nurse took."""
    made = ward.person("Người Chuyển")
    follow_up = ward.follow(made)
    ward.due(made, follow_up, "08:00", "seen_ok")
    ward.due(made, follow_up, "16:00")
    ward.alert(made, status="taken", taken_by=ward.staff[NURSE], taken_at=ward.now, code="4127", tier=1)
    return made


def column(ward: Ward, wanted: Any) -> list[Any]:
    with ward.engine.connect() as connection:
        return list(connection.scalars(select(wanted)))


def offered(ward: Ward, person: UUID, to: str = NEXT, unit: str = HERE) -> Outcome:
    with ward.engine.begin() as connection:
        told = Offer(person, to, "về nhà mẹ")
        return transfers.offer(connection, ward.scope(unit), told, By(uuid4(), ward.now), ward.tree())


def answered(ward: Ward, accepted: bool = True, unit: str = NEXT, **changes: str) -> Outcome:
    (offer,) = column(ward, rows.c.id)
    with ward.engine.begin() as connection:
        return transfers.answer(connection, ward.scope(unit), Answer(offer, accepted, **changes), By(uuid4(), ward.now))


def test_until_it_is_taken_the_old_unit_acts_and_then_the_new_one(
    browser: Browser, nurse: FlaskClient, ward: Ward, person: UUID
) -> None:
    ward.record(person)
    page = post_on(nurse, f"/console/person/{person}/transfer", unit="tram y te xa coc san", reason="về nhà mẹ")
    assert "Đang đề nghị chuyển đến Trạm Y tế xã Cốc San, chờ trả lời." in page
    neighbour = browser(NEIGHBOUR)
    assert "Người Chuyển" in words(neighbour.get("/console/transfers").text)
    assert neighbour.get(f"/console/person/{person}").status_code == 404
    assert set(column(ward, follow_ups.c.unit_code)) == {HERE}

    (offer,) = column(ward, rows.c.id)
    sent = {"answer": "accept", "hamlet": "thôn Mới", "address": "nhà bà Sáu"}
    assert "đã nhận" in post_on(neighbour, f"/console/transfers/{offer}/answer", **sent)

    assert column(ward, follow_ups.c.unit_code) == [NEXT]
    assert set(column(ward, due_checks.c.status + " " + due_checks.c.unit_code)) == {
        f"seen_ok {HERE}",
        f"not_performed {NEXT}",
    }
    assert column(ward, persons.c.unit_code + persons.c.hamlet) == [f"{NEXT}thôn Mới"]
    assert column(ward, contacts.c.unit_code) == [NEXT]
    theirs = words(neighbour.get(f"/console/person/{person}").text)
    assert "nhà bà Sáu" in theirs
    assert "16:00 chưa đến hẹn" in theirs
    assert "598 066 111" not in theirs


def test_the_old_unit_sees_that_and_what_was_before_and_no_more(nurse: FlaskClient, ward: Ward, person: UUID) -> None:
    ward.record(person)
    offered(ward, person)
    answered(ward, address="nhà bà Sáu")
    ward.record(person, signs=["rash"], level="signs", unit_code=NEXT)

    page = words(nurse.get(f"/console/person/{person}").text)

    assert "Đã chuyển từ Trạm Y tế xã Bát Xát đến Trạm Y tế xã Cốc San." in page
    assert "598 066 111" in page
    for hidden in ("nhà bà Sáu", "phát ban", "0900 000", "còn 9 ngày", "16:00", "Chuyển đến đơn vị khác"):
        assert hidden not in page


def test_who_has_said_nothing_yet_is_still_seen_to_have_gone(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person()
    ward.follow(person)
    offered(ward, person)
    answered(ward)

    assert "Đã chuyển từ" in nurse.get(f"/console/person/{person}").text


def test_an_alert_that_was_taken_here_waits_for_somebody_there(ward: Ward, person: UUID) -> None:
    offered(ward, person)
    answered(ward)

    with ward.engine.connect() as connection:
        alert = connection.execute(select(alerts)).one()
    assert (alert.unit_code, alert.status, alert.taken_by, alert.code, alert.tier) == (NEXT, "open", None, "", 0)


def test_a_refusal_needs_a_word_and_leaves_all_as_it_was(ward: Ward, person: UUID) -> None:
    offered(ward, person)

    assert answered(ward, accepted=False) is Outcome.WRONG
    assert answered(ward, accepted=False, word="không ở xã này") is Outcome.DONE
    assert answered(ward) is Outcome.TOO_LATE

    assert column(ward, follow_ups.c.unit_code) == column(ward, persons.c.unit_code) == [HERE]
    assert sorted(column(ward, follow_up_events.c.kind)) == ["answered", "offered"]
    assert offered(ward, person) is Outcome.DONE


def test_only_those_whom_it_concerns_offer_answer_and_withdraw(ward: Ward, person: UUID) -> None:
    assert offered(ward, person, unit=NEXT) is Outcome.UNKNOWN
    assert offered(ward, person) is Outcome.DONE
    assert offered(ward, person, CENTRE) is Outcome.TOO_LATE
    assert answered(ward, unit=HERE) is Outcome.UNKNOWN
    (offer,) = column(ward, rows.c.id)
    by = By(uuid4(), ward.now)
    with ward.engine.begin() as connection:
        assert transfers.withdraw(connection, ward.scope(NEXT), offer, by) is Outcome.UNKNOWN
        assert transfers.withdraw(connection, ward.scope(HERE), offer, by) is Outcome.DONE
    assert answered(ward) is Outcome.TOO_LATE
    assert column(ward, follow_ups.c.unit_code) == [HERE]


@pytest.mark.parametrize("to", [HERE, "TYT99999"])
def test_there_is_no_such_unit_to_go_to(ward: Ward, person: UUID, to: str) -> None:
    assert offered(ward, person, to) is Outcome.WRONG


def test_what_ended_meanwhile_is_not_moved(ward: Ward, person: UUID) -> None:
    offered(ward, person)
    with ward.engine.begin() as connection:
        connection.execute(update(follow_ups).values(status="completed"))

    assert answered(ward) is Outcome.TOO_LATE
    assert column(ward, rows.c.status) == ["withdrawn"]
    assert column(ward, persons.c.unit_code) == [HERE]


def test_another_province_is_refused_in_words(nurse: FlaskClient, ward: Ward, person: UUID) -> None:
    page = post_on(nurse, f"/console/person/{person}/transfer", unit="cdc ha noi")

    assert "đơn vị thuộc tỉnh khác" in page
    assert column(ward, rows.c.id) == []
    assert transfers.elsewhere(ward.tree(), HERE, ELSEWHERE)


def test_units_are_found_by_words_of_their_names(ward: Ward) -> None:
    tree = ward.tree()

    assert transfers.units_called(tree, "Cốc San", HERE) == (NEXT,)
    assert transfers.units_called(tree, "trạm y tế", TOP) == (HERE, NEXT)
    assert transfers.units_called(tree, NEXT, HERE) == (NEXT,)
    assert transfers.units_called(tree, " ", HERE) == ()


def test_who_was_silent_before_is_on_the_new_units_list(ward: Ward) -> None:
    """Asked in the evening alone: else nobody looked for them until the next one."""
    silent = in_the_evening(ward, "Lò Ba", "non_reporting")
    assert lists(ward)[Line.SILENT] == [silent]
    assert offered(ward, silent) is Outcome.DONE
    assert answered(ward) is Outcome.DONE

    assert silent not in {person for people in lists(ward).values() for person in people}
    assert {line: people for line, people in lists(ward, NEXT).items() if people} == {Line.SILENT: [silent]}
    with ward.engine.connect() as connection:
        (row,) = today.silent(connection, ward.scope(NEXT), ward.day(), [silent])
        (listed,) = line_lists.listed(connection, asked(ward, NEXT), Line.SILENT)
    assert (row.due_at, row.unit_code) == (clock("18:00", 20), NEXT)
    assert listed.until is not None


def test_what_was_answered_before_stays_with_the_old_unit(ward: Ward) -> None:
    """Whoever is seen by the new one is not silent there, and has said nothing to it."""
    person = ward.person("Lò Tư")
    follow_up = ward.follow(person)
    ward.due(person, follow_up, "07:00", "non_reporting")
    ward.due(person, follow_up, "09:00", "seen_not_ok")
    assert offered(ward, person) is Outcome.DONE
    assert answered(ward) is Outcome.DONE

    assert {line: people for line, people in lists(ward, NEXT).items() if people} == {Line.WAITING: [person]}
