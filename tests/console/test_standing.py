"""Everybody is on exactly one list: the grave facts first, whatever else is true of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from uuid import UUID, uuid4

import pytest

from core.care.counting import count
from core.care.standing import CLAIMING, ListName, place, standing
from core.conversation.effects import AlertKind
from core.database.following import follow_ups
from tests.console.ward import HERE, NEXT, Ward, clock

ASKED = ("06:00", "09:00", "16:00")
"""Hours of check-ins; it is noon."""


@dataclass
class Situation:
    """What happened to one person today, as the ward's books have it."""

    follow: str = ""  # "", under_follow_up, completed, over (its last day was yesterday)
    checks: dict[str, str] = field(default_factory=dict)  # hour -> status
    corrected: bool = False  # signs of a check-in that a newer version took back
    said: list[tuple[str, str, str]] = field(default_factory=list)  # form, level, now | superseded | yesterday
    alerts: list[tuple[AlertKind, str]] = field(default_factory=list)  # kind, status
    unit: str = HERE

    @property
    def followed(self) -> bool:
        return self.follow == "under_follow_up"


def expected(one: Situation) -> ListName | None:
    """The rule in words of its own: not the SQL's."""
    current = [(form, level) for form, level, when in one.said if when == "now"]
    open_ = [kind for kind, status in one.alerts if status in ("open", "taken") and kind in CLAIMING]
    checks = one.checks if one.follow in ("under_follow_up", "over") else {}
    passed = {hour: status for hour, status in checks.items() if hour < "12:00" or status.startswith("seen")}
    latest = passed[max(passed)] if passed else ""
    if one.unit != HERE or not (one.followed or current or open_):
        return None
    if open_:
        return ListName.ALERT
    if any(level != "none" for _, level in current) or ("seen_not_ok" in checks.values() and not one.corrected):
        return ListName.SIGNS
    if latest and not latest.startswith("seen"):
        return ListName.SILENT
    if any(form == "declaration" for form, _ in current):
        return ListName.DECLARED
    return ListName.SEEN if latest or current else ListName.WAITING


def invented(random: Random) -> Situation:
    statuses = ("not_performed", "non_reporting", "seen_ok", "seen_not_ok")
    kinds = list(AlertKind)
    return Situation(
        follow=random.choice(["", "under_follow_up", "under_follow_up", "under_follow_up", "completed", "over"]),
        checks={hour: random.choice(statuses) for hour in ASKED if random.random() < 0.6},
        corrected=random.random() < 0.5,
        said=[
            (
                random.choice(["declaration", "checkin"]),
                random.choice(["none", "none", "none", "signs", "urgent"]),
                random.choice(["now", "superseded", "yesterday"]),
            )
            for _ in range(random.choice([0, 0, 1, 2]))
        ],
        alerts=[
            (random.choice(kinds), random.choice(["waiting", "open", "taken", "closed", "withdrawn"]))
            for _ in range(random.choice([0, 0, 0, 1, 2]))
        ],
        unit=random.choice([HERE, HERE, HERE, NEXT]),
    )


def put(ward: Ward, one: Situation) -> UUID:
    person = ward.person(unit=one.unit)
    if one.follow:
        _follow(ward, person, one)
    for form, level, when in one.said:
        at = clock("10:00") - timedelta(days=when == "yesterday")
        gone = clock("10:30") if when == "superseded" else None
        ward.record(person, form, level=level, declared_at=at, superseded_at=gone, unit_code=one.unit)
    for kind, status in one.alerts:
        ward.alert(person, kind, status=status, unit_code=one.unit)
    return person


def _follow(ward: Ward, person: UUID, one: Situation) -> None:
    status = "completed" if one.follow == "completed" else "under_follow_up"
    follow_up = ward.follow(person, one.unit, status=status)
    for hour, answer in one.checks.items():
        answered = _answer(ward, person, one) if answer == "seen_not_ok" else None
        ward.due(person, follow_up, hour, answer, unit_code=one.unit, record_id=answered)
    if one.follow == "over":
        ward.change(follow_ups, follow_up, end_on=ward.day().today - timedelta(days=1))


def _answer(ward: Ward, person: UUID, one: Situation) -> UUID:
    """The record of an answer with signs, kept by another unit: here only the check-in tells of it."""
    root = uuid4()
    gone = clock("10:30") if one.corrected else None
    ward.record(person, id=root, root=root, level="signs", unit_code="CDC01", superseded_at=gone)
    if one.corrected:
        ward.record(person, root=root, version=2, unit_code="CDC01")
    return root


@pytest.mark.parametrize("seed", range(3))
def test_everybody_is_on_the_one_list_that_the_rule_says(ward: Ward, seed: int) -> None:
    random = Random(seed)
    situations = {put(ward, one): one for one in (invented(random) for _ in range(120))}

    with ward.engine.connect() as connection:
        placed = place(connection, ward.scope(), ward.day(), 1000)
        alone = {person: standing(connection, ward.scope(), ward.day(), person) for person in situations}
        counters = count(connection, ward.scope(), ward.day(), placed)

    for person, one in situations.items():
        on = [name for name, those in placed.items() if person in those.people]
        wanted = expected(one)
        assert on == ([wanted] if wanted else []), one
        found = alone[person]
        assert (found.on if found else None) == wanted, one
    assert all(those.total == len(those.people) for those in placed.values())
    parts = (counters.alerted, counters.signs, counters.silent, counters.seen, counters.waiting)
    followed = [one for one in situations.values() if one.followed and one.unit == HERE]
    assert counters.followed == sum(parts) == len(followed)
    assert {expected(one) for one in situations.values()} >= set(ListName)


@pytest.mark.parametrize(
    ("one", "on"),
    [
        (Situation("under_follow_up"), ListName.WAITING),
        (Situation("under_follow_up", {"09:00": "not_performed"}), ListName.SILENT),
        (Situation("under_follow_up", {"16:00": "not_performed"}), ListName.WAITING),
        (Situation("under_follow_up", {"16:00": "seen_ok"}), ListName.SEEN),
        (Situation("under_follow_up", {"06:00": "non_reporting", "09:00": "seen_ok"}), ListName.SEEN),
        (Situation("under_follow_up", {"06:00": "seen_ok", "09:00": "not_performed"}), ListName.SILENT),
        (Situation("under_follow_up", {"06:00": "seen_not_ok", "09:00": "not_performed"}), ListName.SIGNS),
        (Situation("under_follow_up", {"06:00": "seen_not_ok", "09:00": "seen_ok"}), ListName.SIGNS),
        (Situation("completed", {"09:00": "not_performed"}), None),
        (Situation(said=[("declaration", "none", "now")]), ListName.DECLARED),
        (Situation(said=[("declaration", "none", "now"), ("checkin", "signs", "now")]), ListName.SIGNS),
        (Situation(said=[("checkin", "signs", "superseded"), ("checkin", "none", "now")]), ListName.SEEN),
        (Situation(said=[("checkin", "urgent", "yesterday")]), None),
        (
            Situation("under_follow_up", {"09:00": "not_performed"}, alerts=[(AlertKind.DANGER, "open")]),
            ListName.ALERT,
        ),
        (
            Situation("under_follow_up", {"09:00": "not_performed"}, alerts=[(AlertKind.DANGER, "waiting")]),
            ListName.SILENT,
        ),
        (
            Situation("under_follow_up", {"09:00": "not_performed"}, alerts=[(AlertKind.MY_DATA, "open")]),
            ListName.SILENT,
        ),
    ],
)
def test_what_comes_first(ward: Ward, one: Situation, on: ListName | None) -> None:
    person = put(ward, one)

    with ward.engine.connect() as connection:
        found = standing(connection, ward.scope(), ward.day(), person)

    assert expected(one) == on
    assert (found.on if found else None) == on


def test_a_day_is_vietnams(ward: Ward) -> None:
    person = ward.person()
    ward.record(person, "declaration", declared_at=clock("00:00"))

    for now, on in ((clock("23:59"), ListName.DECLARED), (clock("00:00", 22), None)):
        ward.now = now
        with ward.engine.connect() as connection:
            found = standing(connection, ward.scope(), ward.day(), person)
        assert (found.on if found else None) == on


def test_counters_speak_of_those_under_follow_up_and_lists_of_all(ward: Ward) -> None:
    followed = ward.person("Người Theo Dõi")
    follow_up = ward.follow(followed)
    ward.due(followed, follow_up, "09:00", "seen_ok")
    ward.record(followed, "declaration")
    waiting = ward.person("Người Chờ")
    ward.due(waiting, ward.follow(waiting), "16:00")
    ward.record(waiting, "declaration")
    ward.record(ward.person("Người Khác"), "declaration", level="signs", signs=["cough"])
    ward.alert(None, "my_data")

    with ward.engine.connect() as connection:
        placed = place(connection, ward.scope(), ward.day(), 10)
        counted = count(connection, ward.scope(), ward.day(), placed)

    assert (counted.followed, counted.seen, counted.waiting, counted.signs) == (2, 1, 1, 0)
    assert (counted.declarations, counted.open_alerts) == (3, 1)
    assert placed[ListName.DECLARED].total == 2
    assert placed[ListName.SIGNS].total == 1


def test_a_long_list_is_cut_and_says_how_many_there_are(ward: Ward) -> None:
    for _ in range(5):
        ward.record(ward.person(), "declaration")

    with ward.engine.connect() as connection:
        placed = place(connection, ward.scope(), ward.day(), 2)[ListName.DECLARED]

    assert (placed.total, len(placed.people)) == (5, 2)


def test_the_gravest_and_the_longest_silent_come_first(ward: Ward) -> None:
    mild, grave = ward.person("Nhẹ"), ward.person("Nặng")
    ward.record(grave, level="urgent", signs=["chest_pain"], declared_at=clock("08:00"))
    ward.record(mild, level="signs", signs=["cough"], declared_at=clock("11:00"))
    late, later = ward.person("Trễ"), ward.person("Trễ Hơn")
    ward.due(late, ward.follow(late), "09:00")
    ward.due(later, ward.follow(later), "06:00")

    with ward.engine.connect() as connection:
        placed = place(connection, ward.scope(), ward.day(), 10)

    assert placed[ListName.SIGNS].people == (grave, mild)
    assert placed[ListName.SILENT].people == (later, late)
