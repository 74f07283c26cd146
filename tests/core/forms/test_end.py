"""What a form may say of its beginning and its end: words, whom it is about, receipt, score, call."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from core.conversation.form import Call, Form, Kind, Receipt
from core.conversation.score import Band, By, Score
from core.forms.budget import Parts, spoken
from core.forms.load import FormFaults, from_json, load, to_json
from core.words import load_words
from tests.core.forms.conftest import FORM, SHOP

VI = load_words("vi")


def faults(old: str, new: str) -> list[tuple[int, str]]:
    """Line and words of each fault of the broken form."""
    assert SHOP.count(old) == 1, "the part to break must be there once"
    with pytest.raises(FormFaults) as error:
        load(SHOP.replace(old, new), "shop.toml")
    return [(fault.line, fault.text) for fault in error.value.faults]


def test_it_reads_the_beginning_and_the_end() -> None:
    form = load(SHOP, "shop.toml")
    assert form.begin == ("AN TOAN CUA HANG", "TU DANH GIA")
    assert form.about == "writer"
    assert form.receipt == Receipt(
        "Đã nhận, mã {code}. {score}: {band}. {advice} Làm lại: {again}.", "Đã nhận, mã {code}. {unit} sẽ gọi."
    )
    assert form.call == Call("report", ("crowd",))
    assert form.score == Score(
        By.POINTS,
        {"masks": 2, "air": 1, "space": 1, "crowd": 1},
        ("masks",),
        (
            Band("good", "tốt", "Được mở.", 4, 30, whole=True),
            Band("fair", "tạm được", "Cần sửa.", 2, 7),
            Band("poor", "chưa được", "Xin đóng cửa.", 0, 1),
        ),
    )


def test_a_form_says_nothing_of_them() -> None:
    form = load(FORM, "visit.toml")
    assert (form.begin, form.about, form.receipt, form.score, form.call) == ((), "person", None, None, None)


def test_a_yes_or_no_counts_and_its_detail_does_not() -> None:
    score = SHOP[SHOP.index("[score]") : SHOP.index("[call]")]
    form = load(FORM + score.replace('critical = ["masks"]\n', "").replace("points = { masks = 2 }\n", ""), "visit")
    assert form.score is not None
    assert form.score.items == {"inside": 1}


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('begin = ["AN TOAN CUA HANG", "TU DANH GIA"]', 'begin = "AN TOAN"', 7, "'begin' must be a list of texts"),
        ('begin = ["AN TOAN CUA HANG", "TU DANH GIA"]', 'begin = [" "]', 7, "'begin' must be a list of texts"),
        ('about = "writer"', 'about = "nobody"', 6, """'about' must be "person" or "writer\""""),
        ("[receipt]\ntext =", "[receipt]\ntxt =", 15, "'text' is missing"),
        ("[receipt]\ntext =", "[receipt]\ntxt =", 16, "unknown key 'txt': use one of text, worry"),
        ("{unit} sẽ gọi", "{who} sẽ gọi", 17, "unknown placeholder who: use {unit}, {you}, {You}, {days}, {name}, {c"),
        ("Có đông người", "{band}, đông người", 63, "question crowd: unknown placeholder band: use {unit}, {you}"),
        ('advice = "Được mở."', 'advice = "Được {code} mở."', 27, "unknown placeholder code: use {unit}"),
        ('by = "points"', 'by = "luck"', 20, "'by' must be one of count, percent, points"),
        ('by = "points"', "", 19, "'by' is missing"),
        ('critical = ["masks"]', 'critical = ["mask"]', 21, "'critical' names 'mask', no question: correct it"),
        ('critical = ["masks"]', 'critical = ["rules"]', 21, "'critical' names 'rules', no question: correct it"),
        ("points = { masks = 2 }", "points = { mask = 2 }", 22, "'points' names 'mask', no question: correct it"),
        ("points = { masks = 2 }", 'points = { masks = "2" }', 22, "'points' must be a table of numbers by item"),
        ("points = { masks = 2 }", "fewer = 1", 22, "'fewer' must be true or false"),
        ('label = "tốt"\n', "", 24, "'label' is missing"),
        ("at = 4", 'at = "4"', 28, "'at' must be a number"),
        ("days = 30", "days = 0", 29, "'days' must be a whole number from 1"),
        ("whole = true", "hole = true", 30, "unknown key 'hole': use one of value, label, advice, at, days, whole"),
        ('value = "poor"', 'value = "Poor!"', 40, "'value' must be a name in small letters"),
        ("days = 1\n", "", 39, "'days' is missing"),
        ('kind = "report"\n', "", 45, "'kind' is missing"),
        ('kind = "report"\n', 'kind = "report"\nsign = "fever"\n', 47, "unknown key 'sign': use one of kind, keys"),
        ('keys = ["crowd"]', 'keys = ["crowds"]', 47, "'keys' names 'crowds', no question: correct it"),
    ],
)
def test_a_fault_names_its_line_and_what_to_do(old: str, new: str, line: int, says: str) -> None:
    found = faults(old, new)
    assert any(at == line and says in text for at, text in found), found


@pytest.mark.parametrize("table", ["score", "receipt", "call"])
def test_what_must_be_a_table(table: str) -> None:
    text = SHOP[: SHOP.index("[receipt]")] + SHOP[SHOP.index("[[question]]") :]
    with pytest.raises(FormFaults, match=rf"^shop\.toml:2: '{table}' must be a table \[{table}\]"):
        load(f"\n{table} = 1\n{text}", "shop.toml")


def stored(form: Form) -> Any:
    """A form's body as the database gives it back."""
    return json.loads(json.dumps(to_json(form)))


def test_a_stored_form_comes_back_as_it_was() -> None:
    form = load(SHOP, "shop.toml")
    assert from_json(stored(form)) == form


def test_a_body_that_was_stored_before_all_this() -> None:
    body = stored(load(FORM, "visit.toml"))
    for key in ("begin", "about", "receipt", "score", "call"):
        del body[key]
    assert from_json(body) == load(FORM, "visit.toml")


def test_a_body_of_a_newer_program_is_read_as_far_as_it_is_known() -> None:
    form = load(SHOP, "shop.toml")
    body = stored(form)
    body["poll"] = {"by": "hand"}
    body["question"][0]["colour"] = "red"
    assert from_json(body) == form


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("TU DANH GIA", "TU CHAM"),
        ('about = "writer"', 'about = "person"'),
        ("{unit} sẽ gọi", "{unit} sẽ đến"),
        ("masks = 2", "masks = 3"),
        ("at = 4", "at = 5"),
        ("days = 30", "days = 31"),
        ("whole = true\n", ""),
        ('by = "points"', 'by = "percent"'),
        ('by = "points"', 'by = "points"\nfewer = true'),
        ('kind = "report"', 'kind = "risk"'),
    ],
)
def test_each_of_them_is_part_of_the_version(old: str, new: str) -> None:
    assert load(SHOP.replace(old, new), "x").hash != load(SHOP, "x").hash


def receipts(form: Form) -> Iterator[str]:
    return (each.full(VI) for each in spoken(form) if each.path[0] == "receipt")


def test_the_receipt_is_counted_in_every_band() -> None:
    assert list(receipts(load(SHOP, "shop.toml"))) == [
        text
        for said, advice in (("tốt", "Được mở."), ("tạm được", "Cần sửa."), ("chưa được", "Xin đóng cửa."))
        for text in (
            f"Đã nhận, mã 000 000 000. 99/99: {said}. {advice} Làm lại: 31/12/2026.",
            "Đã nhận, mã 000 000 000. Trạm Y tế phường Văn Miếu - Quốc Tử Giám sẽ gọi.",
        )
    ]


@pytest.mark.parametrize(("length", "over"), [(97, 0), (98, 1)])
def test_one_long_band_is_enough_to_be_too_long(length: int, over: int, parts: Parts) -> None:
    form = load(SHOP.replace("Cần sửa.", "x" * length), "shop.toml")
    assert sum(parts(text) > 1 for text in receipts(form)) == over


@pytest.mark.parametrize("kind", ["date", "coming", "id", "vitals", "gate"])
def test_there_are_more_kinds_of_reply(kind: str) -> None:
    form = load(FORM.replace('kind = "text"', f'kind = "{kind}"').replace('detail = "place"\n', ""), "visit.toml")
    assert form.question("place").kind is Kind(kind)


def test_what_was_measured_is_an_answer_each() -> None:
    vitals = FORM.replace('kind = "text"', 'kind = "vitals"').replace('detail = "place"\n', "")
    form = load(vitals, "visit.toml")
    assert form.question("place").owned() == ("place", "spo2", "pulse", "breaths", "systolic", "diastolic")
