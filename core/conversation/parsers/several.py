"""Any number of offered answers: "1 3", "1,3", "ho va sot", "ca hai", "khong"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

from core.conversation.fold import fold, words
from core.conversation.lexicon import phrases
from core.conversation.parsers import choice, symptoms
from core.conversation.parsers.phrases import Phrases
from core.conversation.understanding import Choice, Reason, Unclear, Understood

_WHOLE = Phrases(
    [
        *((p, "none") for p in phrases("answers", "none_of_them")),
        *((p, "all") for p in phrases("answers", "all_of_them")),
        *((p, "both") for p in phrases("answers", "both_of_them")),
        ("có", "yes"),
    ]
)
_AROUND = Phrases(
    [(p, True) for p in chain(phrases("talk", "kin"), phrases("talk", "polite"), phrases("answers", "chosen"))]
)
_DOUBT = Phrases([(p, True) for p in (*phrases("talk", "uncertain"), *phrases("talk", "question"))])
_NOT = Phrases([(p, True) for p in (*phrases("health", "no"), *phrases("health", "gone"))])
_ANOTHER = Phrases([(p, True) for p in phrases("on_behalf", "somebody") if p.isalpha() and p != "con"])
"""People who are not the writer; a "con" is either, and "em ho" is a cough as well as "em họ"."""

_BETWEEN = frozenset({"va", "voi", "co", "bi", "cung", "and", "ca", "them"})
_SO_MANY = re.compile(
    r"(?:co )?(?:ca|du|du ca|tat ca|all) (\d{1,2})(?: (?:cai|dieu|muc|y|thu|cau))?(?: (?:a|nhe|nha|roi))?$"
)
_RANGE = re.compile(r"\d ?- ?\d|\bden\b")


def parse(text: str, choices: Sequence[Choice]) -> Understood[tuple[str, ...]] | Unclear:
    """The values picked, in the order offered; () when none was said. A bare "có" picks nothing: which one?"""
    tapped = any(text == each.value for each in choices)  # written, "met_case" begins like "mệt"
    return Understood((text,)) if tapped else _said(text, choices)


def _said(text: str, choices: Sequence[Choice]) -> Understood[tuple[str, ...]] | Unclear:
    folded = fold(text)
    if not folded.tokens:
        return Unclear(Reason.EMPTY)
    if _DOUBT.find(folded.tokens):
        return Unclear(Reason.UNCERTAIN)
    whole = _whole(text)
    if whole is not None:
        return _all_or_none(whole, choices)
    if _RANGE.search(folded.text):
        return Unclear(Reason.AMBIGUOUS)
    if so_many := _SO_MANY.match(words(text)):
        return _all_or_none("all" if int(so_many[1]) == len(choices) else "some", choices)
    return _picked(text, choices)


def _whole(text: str) -> str | None:
    """The meaning of a reply that is one such phrase, politeness aside."""
    tokens = [token for token in fold(text).tokens if token.text.isalnum()]
    start = 0
    while start < len(tokens):
        hit = _WHOLE.at(tokens, start)
        if hit is not None and all(_AROUND.at(tokens, index) for index in range(hit.end, len(tokens))):
            return hit.meaning
        around = _AROUND.at(tokens, start)
        if around is None:
            return None
        start = around.end
    return None


def _all_or_none(meaning: str, choices: Sequence[Choice]) -> Understood[tuple[str, ...]] | Unclear:
    if meaning == "none":
        return Understood(())
    if meaning == "all" or (meaning == "both" and len(choices) == 2):
        return Understood(tuple(each.value for each in choices))
    return Unclear(Reason.AMBIGUOUS, tuple(choices))


def _picked(text: str, choices: Sequence[Choice]) -> Understood[tuple[str, ...]] | Unclear:
    tokens = [token.text for token in fold(text).tokens if token.text.isalnum()]
    if all(token.isdigit() or token in _BETWEEN or len(token) == 1 for token in _unwrapped(text)):
        return _numbers(_unwrapped(text), choices)
    if _NOT.find(fold(text).tokens):
        return Unclear(Reason.NEGATED_LIST)
    said = " ".join(tokens)
    found = [each for each in choices if f" {words(each.label)} " in f" {said} "]
    for each in found:
        said = f" {said} ".replace(f" {words(each.label)} ", " ").strip()
    left = [word for word in _unwrapped(said) if word not in _BETWEEN]
    if found and not left:
        return Understood(tuple(each.value for each in found))
    single = choice.parse(text, choices)
    if isinstance(single, Unclear):
        return single
    return Unclear(Reason.NOT_AN_ANSWER) if not found and _is_own_sign(text) else Understood((single.value,))


def _is_own_sign(text: str) -> bool:
    """ "Toi ho", asked for whom they met: a part of the label "Người sốt, ho", but nobody else is spoken of."""
    said = symptoms.parse(text)
    own = isinstance(said, Understood) and bool(said.value.present)
    return own and not _ANOTHER.find(fold(text).tokens)


def _unwrapped(text: str) -> list[str]:
    return choice.unwrapped(text).split()


def _numbers(said: list[str], choices: Sequence[Choice]) -> Understood[tuple[str, ...]] | Unclear:
    """Numbers or letters. "13" is out of range among five: one and three, or a slip?"""
    picked = [_index(token) for token in said if token not in _BETWEEN]
    if not picked:
        return Unclear(Reason.NOT_AN_ANSWER)
    if not all(0 <= index < len(choices) for index in picked):
        return Unclear(Reason.OUT_OF_RANGE)
    return Understood(tuple(each.value for index, each in enumerate(choices) if index in picked))


def _index(token: str) -> int:
    return int(token) - 1 if token.isdigit() else ord(token[0]) - ord("a")
