"""A form's conversation as a tree, and in one line."""

from __future__ import annotations

import pytest

from core.forms.budget import Parts
from core.forms.load import load, load_all
from core.forms.tree import line, tree
from core.words import load_words
from tests.core.forms.conftest import FORM, SHOP

VI = load_words("vi")


def test_it_says_which_answers_ask(parts: Parts) -> None:
    asked = FORM.replace('why = ["work"], inside = [true] }', 'why = ["work"] }\nany_of = ["inside"]')
    lines = tree(load(asked, "visit.toml"), parts, VI).splitlines()
    assert "    └── [why = work, inside = yes] people (number) 1/2" in lines


def test_a_question_stands_below_the_one_that_asks_it(parts: Parts) -> None:
    form = load(FORM, "visit.toml")
    assert tree(form, parts, VI).splitlines() == [
        f"visit 1 ({form.hash}): Ra vào",
        "begins with: SK",
        "SMS parts out, question by question: 3 to 4, "
        "5 if what a question asks for is left out, 1 if all is in one text",
        "legal: consent, Luật 91/2025/QH15, 1/1",
        "    {unit} xin {you} cho biết.",
        "├── inside (yesno) 1/1",
        "│       Có ở trong không?",
        "│   └── [inside = yes] place (text) 1/1",
        '│           Ở đâu? key = "a trap"',
        "└── why (choice) 1/1",
        "        Vì sao?",
        "    └── [why = work, inside = yes] people (number) 1/2",
        "            Mấy người?",
        "at the end: a receipt with an echo",
    ]


def test_it_shows_how_an_assessment_ends(parts: Parts) -> None:
    lines = tree(load(SHOP, "shop.toml"), parts, VI).splitlines()
    assert lines[1] == "begins with: AN TOAN CUA HANG, TU DANH GIA"
    assert lines[-8:] == [
        "receipt: 1/1",
        "    Đã nhận, mã {code}. {score}: {band}. {advice} Làm lại: {again}.",
        "    or, if it wants a human: Đã nhận, mã {code}. {unit} sẽ gọi.",
        "alert: report, crowd",
        "score: points of 4 items, critical: masks",
        "    good, from 4 with all critical, for 30 days: tốt. Được mở.",
        "    fair, from 2, for 7 days: tạm được. Cần sửa.",
        "    poor, whatever is left, for 1 days: chưa được. Xin đóng cửa.",
    ]


def test_fewer_risks_are_better(parts: Parts) -> None:
    lines = tree(load(SHOP.replace("by =", "fewer = true\nby ="), "shop.toml"), parts, VI).splitlines()
    assert "    good, at most 4 with all critical, for 30 days: tốt. Được mở." in lines


def test_a_summary_and_its_receipt(parts: Parts) -> None:
    lines = tree(load_all()["declaration"], parts, VI).splitlines()
    assert lines[-2:] == ["at the end: a summary to confirm", "at the end: a receipt that names it"]
    assert lines[1] == "begins with: KHAI"


def test_nothing_may_begin_it(parts: Parts) -> None:
    form = load(FORM.replace('quick = ["why"]', ""), "visit.toml")
    assert tree(form, parts, VI).splitlines()[1] == "begins with: nothing that people write"
    assert " | - | " in line(form, parts, VI)


def test_a_text_over_its_parts_is_seen(parts: Parts) -> None:
    form = load(FORM.replace("Vì sao?", "Vì sao? " * 20), "visit.toml")
    assert "└── why (choice) 2/1" in tree(form, parts, VI).splitlines()


@pytest.mark.parametrize(
    ("text", "begins", "cost"), [(FORM, "SK", "3-5"), (SHOP, "AN TOAN CUA HANG, TU DANH GIA", "4-4")]
)
def test_a_form_in_one_line(text: str, begins: str, cost: str, parts: Parts) -> None:
    form = load(text, "x.toml")
    assert line(form, parts, VI) == f"{form.key} 1 {form.hash} {form.title} | {begins} | {cost} SMS parts"
