"""One folding: what is typed in many ways is one text, and what accents tell apart stays apart."""

from __future__ import annotations

import pytest

from core.conversation.fold import fold, tidy, words
from core.conversation.spelling import spell

FOLDED = {
    "Không": "khong",
    "KHÔNG": "khong",
    "kho\u0302ng": "khong",
    "khoong": "khong",
    "khoongf": "khong",
    "coos": "co",
    "so61t": "sot",
    "kho6ng co1": "khong co",
    "sots": "sot",
    "ddau": "dau",
    "Đau": "dau",
    "khônggg": "khong",
    "ｏｋ": "ok",
    "co\u200b": "co",
    "  co\u00a0  roi ": "co roi",
    "[co]": "co",
    "KHAI dau cach BO": "khai bo",
    "KHAI (dấu cách) BO": "khai bo",
    "36do5": "36do5",
    "37,5 Độ": "37,5 do",
    "sot38": "sot38",
    "khotho": "kho tho",
    "ho37": "ho37",
    "fever": "fever",
    "yes": "yes",
    "don't": "dont",
}


@pytest.mark.parametrize("typed", FOLDED)
def test_text_is_folded(typed: str) -> None:
    assert fold(typed).text == FOLDED[typed]


def test_accents_that_were_typed_are_kept_beside_the_word() -> None:
    assert [token.mark for token in fold("họ ho khó khô").tokens] == ["ho5", "ho", "kho1", "khô"]


def test_the_place_of_the_tone_and_hoi_or_nga_do_not_matter() -> None:
    assert spell("khoẻ") == spell("khỏe") == spell("khõe")
    assert spell("hòa") == spell("hoà")


def test_a_temperature_behind_a_word_is_no_tone() -> None:
    assert [token.text for token in fold("ho37").tokens] == ["ho", "37"]


def test_a_month_is_no_tone() -> None:
    assert [token.text for token in fold("thang8").tokens] == ["thang", "8"]


def test_the_rest_is_as_typed() -> None:
    folded = fold("SK  37,5 Ho Khan")
    assert folded.since(1) == "37,5 Ho Khan"
    assert folded.since(99) == ""


def test_lines_stay_lines_and_a_paste_is_cut() -> None:
    assert tidy("a \r\n b") == "a\nb"
    assert len(tidy("x" * 5000)) == 1000


def test_labels_are_compared_by_their_words() -> None:
    assert words("Xã Tả-Phìn, (Sa Pa)") == "xa ta phin sa pa"
