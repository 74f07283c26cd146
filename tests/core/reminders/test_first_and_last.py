"""The first word, once a phone, and the last day's, once; in waking hours, and neither of them a reminder."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, update

from core.access.scope import Scope
from core.care import due, follow_up_acts
from core.care.follow_up_acts import ExtendReason, Extension
from core.care.follow_up_opening import Line, Wanted, open_all
from core.care.follow_up_rows import Source
from core.care.follow_up_terms import Settled
from core.care.handling import By
from core.conversation.wording import word
from core.database.due import alerts, due_checks
from core.database.following import follow_ups
from core.database.tables import addresses
from core.people import contacts
from core.reminders.enqueue import enqueue
from core.reminders.first_and_last import tell_held, tell_last_day, tell_welcome
from core.reminders.words import Whom, last_day, still, welcome
from core.words import load_words
from sms.text import measure, unaccent
from tests.cast import HOA, LAN, STATION, TU, Cast

LONGEST = "Trạm Y tế phường Hưng Phú - Phú Thứ (bịa)"


def parts(said: str) -> int:
    """Parts of an SMS."""
    return measure(unaccent(said)).parts


def test_whoever_is_followed_is_welcomed_once(cast: Cast) -> None:
    cast.enrols(HOA)

    assert [tell_welcome(cast.services) for _ in range(2)] == [1, 0]
    assert cast.heard(HOA) == [
        "Tram Y te xa Bat Xat theo doi suc khoe bac den het 05/12. Khi hoi: khoe nhan OK, om nhan, "
        "vi du: 37,8 HO. Gap goi 115. Ngung: STOP."
    ]
    (row,) = cast.outbox(HOA)
    assert (row["parts"], row["due_check_id"]) == (1, None)
    cast.clock.at = cast.local(16)
    enqueue(cast.services)
    assert len(cast.heard(HOA)) == 2  # asked all the same


def test_all_of_a_phone_in_one_text_and_who_comes_later_in_another(cast: Cast) -> None:
    cast.enrols(HOA)
    cast.enrols(HOA, name="Sung A Tu", days=3)
    assert tell_welcome(cast.services) == 2
    cast.enrols(HOA, name="Sung A Chu")
    assert tell_welcome(cast.services) == 1

    first, second = cast.heard(HOA)
    assert "ngay sau ten: A May 05/12, B Tu 24/11." in first
    assert "vi du: A OK B 37,8 HO" in first
    assert second.startswith("Tram Y te xa Bat Xat theo doi suc khoe Chu den het 05/12.")


def test_a_family_is_not_cut_by_the_end_of_a_page(cast: Cast) -> None:
    cast.enrols(HOA)
    cast.enrols(HOA, name="Sung A Tu")
    cast.enrols(TU)

    assert [tell_welcome(cast.services, 1) for _ in range(3)] == [1, 1, 0]
    assert [len(cast.heard(who)) for who in (HOA, TU)] == [1, 1]


def test_a_family_waits_for_whoever_of_it_is_held(cast: Cast) -> None:
    cast.enrols(HOA)
    person = cast.enrols(HOA, name="Sung A Tu")
    with cast.engine.begin() as other:
        other.execute(select(follow_ups).where(follow_ups.c.person_id == person).with_for_update())
        assert tell_welcome(cast.services) == 0
    assert tell_welcome(cast.services) == 2
    assert len(cast.heard(HOA)) == 1


def test_at_night_it_waits(cast: Cast) -> None:
    cast.clock.at = cast.local(21, 30)
    cast.enrols(HOA)
    assert tell_welcome(cast.services) == 0
    cast.clock.at = cast.local(6, days=1)
    assert tell_welcome(cast.services) == 1


@pytest.mark.parametrize("why", ["to verify", "no phone", "stopped", "asked for days", "over"])
def test_who_is_not_welcomed(cast: Cast, why: str) -> None:
    cast.enrols(HOA, days=5)
    changes = {
        "to verify": update(follow_ups).values(status="to_verify"),
        "no phone": update(follow_ups).values(contact_id=None),
        "stopped": update(addresses).values(stopped_at=cast.clock.at),
        "asked for days": update(due_checks).values(reminded_at=cast.clock.at),
        "over": update(follow_ups).values(end_on=date(2026, 11, 20)),
    }
    with cast.engine.begin() as connection:
        connection.execute(changes[why])
    cast.later(days=4 if why == "asked for days" else 0)
    tell_welcome(cast.services)
    with cast.engine.begin() as connection:
        connection.execute(update(addresses).values(stopped_at=None))

    assert tell_welcome(cast.services) == 0
    assert cast.heard(HOA) == []


def test_who_answers_on_another_phone_after_days_is_welcomed_there(cast: Cast) -> None:
    """Also where they were asked this morning, on the number that was not theirs."""
    person = cast.enrols(HOA)
    tell_welcome(cast.services)
    for day in range(5):
        cast.clock.at = cast.local(8, days=day)
        with cast.engine.begin() as connection:
            due.plan(connection, cast.clock.at)
        enqueue(cast.services)
    for said in ("NHAM SO", "1"):
        cast.writes(said, who=HOA)
    cast.later(hours=1)
    with cast.engine.begin() as connection:
        opening = Wanted(person, Line(cast.contact(LAN), "phone", LAN), settled(cast), STATION)
        open_all(connection, [opening], Source("import"), STATION, cast.clock.at)

    assert [tell_welcome(cast.services) for _ in range(2)] == [1, 0]
    (text,) = cast.heard(LAN)
    assert text.startswith("Tram Y te xa Bat Xat theo doi suc khoe")


def settled(cast: Cast) -> Settled:
    """What a list says of somebody who is followed already does not count."""
    today = cast.today()
    return Settled("F1", "home", today, today, None, None, None, (), (8,), "QĐ 1")


def test_whose_phone_is_held_is_welcomed_the_next_time(cast: Cast) -> None:
    cast.enrols(HOA)
    cast.enrols(TU)
    with cast.engine.begin() as other:
        contacts.lock(other, [cast.contact(HOA)], wait=True)
        assert tell_welcome(cast.services) == 1
    assert tell_welcome(cast.services) == 1
    assert [len(cast.heard(who)) for who in (HOA, TU)] == [1, 1]


def on_the_last_day(cast: Cast, hour: int = 8) -> None:
    cast.clock.at = cast.local(hour, days=2)
    with cast.engine.begin() as connection:
        due.plan(connection, cast.local(7, days=1))


LAST = (
    "Tram Y te xa Bat Xat: hom nay bac theo doi ngay cuoi. Mai co giay chung nhan. "
    "Co dau hieu xin nhan ngay, gap goi 115."
)


def test_on_the_last_day_after_the_last_answer(cast: Cast) -> None:
    cast.enrols(HOA, days=2)
    on_the_last_day(cast)
    cast.writes("SK OK", who=HOA)
    assert tell_last_day(cast.services) == 0  # in the afternoon they are asked again
    cast.clock.at = cast.local(16, days=2)
    enqueue(cast.services)
    assert tell_last_day(cast.services) == 0
    cast.writes("OK", who=HOA)

    assert [tell_last_day(cast.services) for _ in range(2)] == [1, 0]
    assert cast.heard(HOA)[-1] == LAST
    assert parts(LAST) == 1


def test_without_an_answer_at_their_hour_and_not_the_day_before(cast: Cast) -> None:
    cast.enrols(HOA, days=2)
    cast.clock.at = cast.local(20, days=1)
    assert tell_last_day(cast.services) == 0
    on_the_last_day(cast, 16)
    assert tell_last_day(cast.services) == 0
    cast.later(minutes=30)
    assert tell_last_day(cast.services) == 1
    assert cast.heard(HOA) == [LAST]


def test_another_last_day_is_told_anew(cast: Cast) -> None:
    cast.enrols(HOA, days=2)
    on_the_last_day(cast, 17)
    tell_last_day(cast.services)
    (row,) = cast.rows(follow_ups)
    with cast.engine.begin() as connection:
        longer = Extension(row["end_on"] + timedelta(days=1), row["end_on"], ExtendReason.OTHER)
        follow_up_acts.extend(connection, Scope(STATION, (STATION,)), row["id"], longer, By(uuid4(), cast.clock.at))
    assert tell_last_day(cast.services) == 0
    cast.later(days=1)
    assert tell_last_day(cast.services) == 1
    assert cast.heard(HOA) == [LAST, LAST]


def test_nothing_is_promised_to_whom_something_holds_back(cast: Cast) -> None:
    person: UUID = cast.enrols(HOA, days=2)
    on_the_last_day(cast, 17)
    danger = {"id": uuid4(), "kind": "danger", "unit_code": STATION, "signs": ["fever"], "status": "open"}
    with cast.engine.begin() as connection:
        about = {"person_id": person, "inbound_id": uuid4(), "raise_at": cast.clock.at}
        connection.execute(insert(alerts).values(danger | about))
    assert tell_last_day(cast.services) == 0


def test_who_was_told_that_it_ends_and_is_held_back_then_hears_so_in_the_morning(cast: Cast) -> None:
    person: UUID = cast.enrols(HOA, days=2)
    on_the_last_day(cast, 17)
    assert tell_last_day(cast.services) == 1
    danger = {"id": uuid4(), "kind": "danger", "unit_code": STATION, "signs": ["fever"], "status": "open"}
    with cast.engine.begin() as connection:
        about = {"person_id": person, "inbound_id": uuid4(), "raise_at": cast.clock.at}
        connection.execute(insert(alerts).values(danger | about))
    assert tell_held(cast.services) == 0
    cast.clock.at = cast.local(5, days=3)
    assert tell_held(cast.services) == 0
    cast.clock.at = cast.local(6, days=3)
    assert [tell_held(cast.services), tell_held(cast.services)] == [1, 0]
    assert cast.heard(HOA)[-1].startswith("Tram Y te xa Bat Xat van theo doi suc khoe bac, chua co giay. Xin cho tin")


def test_the_texts_fit() -> None:
    day = date(2026, 12, 25)
    words = load_words("vi")
    family = (("A", "Nghĩa"), ("B", "Thương"), ("C", "Phượng"), ("D", "Khương"), ("E", "Trường"))
    for unit in ("Trạm Y tế xã Bát Xát", LONGEST):
        alone = unaccent(word(welcome(unit, Whom("bác"), [day]), words))
        assert parts(alone) == 1
        assert all(kept in alone for kept in ("suc khoe", "vi du: 37,8 HO", "115", "STOP"))
        assert parts(word(last_day(unit, Whom("bác")), words)) == 1
        assert parts(word(still(unit, Whom("bác")), words)) == 1
        assert parts(word(welcome(unit, Whom(people=family), [day] * 5), words)) <= 2
        assert parts(word(last_day(unit, Whom(people=family)), words)) <= 2
