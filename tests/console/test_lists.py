"""The line lists: everybody on exactly one, each with how many of how many, as a page and as a file."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import update

from app import wiring
from app.settings import Settings
from core.care import line_lists, today
from core.care.line_lists import Asked, Line
from core.care.standing import CLAIMING
from core.conversation.effects import SOMEBODY, AlertKind
from core.database.due import alerts, contact_attempts, ladder_steps, presence_checks
from core.database.following import follow_ups
from core.database.households import volunteers
from core.database.tables import addresses, contacts, members, persons
from tests.conftest import CELL
from tests.console.conftest import Browser
from tests.console.test_today import words
from tests.console.ward import CENTRE, HERE, NEIGHBOUR, NEXT, Ward, clock


def asked(ward: Ward, unit: str = HERE) -> Asked:
    services = wiring.services(Settings(secret_key="-", data_keys=(), cell=CELL), ward.engine)
    on = {"phone": services.channels["phone"].profile}
    return Asked(ward.scope(unit), ward.day(), on)


def lists(ward: Ward, unit: str = HERE) -> dict[Line, list[UUID | None]]:
    """Who is on each list, as the file has it."""
    wanted = asked(ward, unit)
    with ward.engine.connect() as connection:
        found = {line: [row.person_id for row in line_lists.everybody(connection, wanted, line)] for line in Line}
        counted = line_lists.count(connection, wanted)
    assert counted == {line: len(people) for line, people in found.items()}
    return found


def silent(ward: Ward, name: str) -> UUID:
    """Asked at nine; it is noon."""
    person = ward.person(name)
    ward.due(person, ward.follow(person), "09:00", reminded_at=clock("09:00"))
    return person


def on_address(ward: Ward, person: UUID, **changes: object) -> None:
    with ward.engine.begin() as connection:
        connection.execute(update(addresses).where(addresses.c.contact_id == ward.phone_of(person)).values(**changes))


def cast(ward: Ward) -> dict[Line, UUID]:
    """One for each list."""
    made = {line: ward.person(f"Lò {line}") if line in _PLAIN else silent(ward, f"Lò {line}") for line in Line}
    ward.alert(made[Line.URGENT], AlertKind.DANGER)
    ward.alert(made[Line.HUMAN], AlertKind.CALL_BACK)
    ward.record(made[Line.SIGNS], level="signs", signs=["cough"])
    ward.follow(made[Line.VERIFY], status="to_verify", verify_by=clock("18:00"))
    ended = ward.day().today - timedelta(days=1)
    held = ward.follow(made[Line.HELD], end_on=ended)
    _pending_test(ward, made[Line.HELD], held)
    with ward.engine.begin() as connection:
        none = made[Line.NO_PHONE]
        connection.execute(members.delete().where(members.c.person_id == none))
        connection.execute(update(follow_ups).where(follow_ups.c.person_id == none).values(contact_id=None))
    on_address(ward, made[Line.OPTED_OUT], stopped_at=clock("08:00"))
    on_address(ward, made[Line.UNREACHABLE], unreachable_at=clock("08:00"))
    missing = ward.follow(made[Line.PRESENCE])
    _asked_where(ward, made[Line.PRESENCE], missing, "unanswered")
    ward.follow(made[Line.ENDING], end_on=ward.day().today + timedelta(days=2))
    ward.due(made[Line.ANSWERED], ward.follow(made[Line.ANSWERED]), "09:00", "seen_ok")
    ward.due(made[Line.WAITING], ward.follow(made[Line.WAITING]), "16:00")
    ward.follow(made[Line.LOST], status="lost_to_follow_up", ended_at=clock("22:00") - timedelta(days=3))
    return made


_PLAIN = {Line.VERIFY, Line.HELD, Line.PRESENCE, Line.ENDING, Line.ANSWERED, Line.WAITING, Line.LOST}


def _pending_test(ward: Ward, person: UUID, follow_up: UUID) -> None:
    from core.database.following import test_results  # noqa: PLC0415 - pytest would take the table for a test

    sampled = ward.day().today - timedelta(days=1)
    ward.add(
        test_results,
        person_id=person,
        follow_up_id=follow_up,
        kind="pcr",
        sampled_on=sampled,
        result="pending",
        unit_code=HERE,
        at=ward.now,
        by=ward.staff["nga.batxat"],
    )


def _asked_where(ward: Ward, person: UUID, follow_up: UUID, outcome: str) -> None:
    times = {"asked_at": clock("10:00"), "expires_at": clock("10:30")}
    whose = {"person_id": person, "follow_up_id": follow_up}
    ward.add(presence_checks, **whose, **times, kind="call_back", outcome=outcome)


def test_everybody_is_on_the_list_of_what_is_so(ward: Ward) -> None:
    made = cast(ward)

    assert lists(ward) == {line: [made[line]] for line in Line}
    assert all(people == [] for people in lists(ward, NEXT).values())


def test_what_is_graver_comes_first_and_nobody_is_there_twice(ward: Ward) -> None:
    random = Random(1)
    for number in range(60):
        person = ward.person(f"Người {number}")
        status = random.choice(["under_follow_up", "under_follow_up", "to_verify", "lost_to_follow_up", "completed"])
        end = ward.day().today + timedelta(days=random.choice([-1, 0, 1, 5]))
        follow_up = ward.follow(person, status=status, end_on=end, ended_at=ward.now if status[0] in "lc" else None)
        if status == "under_follow_up" and random.random() < 0.7:
            ward.due(person, follow_up, "09:00", random.choice(["not_performed", "seen_ok", "seen_not_ok"]))
        if random.random() < 0.3:
            ward.alert(person, random.choice(list(AlertKind)))
        on_address(ward, person, stopped_at=random.choice([None, None, ward.now]))

    found = Counter(person for people in lists(ward).values() for person in people)

    assert set(found.values()) == {1}
    with ward.engine.connect() as connection:
        open_ = follow_ups.select().where(follow_ups.c.status != "completed")
        claiming = alerts.select().where(alerts.c.kind.in_(CLAIMING))
        watched = {row.person_id for row in connection.execute(open_)}
        assert set(found) == watched | {row.person_id for row in connection.execute(claiming)}
        for line, people in lists(ward).items():
            assert {line_lists.line_of(connection, asked(ward), person) for person in people if person} <= {line}


def test_two_persons_whom_staff_merged_are_one_on_the_gravest_list(ward: Ward) -> None:
    kept, gone = silent(ward, "Lò Thị Một"), ward.person("Lò Thị Một")
    ward.follow(gone)
    ward.record(gone, level="signs", signs=["cough"])
    ward.change(persons, gone, merged_into=kept)

    assert lists(ward)[Line.SIGNS] == [kept]
    assert sum(map(len, lists(ward).values())) == 1


def test_stop_where_they_last_wrote_is_not_mended_by_another_address(ward: Ward) -> None:
    person = silent(ward, "Lò Hai Máy")
    phone = ward.phone_of(person)
    ward.add(addresses, channel="phone", address="+84900000099", contact_id=phone, heard_at=clock("07:00"))
    assert lists(ward)[Line.SILENT] == [person]
    with ward.engine.begin() as connection:
        address = connection.scalar(
            contacts.select().with_only_columns(contacts.c.address).where(contacts.c.id == phone)
        )
        last = addresses.c.address == address
        connection.execute(update(addresses).where(last).values(stopped_at=clock("08:00")))

    assert lists(ward)[Line.OPTED_OUT] == [person]


def test_who_answered_today_need_not_be_called_on(ward: Ward) -> None:
    person = ward.person("Lò Tự Nhắn")
    ward.due(person, ward.follow(person), "09:00", "seen_ok")
    on_address(ward, person, stopped_at=clock("08:00"))

    assert lists(ward)[Line.ANSWERED] == [person]


def test_a_human_who_tried_takes_them_off_the_list_of_those_without_a_sign(nurse: FlaskClient, ward: Ward) -> None:
    person = ward.person("Lò Một")
    _asked_where(ward, person, ward.follow(person), "unanswered")
    assert lists(ward)[Line.PRESENCE] == [person]

    _tried(ward, person)

    assert lists(ward)[Line.WAITING] == [person]


def _tried(ward: Ward, person: UUID, outcome: str = "reached") -> None:
    from core.database.due import contact_attempts  # noqa: PLC0415

    who = {"by": ward.staff["nga.batxat"], "by_kind": "staff", "unit_code": HERE, "person_id": person}
    ward.add(contact_attempts, **who, at=clock("11:00"), via="visit", outcome=outcome)


def test_a_phone_of_nobody_known_is_to_be_called_once(nurse: FlaskClient, ward: Ward) -> None:
    stranger, other = ward.phone("+84900000077"), ward.phone("+84900000078")
    ward.alert(None, AlertKind.DANGER, contact_id=stranger, code="4127")
    ward.alert(None, AlertKind.CALL_BACK, contact_id=stranger)
    ward.alert(None, AlertKind.CALL_BACK, contact_id=other)
    ward.alert(None, AlertKind.MY_DATA, contact_id=ward.phone())
    ward.alert(None, AlertKind.DANGER, contact_id=ward.phone(), unit_code=NEXT)
    ward.alert(None, AlertKind.DANGER, contact_id=ward.phone(), status="closed")

    assert {line: people for line, people in lists(ward).items() if people} == {Line.URGENT: [None], Line.HUMAN: [None]}
    shown = words(nurse.get("/console/lists?list=urgent").text)
    assert "Số chưa rõ tên" in shown
    assert "4127" in shown
    assert "0900 000 077" in shown
    rows = list(csv.reader(io.StringIO(nurse.get("/console/lists.csv?list=urgent").text.removeprefix("\ufeff"))))
    assert [(row[3], row[-1]) for row in rows[1:]] == [("'+84900000077", "4127")]


def test_somebody_who_is_not_followed_is_called_too(ward: Ward) -> None:
    person = ward.person("Lò Thị Lạ")
    ward.alert(person, AlertKind.URGENT)
    assert lists(ward)[Line.URGENT] == [person]
    ward.follow(person, NEXT)
    assert lists(ward)[Line.URGENT] == lists(ward, CENTRE)[Line.URGENT] == [person]


def test_who_said_it_of_somebody_else_is_named_on_list_and_alert(nurse: FlaskClient, ward: Ward) -> None:
    helper = ward.person("Lý Văn Tư")
    phone = ward.phone_of(helper)
    ward.add(volunteers, contact_id=phone, unit_code=HERE, name="Lý Văn Tư", status="active", asked_at=ward.now)
    ward.alert(None, AlertKind.DANGER, contact_id=phone, letter=SOMEBODY)

    assert lists(ward)[Line.URGENT] == [None]
    for path in ("/console/lists?list=urgent", "/console/"):
        assert "Chưa rõ ai, từ máy của tình nguyện viên Lý Văn Tư" in words(nurse.get(path).text)


def test_the_page_says_how_many_of_how_many(browser: Browser, nurse: FlaskClient, ward: Ward) -> None:
    cast(ward)

    page = words(nurse.get("/console/lists").text)
    assert f"1 trên {len(Line)}" in page
    assert "Mỗi người ở đúng một danh sách" in page
    assert f"Lò {Line.OPTED_OUT}" in words(nurse.get("/console/lists?list=opted_out").text)
    assert "Lò" not in re.sub(r"Lò Lu", "", words(browser(NEIGHBOUR).get("/console/lists?list=opted_out").text))
    assert nurse.get("/console/lists?list=made_up").status_code == 404


def test_a_list_is_a_file_that_a_spreadsheet_cannot_take_for_a_formula(nurse: FlaskClient, ward: Ward) -> None:
    silent(ward, "=HYPERLINK(1)")
    answer = nurse.get("/console/lists.csv?list=silent")

    assert answer.headers["Content-Disposition"] == "attachment; filename=silent-2026-11-21.csv"
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 2
    assert rows[1][0] == "'=HYPERLINK(1)"
    assert nurse.get("/console/lists.csv").status_code == 404


def test_whoever_is_on_the_stations_list_has_a_deadline_until_somebody_tries(ward: Ward, nurse: FlaskClient) -> None:
    person = ward.person("Lò Im Lặng")
    check = ward.due(person, ward.follow(person), "09:00", reminded_at=clock("09:00"))
    known = {"due_check_id": check, "person_id": person, "rung": 5, "step": "station", "outcome": "done"}
    ward.add(ladder_steps, **known, at=clock("11:30"))
    shown = words(nurse.get("/console/lists?list=silent").text)
    assert "tìm trước" in shown
    assert "11:00" in shown.partition("tìm trước")[2]

    tried = {"unit_code": HERE, "by_kind": "staff", "by": uuid4(), "via": "phone", "outcome": "not_reached"}
    ward.add(contact_attempts, **tried, person_id=person, at=clock("11:45"))
    assert "tìm trước" not in words(nurse.get("/console/lists?list=silent").text)


def in_the_evening(ward: Ward, name: str, status: str, **days: Any) -> UUID:
    """Asked at 18:00 alone, yesterday and in six hours."""
    person = ward.person(name)
    follow_up = ward.follow(person, hours=[18], **days)
    times = {"due_at": clock("18:00", 20), "opens_at": clock("17:00", 20), "closes_at": clock("00:00")}
    check = ward.due(person, follow_up, "18:00", status, **times)
    ward.due(person, follow_up, "18:00")
    if status == "non_reporting":
        known = {"due_check_id": check, "person_id": person, "rung": 5, "step": "station", "outcome": "done"}
        ward.add(ladder_steps, **known, at=clock("07:00"))
    return person


def test_who_is_asked_in_the_evening_alone_is_silent_until_the_next_one(ward: Ward, nurse: FlaskClient) -> None:
    names = ("Lò Ba", "Lò Tư", "Lò Sáu", "Lò Bảy")
    never, tried, reached, wrote = (in_the_evening(ward, name, "non_reporting") for name in names)
    answered = in_the_evening(ward, "Lò Tám", "seen_not_ok")
    watching = in_the_evening(ward, "Lò Chín", "non_reporting", watch_from=ward.day().today)
    _tried(ward, tried, "not_reached")
    _tried(ward, reached)
    ward.record(wrote, form="checkin")

    found = {line: set(people) for line, people in lists(ward).items() if people}
    assert found == {
        Line.SILENT: {never, tried},
        Line.ANSWERED: {wrote},
        Line.WAITING: {reached, answered, watching},
    }
    with ward.engine.connect() as connection:
        rows = today.silent(connection, ward.scope(), ward.day(), [never, tried])
    assert [row.due_at for row in rows] == [clock("18:00", 20)] * 2
    assert words(nurse.get("/console/lists?list=silent").text).count("tìm trước") == 1
