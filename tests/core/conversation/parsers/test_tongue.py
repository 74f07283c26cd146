"""Which language a text is written in, when there is no doubt."""

from __future__ import annotations

import re

import pytest

from core.conversation.parsers.tongue import tongue
from core.conversation.parsers.understand import KINDS
from tests.core.conversation.parsers.cast import replies

ENGLISH = (
    *("hello", "hi", "Hello there", "i have a fever", "what is this", "no symptoms", "declare", "I'm fine"),
    *("my mother has a cough", "do you speak english", "no fever no cough", "how many days left", "sore throat"),
    *(
        "Good morning",
        "fever 38",
        "I am from Sa Pa",
        "I have a fever and live in Tả Phìn",
        "thank you",
        "when can I go home",
        "I am negative",
        "not well",
    ),
)
VIETNAMESE = (
    *("chao", "Chào bác sĩ", "toi bi sot", "khong co gi", "khong", "có ạ", "em on", "me on", "an com roi", "no roi"),
    *("do duoc 38", "the nao", "hello em bi sot 38", "hi bac si", "con toi sot", "chau khoe", "binh thuong"),
    *("test am tinh", "test nhanh am tinh", "ket qua am tinh", "that ra khong sao"),
    *("không ho không sốt", "Tôi bị sốt", "may gio roi", "toi di cho ve"),
)
EITHER = (
    *("", "?", "ok", "OK", "sk", "SK OK", "khai", "KHAI", "38,5", "1", "12/7/1948", "0900000012", "A OK B OK"),
    *("Nguyen Thi Hoa", "Nguyễn Thị Hoa", "Do Van Hai", "John Smith", "Lao Cai", "yes", "no", "help", "stop", "menu"),
    *("am tinh", "Am tinh a", "duong tinh", "noi not do"),
    *("ho", "hi hi", "thanks", "ENGLISH", "co", "so on", "test", "nam", "😀"),
)
_SURELY_ENGLISH = re.compile(
    r"(?i)\b(?:fever\w*|nausea|can't|cough\w*|symptoms?|health|english|thanks?|hello|hi|fine|breath\w*|pain|aches?|throat|nose|headache"
    r"|chills|tired|smell|diarrhea|vomiting|days?|years?|i|my|the|not|none|nothing|please|help me|today|yesterday|last"
    r"|ago|born|declare|doctor|human|data|want|when|how|what|don't|feeling|august|monday|friday|morning|the|number|is)\b"
)


@pytest.mark.parametrize("text", ENGLISH)
def test_it_is_english(text: str) -> None:
    assert tongue(text) == "en"


@pytest.mark.parametrize("text", VIETNAMESE)
def test_it_is_vietnamese(text: str) -> None:
    assert tongue(text) == "vi"


@pytest.mark.parametrize("text", EITHER)
def test_it_may_be_either(text: str) -> None:
    assert tongue(text) is None


def test_no_vietnamese_reply_is_taken_for_english() -> None:
    texts = {text for kind in KINDS for text, _ in replies(kind)}
    assert not {text for text in texts if tongue(text) == "en" and not _SURELY_ENGLISH.search(text)}
    assert not {text for text in texts if tongue(text) == "en" and not text.replace("’", "'").isascii()}


def test_half_of_the_replies_and_more_are_known_for_vietnamese() -> None:
    texts = {text for kind in ("yesno", "symptoms", "checkin") for text, _ in replies(kind)}
    assert sum(tongue(text) == "vi" for text in texts) > len(texts) / 2
