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


class _Node(Generic[T]):
    """A point within phrases. `exact`: where a word leads that is typed so; `loose`: by its letters alone."""

    __slots__ = ("children", "ends", "exact", "loose", "order")

    def __init__(self) -> None:
        self.children: dict[Word, _Node[T]] = {}
        self.exact: dict[str, list[_Node[T]]] = {}
        self.loose: dict[str, list[_Node[T]]] = {}
        self.ends: list[T] = []  # the meaning, if a phrase ends here
        self.order = 0

    def follow(self, each: Word) -> _Node[T]:
        """The point after one more word, made when it is new."""
        node = self.children.get(each)
        if node is None:
            node = self.children[each] = _Node()
            for mark in each.marks:
                self.exact.setdefault(mark, []).append(node)
            for text in each.keys:
                self.loose.setdefault(text, []).extend([node] if text in each.texts else [])
        return node


class _Place(Generic[T]):
    """The points that some words typed so may have led to. What follows is kept: few words come often."""

    __slots__ = ("_after", "_nodes", "ended")

    def __init__(self, nodes: Sequence[_Node[T]]) -> None:
        self._nodes = nodes
        self._after: dict[str, _Place[T]] = {}
        self.ended = min((node for node in nodes if node.ends), key=_order, default=None)

    def after(self, mark: str) -> _Place[T] | None:
        """Where one more word leads; None when it begins nothing (not kept, for of such words there is no end)."""
        place = self._after.get(mark)
        if place is None and (nodes := [child for node in self._nodes for child in node.exact.get(mark, ())]):
            place = self._after[mark] = _Place(nodes)
        return place


class Phrases(Generic[T]):
    """A table of phrases and what each means. An earlier entry wins over a later one of the same length."""

    def __init__(self, entries: Iterable[tuple[str, T]]) -> None:
        self._root: _Node[T] = _Node()
        for order, (phrase, meaning) in enumerate(entries):
            node = self._root
            for each in phrase.split():
                node = node.follow(word(each))
            if not node.ends:
                node.ends.append(meaning)
                node.order = order
        self._start = _Place([self._root])

    def at(self, tokens: Sequence[Token], start: int) -> Hit[T] | None:
        """The longest phrase that begins at `start`. Wrong accents are forgiven only where two words agree."""
        if tokens[start].text not in self._root.loose:
            return None
        return self._exact(tokens, start) or (self._forgiving(tokens, start) if start + 1 < len(tokens) else None)

    def _exact(self, tokens: Sequence[Token], start: int) -> Hit[T] | None:
        place, best, until = self._start, None, start
        for end in range(start, len(tokens)):
            after = place.after(tokens[end].mark)
            if after is None:
                break
            place = after
            if place.ended is not None:
                best, until = place.ended, end + 1
        return None if best is None else Hit(best.ends[0], start, until, True)

    def _forgiving(self, tokens: Sequence[Token], start: int) -> Hit[T] | None:
        """One step along the words at a time, in a few branches at once."""
        best: Hit[T] | None = None
        branches = [self._root]
        for end in range(start, len(tokens)):
            branches = _by_letters(branches, tokens[end])
            if not branches:
                break
            ended = [node for node in branches if node.ends]
            if ended and end > start:
                best = Hit(min(ended, key=_order).ends[0], start, end + 1, False)
        return best

    def find(self, tokens: Sequence[Token]) -> list[Hit[T]]:
        """All phrases from left to right, without overlap."""
        hits: list[Hit[T]] = []
        if self._root.loose.keys().isdisjoint([token.text for token in tokens]):
            return hits
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


def _by_letters(branches: Iterable[_Node[T]], token: Token) -> list[_Node[T]]:
    """Where a word leads whose accents are wrong, or right."""
    found = (child for node in branches for child in (*node.loose.get(token.text, ()), *node.exact.get(token.mark, ())))
    return list(dict.fromkeys(found))


def _order(node: _Node[T]) -> int:
    return node.order
