"""The pages in English: nothing of the Vietnamese source texts is left."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from flask.testing import FlaskClient

from core.words import load_words
from tests.console.conftest import post
from tests.console.test_today import words
from tests.console.ward import NURSE, Ward

CONSOLE = Path(__file__).parents[2] / "console"
_LETTERS = re.compile(r"[ăâđêôơưạ-ỹ]", re.IGNORECASE)


def source_texts() -> set[str]:
    """Every text that the console's code and templates mark for translation."""
    found = extract_from_dir(CONSOLE, method_map=[("**.py", "python"), ("**.html", "jinja2")], keywords=_KEYWORDS)
    return {text for _, _, message, _, _ in found for text in ([message] if isinstance(message, str) else message)}


_KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}


def test_every_text_of_the_console_is_in_english_too() -> None:
    english = load_words("en")
    texts = source_texts()

    assert len(texts) > 100
    assert [text for text in sorted(texts) if english.gettext(text) == text and _LETTERS.search(text)] == []


@pytest.mark.parametrize(
    "path",
    [
        "/console/",
        "/console/find",
        "/console/person/{person}",
        "/console/person/1",
        "/console/follow-ups",
        "/console/follow-ups/open",
    ],
)
def test_an_english_page_says_nothing_in_vietnamese(nurse: FlaskClient, ward: Ward, path: str) -> None:
    person = ward.person("A B")
    ward.due(person, ward.follow(person), "08:00", "seen_not_ok")
    ward.record(person, "declaration", signs=["fever"], level="signs", on_behalf=True, confirmed_at=None)
    ward.alert(person, "call_back", "GOI", status="closed", result="well", taken_by=ward.staff[NURSE])
    ward.alert(person, text="HELP")
    ward.alert(None, text="HELP")
    other = ward.person("C D")
    ward.due(other, ward.follow(other), "08:00")
    nurse.get("/console/?lang=en")

    page = nurse.get(path.format(person=person)).text
    said = words(page).replace("Tiếng Việt", "")
    for theirs in ("Trạm Y tế xã Bát Xát", "Y tá nga.batxat", "thôn Bản Qua"):
        said = said.replace(theirs, "")

    assert _LETTERS.findall(said) == []
    assert not re.search(r'(?:placeholder|aria-label|data-[a-z]+)="[^"]*[ạ-ỹđư]', page)


def test_a_refused_sign_in_and_an_old_page_speak_english(nurse: FlaskClient) -> None:
    nurse.get("/console/?lang=en")
    old = nurse.post("/console/find", data={})
    refused = post(nurse, "/console/sign-in", login="nobody", password="x")

    for page in (old, refused):
        assert _LETTERS.findall(words(page.text).replace("Tiếng Việt", "").replace("Y tá nga.batxat", "")) == []
