"""Find the phrases of a lexicon in a folded message: longest first, accents respected where they were typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import product
from typing import Generic, NamedTuple, TypeVar

from core.conversation.fold import Token
from core.conversation.lexicon import load
from core.conversation.spelling import Spelling, accents

T = TypeVar("T")

_BARE = str.maketrans("âăêôơưđ", "aaeooud")


class Word(NamedTuple):
    """A word of a phrase. `marks`: each way of typing it that does not contradict it.

    `keys`: the same without accents, to look it up by. `texts`: those whose wrong accents may be forgiven.
    """

    marks: frozenset[str]
    keys: frozenset[str]
    texts: frozenset[str]


class Hit(NamedTuple, Generic[T]):
    """`meaning` at tokens `start` to `end` (exclusive). `exact` is false when the accents typed say another word."""

    meaning: T
    start: int
    end: int
    exact: bool


@cache
def _spellings() -> dict[str, tuple[str, ...]]:
    return dict(load("spellings").words)


def partial_marks(spelling: Spelling) -> frozenset[str]:
    """Every way to type some of a word's accents and leave out others: "sốt" -> sôt1, sôt, sot1, sot."""
    toned = spelling.mark[-1:].isdigit()
    tones = ("", spelling.mark[-1]) if toned else ("",)
    letters = spelling.mark[:-1] if toned else spelling.mark
    slots = [{letter, letter.translate(_BARE)} for letter in letters]
    return frozenset("".join(picked) + tone for picked in product(*slots) for tone in tones)


@cache
def word(written: str) -> Word:
    """Compile one word of a phrase, with the spellings of it that people use."""
    forms = (written, *_spellings().get(written, ()))
    marks = frozenset[str]().union(*(_marks(form) for form in forms))
    keys = frozenset(accents(form.rstrip("!")).text for form in forms)
    return Word(marks, keys, frozenset(accents(form).text for form in forms if not form.endswith("!")))


def _marks(form: str) -> frozenset[str]:
    if form.endswith("!"):
        return frozenset({accents(form[:-1]).mark})
    return partial_marks(accents(form))


class Phrases(Generic[T]):
    """A table of phrases and what each means. An earlier entry wins over a later one of the same length."""

    def __init__(self, entries: Iterable[tuple[str, T]]) -> None:
        self._index: dict[str, list[tuple[tuple[Word, ...], T]]] = {}
        for phrase, meaning in entries:
            compiled = tuple(word(each) for each in phrase.split())
            for text in compiled[0].keys:
                self._index.setdefault(text, []).append((compiled, meaning))
        for found in self._index.values():
            found.sort(key=lambda entry: -len(entry[0]))

    def at(self, tokens: Sequence[Token], start: int) -> Hit[T] | None:
        """The longest phrase that begins at `start`. Wrong accents are forgiven only where two words agree."""
        candidates = self._index.get(tokens[start].text)
        if candidates is None:
            return None
        loose: Hit[T] | None = None
        left = len(tokens) - start
        for compiled, meaning in candidates:
            size = len(compiled)
            if size > left:
                continue
            if all(tokens[start + i].mark in compiled[i].marks for i in range(size)):
                return Hit(meaning, start, start + size, True)
            if loose is None and size > 1 and self._alike(tokens, start, compiled):
                loose = Hit(meaning, start, start + size, False)
        return loose

    @staticmethod
    def _alike(tokens: Sequence[Token], start: int, compiled: tuple[Word, ...]) -> bool:
        return all(tokens[start + i].text in each.texts for i, each in enumerate(compiled))

    def find(self, tokens: Sequence[Token]) -> list[Hit[T]]:
        """All phrases from left to right, without overlap."""
        hits = []
        start = 0
        while start < len(tokens):
            hit = self.at(tokens, start)
            if hit is None:
                start += 1
                continue
            hits.append(hit)
            start = hit.end
        return hits

    def whole(self, tokens: Sequence[Token]) -> T | None:
        """The meaning when one phrase is the whole of `tokens`."""
        hit = self.at(tokens, 0) if tokens else None
        return hit.meaning if hit is not None and hit.end == len(tokens) else None
