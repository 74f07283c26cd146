"""What people write to take back what they wrote, and what sounds like it."""

from __future__ import annotations

import unicodedata

import pytest

from core.conversation.fold import fold
from core.conversation.parsers import command, correction, slip
from core.conversation.parsers.understand import KINDS
from core.conversation.understanding import Reason, Unclear, Understood
from tests.core.conversation.parsers.cast import replies

TAKEN_BACK = {
    "khong, 38,5 moi dung": "38,5",
    "nham, 38.5": "38.5",
    "nhầm rồi, 38,5 độ": "38,5 độ",
    "à nhầm, 38,5": "38,5",
    "viet nham 38 moi phai": "38",
    "em ghi nhầm 37,5, 38,5 mới đúng": "38,5",
    "em nhắn nhầm, phải là 38,5": "38,5",
    "hồi nãy em gõ nhầm 38,5 thành 37,5": "38,5",
    "37,5 là ghi nhầm, 38,5 mới đúng": "38,5",
    "38,5 nha, nãy em ghi nhầm": "38,5 nha",
    "lon roi, ho chu khong sot": "ho chu khong sot",
    "lon roi, ho chu khong phai sot": "ho",
    "khong phai ho, met thoi": "met thoi",
    "lộn, có sốt": "có sốt",
    "y toi la 37,5": "37,5",
    "ý cháu muốn nói là không sốt": "không sốt",
    "không, ý em là 37,5": "37,5",
    "khong phai, sinh nam 1950": "sinh nam 1950",
    "không phải 37,5 mà là 38,5": "38,5",
    "khong phai nam, la nu": "nu",
    "khong phai, ten toi la Nguyen Thi Hoa": "ten Nguyen Thi Hoa",
    "sai roi 38.5": "38.5",
    "sai rồi, tôi sinh năm 1950": "sinh năm 1950",
    "khong dung, 38,5": "38,5",
    "38,5 chu khong phai 37,5": "38,5",
    "38,5 không phải 37,5": "38,5",
    "mệt chứ không phải sốt": "mệt",
    "tôi là nữ chứ không phải nam": "là nữ",
    "0900000013 chu khong phai 0900000012": "0900000013",
    "nhầm, xã Bản Hồ": "xã Bản Hồ",
    "nhầm, tôi không đi đâu": "không đi đâu",
    "ghi sai ten, Nguyen Thi Hoa moi dung": "ten Nguyen Thi Hoa",
    "sai năm sinh rồi, 1950": "năm sinh 1950",
    "ba mươi tám rưỡi mới đúng": "ba mươi tám rưỡi",
    "xin lỗi, 38,5 độ": "38,5 độ",
    "sorry 38.5 not 37.5": "38.5",
    "not 37.5 but 38.5": "38.5",
    "i meant 38.5": "38.5",
    "no, i meant no fever": "no fever",
    "I typed wrong, it's 38.5": "38.5",
}
NOTHING_TAKEN_BACK = (
    *("khong, ho", "khong, 38,5", "khong", "không phải", "khong phai, ho", "khong phai sot", "khong phai sot ma ho"),
    *("khong phai ho, khong met thoi", "khong phai sot thoi, ho", "khong sot, ho thoi"),
    *("38,5", "sinh nam 1950", "ho chu khong sot", "toi met chu khong sot", "toi sot khong phai covid"),
    *("nham so", "nhầm số rồi", "sai so 4", "toi uong nham thuoc", "di nham xe", "khong nham", "co nham khong"),
    *("xin loi", "sorry", "xin loi toi khong hieu", "con toi lon roi", "lon hon 38", "sai", "SUA 38,5"),
    *("phải đeo khẩu trang mới đúng", "lam sao moi dung", "toi khong phai nguoi o day", "wrong number", "ok", "à"),
    *("38,5 có nhầm không", "mai la 38", "cam on", "khong phai toi, me toi sot"),
)
WITHOUT_CONTENT = ("nhầm rồi ạ", "nham", "sai roi", "em viết nhầm rồi")


@pytest.mark.parametrize("text", TAKEN_BACK)
def test_what_is_right_is_kept_as_typed(text: str) -> None:
    assert correction.parse(text) == Understood(TAKEN_BACK[text])


@pytest.mark.parametrize("text", TAKEN_BACK)
def test_capitals_and_decomposed_letters_change_nothing(text: str) -> None:
    for typed in (text.upper(), unicodedata.normalize("NFD", text), f"  {text} \n"):
        said = correction.parse(typed)
        assert isinstance(said, Understood) and said.value.lower() == TAKEN_BACK[text].lower()


@pytest.mark.parametrize("text", NOTHING_TAKEN_BACK)
def test_nothing_is_taken_back(text: str) -> None:
    assert correction.parse(text) == Unclear(Reason.NOT_AN_ANSWER)


@pytest.mark.parametrize("text", WITHOUT_CONTENT)
def test_what_is_right_is_not_said(text: str) -> None:
    assert correction.parse(text) == Unclear(Reason.AMBIGUOUS)


def test_an_empty_text_is_none() -> None:
    assert correction.parse("") == Unclear(Reason.EMPTY)


def _of_itself(text: str) -> bool:
    """Whether a reply takes back a part of itself: read so whatever it answers."""
    folded = fold(text)
    return slip.find(folded) is not None or bool(slip.without_the_other(folded))


def test_ordinary_replies_take_nothing_back() -> None:
    texts = {text for kind in KINDS for text, _ in replies(kind) if not _of_itself(text)}
    texts = {text for text in texts if not isinstance(command.parse(text), Understood)}  # heard before corrections
    read = {text: correction.parse(text) for text in texts}
    assert not {text: said.value for text, said in read.items() if isinstance(said, Understood)}
