"""What staff must look at: when it is raised, with which unit, and how often."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from core.care import alerts
from core.database.due import alerts as rows
from core.database.tables import members
from core.pipeline.receive import receive
from tests.cast import CENTRE, DECLARED, HOA, LAN, STATION, STRANGER, TYPING, Cast

DOUBT = "khong sot, ho, kho tho"


def raise_due(cast: Cast) -> int:
    with cast.engine.begin() as connection:
        return alerts.raise_due(connection, cast.clock.at)


def together(cast: Cast, *texts: str, who: str = LAN) -> None:
    """All in one batch."""
    receive(cast.services, [cast.message(text, who) for text in texts])


def alert(cast: Cast, who: str = LAN, /, **changes: Any) -> dict[str, Any]:
    row = {
        "id": uuid4(),
        "kind": "danger",
        "letter": "",
        "contact_id": cast.contact(who),
        "person_id": None,
        "unit_code": CENTRE,
        "signs": ("shortness_of_breath",),
        "inbound_id": uuid4(),
        "status": "open",
        "raise_at": cast.clock.at,
    }
    return row | changes


@pytest.fixture
def met(cast: Cast) -> Cast:
    """Lan, her mother and a stranger have written before."""
    for who in (LAN, HOA, STRANGER):
        cast.writes("?", who=who)
    return cast


def moved(cast: Cast, letter: str = "") -> dict[str, Any]:
    """They live near the station, it turned out."""
    return {"contact_id": cast.contact(), "letter": letter, "person_id": None, "unit_code": STATION}


def put(cast: Cast, *made: dict[str, Any]) -> None:
    with cast.engine.begin() as connection:
        alerts.insert(connection, made)


def units(cast: Cast, who: str = LAN) -> list[str]:
    return [row["unit_code"] for row in cast.rows(rows, contact_id=cast.contact(who))]


def test_danger_is_raised_at_once_with_its_signs(cast: Cast) -> None:
    cast.writes("me toi kho tho, tim moi")

    (row,) = cast.rows(rows)
    assert (row["kind"], row["status"], set(row["signs"])) == ("danger", "open", {"shortness_of_breath", "blue_lips"})
    assert row["raise_at"] <= cast.clock.at
    assert cast.heard()[0].startswith("GOI 115 NGAY")


def test_danger_said_twice_is_one_alert(cast: Cast) -> None:
    cast.writes("kho tho", "kho tho qua")

    assert cast.alerts() == [("danger", "open")]


def test_danger_said_twice_in_a_batch_is_one_alert(cast: Cast) -> None:
    together(cast, "kho tho", "kho tho qua")

    assert cast.alerts() == [("danger", "open")]
    assert len([text for text in cast.heard() if text.startswith("GOI 115")]) == 2


def test_another_danger_is_another_alert(cast: Cast) -> None:
    cast.writes("kho tho", "co giat")

    assert cast.alerts() == [("danger", "open"), ("danger", "open")]


def test_danger_after_staff_closed_the_last_is_a_new_alert(cast: Cast) -> None:
    cast.writes("kho tho")
    with cast.engine.begin() as connection:
        connection.execute(update(rows).values(status="closed", closed_at=cast.clock.at))
    cast.writes("kho tho")

    assert [status for _, status in cast.alerts()] == ["closed", "open"]


@pytest.mark.parametrize(
    ("answer", "expected"), [("co", [("danger", "open")]), ("khong", [("danger", "withdrawn")])], ids=["yes", "no"]
)
def test_a_doubt_waits_for_its_answer(cast: Cast, answer: str, expected: list[tuple[str, str]]) -> None:
    cast.writes(DOUBT)
    assert cast.alerts() == [("danger", "waiting")]
    cast.writes(answer)

    assert cast.alerts()[:1] == expected


def test_a_doubt_that_is_left_unanswered_is_raised_after_ten_minutes(cast: Cast) -> None:
    together(cast, DOUBT)
    cast.later(minutes=9, seconds=59)
    assert raise_due(cast) == 0
    cast.later(seconds=1)

    assert [raise_due(cast), raise_due(cast)] == [1, 0]
    assert cast.alerts() == [("danger", "open")]


def test_a_doubt_and_its_yes_in_one_batch_are_an_open_alert(cast: Cast) -> None:
    together(cast, DOUBT, "co")

    assert cast.alerts() == [("danger", "open")]
    assert cast.rows(rows)[0]["raise_at"] == cast.clock.at


def test_a_doubt_and_its_no_in_one_batch_are_nothing(cast: Cast) -> None:
    together(cast, DOUBT, "khong")

    assert [kind for kind, status in cast.alerts() if status != "withdrawn"] == []


def test_a_yes_is_not_taken_back_by_a_later_no_about_something_else(cast: Cast) -> None:
    cast.writes(DOUBT)
    together(cast, "co", "khong sot, ho, co giat", "khong")

    assert ("danger", "open") in cast.alerts()
    assert cast.rows(rows)[0]["signs"] == ["shortness_of_breath"]


@pytest.mark.parametrize("text", ["GOI", "DU LIEU", "NHAM SO"])
@pytest.mark.parametrize("in_one_batch", [False, True])
def test_asked_again_it_is_still_one(cast: Cast, text: str, in_one_batch: bool) -> None:
    if in_one_batch:
        together(cast, text, text)
    else:
        cast.writes(text, text)

    assert len(cast.alerts()) == 1


def test_a_wrong_number_forgets_who_answers_here_and_nobody_who_comes_later(cast: Cast) -> None:
    cast.declares()
    together(cast, "NHAM SO", "dung", "38,1 ho")

    links = cast.rows(members, contact_id=cast.contact())
    last = cast.records()[-1]
    assert [link["person_id"] for link in links] == [last["person_id"]]
    assert last["person_id"] != cast.records()[0]["person_id"]


def test_a_wrong_number_forgets_who_came_in_the_same_batch(cast: Cast) -> None:
    together(cast, "38,1 ho", "NHAM SO", "1")

    assert list(cast.rows(members)) == []
    assert len(cast.records()) == 1


def test_an_alert_goes_to_the_unit_that_is_near_once_that_is_known(cast: Cast) -> None:
    cast.writes("GOI", "KHAI", "dong y", "khong", "khong", "khong", "Nguyen Thi Lan", "1984", "nu")
    assert units(cast) == [CENTRE]
    cast.writes("xa bat xat, lao cai", "thon na ang")

    assert units(cast) == [STATION]


def test_who_has_taken_an_alert_keeps_it(cast: Cast) -> None:
    cast.writes("GOI")
    with cast.engine.begin() as connection:
        connection.execute(update(rows).values(status="taken", taken_at=cast.clock.at))
        alerts.move(connection, [moved(cast)])

    assert units(cast) == [CENTRE]


def test_moving_is_a_phones_own(met: Cast) -> None:
    put(met, alert(met), alert(met, HOA), alert(met, status="withdrawn"), alert(met, status="waiting"))
    with met.engine.begin() as connection:
        alerts.move(connection, [moved(met)])
        alerts.move(connection, [])

    assert sorted(units(met)) == [CENTRE, STATION, STATION]
    assert units(met, HOA) == [CENTRE]


def test_one_persons_move_leaves_another_persons_alert_where_it_is(met: Cast) -> None:
    put(met, alert(met, letter="A"), alert(met, letter="B"))
    with met.engine.begin() as connection:
        alerts.move(connection, [moved(met, "B")])

    assert sorted(units(met)) == [CENTRE, STATION]


def test_two_people_in_one_text_are_two_alerts(met: Cast) -> None:
    same: UUID = uuid4()
    put(
        met,
        alert(met, letter="A", kind="urgent", inbound_id=same),
        alert(met, letter="B", kind="urgent", inbound_id=same),
    )

    assert met.alerts() == [("urgent", "open"), ("urgent", "open")]


def test_settling_is_a_phones_and_a_kinds_own(met: Cast) -> None:
    waiting: dict[str, Any] = {"status": "waiting", "raise_at": met.clock.at + timedelta(minutes=10)}
    put(
        met,
        alert(met, **waiting),
        alert(met, kind="unfinished", **waiting),
        alert(met, HOA, **waiting),
        alert(met, STRANGER, **waiting),
    )
    settled = [
        {"contact_id": met.contact(), "kind": "danger", "letter": "", "status": "withdrawn", "signs": None},
        {"contact_id": met.contact(HOA), "kind": "danger", "letter": "", "status": "open", "signs": None},
    ]
    for _ in range(2):
        with met.engine.begin() as connection:
            alerts.settle(connection, settled, met.clock.at)

    assert sorted(met.alerts()) == [("danger", "withdrawn"), ("unfinished", "waiting")]
    assert (met.alerts(HOA), met.alerts(STRANGER)) == ([("danger", "open")], [("danger", "waiting")])


def test_what_is_decided_stays(met: Cast) -> None:
    put(met, alert(met, status="closed"), alert(met, status="taken"), alert(met, status="withdrawn"))
    for status in ("open", "withdrawn"):
        with met.engine.begin() as connection:
            row = {"contact_id": met.contact(), "kind": "danger", "letter": "", "status": status, "signs": None}
            alerts.settle(connection, [row], met.clock.at)
    assert raise_due(met) == 0

    assert sorted(status for _, status in met.alerts()) == ["closed", "taken", "withdrawn"]


def test_one_of_a_kind_for_a_message(met: Cast) -> None:
    same: UUID = uuid4()
    put(met, alert(met, inbound_id=same))
    put(met, alert(met, inbound_id=same), alert(met, inbound_id=same, kind="urgent"))

    assert sorted(met.alerts()) == [("danger", "open"), ("urgent", "open")]


def test_signs_in_a_form_that_is_left_are_told(cast: Cast) -> None:
    cast.writes("KHAI", "dong y", "sot, ho")
    cast.later(minutes=30)
    raise_due(cast)

    assert cast.alerts() == [("unfinished", "open")]


def test_a_form_that_is_ended_needs_nobody(cast: Cast) -> None:
    cast.writes("KHAI", "dong y", "sot, ho", "khong", "khong", "Nguyen Thi Lan", "1984", "nu")
    cast.writes("xa bat xat, lao cai", "thon na ang", "ok")
    cast.later(hours=1)
    raise_due(cast)

    assert {status for _, status in cast.alerts()} == {"withdrawn"}


@pytest.mark.parametrize("in_one_batch", [False, True])
def test_signs_of_one_person_wait_as_one_alert(cast: Cast, in_one_batch: bool) -> None:
    texts = ("KHAI", "dong y", "sot, ho", "dau hong nua")
    if in_one_batch:
        together(cast, *texts)
    else:
        cast.writes(*texts)
    begun = cast.clock.at - (timedelta() if in_one_batch else 2 * TYPING)
    cast.later(minutes=1)
    cast.writes("met")

    (row,) = cast.rows(rows)
    assert (row["kind"], row["status"], row["raise_at"]) == ("unfinished", "waiting", begun + timedelta(minutes=30))
    assert sorted(row["signs"]) == ["cough", "fatigue", "fever", "sore_throat"]


@pytest.mark.parametrize("in_one_batch", [False, True])
def test_a_sign_of_a_form_that_was_left_is_told_though_another_record_lacks_it(cast: Cast, in_one_batch: bool) -> None:
    texts = ("KHAI", "dong y", "sot, ho", "THOAT", "SK ho")
    if in_one_batch:
        together(cast, *texts)
    else:
        cast.writes(*texts)
    cast.later(minutes=30)
    raise_due(cast)

    (row,) = cast.rows(rows)
    assert (row["kind"], row["status"], row["signs"]) == ("unfinished", "open", ["fever"])


def test_a_sign_that_was_taken_back_in_its_form_is_not_told(cast: Cast) -> None:
    cast.writes("KHAI", "dong y", "sot, ho", "QUAY LAI", "ho", *DECLARED[3:])
    cast.later(minutes=30)
    raise_due(cast)

    assert cast.alerts() == [("unfinished", "withdrawn")]


def test_signs_that_are_settled_leave_others_waiting(met: Cast) -> None:
    waiting: dict[str, Any] = {"kind": "unfinished", "status": "waiting", "signs": ("fever", "cough")}
    put(met, alert(met, letter="A", **waiting), alert(met, letter="B", **waiting))
    put(met, alert(met, letter="A", **waiting | {"signs": ("rash", "fever")}))
    settled = {"contact_id": met.contact(), "kind": "unfinished", "status": "withdrawn"}
    with met.engine.begin() as connection:
        whose = {"A": ("fever",), "B": waiting["signs"]}
        decided = [settled | {"letter": letter, "signs": signs} for letter, signs in whose.items()]
        alerts.settle(connection, decided, met.clock.at)

    left = [(row["letter"], row["status"], sorted(row["signs"])) for row in met.rows(rows)]
    assert left == [("A", "waiting", ["cough", "rash"]), ("B", "withdrawn", ["cough", "fever"])]


def test_a_call_is_not_said_to_be_of_somebody_whom_the_owner_declared(cast: Cast) -> None:
    cast.writes("KHAI HO", *DECLARED[1:], "khong", "ok", "GOI")

    (row,) = cast.rows(rows, kind="call_back")
    assert (row["letter"], row["person_id"]) == ("", None)


def test_a_call_is_of_the_one_person_who_answers_here(cast: Cast) -> None:
    person = cast.enrols(LAN)
    cast.writes("GOI")

    (row,) = cast.rows(rows, kind="call_back")
    assert row["person_id"] == person
