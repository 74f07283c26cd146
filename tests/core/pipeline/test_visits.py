"""Visits through the whole pipeline: looked up once a batch, written once a message, worded with the venue's name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import RowMapping, update

from core.conversation.messages import Param, Say, Term
from core.conversation.wording import word
from core.database.shared import venues as venue_rows
from core.database.tables import visits
from core.pipeline import receive as pipeline
from core.pipeline import visits as words
from core.pipeline.receive import receive, retry_waiting
from core.pipeline.replies import Replies
from core.places import venues
from core.places.venues import NAME_MOST, NewVenue, VenueKind
from core.words import languages, load_words
from sms.text import measure, unaccent
from tests.cast import HOA, LAN, STATION, STRANGER, TU, Cast
from tests.core.pipeline.test_receive import phone, statements

MARKET, SCHOOL, NOBODYS = "1234566", "7654325", "1000002"
GUARD = TU


@pytest.fixture
def open_day(cast: Cast) -> Cast:
    """A market, and a school with a guard."""
    with cast.engine.begin() as connection:
        now = cast.clock.at
        venues.add(connection, NewVenue("Chợ Bát Xát", VenueKind.MARKET, STATION), now, MARKET)
        venues.add(connection, NewVenue("Trường Bản Qua", VenueKind.SCHOOL, STATION), now, SCHOOL)
        venues.add_guard(connection, SCHOOL, GUARD)
    return cast


def all_visits(cast: Cast) -> Sequence[RowMapping]:
    return sorted(cast.rows(visits), key=lambda row: (row["at"], row["id"]))


def ways(cast: Cast) -> list[tuple[str, str]]:
    return [(row["venue_code"], row["direction"]) for row in all_visits(cast)]


def test_it_works(open_day: Cast) -> None:
    open_day.writes(f"VAO {MARKET}")

    (row,) = all_visits(open_day)
    assert (row["contact_id"], row["venue_code"], row["direction"]) == (open_day.contact(), MARKET, "in")
    assert row["at"] == row["confirmed_at"] == open_day.inbox()[0]["received_at"]
    assert [row[name] for name in ("by_contact_id", "channel", "address", "ask_at", "denied_at")] == [None] * 5
    (reply,) = open_day.outbox()
    assert (reply["kind"], reply["parts"]) == ("receipt", 1)
    assert reply["text"].startswith(f"Da ghi: bac vao Cho Bat Xat luc 08:00 21/11. Khi ve nhan RA {MARKET}. ")


def test_only_the_first_receipt_says_what_is_agreed_to(open_day: Cast) -> None:
    open_day.writes(f"VAO {MARKET}", f"RA {MARKET}")

    assert ["dong y giu 30 ngay" in text for text in open_day.heard()] == [True, False]


def test_a_message_makes_one_visit_however_often_it_arrives(open_day: Cast) -> None:
    message = open_day.message(f"VAO {MARKET}")
    receive(open_day.services, [message, message])
    receive(open_day.services, [message])

    assert len(all_visits(open_day)) == len(open_day.heard()) == 1


def test_a_message_read_twice_makes_the_same_visit(open_day: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(*_: Any) -> None:
        raise ConnectionError

    with monkeypatch.context() as failing:
        failing.setattr(pipeline, "step", cut)
        open_day.writes(f"VAO {MARKET}")
    open_day.later(minutes=1)
    with monkeypatch.context() as failing:
        failing.setattr(Replies, "write", cut)
        with pytest.raises(ConnectionError):
            retry_waiting(open_day.services)
    retry_waiting(open_day.services)

    assert ways(open_day) == [(MARKET, "in")]
    assert "dong y giu 30 ngay" in open_day.heard()[-1]


@pytest.mark.parametrize(("minutes", "count"), [(1, 1), (9, 1), (10, 2)])
def test_the_same_word_within_minutes_is_the_same_visit(open_day: Cast, minutes: int, count: int) -> None:
    receive(open_day.services, [open_day.message(f"VAO {MARKET}")])
    open_day.later(minutes=minutes)
    receive(open_day.services, [open_day.message(f"VAO {MARKET}")])

    assert len(all_visits(open_day)) == count
    assert ("Da ghi roi: bac vao Cho Bat Xat luc 08:00" in open_day.heard()[-1]) is (count == 1)


def test_twice_in_one_batch_too(open_day: Cast) -> None:
    receive(open_day.services, [open_day.message(f"VAO {MARKET}") for _ in range(2)])

    assert ways(open_day) == [(MARKET, "in")]
    assert open_day.heard()[1].startswith("Da ghi roi")


def test_in_and_out_and_in_again_are_three(open_day: Cast) -> None:
    open_day.writes(f"VAO {MARKET}", f"RA {MARKET}", f"VAO {MARKET}")

    assert ways(open_day) == [(MARKET, "in"), (MARKET, "out"), (MARKET, "in")]


def test_out_without_in_is_written(open_day: Cast) -> None:
    open_day.writes(f"RA {MARKET}")

    assert ways(open_day) == [(MARKET, "out")]
    assert open_day.heard()[0].startswith("Da ghi: bac ra khoi Cho Bat Xat luc 08:00 21/11. ")
    assert "dong y giu 30 ngay" in open_day.heard()[0]


def test_in_elsewhere_closes_nothing(open_day: Cast) -> None:
    open_day.writes(f"VAO {MARKET}", f"VAO {SCHOOL}")

    assert ways(open_day) == [(MARKET, "in"), (SCHOOL, "in")]


def test_whose_visit_it_is_is_known_where_one_person_answers(open_day: Cast) -> None:
    open_day.declares()
    open_day.later(hours=1)
    open_day.writes(f"VAO {MARKET}", f"RA {MARKET} cho me toi", f"em vao {SCHOOL}")

    person = open_day.records()[0]["person_id"]
    assert [row["person_id"] for row in all_visits(open_day)] == [person, None, None]


def test_it_is_nobodys_in_particular_on_a_phone_of_several(open_day: Cast) -> None:
    open_day.enrols(HOA, 8)
    open_day.enrols(HOA, 8, name="Tran Van Nam")
    open_day.writes(f"VAO {MARKET}", who=HOA)

    assert [row["person_id"] for row in all_visits(open_day)] == [None]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"VAO {NOBODYS}", f"Chua co noi nao mang ma {NOBODYS}. "),
        ("VAO 1234567", "Ma 1234567 chua dung: co le nham mot so, hoac hai so doi cho. "),
        ("VAO 123456", "Ma o cua co 7 so, bac nhan 123456. "),
        ("RA", "Xin nhan RA va ma 7 so ghi tren bang o cua, vi du RA 1234567."),
        (f"VAO {MARKET} 0900000001", "Chi nguoi truc o Cho Bat Xat moi ghi ho duoc. "),
        (f"VAO {SCHOOL} 02143800115", "So dien thoai sau ma chua dung, "),
    ],
)
def test_what_is_no_visit_is_answered_and_not_written(open_day: Cast, text: str, said: str) -> None:
    open_day.writes(text, who=STRANGER)

    assert all_visits(open_day) == []
    assert open_day.heard(STRANGER)[0].startswith(said)
    assert len(open_day.heard(STRANGER)) == 1


def test_a_closed_venue_takes_nobody(open_day: Cast) -> None:
    with open_day.engine.begin() as connection:
        connection.execute(update(venue_rows).where(venue_rows.c.code == MARKET).values(active=False))
    open_day.writes(f"VAO {MARKET}")

    assert all_visits(open_day) == []
    assert open_day.heard() == [f"Cho Bat Xat khong dung ma {MARKET} nua. Xin hoi nguoi truc o cua."]


def test_danger_is_said_first_and_the_visit_counts(open_day: Cast) -> None:
    open_day.writes(f"VAO {MARKET} kho tho")

    assert ways(open_day) == [(MARKET, "in")]
    assert [row["kind"] for row in open_day.outbox()][:2] == ["danger", "receipt"]
    assert open_day.alerts() == [("danger", "open")]


def test_a_visit_does_not_interrupt_a_form(open_day: Cast) -> None:
    open_day.writes("KHAI", "dong y", f"VAO {MARKET}", "khong")

    assert ways(open_day) == [(MARKET, "in")]
    assert [row["kind"] for row in open_day.outbox()] == ["question", "question", "receipt", "question", "question"]
    assert open_day.session()["answers"]["signs"] == []


def test_a_guard_writes_for_somebody_and_it_waits_for_them(open_day: Cast) -> None:
    open_day.writes(f"VAO {SCHOOL} 0900000001", who=GUARD)

    (row,) = all_visits(open_day)
    assert (row["contact_id"], row["person_id"], row["confirmed_at"]) == (None, None, None)
    assert (row["by_contact_id"], row["channel"], row["address"]) == (open_day.contact(GUARD), "phone", LAN)
    assert row["ask_at"] is not None
    assert open_day.heard(GUARD)[0].startswith("Da ghi: so 0900 000 001 vao Truong Ban Qua luc 08:00 21/11. ")
    assert open_day.heard(LAN) == []


def test_a_guard_who_writes_twice_wrote_once(open_day: Cast) -> None:
    open_day.writes(*[f"VAO {SCHOOL} 0900000001"] * 2, f"VAO {SCHOOL} 0900000002", who=GUARD)

    assert [row["address"] for row in all_visits(open_day)] == [LAN, HOA]


def test_a_guards_own_phone_is_a_visit_of_their_own(open_day: Cast) -> None:
    open_day.writes(f"VAO {SCHOOL} 0900000003", who=GUARD)

    (row,) = all_visits(open_day)
    assert (row["contact_id"], row["by_contact_id"]) == (open_day.contact(GUARD), None)


def test_a_guard_of_one_place_is_none_of_another(open_day: Cast) -> None:
    open_day.writes(f"VAO {MARKET} 0900000001", who=GUARD)

    assert all_visits(open_day) == []


@pytest.mark.parametrize("text", [f"VAO {MARKET}", f"VAO {SCHOOL} 0900000001"])
def test_many_at_once_take_the_same_statements(open_day: Cast, text: str) -> None:
    with open_day.engine.begin() as connection:
        for n in range(1000):
            venues.add_guard(connection, SCHOOL, f"0900{n:06d}")
    receive(open_day.services, [open_day.message(text, phone(999))])

    counts = []
    for batch in (range(2), range(2, 202)):
        messages = [open_day.message(text, phone(n)) for n in batch]
        with statements(open_day) as seen:
            receive(open_day.services, messages)
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 24
    assert len(all_visits(open_day)) == 203


def test_nothing_is_looked_up_where_nobody_tells_of_a_visit(open_day: Cast) -> None:
    open_day.writes("chao")
    with statements(open_day) as seen:
        open_day.writes("38,2 ho")

    assert not [statement for statement in seen if "venues" in statement]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("text", sorted({*words._TEXTS.values()}))
def test_every_text_keeps_to_one_part_at_its_longest(text: str, language: str) -> None:
    params: dict[str, Param] = {
        "you": Term("bác"),
        "venue": "M" * NAME_MOST,
        "number": MARKET,
        "word": "VAO",
        "when": "08:15 21/11",
        "other": "0900 000 001",
        "kept": 30,
    }
    cost = measure(unaccent(word(Say(text, params), load_words(language))))
    assert (cost.encoding, cost.parts) == ("GSM-7", 1), cost
