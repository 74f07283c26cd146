"""What a form costs from its first text to its receipt."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.conversation.form import Answers, Form
from core.conversation.wording import Words
from core.forms.budget import Parts
from core.forms.load import load, load_all
from core.forms.ways import Way, answered, longest, shortest
from core.words import load_words
from tests.core.forms.conftest import FORM, SHOP

VI = load_words("vi")


def costs(form: Form, parts: Parts) -> tuple[int, int]:
    return shortest(form, parts, VI).parts, longest(form, parts, VI).parts


def test_each_branch_is_gone(parts: Parts) -> None:
    form = load(FORM, "visit.toml")  # inside, why, receipt; with place and people at most
    assert costs(form, parts) == (3, 5)
    assert "people" in longest(form, parts, VI).answers
    assert "people" not in shortest(form, parts, VI).answers


def test_a_declaration_answered_in_full_costs_at_most_fourteen_parts(parts: Parts) -> None:
    """Every sign, every contact, the longest names; a part more where somebody says that they travelled, not where."""
    form = load_all()["declaration"]
    assert answered(form, parts, VI).parts == 14
    assert longest(form, parts, VI).parts == 15


def test_a_detail_that_is_said_with_its_yes_is_not_asked(parts: Parts) -> None:
    form = load(FORM.replace('why = ["work"], inside = [true]', "place = ['cho']"), "visit.toml")
    assert costs(form, parts) == (3, 5)


@pytest.mark.parametrize(
    ("old", "new", "few", "many"),
    [
        ("Vì sao?", "Vì sao? " * 20, 4, 6),  # two parts each time
        ("Mấy người?", "Mấy người? " * 20, 3, 6),  # two parts, at most once
        ("summary = false", "summary = true", 4, 6),
        ('quick = ["why"]', "", 4, 6),  # no check-in: it says first why it asks
    ],
)
def test_every_part_counts(old: str, new: str, few: int, many: int, parts: Parts) -> None:
    assert old in FORM
    assert costs(load(FORM.replace(old, new), "visit.toml"), parts) == (few, many)


def test_on_behalf_of_another_it_may_cost_less(parts: Parts) -> None:
    text = FORM.replace('quick = ["why"]', "").replace("{unit} xin {you} cho biết.", "x" * 200)
    assert costs(load(text, "visit.toml"), parts) == (4, 7)


def test_what_the_writer_says_is_on_behalf_of_nobody(parts: Parts) -> None:
    text = SHOP.replace('behalf_text = "', f'behalf_text = "{"x" * 200}')
    assert costs(load(text, "shop.toml"), parts) == (4, 4)


def test_the_receipt_may_be_that_of_any_band(parts: Parts) -> None:
    form = load(SHOP.replace("Xin đóng cửa.", "Xin đóng cửa. " * 12), "shop.toml")
    assert costs(form, parts) == (4, 5)


def test_a_summary_grows_with_its_answers(parts: Parts) -> None:
    many, few = (way(load_all()["declaration"], parts, VI).answers for way in (longest, shortest))
    assert len(str(many)) > len(str(few))


@pytest.mark.parametrize("way", [shortest, longest])
@pytest.mark.parametrize("form", load_all().values(), ids=load_all().keys())
def test_each_way_through_our_forms_answers_everything(
    form: Form, way: Callable[[Form, Parts, Words], Way], parts: Parts
) -> None:
    answers: Answers = way(form, parts, VI).answers
    assert form.next(answers) is None
