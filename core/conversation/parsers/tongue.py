"""The language that a text is unmistakably written in. "ok", "sk", "khai", numbers and names are written in both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from core.conversation.fold import Token, fold
from core.conversation.lexicon import phrases
from core.conversation.parsers import name
from core.conversation.understanding import Understood

VIETNAMESE, ENGLISH = "vi", "en"
_WORD = re.compile(r"[^\W\d_]+")
_FEW = 2  # words that both languages have, or names: so many of them together are no chance


def _words(meaning: str) -> frozenset[str]:
    return frozenset(phrase.replace("'", "") for phrase in phrases("languages", meaning))


_VIETNAMESE, _SHARED, _SURNAMES = _words("vietnamese"), _words("shared"), _words("surnames")
_TOGETHER = frozenset(fold(phrase).text for phrase in phrases("languages", "together"))
_ENGLISH, _BORROWED, _ENGLISH_TOO, _WHOLE = (_words(m) for m in ("english", "borrowed", "english_too", "whole"))


def tongue(text: str) -> str | None:
    """ "vi", "en", or None when it may be either, or is mixed."""
    folded = fold(text)
    tokens = [token for token in folded.tokens if token.text.isalpha()]
    typed = _WORD.findall(folded.clean.lower().replace("'", ""))  # not folded: "has" is no Telex for "há" here
    if not tokens or _is_name(text, tokens, typed):
        return None
    taken = {at for word in _WORD.finditer(folded.clean.lower()) if word[0] in _ENGLISH for at in range(*word.span())}
    said = [token.text for token in tokens if token.start not in taken]
    vietnamese, english = _count(said, _VIETNAMESE, _SHARED), _count(typed, _ENGLISH, _BORROWED)
    if english and (pairs := _pairs(tokens)):
        vietnamese += 1
        english = _count([word for word in typed if word not in pairs], _ENGLISH, _BORROWED)
    if sum(token.mark != token.text for token in tokens) > english:  # more than a place in an English text
        return VIETNAMESE
    if " ".join(typed) in _WHOLE or (english and (not vietnamese or english >= _FEW * vietnamese)):
        return ENGLISH if _is_all_english(typed) else None
    return VIETNAMESE if vietnamese >= _FEW * english and vietnamese else None


def _is_name(text: str, tokens: Sequence[Token], typed: Sequence[str]) -> bool:
    """Of a few words, begun with a surname, none of them English."""
    if tokens[0].text not in _SURNAMES or len(tokens) < _FEW or any(word in _ENGLISH for word in typed):
        return False
    return isinstance(name.parse(text), Understood)


def _count(said: Sequence[str], words: frozenset[str], weak: frozenset[str]) -> int:
    """How many words are of a language; weak ones alone count for nothing until there are a few."""
    found = {word for word in said if word in words}
    return len(found) if len(found) >= _FEW or any(word not in weak for word in found) else 0


def _pairs(tokens: Sequence[Token]) -> set[str]:
    """The words of two that are Vietnamese together: "am tinh", also behind "test"."""
    pairs = (pair for pair in pairwise(token.text for token in tokens) if " ".join(pair) in _TOGETHER)
    return {word for pair in pairs for word in pair}


def _is_all_english(said: Sequence[str]) -> bool:
    """Whether no word is Vietnamese alone: "hi" greets in both."""
    return not any(word in _VIETNAMESE and word not in _SHARED | _ENGLISH_TOO for word in said)
