"""A greeting, a call or a thanks, and nothing else: "xin chao bac si", "alo", "co ai khong", "cam on nhieu"."""

from __future__ import annotations

from core.conversation.fold import fold
from core.conversation.lexicon import phrases
from core.conversation.parsers.phrases import Phrases


def _table(meaning: str) -> Phrases[bool]:
    """True for what says it, False for what may stand around it."""
    around = (*phrases("greetings", f"around_{meaning}"), *phrases("talk", "kin"))
    said = phrases("greetings", meaning)
    return Phrases([*((phrase, True) for phrase in said), *((phrase, False) for phrase in around)])


_GREETING, _THANKS = _table("greeting"), _table("thanks")


def is_greeting(text: str) -> bool:
    """Whether the whole message greets or calls somebody. "Chào bác, tôi bị sốt" is more than that."""
    return _is_all(_GREETING, text)


def is_thanks(text: str) -> bool:
    """Whether the whole message thanks. "Không, cảm ơn" answers something."""
    return _is_all(_THANKS, text)


def _is_all(table: Phrases[bool], text: str) -> bool:
    tokens = fold(text).tokens
    found, at = False, 0
    while at < len(tokens):
        hit = table.at(tokens, at)
        if hit is None and tokens[at].text.isalnum():
            return False
        found = found or (hit is not None and hit.meaning)
        at = hit.end if hit else at + 1
    return found
