"""What is asked when a place was named in part: in one SMS, whatever was named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest

from core.conversation.engine import Step, step
from core.conversation.messages import Inbound
from core.conversation.session import Session, Stage
from core.conversation.wording import numbered, word, word_choices
from core.places.admin import Commune, FormerCommune, FormerDistrict, FormerProvince, OlderDistrict, Province, load
from core.places.names import spaced_key
from core.words import load_words
from sms.text import measure, unaccent
from tests.core.conversation.walk import NOON, PHONES, library

Named = Commune | FormerCommune | FormerDistrict | OlderDistrict | FormerProvince | Province

FORM = library().form("declaration")
ASKED = Session(
    stage=Stage.ASKING,
    form=FORM.hash,
    letter="A",
    guided=True,
    pending="unit",
    trail=("full_name",),
    asked_at=NOON,
    answers={
        "guided": True,
        "on_behalf": False,
        "signs": (),
        "contact_patient": False,
        "contact_area": False,
        "contact_symptomatic": False,
        "travelled": False,
        "full_name": "Nguyễn Hoàng Thị Phương Thảo",
        "year_of_birth": 1953,
        "gender": "female",
    },
)


def says(text: str, session: Session = ASKED) -> Step:
    """A reply to "in which commune do you live?"."""
    return step(session, Inbound(UUID(int=1), text, NOON), library(), PHONES["a stranger"], NOON)


def heard(made: Step) -> list[str]:
    """What the phone gets."""
    words = load_words(made.session.language)
    return [unaccent(word(each.say, words) + numbered(word_choices(each.choices, words))) for each in made.replies]


def names() -> list[str]:
    """Every name of a unit of today or of before, as it is mostly typed."""
    places = load()
    units: tuple[Named, ...] = (
        *places.communes,
        *places.former_communes,
        *places.former_districts,
        *places.older_districts,
        *places.former_provinces,
        *places.provinces,
    )
    return sorted({spaced_key(text) for each in units for text in (each.name, f"{each.type} {each.name}")})


NAMES = names()


def longer_than_one(steps: Iterator[Step]) -> list[str]:
    return [said for made in steps for said in heard(made) if measure(said).parts > 1]


@pytest.mark.parametrize("each", [4, pytest.param(1, marks=pytest.mark.slow)])
def test_whatever_is_named_the_next_text_is_one_sms(each: int) -> None:
    assert len(NAMES) > 15_000
    assert longer_than_one(says(text) for text in NAMES[::each]) == []


def test_so_it_is_in_english() -> None:
    asked = replace(ASKED, language="en")
    assert longer_than_one(says(text, asked) for text in NAMES[::4]) == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_so_is_what_follows_a_miss(language: str) -> None:
    asked = replace(ASKED, language=language)
    halves = [made.session for text in NAMES[::10] if (made := says(text, asked)).session.place]
    assert len(halves) > 700
    assert longer_than_one(says("???", half) for half in halves) == []


def test_every_number_leads_to_what_stands_behind_it() -> None:
    for text in NAMES[::40]:
        offered = says(text).session
        for number, option in enumerate(offered.options, start=1):
            made = says(str(number), offered).session
            if option.value.startswith("TYT"):
                assert made.answers["unit"] == option.value
            elif option.value:
                assert made.answers.get("unit") or option.value in made.place, (text, option)
            else:
                assert not made.place


def test_what_was_named_survives_the_way_back() -> None:
    half = says("xa trung chai").session
    back = says("quay lai", half).session
    assert (back.pending, back.place) == ("full_name", ("xa trung chai",))
    again = says("Nguyen Thi Thao 1953 nu", back)
    assert heard(again) == ["Xa Trung Chai o tinh nao? 1 Lao Cai 2 Lai Chau"]
    assert says("2", again.session).session.answers["unit_name"] == "xã Pa Tần, Lai Châu"


@pytest.mark.parametrize(
    ("replies", "unit", "typed"),
    [
        (["thon 3 xa Ban Qua, Bat Xat"], "02683", "thon 3 xa Ban Qua, Bat Xat"),
        (["o Yen Bai a", "xa Tan Lap"], "04336", "o Yen Bai a, xa Tan Lap"),
        (["q1", "3"], "26740", "q1"),
        (["xa bat xta", "dung roi"], "02683", "xa bat xta"),
        (["xa bat xta", "khong, xa Y Ty"], "02701", "xa Y Ty"),
        (["ben nghe", "vang a"], "26740", "ben nghe"),
        (["xa Hoa Binh", "Hai Phong", "phuong Hoa Binh"], "11533", "xa Hoa Binh, Hai Phong, phuong Hoa Binh"),
        (["Lao Cai", "ha noi", "ba vi", "1"], "09700", "ha noi, ba vi"),
        (["lao cay", "1", "xa y ty"], "02701", "lao cay, tỉnh Lào Cai, xa y ty"),
        (["xa Trung Chai", "xa Y Tyy, Lao Cai", "dung"], "02701", "xa Y Tyy, Lao Cai"),
    ],
)
def test_what_was_typed_stays_with_the_unit(replies: list[str], unit: str, typed: str) -> None:
    session = ASKED
    for reply in replies:
        assert session.pending == "unit"
        session = says(reply, session).session
    assert (session.answers["unit"], session.answers["unit_typed"]) == (f"TYT{unit}", typed)
    assert session.place == ()


@pytest.mark.parametrize(
    "replies", [["Lao Cai", "phuong Ba Dinh"], ["xa Trung Chai", "ha noi", "5"], ["bat xta", "khong"]]
)
def test_what_does_not_fit_together_is_asked(replies: list[str]) -> None:
    session = ASKED
    for reply in replies:
        session = says(reply, session).session
    assert (session.pending, "unit" in session.answers) == ("unit", False)
