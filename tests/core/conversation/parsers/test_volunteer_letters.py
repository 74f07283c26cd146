"""Which letters a volunteer names, and who speaks."""

from __future__ import annotations

import pytest

from core.conversation.parsers import volunteer


@pytest.mark.parametrize(
    ("said", "named"),
    [("b a", "B"), ("C a", "C"), ("b e", "B"), ("A B", "AB"), ("b, a", "AB"), ("a va b", "AB"), ("B và a", "AB")],
)
def test_a_polite_word_is_nobodys_letter(said: str, named: str) -> None:
    assert "".join(volunteer.letters(said, tuple("ABCDE"))) == named
