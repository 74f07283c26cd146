"""A form that takes over questions of another one: word by word, and faults stand where they are taken over."""

from __future__ import annotations

from io import BytesIO

import pytest

from core.conversation.form import Form
from core.forms.extract import extract_form
from core.forms.load import FormFaults, from_json, load, load_folder, to_json
from tests.core.forms.conftest import FORM, TAKING

FROM = 20
"""The line of TAKING on which `from` stands."""


def visit() -> dict[str, Form]:
    return {"visit": load(FORM, "visit.toml")}


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(FormFaults) as error:
        load(text, "trip.toml", visit())
    return [(fault.line, fault.text) for fault in error.value.faults]


def test_the_questions_stand_where_they_are_taken_over() -> None:
    trip = load(TAKING, "trip.toml", visit())
    assert [question.key for question in trip.questions] == ["flight", "inside", "place", "why", "seat"]
    assert trip.questions[1:4] == visit()["visit"].questions[:3]


def test_without_keys_all_are_taken_over() -> None:
    trip = load(TAKING.replace('keys = ["inside", "place", "why"]\n', ""), "trip.toml", visit())
    assert [question.key for question in trip.questions] == ["flight", "inside", "place", "why", "people", "seat"]


def test_they_keep_the_order_of_the_form_they_come_from() -> None:
    trip = load(TAKING.replace('"inside", "place", "why"', '"why", "place", "inside"'), "trip.toml", visit())
    assert [question.key for question in trip.questions[1:4]] == ["inside", "place", "why"]


def test_a_question_behind_may_depend_on_one_that_is_taken_over() -> None:
    trip = load(TAKING + "when = { why = ['work'] }\n", "trip.toml", visit())
    assert trip.question("seat").applies({"why": "work"})


def test_a_change_there_is_another_version_here() -> None:
    other = {"visit": load(FORM.replace("Vì sao?", "Tại sao?"), "visit.toml")}
    assert load(TAKING, "trip.toml", other).hash != load(TAKING, "trip.toml", visit()).hash


def test_what_is_stored_is_whole() -> None:
    trip = load(TAKING, "trip.toml", visit())
    assert from_json(to_json(trip)) == trip
    assert all("from" not in question for question in to_json(trip)["question"])


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('from = "visit"', 'from = "visits"', FROM, "'from' names 'visits': name a form that takes over none itself"),
        ('from = "visit"', "from = 7", FROM, "'from' must be the key of a form"),
        ('"inside", "place"', '"insid", "plac"', FROM + 1, "'visit' has no question insid, plac: correct 'keys'"),
        ('"inside", "place", "why"', "", FROM + 1, "'keys' must be a list of keys"),
        ('from = "visit"', 'from = "visit"\ntext = "Ai?"', FROM + 1, "unknown key 'text': use one of from, keys"),
    ],
)
def test_what_cannot_be_taken_over(old: str, new: str, line: int, says: str) -> None:
    assert TAKING.count(old) == 1
    found = faults(TAKING.replace(old, new))
    assert any(at == line and says in text for at, text in found), found


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('key = "flight"', 'key = "why"', "the key 'why' is taken by an earlier question"),
        ('"inside", "place", "why"', '"place"', "'when' names 'inside', no question: name an earlier one"),
        ('"inside", "place", "why"', '"inside"', "'detail' names 'place': add a later question of kind text"),
    ],
    ids=["a key that is taken", "without what asks it", "without its detail"],
)
def test_a_fault_in_them_stands_at_the_from(old: str, new: str, says: str) -> None:
    assert TAKING.count(old) == 1
    found = faults(TAKING.replace(old, new))
    assert any(line == FROM and f"questions of visit: {says}" in text for line, text in found), found


def test_a_fault_behind_them_keeps_its_own_line() -> None:
    found = faults(TAKING + "when = { whi = ['work'] }\n")
    assert found == [(29, "question seat: 'when' names 'whi', no question: name an earlier one")]


def test_a_folder_is_read_whatever_its_order() -> None:
    forms = load_folder({"a_trip.toml": TAKING, "visit.toml": FORM})
    assert list(forms) == ["trip", "visit"]
    assert forms["trip"].question("why") == forms["visit"].question("why")


def test_two_files_of_a_folder_with_one_key() -> None:
    with pytest.raises(FormFaults, match=r"^b\.toml:1: another file has the key 'visit': rename one$"):
        load_folder({"a.toml": FORM, "b.toml": FORM})


def test_the_faults_of_all_files_come_at_once() -> None:
    with pytest.raises(FormFaults) as error:
        load_folder({"trip.toml": TAKING, "visit.toml": FORM.replace("high", "hihg")})
    assert {fault.source for fault in error.value.faults} == {"trip.toml", "visit.toml"}


def test_their_texts_are_extracted_with_the_form_they_come_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.forms.extract.load_all", visit)
    found = {message for _, _, message, _ in extract_form(BytesIO(TAKING.encode()), {}, (), {})}
    assert {"Chuyến nào?", "Ghế nào?"} <= found
