"""One of several offered answers: by its number, its letter, or its words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import OSA

from core.conversation.fold import fold, tidy, words
from core.conversation.lexicon import phrases
from core.conversation.parsers.phrases import Phrases
from core.conversation.understanding import Choice, Reason, Unclear, Understood

_AROUND = Phrases(
    [(p, True) for p in (*phrases("talk", "kin"), *phrases("talk", "polite"), *phrases("answers", "chosen"))]
)
_DOUBT = Phrases([(p, True) for p in (*phrases("talk", "uncertain"), *phrases("talk", "question"))])
_NUMBERED = re.compile(r"(\d{1,2})\b\W*(.*)")
_ENGLISH_FROM = 4  # letters: shorter words may be Vietnamese
_TYPO_FROM = 5  # letters: below that one slip makes another word


def parse(text: str, choices: Sequence[Choice]) -> Understood[str] | Unclear:
    """The value of the one choice meant. Two that fit are offered again; so is the nearest one of a slip."""
    said = words(text)
    if not said:
        return Unclear(Reason.EMPTY)
    exact = _labelled(said, choices) or _labelled(tidy(text).lower(), choices)  # "car" is "cả" in Telex
    if exact:
        return _one(_as_typed(text, exact))
    if _DOUBT.find(fold(text).tokens):
        return Unclear(Reason.UNCERTAIN)
    bare = unwrapped(text)
    if not bare:  # "cho" is small talk, and a market
        return _worded(text, said, choices)
    return _numbered(bare, choices) or _worded(text, bare, choices)


def unwrapped(text: str) -> str:
    """The folded words without politeness and "so", "chon" around them."""
    tokens = [token for token in fold(text).tokens if token.text.isalnum()]
    start, end = 0, len(tokens)
    while start < end and (hit := _AROUND.at(tokens, start)) is not None:
        start = hit.end
    while end - start > 1 and _AROUND.at(tokens[:end], end - 1) is not None:
        end -= 1
    return " ".join(token.text for token in tokens[start:end])


def _numbered(said: str, choices: Sequence[Choice]) -> Understood[str] | Unclear | None:
    match = _NUMBERED.fullmatch(said)
    if match is None:
        return _lettered(said, choices)
    index = int(match.group(1)) - 1
    if not 0 <= index < len(choices):
        return Unclear(Reason.OUT_OF_RANGE)
    if match.group(2) and match.group(2) not in words(choices[index].label):
        return Unclear(Reason.AMBIGUOUS)
    return Understood(choices[index].value)


def _lettered(said: str, choices: Sequence[Choice]) -> Understood[str] | Unclear | None:
    """A, B, C as on a paper form; a choice whose label is that letter was found before."""
    if len(said) != 1 or not "a" <= said <= "z":
        return None
    index = ord(said) - ord("a")
    return Understood(choices[index].value) if index < len(choices) else Unclear(Reason.OUT_OF_RANGE)


def _worded(text: str, said: str, choices: Sequence[Choice]) -> Understood[str] | Unclear:
    """The label, a beginning or a part of it in whole words, or the label within a longer reply."""
    if not said:
        return Unclear(Reason.NOT_AN_ANSWER)
    exact = _labelled(said, choices)
    if exact:
        return _one(_as_typed(text, exact))
    if all(word in _BARE for word in said.split()):
        return Unclear(Reason.NOT_AN_ANSWER)
    part = [c for c in choices if _part(said, words(c.label)) or _part(words(c.label), said) or _in_english(said, c)]
    if len(part) == 1 and not _denied(text):
        return Understood(part[0].value)
    if part:
        return Unclear(Reason.AMBIGUOUS, tuple(part))
    near = [c for c in choices if len(said) >= _TYPO_FROM and OSA.distance(said, words(c.label)) <= 1]
    return Unclear(Reason.AMBIGUOUS if near else Reason.NOT_AN_ANSWER, tuple(near))


def _part(some: str, of: str) -> bool:
    return f" {some} " in f" {of} "


def _in_english(said: str, choice: Choice) -> bool:
    """Labels are offered in the person's language and read in Vietnamese; our codes are English words."""
    return len(said) >= _ENGLISH_FROM and _part(said, choice.value.lower().replace("_", " "))


def _denied(text: str) -> bool:
    return bool(_NOT.find(fold(text).tokens))


_NOT = Phrases([("không", True), ("chưa", True), ("chẳng", True), ("hay", True), ("hoặc", True)])


_BARE = frozenset({"khong", "ko", "k", "chua", "co", "ma", "va", "hay", "hoac", "ve", "tu", "da", "o"})
"""Words inside many labels, which pick none of them: "khong" is no "mà không cách ly"."""


def _labelled(said: str, choices: Sequence[Choice]) -> list[Choice]:
    return [c for c in choices if said in (words(c.label), c.value.lower(), c.value.lower().replace("_", " "))]


def _as_typed(text: str, found: list[Choice]) -> list[Choice]:
    """Of labels that differ by their accents alone, the one that was typed with them."""
    if len(found) < 2:
        return found
    marks = [token.mark for token in fold(text).tokens]
    return [c for c in found if [token.mark for token in fold(c.label).tokens] == marks] or found


def _one(found: list[Choice]) -> Understood[str] | Unclear:
    return Understood(found[0].value) if len(found) == 1 else Unclear(Reason.AMBIGUOUS, tuple(found))
