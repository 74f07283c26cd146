"""Whom a guard checks in is asked once, and never in the middle of something else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from core.conversation.answers import YES_NO
from core.conversation.messages import Param, Say, Term
from core.conversation.wording import numbered, word, word_choices
from core.database.tables import addresses, visits
from core.messaging.outbox import expire
from core.places.venues import NAME_MOST
from core.reminders import visit_questions
from core.reminders.visit_questions import TOO_LATE, ask_visitors
from core.words import languages, load_words
from sms.text import measure, unaccent
from tests.cast import LAN, Cast
from tests.core.reminders.school import PHONES, SCHOOL, ask, fate, newest, says


def test_it_works(school: Cast) -> None:
    says(school)
    assert ask(school) == 1
    school.writes("co")

    question, answer = school.outbox()
    assert question["text"] == (
        "Tram Y te xa Bat Xat: nguoi truc Truong Ban Qua bao bac vao do luc 08:00 21/11. Bac co vao khong? 1 Co 2 Khong"
    )
    assert (question["kind"], question["seq"], question["parts"]) == ("reminder", 1, 1)
    assert answer["text"].startswith(f"Cam on bac, da ghi va giu 30 ngay de phong dich. Khi ve nhan RA {SCHOOL}. ")
    row = newest(school)
    assert (row["contact_id"], row["confirmed_at"] is not None, row["denied_at"]) == (school.contact(), True, None)


def test_silence_leaves_it_open(school: Cast) -> None:
    says(school)
    ask(school)
    school.later(days=2)

    assert ask(school) == 0
    assert (fate(school), len(school.heard())) == ("open", 1)


@pytest.mark.parametrize("mark", ["stopped_at", "unreachable_at"])
def test_nobody_is_asked_where_it_is_not_wanted_or_cannot_arrive(school: Cast, mark: str) -> None:
    school.writes("chao")
    with school.engine.begin() as connection:
        connection.execute(update(addresses).where(addresses.c.address == LAN).values({mark: school.clock.at}))
    before = len(school.heard())
    says(school)

    assert ask(school) == 1
    assert len(school.heard()) == before
    assert newest(school)["ask_at"] is None


def test_stop_in_answer_ends_it(school: Cast) -> None:
    says(school)
    ask(school)
    school.writes("STOP")
    school.later(minutes=20)
    says(school, word="RA")
    ask(school)

    assert len(school.heard()) == 2


def test_a_form_goes_on_first(school: Cast) -> None:
    school.writes("KHAI")
    says(school)
    ask(school)
    school.writes("co")
    assert school.session()["stage"] == "asking"
    assert "Truong Ban Qua" not in " ".join(school.heard())

    school.writes("THOAT")
    school.later(minutes=2)
    ask(school)
    assert "Truong Ban Qua" in school.heard()[-1]
    school.writes("co")
    assert fate(school) == "confirmed"


def test_one_question_at_a_time(school: Cast) -> None:
    says(school)
    school.later(minutes=2)
    says(school, word="RA")
    ask(school)
    school.later(minutes=2)
    ask(school)
    assert len(school.heard()) == 1

    school.writes("co")
    school.later(minutes=2)
    ask(school)
    assert "bao bac ra khoi do luc" in school.heard()[-1]
    school.writes("khong")
    assert [(row["direction"], row["confirmed_at"] is not None) for row in school.rows(visits)] == [
        ("in", True),
        ("out", False),
    ]


def test_nobody_is_asked_hours_later(school: Cast) -> None:
    school.writes("khong sot, ho, kho tho")
    says(school)
    ask(school)
    school.later(hours=TOO_LATE.total_seconds() / 3600 + 1)

    assert ask(school) == 1
    assert "Truong Ban Qua" not in " ".join(school.heard())


def test_a_question_is_not_sent_hours_later(school: Cast) -> None:
    says(school)
    ask_visitors(school.services)
    school.later(hours=7)
    with school.engine.begin() as connection:
        expire(connection, school.clock.at)

    assert [row["status"] for row in school.outbox()] == ["expired"]


def test_it_speaks_to_the_one_person_who_answers_there(school: Cast) -> None:
    school.declares()
    school.later(hours=1)
    says(school)
    ask(school)

    assert "bao chi vao do luc 09:03 21/11. Chi co vao khong?" in school.heard()[-1]


def test_it_asks_in_their_language(school: Cast) -> None:
    school.writes("ENGLISH")
    says(school)
    ask(school)

    assert school.heard()[-1].endswith("1 Yes 2 No")


def test_two_clocks_ask_once(school: Cast) -> None:
    for who in PHONES:
        says(school, who)
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda _: ask_visitors(school.services), range(6)))

    assert [len(school.heard(who)) for who in PHONES] == [1, 1, 1]


def test_pages(school: Cast) -> None:
    for who in PHONES:
        says(school, who)

    assert [ask(school, 2) for _ in range(3)] == [2, 1, 0]


def test_a_phone_that_somebody_holds_is_left_for_the_next_time(school: Cast) -> None:
    school.writes("chao")
    says(school)
    with school.engine.begin() as connection:
        connection.exec_driver_sql(
            f"SELECT * FROM {school.services.cell}.contacts WHERE id = %(id)s FOR UPDATE", {"id": school.contact()}
        )
        assert ask(school) == 0

    assert ask(school) == 1


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("text", visit_questions._TEXTS.values())
def test_a_question_keeps_to_one_part_at_its_longest(text: str, language: str) -> None:
    params: dict[str, Param] = {
        "unit": "Trạm Y tế phường Văn Miếu - Quốc Tử Giám",
        "venue": "M" * NAME_MOST,
        "you": Term("bác"),
        "when": "08:15 21/11",
    }
    words = load_words(language)
    said = word(Say(text, params), words) + numbered(word_choices(YES_NO, words))
    cost = measure(unaccent(said))
    assert (cost.encoding, cost.parts) == ("GSM-7", 1), cost
