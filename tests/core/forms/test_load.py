"""A form is read whole, or all of its faults are named: file, line, what to do."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import pytest

from core.conversation.form import Form, Kind
from core.conversation.understanding import Choice
from core.forms.load import FormFaults, from_json, load, load_all, to_json
from tests.core.forms.conftest import FORM


def faults(text: str) -> list[tuple[int, str]]:
    """Line and words of each fault."""
    with pytest.raises(FormFaults) as error:
        load(text, "visit.toml")
    return [(fault.line, fault.text) for fault in error.value.faults]


def broken(old: str, new: str) -> list[tuple[int, str]]:
    assert FORM.count(old) == 1, "the part to break must be there once"
    return faults(FORM.replace(old, new))


def test_it_reads_a_form() -> None:
    form = load(FORM, "visit.toml")
    assert (form.key, form.version, form.title) == ("visit", "1", "Ra vào")
    assert form.legal.behalf_text == "{You} khai hộ."
    assert (form.summary, form.window) == (False, False)
    assert form.assumed == {"nationality": "VN"}
    assert form.quick == ("why",)
    assert [q.key for q in form.questions] == ["inside", "place", "why", "people"]
    assert form.question("inside").kind is Kind.YESNO
    assert form.question("why").choices == (Choice("work", "Làm việc"), Choice("sale", "Mua bán"))
    people = form.question("people")
    assert (people.low, people.high, people.parts) == (1, 50, 2)
    assert people.applies({"why": "work", "inside": True})
    assert not people.applies({"why": "work", "inside": False})


def test_it_loads_every_form_of_the_folder() -> None:
    names = {file.name for file in files("core.forms").iterdir() if file.name.endswith(".toml")}
    assert {f"{key}.toml" for key in load_all()} == names
    assert {"declaration", "checkin"} <= load_all().keys()


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('key = "visit"', 'key = "Ra vào"', 2, "'key' must be a name in small letters"),
        ('key = "visit"', "", 1, "'key' is missing"),
        ('title = "Ra vào"', 'title = "Ra vào"\nsumary = true', 5, "unknown key 'sumary': use one of key, version"),
        ('title = "Ra vào"', 'title = "Ra va\u0300o"', 4, "accents composed (Unicode NFC)"),
        ('quick = ["why"]', 'quick = ["wy"]', 5, "'quick' names 'wy', no question: correct it"),
        ("summary = false", "summary = 1", 6, "'summary' must be true or false"),
        ('basis = "consent"', 'basis = "habit"', 8, """'basis' must be "consent" or "duty\""""),
        ('basis = "consent"', "basis = []", 8, """'basis' must be "consent" or "duty\""""),
        ('behalf_text = "{You} khai hộ."', "", 7, "'behalf_text' is missing"),
        ('nationality = "VN"', "nationality = []", 13, "'assumed' must be a table of answers"),
        ('key = "inside"', 'key = "inside"\ncolour = "red"', 18, "question inside: unknown key 'colour'"),
        ('kind = "yesno"', 'kind = "maybe"', 18, "question inside: 'kind' must be one of yesno, signs"),
        ('text = "Có ở trong không?"', "", 16, "question inside: 'text' is missing"),
        ('hint = "Xin viết CO hoặc KHONG."', 'hint = " "', 21, "question inside: 'hint' must be how to answer"),
        ('hint = "Xin viết số, ví dụ 3."', "", 44, "question people: 'hint' is missing"),
        ('label = "Ở trong"', 'label = "{who}"', 19, "unknown placeholder who: use {unit}, {you}"),
        ('label = "Ở trong"', 'label = "{you"', 19, "broken placeholder"),
        ('label = "Ở trong"', 'label = "{you.name}"', 19, "broken placeholder"),
        ('label = "Làm việc"', 'label = "{0}"', 40, "question why: broken placeholder"),
        ('detail = "place"', 'detail = "plcae"', 22, "'detail' names 'plcae': add a later question of kind text"),
        (
            'hint = "Xin viết số, ví dụ 3."',
            'hint = "Xin"\ndetail = "x"',
            49,
            "only a question of kind yesno has a 'detail'",
        ),
        ("when = { inside = [true] }", "when = { why = ['work'] }", 32, "'when' names 'why', asked later"),
        ("when = { inside = [true] }", "when = { insid = [true] }", 32, "'when' names 'insid', no question"),
        ("when = { inside = [true] }", "when = { inside = true }", 32, "'when' must be a table of lists"),
        ("when = { inside = [true] }", "when = { place = ['x'] }", 32, "'when' names 'place', asked later"),
        ("when = { inside = [true] }", 'any_of = ["insid"]', 32, "'any_of' names 'insid', no question"),
        ("when = { inside = [true] }", 'any_of = ["why"]', 32, "'any_of' names 'why', asked later"),
        ("when = { inside = [true] }", "any_of = [true]", 32, "'any_of' must be a list of keys"),
        ('key = "why"', 'key = "inside"', 35, "the key 'inside' is taken"),
        ('key = "why"', 'key = "guided"', 35, "the key 'guided' is taken"),
        ('value = "sale"', 'value = "work"', 41, "the choice 'work' is there twice"),
        ('value = "sale"', 'code = "sale"', 41, "unknown key 'code': use one of value, label"),
        ('kind = "choice"', 'kind = "text"', 39, "a question of kind text has no 'choices': remove them"),
        ('kind = "choice"', 'kind = "gender"', 40, "unknown code 'work': use one of female, male, other"),
        ('kind = "choice"', 'kind = "signs"', 41, "unknown code 'sale': use one of blue_lips"),
        ("low = 1\n", "low = 99\n", 44, "needs 'low' and a larger 'high'"),
        ('kind = "number"', 'kind = "phone"', 49, "'low' and 'high' belong to the kind number"),
        ("parts = 2", "parts = 0", 52, "'parts' must be a whole number from 1"),
        ("parts = 2", "parts = true", 52, "'parts' must be a whole number from 1"),
        ("parts = 2", "parts = 2\nparts", 53, "not TOML"),
        ("parts = 2", 'parts = 2\n[[question]]\nx = "', 54, "not TOML"),
    ],
)
def test_a_fault_names_its_line_and_what_to_do(old: str, new: str, line: int, says: str) -> None:
    found = broken(old, new)
    assert any(at == line and says in text for at, text in found), found


@pytest.mark.parametrize("kind", ["choice", "several", "gender"])
def test_what_is_picked_needs_choices(kind: str) -> None:
    found = broken('kind = "text"', f'kind = "{kind}"')
    assert (24, f"question place: a question of kind {kind} needs 'choices': add them") in found


def test_all_faults_come_at_once_in_the_order_of_lines() -> None:
    text = FORM.replace('kind = "yesno"', 'kind = "maybe"').replace('version = "1"\n', "").replace("high", "hihg")
    found = faults(text)
    assert [line for line, _ in found] == [1, 17, 43, 49]
    assert "'version' is missing" in found[0][1]
    assert "unknown key 'hihg'" in found[-1][1]


def test_a_fault_is_printed_with_its_file_and_line() -> None:
    with pytest.raises(FormFaults, match=r"^visit\.toml:18: question inside: 'kind' must be"):
        load(FORM.replace('kind = "yesno"', 'kind = "maybe"'), "visit.toml")


def test_a_line_in_a_long_text_is_no_key() -> None:
    assert broken('hint = "Ví dụ: cho."', 'hint = "{x}"') == [
        (31, "question place: unknown placeholder x: use {unit}, {you}, {You}, {days}")
    ]


@pytest.mark.parametrize("key", ["declaration", "checkin"])
def test_a_stored_form_comes_back_as_it_was(key: str) -> None:
    form = load_all()[key]
    assert from_json(json.loads(json.dumps(to_json(form)))) == form


def test_a_stored_form_keeps_the_hash_it_was_stored_under() -> None:
    data = {**to_json(load(FORM, "visit.toml")), "hash": "0123456789abcdef", "title": "Cũ", "mood": "new"}
    del data["window"]
    old = from_json(data)
    assert (old.hash, old.title, old.window) == ("0123456789abcdef", "Cũ", False)


def test_the_hash_names_the_content() -> None:
    form = load(FORM, "visit.toml")
    assert len(form.hash) == 16
    assert load(FORM.replace("# A form", "# The form"), "other.toml") == form
    changes = ("Vì sao?", "Tại sao?"), ("[true] }\n\n", "[false] }\n\n"), ("parts = 2", "parts = 3"), ("50", "51")
    hashes = {load(FORM.replace(old, new), "visit.toml").hash for old, new in changes}
    assert len(hashes | {form.hash}) == len(changes) + 1


def test_the_hash_is_the_same_on_every_machine() -> None:
    assert load(FORM, "visit.toml").hash == "8027c0f4a42c0b1e"


def test_a_form_is_a_value() -> None:
    form = load(FORM, "visit.toml")
    assert replace(form) == form
    assert isinstance(form, Form)
