"""When it is over they have a paper: told once, in waking hours; its code can be checked, and tells of nobody."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from core.access.scope import Scope
from core.care import follow_up, follow_up_acts
from core.care.certificate import Certificate, Fault, look_up
from core.care.handling import By
from core.care.release_code import is_release_code, release_code, spoken, written_in
from core.database.following import follow_ups
from core.database.tables import addresses
from core.pipeline.release import tell_released
from tests.cast import HOA, LAN, STATION, STRANGER, Cast


def over(cast: Cast, *, hour: int = 0, minute: int = 1) -> None:
    """The day after the last one, at that hour."""
    cast.clock.at = cast.local(hour, minute, days=3)
    with cast.engine.begin() as connection:
        follow_up.complete(connection, cast.clock.at)


def code_of(cast: Cast, person: UUID) -> str:
    (row,) = cast.rows(follow_ups, person_id=person)
    return str(row["release_code"])


def told(cast: Cast, who: str = HOA) -> list[str]:
    return [text for text in cast.heard(who) if "chung nhan" in text]


def test_the_morning_after_they_are_told_once(cast: Cast) -> None:
    person = cast.enrols(HOA, days=2)
    over(cast)
    assert tell_released(cast.services) == 0  # it is night

    cast.clock.at = cast.local(6, 0, days=3)
    assert tell_released(cast.services) == 1
    assert tell_released(cast.services) == 0

    code = code_of(cast, person)
    said = "Tram Y te xa Bat Xat: bac da theo doi du ngay, het 23/11/2026. "
    assert told(cast) == [said + f"Ma giay chung nhan: {spoken(code)}. Kiem tra: nhan XEM va ma."]
    assert len(told(cast)[0]) <= 160


def test_before_the_last_day_nobody_says_that_all_days_are_done(cast: Cast) -> None:
    person = cast.enrols(HOA, days=9)
    (row,) = cast.rows(follow_ups)
    cast.clock.at = cast.local(9, days=2)
    with cast.engine.begin() as connection:
        by = By(uuid4(), cast.clock.at)
        follow_up_acts.release(connection, Scope(STATION, (STATION,)), row["id"], "negative", by)
    tell_released(cast.services)
    code = spoken(code_of(cast, person))
    cast.writes(f"XEM {code}", who=STRANGER)

    (paper,) = told(cast)
    said = "Tram Y te xa Bat Xat: bac het theo doi ngay 23/11/2026. "
    assert paper == said + f"Ma giay chung nhan: {code}. Kiem tra: nhan XEM va ma."
    says = f"Giay {code} la that: Tram Y te xa Bat Xat xac nhan da theo doi mot nguoi tu 21/11/2026 den 23/11/2026, "
    assert cast.heard(STRANGER) == [says + "ket thuc som."]


def test_of_several_on_one_phone_each_is_named(cast: Cast) -> None:
    cast.enrols(HOA, days=2)
    cast.enrols(HOA, days=2, name="Sung A Tu")
    over(cast, hour=8)
    tell_released(cast.services)

    assert [text.split(" da ")[0] for text in told(cast)] == [f"Tram Y te xa Bat Xat: {who}" for who in ("May", "Tu")]


@pytest.mark.parametrize("ended", ["stopped", "no phone", "long ago"])
def test_who_is_not_told_is_not_looked_at_again(cast: Cast, ended: str) -> None:
    person = cast.enrols(HOA, days=2)
    with cast.engine.begin() as connection:
        if ended == "stopped":
            connection.execute(update(addresses).values(stopped_at=cast.clock.at))
        if ended == "no phone":
            connection.execute(update(follow_ups).values(contact_id=None))
    over(cast, hour=8)
    cast.later(days=4 if ended == "long ago" else 0)

    assert tell_released(cast.services) == (ended != "long ago")
    assert tell_released(cast.services) == 0
    assert told(cast) == []
    assert is_release_code(code_of(cast, person))


@pytest.mark.parametrize("form", ["XEM {code}", "xem {spoken}", "Xem ma {code}", "XEM {code}."])
def test_anybody_may_ask_by_text(cast: Cast, form: str) -> None:
    person = cast.enrols(HOA, days=2)
    over(cast, hour=8)
    code = code_of(cast, person)
    cast.writes(form.format(code=code, spoken=spoken(code)), who=STRANGER)

    said = f"Giay {spoken(code)} la that: Tram Y te xa Bat Xat xac nhan mot nguoi da duoc theo doi du ngay, "
    assert cast.heard(STRANGER) == [said + "tu 21/11/2026 den 23/11/2026."]


def test_a_slip_and_a_code_that_nobody_has_are_told_apart(cast: Cast) -> None:
    code = release_code(uuid4())
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    cast.writes(f"XEM {code}", f"XEM {wrong}", who=LAN)

    assert [text.split(".")[0].split(":")[0] for text in cast.heard(LAN)] == [
        f"Khong co giay nao mang ma {spoken(code)}",
        f"Ma {spoken(wrong)} chua dung",
    ]


def test_a_receipts_code_and_a_number_are_no_papers(cast: Cast) -> None:
    cast.writes("XEM 598066111", "XEM 0900000002", "XEM", who=LAN)

    assert len(set(cast.heard(LAN))) == 1
    assert "KHAI" in cast.heard(LAN)[0]


def test_codes_are_ten_digits_with_a_check_and_differ(cast: Cast) -> None:
    ids = [uuid4() for _ in range(2000)]
    codes = {release_code(each) for each in ids}

    assert len(codes) == len(ids)
    assert all(is_release_code(code) and written_in(f"XEM {spoken(code)}") == code for code in codes)
    assert release_code(ids[0], 1) != release_code(ids[0])


def test_a_code_that_is_taken_is_not_given_again(cast: Cast) -> None:
    first = cast.enrols(HOA, days=2)
    (row,) = cast.rows(follow_ups, person_id=first)
    other = cast.enrols(LAN, days=0, name="Lan")
    with cast.engine.begin() as connection:
        taken = {"release_code": release_code(row["id"]), "status": "completed"}
        connection.execute(update(follow_ups).where(follow_ups.c.person_id == other).values(taken))
    over(cast)

    assert code_of(cast, first) == release_code(row["id"], 1)


def test_of_one_not_ended_nothing_is_told(cast: Cast) -> None:
    person = cast.enrols(HOA, days=2)
    code = release_code(uuid4())
    with cast.engine.begin() as connection:
        connection.execute(update(follow_ups).values(release_code=code))
        assert look_up(connection, code) is Fault.UNKNOWN
        connection.execute(update(follow_ups).values(status="completed", ended_at=cast.clock.at + timedelta(days=1)))
        days = date(2026, 11, 21), date(2026, 11, 22)
        assert look_up(connection, code) == Certificate(code, STATION, *days, early=True)
        assert look_up(connection, "12") is Fault.TYPO
    assert person
