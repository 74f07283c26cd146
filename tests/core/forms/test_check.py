"""What loads may still be wrong: never asked, too long, not translated."""

from __future__ import annotations

from dataclasses import replace
from gettext import NullTranslations

import pytest

from core.conversation.form import Form
from core.forms.budget import Parts
from core.forms.check import check, check_all
from core.forms.examples import Reader
from core.forms.load import load, load_all
from core.words import Catalogue, languages, load_words
from tests.core.forms.conftest import FORM

VI = load_words("vi")


def form(old: str = "", new: str = "") -> Form:
    assert old in FORM
    return load(FORM.replace(old, new), "visit.toml")


def test_our_forms_have_no_faults(parts: Parts, reader: Reader) -> None:
    catalogues = [load_words(language) for language in languages()]
    assert [str(fault) for fault in check_all(load_all().values(), parts, catalogues, reader)] == []


def test_a_form_without_faults(parts: Parts, reader: Reader) -> None:
    assert check(form(), parts, [VI], reader) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('why = ["work"], inside', 'why = ["play"], inside'),
        ('why = ["work"], inside = [true]', 'why = ["work"], inside = ["yes"]'),
        ('why = ["work"], inside = [true]', "place = ['cho'], inside = [false]"),
        ('why = ["work"], inside = [true]', "guided = ['yes']"),
        ('why = ["work"], inside = [true]', "inside = [1]"),
    ],
    ids=["no such choice", "not a yes", "its branch was not taken", "not a flag", "a number is not a yes"],
)
def test_a_question_that_can_never_be_asked(old: str, new: str, parts: Parts, reader: Reader) -> None:
    (fault,) = check(form(old, new), parts, [VI], reader)
    assert str(fault).startswith("visit.people: never asked: no answer to ")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('why = ["work"], inside', 'why = ["play", "sale"], inside'),
        ('why = ["work"], inside = [true]', "place = ['cho']"),
        ('why = ["work"], inside = [true]', "guided = [false], on_behalf = [true]"),
    ],
)
def test_a_question_that_is_asked_sometimes(old: str, new: str, parts: Parts, reader: Reader) -> None:
    assert check(form(old, new), parts, [VI], reader) == []


SEVERAL = """
[[question]]
key = "met"
kind = "several"
text = "Ai?"
hint = "Xin viết số, ví dụ 1 2."
choices = [{ value = "met_ill", label = "Benh" }, { value = "met_area", label = "Vung dich" }]

[[question]]
key = "when_met"
kind = "text"
text = "Khi nao?"
hint = "Ví dụ: hom qua."
"""


def test_a_question_that_any_of_several_asks(parts: Parts, reader: Reader) -> None:
    whole = load(FORM + SEVERAL + 'any_of = ["met_ill", "met_area"]\n', "x")
    assert check(whole, parts, [VI], reader) == []
    question = whole.question("when_met")
    assert question.applies({"met_ill": False, "met_area": True})
    assert not question.applies({"met_ill": False, "met_area": False})
    assert not question.applies({})


@pytest.mark.parametrize(
    "never",
    ['any_of = ["met", "why"]', "when = { met = [true] }"],
    ids=["no yes among them", "a group is no answer"],
)
def test_a_question_that_no_yes_asks(never: str, parts: Parts, reader: Reader) -> None:
    (fault,) = check(load(FORM + SEVERAL + never + "\n", "x"), parts, [VI], reader)
    assert str(fault).startswith("visit.when_met: never asked: no")


def test_a_number_is_within_its_bounds(parts: Parts, reader: Reader) -> None:
    more = f'{FORM}\n[[question]]\nkey = "more"\nkind = "text"\ntext = "Ai?"\nhint = "Ví dụ: Lan."\n'
    assert check(load(f"{more}when = {{ people = [50] }}\n", "x"), parts, [VI], reader) == []
    (fault,) = check(load(f"{more}when = {{ people = [51] }}\n", "x"), parts, [VI], reader)
    assert str(fault).startswith("visit.more: never asked")


@pytest.mark.parametrize(
    ("question", "length", "needed"),
    [
        ("place", 160, None),
        ("place", 161, "visit.place.text: 2 SMS parts in 'vi', 1 allowed; shorten it: "),
        ("inside", 147, None),  # " 1 Co 2 Khong" follows
        ("inside", 148, "visit.inside.text: 2 SMS parts in 'vi', 1 allowed; shorten it: "),
        ("people", 306, None),
        ("people", 307, "visit.people.text: 3 SMS parts in 'vi', 2 allowed; shorten it: "),
    ],
)
def test_a_text_keeps_to_its_parts(
    question: str, length: int, needed: str | None, parts: Parts, reader: Reader
) -> None:
    whole = form()
    longer = tuple(replace(q, text="ộ" * length) if q.key == question else q for q in whole.questions)
    found = [str(fault) for fault in check(replace(whole, questions=longer), parts, [VI], reader)]
    assert len(found) == (1 if needed else 0)
    assert all(text.startswith(needed or "-") for text in found)


def test_parameters_and_choices_count(parts: Parts, reader: Reader) -> None:
    whole = form()
    legal = replace(whole.legal, text="x" * 107 + "{unit}")  # 40 for the longest station, 13 for the choices
    assert check(replace(whole, legal=legal), parts, [VI], reader) == []
    legal = replace(whole.legal, text="x" * 108 + "{unit}")
    (fault,) = check(replace(whole, legal=legal), parts, [VI], reader)
    assert str(fault).startswith("visit.legal.text: 2 SMS parts")
    assert str(fault).endswith("Trạm Y tế phường Văn Miếu - Quốc Tử Giám 1 Có 2 Không'")


def test_a_duty_offers_no_choices(parts: Parts, reader: Reader) -> None:
    whole = form()
    duty = replace(whole.legal, basis="duty", text="x" * 120 + "{unit}")
    assert check(replace(whole, legal=duty), parts, [VI], reader) == []


def test_signs_are_asked_for_without_their_choices(parts: Parts, reader: Reader) -> None:
    declaration = load_all()["declaration"]
    signs = declaration.question("signs")
    many = replace(declaration, questions=(replace(signs, choices=signs.choices * 9),))
    assert check(many, parts, [VI], reader) == []


def test_every_text_is_to_be_translated(parts: Parts, reader: Reader) -> None:
    nothing = Catalogue("km", NullTranslations(), {"Vì sao?": "Why?"})
    found = [str(fault) for fault in check(form(), parts, [VI, nothing], reader)]
    assert "visit.title: not translated to 'km': add it to locales/km: 'Ra vào'" in found
    assert "visit.why.choices.2.label: not translated to 'km': add it to locales/km: 'Mua bán'" in found
    assert not any("Vì sao" in text for text in found)


def test_a_stored_form_without_a_hint(parts: Parts, reader: Reader) -> None:
    whole = form()
    hintless = replace(whole, questions=(replace(whole.questions[0], hint=""),))
    assert [str(f) for f in check(hintless, parts, [VI], reader)] == [
        "visit.inside.hint: missing: say how to answer, with an example"
    ]
