"""What strangers said of their health goes after a day; what anybody agreed to stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.care.follow_up_opening import Wanted, open_all
from core.care.follow_up_rows import Source
from core.care.follow_up_terms import Settled, Terms, settle
from core.care.forget import forget_strangers, forget_words
from core.database.due import alerts
from core.database.tables import inbox, members, persons, records
from core.people import contacts
from core.pipeline import receive
from core.pipeline.inbox import GIVE_UP
from tests.cast import HOA, LAN, STATION, STRANGER, Cast


def forget(cast: Cast, limit: int = 500) -> int:
    """How many reports."""
    with cast.engine.begin() as connection:
        reports = forget_strangers(connection, cast.clock.at, limit)
    look(cast, limit)
    return reports


def look(cast: Cast, limit: int = 500) -> int:
    """How many contacts."""
    with cast.engine.begin() as connection:
        return forget_words(connection, cast.clock.at, limit)


@pytest.fixture
def told(cast: Cast) -> Cast:
    """A stranger told us of a fever, and that was a day ago."""
    cast.writes("38,4 ho", who=STRANGER)
    cast.later(days=1)
    return cast


def test_what_a_stranger_said_goes_after_a_day(told: Cast) -> None:
    assert forget(told) == 1

    assert [list(told.rows(table)) for table in (records, persons, members)] == [[], [], []]
    assert [row["text"] for row in told.inbox(STRANGER)] == [""]
    assert told.heard(STRANGER) == [""]
    assert "last" not in told.session(STRANGER)


def test_whoever_is_followed_or_was_somewhere_stays_and_what_they_said_goes(told: Cast) -> None:
    """Staff opened a follow-up for somebody whose name they do not know yet."""
    (person,) = told.rows(persons)
    settled = settle(Terms("F0"), told.today())
    assert isinstance(settled, Settled)
    with told.engine.begin() as connection:
        open_all(connection, [Wanted(person["id"], None, settled, STATION)], Source("staff"), STATION, told.clock.at)
    told.writes("38 ho", who=HOA)
    told.later(days=1)

    assert forget(told) == 2
    assert [row["id"] for row in told.rows(persons)] == [person["id"]]
    assert list(told.rows(records)) == []


def test_not_a_minute_before(cast: Cast) -> None:
    cast.writes("38,4 ho", who=STRANGER)
    at = cast.records(STRANGER)[0]["declared_at"]
    cast.clock.at = at + timedelta(hours=23, minutes=59)
    assert forget(cast) == 0
    cast.later(minutes=1)

    assert forget(cast) == 1


def test_once(told: Cast) -> None:
    assert [forget(told), forget(told)] == [1, 0]


def test_two_at_once(told: Cast) -> None:
    for n in range(20):
        told.clock.at -= timedelta(days=1)
        told.writes("38 ho", who=f"+84900000{100 + n}")
        told.clock.at += timedelta(days=1)
    with ThreadPoolExecutor(3) as threads:
        counts = list(threads.map(lambda _: forget(told), range(3)))
    forget(told)

    assert sum(counts) <= 21
    assert list(told.rows(records)) == []


def test_a_page_at_a_time(cast: Cast) -> None:
    for n in range(5):
        cast.writes("38 ho", who=f"+84900000{100 + n}")
    cast.later(days=1)

    assert [forget(cast, 2) for _ in range(4)] == [2, 2, 1, 0]


def test_who_declares_agrees_and_is_kept(cast: Cast) -> None:
    cast.writes("38,4 ho", who=LAN)
    cast.declares(LAN)
    cast.later(days=3)

    assert forget(cast) == 0
    assert len(cast.records(LAN)) == 2
    assert all(row["text"] for row in cast.inbox(LAN))


def test_who_is_under_follow_up_is_kept(cast: Cast) -> None:
    cast.enrols(HOA, 8)
    cast.writes("SK 38,4 ho", who=HOA)
    cast.later(days=3)

    assert forget(cast) == 0


def test_todays_report_of_the_same_stranger_stays(told: Cast) -> None:
    told.writes("37,9 ho", who=STRANGER)

    assert forget(told) == 1
    assert [row["temperature"] for row in told.records(STRANGER)] == [37.9]
    assert [row["text"] for row in told.inbox(STRANGER)] == ["", "37,9 ho"]
    assert len(told.rows(members)) == 1
    assert "last" in told.session(STRANGER)


def test_an_open_alert_stays_with_its_unit(cast: Cast) -> None:
    cast.writes("kho tho", who=STRANGER)
    cast.later(days=1, minutes=1)
    forget(cast)
    (row,) = cast.rows(alerts)
    assert (row["status"], row["signs"], row["person_id"]) == ("open", ["shortness_of_breath"], None)


def test_a_closed_alert_says_no_sign_any_more(cast: Cast) -> None:
    cast.writes("kho tho", who=STRANGER)
    with cast.engine.begin() as connection:
        connection.execute(update(alerts).values(status="closed"))
    cast.later(days=1, minutes=1)
    forget(cast)

    assert cast.rows(alerts)[0]["signs"] == []


def test_a_stranger_that_somebody_holds_is_forgotten_the_next_time(told: Cast) -> None:
    with told.engine.begin() as other:
        other.execute(select(records).with_for_update())
        assert forget(told) == 0

    assert forget(told) == 1


def test_who_was_forgotten_may_write_again(told: Cast) -> None:
    forget(told)
    told.writes("38,1 ho", "KHAI", who=STRANGER)

    assert [row["temperature"] for row in told.records(STRANGER)] == [38.1]
    assert told.session(STRANGER)["stage"] == "legal"


def test_a_danger_closed_long_after_is_forgotten_too(cast: Cast) -> None:
    """The report goes on the first day, its alert is closed on the third."""
    cast.writes("kho tho", who=STRANGER)
    cast.later(days=1, minutes=1)
    forget(cast)
    with cast.engine.begin() as connection:
        connection.execute(update(alerts).values(status="closed"))
    cast.later(days=2)
    forget(cast)

    assert cast.rows(alerts)[0]["signs"] == []


@pytest.mark.parametrize(
    "texts",
    [
        ("KHAI", "toi sot 39, ho"),
        ("KHAI", "toi sot 39", "khong dong y"),
        ("KHAI", "dong y", "toi sot 39, ho", "THOAT"),
        ("khong sot, ho, kho tho",),
        ("bac si oi chau sot phai lam sao a?",),
    ],
    ids=["left before consent", "refused", "agreed, then left the form", "a doubt left", "a question"],
)
def test_words_that_became_no_report_are_forgotten_too(cast: Cast, texts: tuple[str, ...]) -> None:
    cast.writes(*texts, who=STRANGER)
    cast.later(days=1, minutes=1)
    forget(cast)

    words = [row["text"] for row in (*cast.inbox(STRANGER), *cast.outbox(STRANGER))]
    assert set(words) == {""}
    assert cast.session(STRANGER) == {}


def test_who_agreed_is_asked_on_where_they_were_and_forgotten_after_two_weeks(cast: Cast) -> None:
    cast.writes("KHAI", "dong y", "toi sot 39, ho", "khong", who=STRANGER)
    cast.later(days=2)
    forget(cast)
    assert cast.session(STRANGER)["stage"] == "asking"
    assert "toi sot 39, ho" in [row["text"] for row in cast.inbox(STRANGER)]

    cast.later(days=13)
    forget(cast)
    assert cast.session(STRANGER) == {}
    assert {row["text"] for row in (*cast.inbox(STRANGER), *cast.outbox(STRANGER))} == {""}


def test_how_to_speak_with_a_stranger_is_kept(cast: Cast) -> None:
    cast.writes("ENGLISH", "KHAI", who=STRANGER)
    cast.later(days=1, minutes=1)
    forget(cast)

    assert cast.session(STRANGER) == {"language": "en"}


def test_the_words_of_today_stay(cast: Cast) -> None:
    cast.writes("KHAI", "toi sot 39", "a lo", who=STRANGER)
    cast.later(days=1, minutes=1)
    cast.writes("chao", who=STRANGER)
    forget(cast)

    assert [row["text"] for row in cast.inbox(STRANGER)] == ["", "", "", "chao"]
    assert cast.session(STRANGER)["stage"] == "legal", "the conversation goes on"


def test_words_behind_a_record_stay_though_the_number_changed_hands(cast: Cast) -> None:
    cast.declares()
    cast.writes("NHAM SO")
    cast.later(days=2)
    forget(cast)

    assert all(row["text"] for row in cast.inbox())


def test_a_stranger_who_writes_at_that_moment_is_left_for_the_next_time(cast: Cast) -> None:
    cast.writes("KHAI", "toi sot 39", who=STRANGER)
    cast.later(days=1, minutes=1)
    with cast.engine.begin() as other:
        contacts.lock(other, [cast.contact(STRANGER)], wait=True)
        forget(cast)
    assert cast.inbox(STRANGER)[1]["text"] == "toi sot 39"
    forget(cast)

    assert cast.inbox(STRANGER)[1]["text"] == ""


def test_each_contact_is_looked_at_once_until_it_writes_again(cast: Cast) -> None:
    cast.writes("KHAI", "toi sot 39", who=STRANGER)
    cast.declares(LAN)
    assert look(cast) == 0
    cast.later(days=1, minutes=1)
    assert [look(cast), look(cast)] == [2, 0]
    cast.writes("38 ho", who=LAN)
    cast.later(hours=23)
    assert look(cast) == 0
    cast.later(hours=1, minutes=1)

    assert [look(cast), look(cast)] == [1, 0]
    assert all(row["text"] for row in cast.inbox(LAN))


def test_contacts_are_looked_at_a_page_at_a_time(cast: Cast) -> None:
    for n in range(5):
        cast.writes("toi la F1", who=f"+84900000{100 + n}")
    cast.later(days=1)

    assert [look(cast, 2) for _ in range(4)] == [2, 2, 1, 0]
    assert {row["text"] for row in cast.rows(inbox)} == {""}


def test_words_of_a_stranger_who_writes_every_day_go_after_a_day_and_an_hour(cast: Cast) -> None:
    cast.writes("KHAI", "toi sot 39", who=STRANGER)
    for _ in range(5):
        cast.later(hours=5, minutes=30)
        cast.writes("chao", who=STRANGER)
        look(cast)

    assert [row["text"] for row in cast.inbox(STRANGER)][:2] == ["", ""]
    cast.later(days=1, hours=1)
    look(cast)
    assert {row["text"] for row in cast.inbox(STRANGER)} == {""}
    assert look(cast) == 0


def test_a_word_that_could_not_be_read_is_forgotten_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.writes("chao", who=STRANGER)
    cast.later(days=2)
    look(cast)
    monkeypatch.setattr(receive, "step", lambda *_: 1 / 0)
    cast.writes("toi sot 39", who=STRANGER)
    for _ in range(GIVE_UP):
        cast.later(minutes=6)
        receive.retry_waiting(cast.services)
    assert cast.states(STRANGER)[-1] == ("toi sot 39", "failed")
    cast.later(days=1)
    look(cast)

    assert cast.states(STRANGER)[-1] == ("", "failed")
