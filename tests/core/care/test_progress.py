"""Progress is told in totals: no number under ten, and none that gives one away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, update

from core.care import progress, targets
from core.care.progress import Counted, Leaf
from core.care.targets import Kind, NewTarget, Set
from core.conversation.wording import word
from core.database.households import organisation_members, organisations
from core.database.tables import persons
from core.people.organisations import listed
from core.words import load_words
from tests.console.ward import CENTRE, HERE, NEXT, Ward

PARENTS = {"TOP": None, "A": "TOP", "B": "TOP", "A1": "A", "A2": "A", "A3": "A", "B1": "B", "B2": "B"}


def people(**counts: int) -> Counted:
    return Counted({code: Leaf(code, count, 0, 0) for code, count in counts.items()}, PARENTS)


def told(counted: Counted, top: str) -> tuple[list[int | None], int | None, bool]:
    board = counted.board(top)
    return [line.people for line in board.lines], board.total.people, board.total.partial


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"A1": 11, "A2": 40}, ([11, 40], 51)),
        ({"A1": 9, "A2": 11, "A3": 40}, ([None, 11, 40], 51)),
        ({"A1": 9, "A2": 3, "A3": 40}, ([None, None, 40], 52)),
        ({"A1": 2, "A2": 3, "A3": 40}, ([None, None, 40], 40)),
        ({"A1": 9, "A2": 9, "A3": 50}, ([None, None, 50], 50)),
        ({"A1": 8, "A2": 9, "A3": 50}, ([None, None, 50], 50)),
        ({"A1": 9}, ([None], None)),
        ({}, ([], None)),
    ],
)
def test_nothing_under_ten_is_shown_or_follows(counts: dict[str, int], expected: object) -> None:
    assert told(people(**counts), "A")[:2] == expected


def test_a_line_is_the_same_on_every_page_and_no_sum_gives_another_away() -> None:
    """Whoever sees all pages subtracts what they can: what is left is never one small line."""
    counted = people(A1=40, A2=9, A3=4, B1=50, B2=9)
    assert told(counted, "A")[:2] == ([40, None, None], 53)
    assert told(counted, "B") == ([50, None], 50, True)
    assert told(counted, "TOP")[1] == 103, "113 - 53 - 50 would be B2"
    assert told(counted, "A2") == ([None], None, True)


def test_those_who_have_not_are_no_fewer_than_ten_either() -> None:
    counted = Counted({"A1": Leaf("A1", 100, 95, 100), "A2": Leaf("A2", 100, 50, 0)}, PARENTS)
    board = counted.board("A")
    assert [(line.declared, line.updated) for line in board.lines] == [(None, 100), (50, None)]
    assert (board.total.declared, board.total.updated, board.total.partial) == (50, 100, True)
    both = Counted({"A1": Leaf("A1", 100, 95, 0), "A2": Leaf("A2", 100, 93, 0)}, PARENTS)
    assert both.board("A").total.declared == 188


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [(9, 9, None), (9, 5, 14), (91, 91, None), (99, 99, None), (9, 99, None), (5, 95, 100)],
)
def test_a_sum_at_the_edge_of_what_hidden_lines_can_be_is_not_told(first: int, second: int, expected: object) -> None:
    """Each of two communes of a hundred is hidden: 18 declared in both are nine in each, 198 are all but one."""
    counted = Counted({"A1": Leaf("A1", 100, first, 0), "A2": Leaf("A2", 100, second, 0)}, PARENTS)
    assert counted.board("A").total.declared == expected


@given(st.dictionaries(st.sampled_from(["A1", "A2", "A3", "B1", "B2"]), st.integers(1, 12), min_size=1))
def test_whoever_subtracts_learns_no_small_line(counts: dict[str, int]) -> None:
    counted = people(**counts)
    shown = {line.code: line.people for line in counted.board("TOP").lines}
    sums = {top: counted.board(top).total for top in ("A", "B", "TOP")}
    for top, line in sums.items():
        inside = [code for code in counts if top in (code, PARENTS[code], "TOP")]
        hidden = [code for code in inside if shown[code] is None]
        left = (line.people or 0) - sum(shown[code] or 0 for code in inside)
        if top == "TOP":
            taken = {part for part in ("A", "B") if not sums[part].partial}
            hidden = [code for code in hidden if PARENTS[code] not in taken]
            left -= sum((sums[p].people or 0) - sum(shown[c] or 0 for c in counts if PARENTS[c] == p) for p in taken)
        assert left == 0 or (len(hidden) > 1 and left >= 10)
        others = len(hidden) - 1
        possible = range(max(1, left - 9 * others), min(9, left - others) + 1)
        assert left == 0 or len(possible) >= 5, "each of them may be any of so many"


@pytest.fixture
def ward(engine: Engine) -> Ward:
    return Ward(engine).settle_in()


def test_units_and_organisations_are_counted_by_who_belongs_to_them(ward: Ward) -> None:
    phone = ward.phone()
    here = [ward.person(f"Người {n}", phone=phone) for n in range(24)]
    for _ in range(12):
        ward.person(unit=NEXT, phone=phone)
    for person in here[:12]:
        ward.record(person, "declaration")
    ward.record(here[0])
    ward.record(here[0], "declaration", superseded_at=ward.now)
    union = ward.add(organisations, code="1234", name="Đoàn xã", kind="union", unit_code=HERE, created_at=ward.now)
    with ward.engine.begin() as connection:
        members = [{"organisation_id": union, "person_id": each, "joined_at": ward.now} for each in here[:10]]
        connection.execute(insert(organisation_members), members)
        parents = ward.tree().parents
        there = progress.by_unit(connection, ward.scope(HERE), ward.day(), parents).board(HERE)
        above = progress.by_unit(connection, ward.scope(CENTRE), ward.day(), parents).board(CENTRE)
        joined = progress.by_organisation(connection, ward.scope(HERE), ward.day(), parents).board(HERE)

    assert [(line.code, line.people, line.declared, line.updated) for line in there.lines] == [(HERE, 24, 12, 12)]
    assert [(line.code, line.declared) for line in above.lines] == [(HERE, 12), (NEXT, None)]
    assert (above.total.people, above.total.declared, above.total.partial) == (36, 12, True)
    assert [(line.code, line.people, line.declared) for line in joined.lines] == [("1234", 10, 10)]


def test_a_target_is_compared_with_what_may_be_shown(ward: Ward) -> None:
    phone = ward.phone()
    people = [ward.person(f"Người {n}", phone=phone) for n in range(30)]
    for person in people[:17]:
        ward.record(person, "declaration")
    made = {"kind": "union", "created_at": ward.now}
    ward.add(organisations, code="1234", name="Đoàn xã", unit_code=HERE, **made)
    due, scope = date(2026, 11, 30), ward.scope(HERE)
    half = NewTarget(HERE, Kind.DECLARED, 95, due, population=1000)
    with ward.engine.begin() as connection:

        def wanted(new: NewTarget) -> Set:
            return targets.add(connection, scope, new, None, ward.now)

        assert wanted(half) is Set.DONE
        assert wanted(replace(half, share=90)) is Set.DONE, "it takes the other's place"
        assert wanted(replace(half, share=100)) is Set.MEMBERS_ONLY
        assert wanted(replace(half, share=100, organisation="1234")) is Set.DONE
        assert wanted(replace(half, organisation="9999")) is Set.UNKNOWN
        assert wanted(replace(half, unit_code=NEXT)) is Set.UNKNOWN
        assert wanted(replace(half, share=0)) is Set.WRONG
        parents = ward.tree().parents
        residents = progress.by_unit(connection, scope, ward.day(), parents)
        members = progress.by_organisation(connection, scope, ward.day(), parents)
        found = [targets.standing(each, residents, members) for each in targets.listed(connection, scope)]
        neighbours = targets.listed(connection, ward.scope(NEXT))

    whole, union = sorted(found, key=lambda each: each.target.organisation)
    assert (whole.count, whole.of, whole.percent, whole.target.share) == (17, 1000, 1, 90)
    assert (union.count, union.percent) == (None, None), "nobody joined yet"
    text = word(targets.leaders_text(whole, "Trạm Y tế xã Bát Xát"), load_words("vi"))
    assert text == "Trạm Y tế xã Bát Xát: đã khai 17/1.000 (1 %), mục tiêu 90 % đến 30/11."
    assert neighbours == ()


def test_what_was_said_elsewhere_or_under_a_merged_name_counts_where_somebody_lives(ward: Ward) -> None:
    phone = ward.phone()
    here = [ward.person(f"Người {n}", phone=phone) for n in range(12)]
    twin = ward.person("Người 11", phone=phone)
    with ward.engine.begin() as connection:
        connection.execute(update(persons).where(persons.c.id == twin).values(merged_into=here[11]))
    ward.record(here[10], "declaration", unit_code=NEXT)
    for person in (*here[:10], twin):
        ward.record(person, "declaration")
    with ward.engine.connect() as connection:
        parents = ward.tree().parents
        counted = progress.by_unit(connection, ward.scope(HERE), ward.day(), parents)
    assert counted.leaves[HERE].people == counted.leaves[HERE].declared == 12


@pytest.mark.parametrize("joined", ["both", "the merged one"])
def test_a_member_whom_staff_merged_is_one_member_and_has_declared(ward: Ward, joined: str) -> None:
    phone = ward.phone()
    here = [ward.person(f"Người {n}", phone=phone) for n in range(10)]
    twin = ward.person("Người 9", phone=phone)
    with ward.engine.begin() as connection:
        connection.execute(update(persons).where(persons.c.id == twin).values(merged_into=here[9]))
    union = ward.add(organisations, code="1234", name="Đoàn xã", kind="union", unit_code=HERE, created_at=ward.now)
    for person in (*here[:9], twin, *([here[9]] if joined == "both" else [])):
        ward.add(organisation_members, organisation_id=union, person_id=person, joined_at=ward.now)
    for person in here:
        ward.record(person, "declaration")
    with ward.engine.connect() as connection:
        counted = progress.by_organisation(connection, ward.scope(HERE), ward.day(), ward.tree().parents)
        assert [each.people for each in listed(connection, ward.scope(HERE))] == [10]
    assert (counted.leaves["1234"].people, counted.leaves["1234"].declared) == (10, 10)


def test_a_share_is_of_all_people_or_not_told() -> None:
    counted = Counted({"A1": Leaf("A1", 30, 5, 0), "A2": Leaf("A2", 8, 8, 0)}, PARENTS)
    target = targets.Target(UUID(int=1), "A", Kind.DECLARED, 40, date(2026, 12, 1), None, "", "", "")
    found = targets.standing(target, counted, counted)
    assert (found.count, found.of, found.percent) == (13, None, None)
    known = targets.standing(replace(target, population=38), counted, counted)
    assert (known.of, known.percent) == (38, 34)


@pytest.mark.parametrize("population", [0, -1, 99_999_999_999])
def test_a_population_that_cannot_be_is_refused(ward: Ward, population: int) -> None:
    new = NewTarget(HERE, Kind.DECLARED, 50, date(2026, 11, 30), population=population)
    with ward.engine.begin() as connection:
        assert targets.add(connection, ward.scope(HERE), new, None, ward.now) is Set.WRONG
