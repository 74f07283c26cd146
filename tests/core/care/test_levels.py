"""Levels follow from results and contacts: proposed by rule, confirmed by the CDC, never changed in silence."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from core.access.scope import Scope
from core.care import cases, follow_up_acts, levels, proposals
from core.care.cases import Near, NewTest, Result, Sample
from core.care.durations import Plan
from core.care.follow_up_acts import ExtendReason, Extension
from core.care.handling import By, Outcome
from core.care.levels import Asked, ByHand, Decision
from core.database.due import due_checks
from core.database.following import exposures, follow_up_events, follow_ups, level_proposals, test_results
from core.database.tables import outbox, persons
from core.reminders.level_days import tell_days
from tests.cast import CENTRE, HOA, LAN, NEXT_STATION, STATION, TU, Cast

CDC = Scope(CENTRE, (CENTRE, STATION, NEXT_STATION), "provincial_cdc")
NURSE = Scope(STATION, (STATION,), "commune_station")
NEIGHBOUR = Scope(NEXT_STATION, (NEXT_STATION,), "commune_station")


def plan(asked: Asked) -> Plan:
    length = timedelta(days=20 if asked.group == "F1" else 14)
    return Plan(asked.since + length, None, (1, 7), (8, 16), "1/TEST")


class Chain:
    """An F1 with an F2 and an F3 behind, each seen last by the one before them, two days ago."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.first, self.second, self.third = (
            self.enrol(who, group) for who, group in ((LAN, "F1"), (HOA, "F2"), (TU, "F3"))
        )
        self.day = cast.today() - timedelta(days=2)

    def enrol(self, who: str, group: str) -> UUID:
        person = self.cast.enrols(who, name=f"Nguoi {group}")
        with self.cast.engine.begin() as connection:
            connection.execute(update(follow_ups).where(follow_ups.c.person_id == person).values(group=group))
        return person

    def by(self) -> By:
        return By(uuid4(), self.cast.clock.at)

    def near(self, source: UUID, person: UUID | None, scope: Scope = CDC, **changes: Any) -> Outcome:
        near = Near(**{"source_id": source, "last_contact_on": self.day, "person_id": person, **changes})
        with self.cast.engine.begin() as connection:
            return cases.name_contact(connection, scope, near, self.by())

    def tested(
        self, person: UUID, result: Result, kind: Sample = Sample.PCR, scope: Scope = NURSE, days: int = 1
    ) -> Outcome:
        test = NewTest(person, kind, self.cast.today() - timedelta(days=days), result, "Lab A")
        with self.cast.engine.begin() as connection:
            return cases.record_result(connection, scope, test, self.by())

    def open(self) -> dict[UUID, tuple[str, str]]:
        rows = self.cast.rows(level_proposals, status="proposed")
        return {row["person_id"]: (row["from_group"], row["to_group"]) for row in rows}

    def confirm(self, person: UUID, scope: Scope = CDC, **changes: Any) -> Outcome:
        (row,) = self.cast.rows(level_proposals, person_id=person, status="proposed")
        with self.cast.engine.begin() as connection:
            return levels.confirm(connection, scope, Decision(row["id"], **changes), self.by(), plan)

    def group(self, person: UUID) -> str:
        return str(self.follow(person)["group"])

    def follow(self, person: UUID) -> Any:
        (row,) = self.cast.rows(follow_ups, person_id=person)
        return row


@pytest.fixture
def chain(cast: Cast) -> Chain:
    made = Chain(cast)
    assert [made.near(made.first, made.second), made.near(made.second, made.third)] == [Outcome.DONE] * 2
    with cast.engine.begin() as connection:
        connection.execute(update(follow_ups).values(welcomed_at=cast.clock.at))
    return made


def test_a_positive_pcr_proposes_and_changes_nothing(chain: Chain) -> None:
    assert chain.open() == {}

    assert chain.tested(chain.first, Result.POSITIVE) is Outcome.DONE
    assert chain.tested(chain.first, Result.POSITIVE) is Outcome.DONE

    assert chain.open() == {chain.first: ("F1", "F0")}
    assert chain.group(chain.first) == "F1"


@pytest.mark.parametrize(
    ("result", "kind"), [(Result.PENDING, Sample.PCR), (Result.NEGATIVE, Sample.PCR), (Result.POSITIVE, Sample.ANTIGEN)]
)
def test_nothing_else_proposes(chain: Chain, result: Result, kind: Sample) -> None:
    chain.tested(chain.first, result, kind)

    assert chain.open() == {}


def test_a_chain_of_contacts_follows_step_by_step(chain: Chain) -> None:
    chain.tested(chain.first, Result.POSITIVE)

    assert chain.confirm(chain.first) is Outcome.DONE
    assert chain.open() == {chain.second: ("F2", "F1")}
    corrected = chain.day - timedelta(days=1)
    assert chain.confirm(chain.second, last_contact_on=corrected, note="gọi hỏi lại") is Outcome.DONE
    assert chain.open() == {chain.third: ("F3", "F2")}
    assert chain.confirm(chain.third) is Outcome.DONE

    assert [chain.group(each) for each in (chain.first, chain.second, chain.third)] == ["F0", "F1", "F2"]
    second = chain.follow(chain.second)
    assert (second["last_contact_on"], second["end_on"]) == (corrected, corrected + timedelta(days=20))
    assert (second["test_days"], second["document"]) == ([1, 7], "1/TEST")
    kinds = [row["kind"] for row in chain.cast.rows(follow_up_events, person_id=chain.first)]
    assert sorted(kinds) == ["exposed", "level", "opened", "result"]
    assert chain.open() == {}


def test_a_contact_of_somebody_confirmed_already_is_proposed_at_once(chain: Chain) -> None:
    chain.tested(chain.first, Result.POSITIVE)
    chain.confirm(chain.first)

    assert chain.near(chain.first, chain.third) is Outcome.DONE

    assert chain.open() == {chain.second: ("F2", "F1"), chain.third: ("F3", "F1")}


def test_only_a_centre_decides_and_only_about_its_own(chain: Chain) -> None:
    chain.tested(chain.first, Result.POSITIVE)

    assert chain.confirm(chain.first, NURSE) is Outcome.UNKNOWN
    assert chain.confirm(chain.first, Scope("CDC01", ("CDC01",), "provincial_cdc")) is Outcome.UNKNOWN
    assert chain.group(chain.first) == "F1"


def test_of_two_who_confirm_at_once_one_does(chain: Chain) -> None:
    chain.tested(chain.first, Result.POSITIVE)
    (row,) = chain.cast.rows(level_proposals)
    answers: list[Outcome] = []
    ready = threading.Barrier(2)

    def officer() -> None:
        with chain.cast.engine.begin() as connection:
            ready.wait(5)
            answers.append(levels.confirm(connection, CDC, Decision(row["id"]), chain.by(), plan))

    both = [threading.Thread(target=officer) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(10)

    assert sorted(answers) == [Outcome.DONE, Outcome.TOO_LATE]
    assert len(chain.cast.rows(follow_up_events, kind="level")) == 1


def test_a_follow_up_that_ended_meanwhile_is_not_changed(chain: Chain) -> None:
    chain.tested(chain.first, Result.POSITIVE)
    with chain.cast.engine.begin() as connection:
        connection.execute(update(follow_ups).values(status="completed"))

    assert chain.confirm(chain.first) is Outcome.TOO_LATE

    assert chain.group(chain.first) == "F1"
    assert chain.open() == {}


@pytest.mark.parametrize("days", [1, -25])
def test_a_contact_in_the_future_or_too_long_ago_is_refused(chain: Chain, days: int) -> None:
    chain.tested(chain.first, Result.POSITIVE)
    day = chain.cast.today() + timedelta(days=days)

    assert chain.confirm(chain.first, last_contact_on=day) is Outcome.WRONG
    assert (chain.near(chain.first, chain.third, last_contact_on=day) is Outcome.WRONG) == (days > 0)
    assert chain.open()[chain.first] == ("F1", "F0")
    assert chain.group(chain.first) == "F1"


def test_what_is_rejected_is_not_proposed_again_for_the_same_contact(chain: Chain) -> None:
    chain.tested(chain.first, Result.POSITIVE)
    chain.confirm(chain.first)
    (row,) = chain.cast.rows(level_proposals, person_id=chain.second)
    with chain.cast.engine.begin() as connection:
        assert levels.reject(connection, CDC, Decision(row["id"]), chain.by()) is Outcome.WRONG
        assert levels.reject(connection, CDC, Decision(row["id"], note="đã lâu"), chain.by()) is Outcome.DONE
        assert levels.reject(connection, CDC, Decision(row["id"], note="đã lâu"), chain.by()) is Outcome.TOO_LATE
        proposals.propose_near(connection, chain.first, "F0", chain.cast.clock.at)

    assert chain.open() == {}
    assert chain.group(chain.second) == "F2"


def test_a_result_that_was_wrong_takes_its_proposal_back(chain: Chain) -> None:
    chain.tested(chain.first, Result.PENDING)
    (test,) = chain.cast.rows(test_results)

    def answer(result: Result) -> Outcome:
        with chain.cast.engine.begin() as connection:
            return cases.answer_test(connection, NURSE, test["id"], result, chain.by())

    assert answer(Result.POSITIVE) is Outcome.DONE
    assert answer(Result.POSITIVE) is Outcome.TOO_LATE
    assert chain.open() == {chain.first: ("F1", "F0")}
    assert answer(Result.NEGATIVE) is Outcome.DONE
    assert chain.open() == {}


def test_a_level_by_hand_needs_a_reason_and_its_followers_are_proposed(chain: Chain) -> None:
    wanted = {"follow_up_id": chain.follow(chain.first)["id"], "group": "F0", "since": chain.cast.today()}

    def by_hand(scope: Scope, reason: str) -> Outcome:
        with chain.cast.engine.begin() as connection:
            return levels.set_by_hand(connection, scope, ByHand(**wanted, reason=reason), chain.by(), plan)

    assert by_hand(NURSE, "kết quả giấy") is Outcome.UNKNOWN
    assert by_hand(CDC, " ") is Outcome.WRONG
    assert by_hand(CDC, "kết quả giấy") is Outcome.DONE

    assert chain.group(chain.first) == "F0"
    assert chain.open() == {chain.second: ("F2", "F1")}


def test_a_shorter_time_leaves_no_check_behind_its_end(chain: Chain) -> None:
    chain.cast.clock.at = chain.cast.local(9, 0)
    chain.tested(chain.first, Result.POSITIVE, days=14)

    assert chain.confirm(chain.first) is Outcome.DONE

    assert chain.follow(chain.first)["end_on"] == chain.cast.today()
    days = {row["due_at"].astimezone().date() for row in chain.cast.rows(due_checks, person_id=chain.first)}
    assert days == {chain.cast.today()}


def test_a_contact_nobody_knew_is_made_in_the_cases_unit(chain: Chain) -> None:
    assert chain.near(chain.first, None, NURSE, name="  Lò Thị  Mới ", year_of_birth=1990) is Outcome.DONE
    assert chain.near(chain.first, None, NURSE, name=" ") is Outcome.WRONG
    assert chain.near(chain.first, chain.first) is Outcome.WRONG
    assert chain.near(chain.first, chain.second) is Outcome.TOO_LATE
    assert chain.near(chain.first, chain.second, NEIGHBOUR) is Outcome.UNKNOWN

    (made,) = chain.cast.rows(persons, full_name="Lò Thị Mới")
    assert (made["unit_code"], made["sort_key"]) == (STATION, "moi lo thi")
    assert len(chain.cast.rows(exposures, person_id=made["id"])) == 1


def test_a_result_from_the_future_or_about_another_units_person_is_refused(chain: Chain) -> None:
    assert chain.tested(chain.first, Result.NEGATIVE, days=-1) is Outcome.WRONG
    assert chain.tested(chain.first, Result.NEGATIVE, scope=NEIGHBOUR) is Outcome.UNKNOWN
    assert chain.tested(uuid4(), Result.NEGATIVE) is Outcome.UNKNOWN
    assert chain.cast.rows(test_results) == []


def test_a_cluster_takes_cases_until_it_is_closed(chain: Chain) -> None:
    with chain.cast.engine.begin() as connection:
        assert cases.make_cluster(connection, NURSE, "  ", chain.by()) is None
        made = cases.make_cluster(connection, NURSE, "Chợ phiên", chain.by())
        assert made is not None
        assert cases.put_in_cluster(connection, NEIGHBOUR, chain.first, made, chain.by()) is Outcome.UNKNOWN
        assert cases.put_in_cluster(connection, NURSE, chain.first, made, chain.by()) is Outcome.DONE
        assert cases.close_cluster(connection, NEIGHBOUR, made, chain.by()) is Outcome.UNKNOWN
        assert cases.close_cluster(connection, CDC, made, chain.by()) is Outcome.DONE
        assert cases.close_cluster(connection, CDC, made, chain.by()) is Outcome.TOO_LATE
        assert cases.put_in_cluster(connection, NURSE, chain.second, made, chain.by()) is Outcome.TOO_LATE

    assert [chain.follow(each)["cluster_id"] for each in (chain.first, chain.second)] == [made, None]


def test_where_the_rules_state_no_days_the_cdc_does(chain: Chain) -> None:
    chain.tested(chain.first, Result.POSITIVE)
    chain.confirm(chain.first)
    (row,) = chain.cast.rows(level_proposals, person_id=chain.second)
    last = chain.cast.today() + timedelta(days=7)

    def confirm(decision: Decision) -> Outcome:
        with chain.cast.engine.begin() as connection:
            return levels.confirm(connection, CDC, decision, chain.by())

    assert confirm(Decision(row["id"])) is Outcome.WRONG
    assert confirm(Decision(row["id"], end_on=last)) is Outcome.DONE

    second = chain.follow(chain.second)
    assert (second["group"], second["end_on"], second["document"]) == ("F1", last, "Bộ Y tế 4/2022")


def test_the_person_hears_of_the_other_days_once_and_of_nobody(chain: Chain) -> None:
    chain.tested(chain.first, Result.POSITIVE)
    chain.confirm(chain.first)
    chain.confirm(chain.second)
    before = len(chain.cast.rows(outbox))

    assert tell_days(chain.cast.services) == 2
    assert tell_days(chain.cast.services) == 0

    texts = {row["address"]: row["text"] for row in chain.cast.rows(outbox)[before:]}
    last = chain.day + timedelta(days=20)
    assert texts[HOA] == (
        f"Tram Y te xa Bat Xat: so ngay theo doi cua bac thay doi, nay den het ngay {last:%d/%m/%Y}. "
        "Muon hoi, xin nhan GOI."
    )
    assert "F0" not in texts[LAN]


def test_nobody_is_told_at_night(chain: Chain) -> None:
    chain.tested(chain.first, Result.POSITIVE)
    chain.confirm(chain.first)
    chain.cast.clock.at = chain.cast.local(22, 30)
    assert tell_days(chain.cast.services) == 0
    chain.cast.clock.at = chain.cast.local(8, 30, days=1)
    assert tell_days(chain.cast.services) == 1


def test_whoever_is_moved_by_hand_hears_of_it_and_whoever_is_over_does_not(chain: Chain) -> None:
    first, second = chain.follow(chain.first), chain.follow(chain.second)
    later = chain.day + timedelta(days=9)
    with chain.cast.engine.begin() as connection:
        moved = ByHand(first["id"], "F1", chain.day, "sai ngày", end_on=later)
        assert levels.set_by_hand(connection, CDC, moved, chain.by()) is Outcome.DONE
        longer = Extension(later, second["end_on"], ExtendReason.OTHER)
        assert follow_up_acts.extend(connection, CDC, second["id"], longer, chain.by()) is Outcome.DONE
        over = update(follow_ups).where(follow_ups.c.id == second["id"])
        connection.execute(over.values(status="cancelled"))
    before = len(chain.cast.rows(outbox))

    assert tell_days(chain.cast.services) == 2
    assert tell_days(chain.cast.services) == 0
    (text,) = [row["text"] for row in chain.cast.rows(outbox)[before:]]
    assert f"nay den het ngay {later:%d/%m/%Y}" in text


def test_whoever_gets_another_last_day_from_staff_hears_of_it(chain: Chain) -> None:
    second = chain.follow(chain.second)
    later = second["end_on"] + timedelta(days=2)
    with chain.cast.engine.begin() as connection:
        longer = Extension(later, second["end_on"], ExtendReason.OTHER)
        follow_up_acts.extend(connection, NURSE, second["id"], longer, chain.by())
    tell_days(chain.cast.services)

    assert f"nay den het ngay {later:%d/%m/%Y}" in chain.cast.heard(HOA)[-1]
