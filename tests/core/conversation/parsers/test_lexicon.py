"""Lexicons are data that somebody answers for."""

from __future__ import annotations

import pytest

from core.conversation.lexicon import FILES, expand, load, phrases
from core.conversation.signs import SIGNS


@pytest.mark.parametrize("name", FILES)
def test_every_file_says_where_it_comes_from_and_who_reviewed_it(name: str) -> None:
    lexicon = load(name)
    assert lexicon.source
    assert lexicon.reviewer
    assert lexicon.words


@pytest.mark.parametrize("name", [name for name in FILES if name != "spellings"])
def test_no_phrase_expands_to_nothing(name: str) -> None:
    for meaning in load(name).words:
        assert all(phrase.strip() for phrase in phrases(name, meaning))


def test_a_phrase_is_written_out() -> None:
    assert list(expand("không (có) gì|sao")) == ["không gì", "không sao", "không có gì", "không có sao"]
    assert list(expand("<bao giờ|khi nào> về")) == ["bao giờ về", "khi nào về"]


def test_every_sign_has_words() -> None:
    assert set(load("signs").words) == set(SIGNS)
