"""Catalogues come from `locales/`, compiled when they have to be."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import words
from core.conversation.messages import Say
from core.conversation.wording import word
from core.words import UnknownLanguage, compile_po, languages, load_words, with_stored

PO = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "ho"
msgstr "cough"

#, fuzzy
msgid "họ tên"
msgstr "cough"

msgid "còn {left} ngày"
msgid_plural "còn {left} ngày"
msgstr[0] "{left} day left"
msgstr[1] "{left} days left"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of locales with one other language, Tày."""
    target = tmp_path / "tyz" / "LC_MESSAGES"
    target.mkdir(parents=True)
    (target / "khaibao.po").write_text(PO, encoding="utf-8")
    monkeypatch.setattr(words, "_LOCALES", tmp_path)
    load_words.cache_clear()
    yield target
    load_words.cache_clear()


def test_vietnamese_needs_no_catalogue() -> None:
    vietnamese = load_words("vi")
    assert vietnamese.language == "vi"
    assert vietnamese.gettext("ho") == "ho"
    assert vietnamese.gettext("") == ""
    assert vietnamese.ngettext("một", "nhiều", 1) == "một"


def test_the_source_language_comes_first() -> None:
    assert languages()[0] == "vi"
    assert "en" in languages()


def test_an_unknown_language_is_an_error_that_names_the_known(folder: Path) -> None:
    with pytest.raises(UnknownLanguage, match=r"'xx'.*vi, tyz"):
        load_words("xx")


def test_it_compiles_beside_the_source(folder: Path) -> None:
    tay = load_words("tyz")
    assert tay.language == "tyz"
    assert tay.gettext("ho") == "cough"
    assert tay.gettext("") == ""
    assert word(Say("còn {left} ngày", {"left": 1}), tay) == "1 day left"
    assert sorted(path.name for path in folder.iterdir()) == ["khaibao.mo", "khaibao.po"]


def test_a_guess_is_no_translation(folder: Path) -> None:
    assert load_words("tyz").gettext("họ tên") == "họ tên"


@pytest.mark.parametrize(("age", "said"), [(-10, "cough"), (10, "old")])
def test_only_a_compiled_file_that_is_not_older_counts(folder: Path, age: int, said: str) -> None:
    compiled = folder / "khaibao.mo"
    compiled.write_bytes(compile_po(PO.replace('"cough"', '"old"').encode()))
    changed = (folder / "khaibao.po").stat().st_mtime
    os.utime(compiled, (changed + age, changed + age))
    assert load_words("tyz").gettext("ho") == said


def test_a_folder_that_cannot_be_written_is_compiled_in_memory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(words, "NamedTemporaryFile", refuse)
    assert load_words("tyz").gettext("ho") == "cough"
    assert not (folder / "khaibao.mo").exists()


def test_a_stored_form_keeps_its_own_translations() -> None:
    english = load_words("en")
    stored = with_stored(english, {"Hôm qua thế nào?": "How was yesterday?", "sốt": ""})
    assert stored.language == "en"
    assert stored.gettext("Hôm qua thế nào?") == "How was yesterday?"
    assert stored.gettext("sốt") == english.gettext("sốt") == "fever"
