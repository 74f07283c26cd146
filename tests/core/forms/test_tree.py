"""A form's conversation as a tree."""

from __future__ import annotations

from core.forms.budget import Parts
from core.forms.load import load
from core.forms.tree import tree
from core.words import load_words
from tests.core.forms.conftest import FORM


def test_it_says_which_answers_ask(parts: Parts) -> None:
    asked = FORM.replace('why = ["work"], inside = [true] }', 'why = ["work"] }\nany_of = ["inside"]')
    lines = tree(load(asked, "visit.toml"), parts, load_words("vi")).splitlines()
    assert lines[-2] == "    └── [why = work, inside = yes] people (number) 1/2"


def test_a_question_stands_below_the_one_that_asks_it(parts: Parts) -> None:
    form = load(FORM, "visit.toml")
    assert tree(form, parts, load_words("vi")).splitlines() == [
        f"visit 1 ({form.hash}): Ra vào",
        "legal: consent, Luật 91/2025/QH15, 1/1",
        "at the end: a summary to confirm",
        "├── inside (yesno) 1/1",
        "│       {You} ở trong không?",
        "│   └── [inside = yes] place (text) 1/1",
        '│           {You} ở đâu? key = "a trap"',
        "└── why (choice) 1/1",
        "        Vì sao?",
        "    └── [why = work, inside = yes] people (number) 1/2",
        "            Mấy người?",
    ]
