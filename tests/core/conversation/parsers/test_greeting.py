"""Greetings and thanks, and texts that say something besides."""

from __future__ import annotations

import pytest

from core.conversation.parsers.greeting import is_greeting, is_thanks
from core.conversation.parsers.understand import KINDS, understand
from tests.core.conversation.parsers.cast import TODAY, replies

GREETINGS = (
    *("chao", "Chào", "alo", "a lô", "xin chao bac si", "hello", "hi", "Hi bac si", "chao buoi sang", "e oi"),
    *("co ai khong", "có ai ở đó không ạ", "bac si oi", "dạ cháu chào bác", "con chào cô chú ạ", "XIN CHAO!"),
    *("good morning doctor", "anyone there?", "alo alo", "chào cả nhà", "em chao tram y te a", "hello 😊"),
)
THANKS = (
    *("cam on", "cảm ơn", "Cám ơn bác sĩ nhiều", "thanks", "tks", "thank you so much", "dạ em cảm ơn ạ"),
    *("cảm ơn bác sĩ đã quan tâm", "ok cam on", "cam on nhieu lam 🙏", "CAM ON", "cam on tram y te"),
)
NEITHER = (
    *("", "?", "ok", "khong", "toi khong sao", "chào bác, tôi bị sốt", "hello em bi ho", "khong, cam on", "k co ai a"),
    *("cam on, toi khoe", "cam", "sot", "hi vong khoi", "cháu tên là Hi", "chao long", "an chao", "trời ơi", "kho tho"),
    *("con toi", "bac si", "khong co ai", "toi oi mua", "38", "bác sĩ ơi con tôi sốt"),
)


@pytest.mark.parametrize("text", GREETINGS)
def test_it_greets(text: str) -> None:
    assert is_greeting(text) and not is_thanks(text)


@pytest.mark.parametrize("text", THANKS)
def test_it_thanks(text: str) -> None:
    assert is_thanks(text) and not is_greeting(text)


@pytest.mark.parametrize("text", NEITHER)
def test_it_does_neither(text: str) -> None:
    assert not is_greeting(text) and not is_thanks(text)


def test_no_reply_that_tells_something_is_only_a_greeting_or_a_thanks() -> None:
    kinds = [kind for kind in KINDS if kind not in ("command", "yesno")]
    wrong = [
        text
        for kind in kinds
        for text, value in replies(kind)
        if understand(kind, text, TODAY) is not None and value is not None and (is_greeting(text) or is_thanks(text))
    ]
    assert not wrong
