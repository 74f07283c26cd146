"""What Babel finds: every text of a form with its line, and a plural where a text of the code counts."""

from __future__ import annotations

from io import BytesIO

import pytest

from core.forms.extract import counted, extract_code, extract_form
from core.forms.load import FormFaults, load
from core.forms.texts import texts, translations
from core.words import load_words
from tests.core.forms.conftest import FORM

KEYWORDS = {"N_": None, "_": None, "ngettext": (1, 2)}


def test_every_text_of_a_form_has_its_line() -> None:
    found = list(extract_form(BytesIO(FORM.encode()), KEYWORDS, (), {}))
    for line, _, message, _ in found:
        assert isinstance(message, str)
        assert message.splitlines()[0] in "".join(FORM.splitlines()[line - 1 : line + 1])
    assert {message for _, _, message, _ in found} == {text for _, text in texts(load(FORM, "visit.toml"))}
    assert (40, None, "Làm việc", ["visit, why: choice"]) in found
    assert (4, None, "Ra vào", ["visit: title"]) in found


def test_no_key_or_code_is_translated() -> None:
    found = {message for _, _, message, _ in extract_form(BytesIO(FORM.encode()), KEYWORDS, (), {})}
    assert not found & {"visit", "inside", "work", "consent", "VN", "1", "yesno"}


def test_a_broken_form_is_not_extracted() -> None:
    with pytest.raises(FormFaults):
        list(extract_form(BytesIO(b"key = 1"), KEYWORDS, (), {}))


def test_a_text_of_the_code_that_counts_has_a_plural() -> None:
    code = 'a = N_("còn {left} ngày")\nb = N_("sốt")\nc = _("{" "}")\n'
    assert list(extract_code(BytesIO(code.encode()), KEYWORDS, (), {"encoding": "utf-8"})) == [
        (1, "ngettext", ("còn {left} ngày", "còn {left} ngày"), []),
        (2, "N_", "sốt", []),
        (3, "_", "{}", []),
    ]


@pytest.mark.parametrize(("text", "counts"), [("{left}", True), ("{count} tin", True), ("{n}", False), ("{", False)])
def test_what_counts(text: str, counts: bool) -> None:
    assert counted(text) is counts


def test_the_translations_to_store_with_a_form() -> None:
    form = load(FORM.replace("Vì sao?", "Đau họng"), "visit.toml")
    assert translations(form, load_words("en")) == {"Đau họng": "Sore throat"}
    assert translations(form, load_words("vi")) == {}
