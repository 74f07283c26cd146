"""What our own texts give as an example is understood, in both languages: people copy it."""

from __future__ import annotations

from datetime import date

import pytest

from core.conversation.answers import Asked, read
from core.conversation.form import Library, Value
from core.conversation.understanding import Choice, Unclear, Understood
from core.forms.load import load_all
from core.words import languages, load_words

TODAY = date(2026, 3, 1)
BAT_XAT = Choice("02683", "xã Bát Xát, Lào Cai")


def library() -> Library:
    """The forms, and a reader that knows one commune."""
    forms = load_all()

    def read_unit(text: str, kept: tuple[str, ...] = ()) -> Understood[Choice]:
        assert text == "xa Bat Xat, Lao Cai"
        return Understood(BAT_XAT)

    return Library({f.hash: f for f in forms.values()}, {key: f.hash for key, f in forms.items()}, read_unit)


@pytest.mark.parametrize(
    ("form", "question", "example", "answers"),
    [
        ("checkin", "signs", "37,5 HO", {"temperature": 37.5, "signs": ("cough",)}),
        ("checkin", "signs", "37.5 COUGH", {"temperature": 37.5, "signs": ("cough",)}),
        ("checkin", "signs", "OK", {"signs": ()}),
        ("checkin", "temperature", "36,8", {"temperature": 36.8}),
        ("checkin", "temperature", "36.8", {"temperature": 36.8}),
        ("checkin", "temperature", "KHONG", {"temperature": None}),
        ("checkin", "temperature", "NO", {"temperature": None}),
        ("checkin", "at_home", "CO", {"at_home": True}),
        ("checkin", "at_home", "YES", {"at_home": True}),
        ("checkin", "at_home", "KHONG", {"at_home": False}),
        ("checkin", "at_home", "NO", {"at_home": False}),
        ("declaration", "signs", "HO, MET", {"signs": ("cough", "fatigue")}),
        ("declaration", "signs", "HO, DAU HONG", {"signs": ("cough", "sore_throat")}),
        ("declaration", "signs", "COUGH, FATIGUE", {"signs": ("cough", "fatigue")}),
        ("declaration", "signs", "COUGH, SORE THROAT", {"signs": ("cough", "sore_throat")}),
        ("declaration", "signs", "COUGH", {"signs": ("cough",)}),
        ("declaration", "signs", "KHONG", {"signs": ()}),
        ("declaration", "signs", "NO", {"signs": ()}),
        (
            "declaration",
            "contacts",
            "1 3",
            {"contact_patient": True, "contact_area": False, "contact_symptomatic": True},
        ),
        (
            "declaration",
            "contacts",
            "NO",
            {"contact_patient": False, "contact_area": False, "contact_symptomatic": False},
        ),
        ("declaration", "travelled", "CO, HA NOI", {"travelled": True, "travel_places": "HA NOI"}),
        ("declaration", "travelled", "YES, HA NOI", {"travelled": True, "travel_places": "HA NOI"}),
        ("declaration", "travelled", "KHONG", {"travelled": False}),
        ("declaration", "travel_places", "Ha Noi", {"travel_places": "Ha Noi"}),
        ("declaration", "full_name", "Nguyen Van A", {"full_name": "Nguyen Van A"}),
        ("declaration", "year_of_birth", "1948", {"year_of_birth": 1948}),
        ("declaration", "year_of_birth", "78 tuoi", {"year_of_birth": 1948}),
        ("declaration", "gender", "2", {"gender": "female"}),
        ("declaration", "unit", "xa Bat Xat, Lao Cai", {"unit": "02683", "unit_name": "xã Bát Xát, Lào Cai"}),
        ("declaration", "address", "so 5 duong Hoang Lien", {"address": "so 5 duong Hoang Lien"}),
        ("declaration", "address", "thon Na Ang", {"address": "thon Na Ang"}),
        ("declaration", "phone", "0900000001", {"phone": "+84900000001"}),
        ("declaration", "phone", "KHONG", {"phone": None}),
    ],
)
def test_an_example_is_understood(form: str, question: str, example: str, answers: dict[str, Value]) -> None:
    asked = load_all()[form].question(question)
    said = read(example, Asked(asked, (), library(), TODAY, load_all()[form]))
    assert not isinstance(said, Unclear), said
    assert {key: said.get(key) for key in answers} == answers
    texts = [load_words(language).gettext(text) for language in languages() for text in (asked.text, asked.hint)]
    assert any(example in text for text in texts), "no text says this any more"
