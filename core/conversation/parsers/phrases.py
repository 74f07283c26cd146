"""Find the phrases of a lexicon in a folded message: longest first, accents respected where they were typed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from itertools import product
from typing import Any, Generic, NamedTuple, TypeVar

from core.conversation.fold import Folded, Token
from core.conversation.lexicon import load
from core.conversation.lexicon import phrases as written
from core.conversation.spelling import Spelling, accents

T = TypeVar("T")

_NONE = sys.maxsize  # behind every entry
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


_made: Callable[[tuple[Any, int, int, bool]], Hit[Any]] = partial(tuple.__new__, Hit)
"""A hit, in a third of the time that its constructor takes."""


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


class _Node:
    """A point within phrases. `order`: the place of the entry that ends here, or _NONE.

    Where its words lead is indexed when it is first asked: most points never are, and 100,000 lists more made a full
    garbage collection take 50 ms, measured.
    """

    __slots__ = ("_children", "_exact", "_loose", "order")

    def __init__(self) -> None:
        self._children: dict[Word, _Node] = {}
        self._exact: Mapping[str, Sequence[_Node]] | None = None
        self._loose: Mapping[str, Sequence[_Node]] | None = None
        self.order = _NONE

    def follow(self, each: Word) -> _Node:
        """The point after one more word, made when it is new."""
        node = self._children.get(each)
        if node is None:
            node = self._children[each] = _Node()
        return node

    @property
    def exact(self) -> Mapping[str, Sequence[_Node]]:
        """Where a word leads that is typed so."""
        if self._exact is None:
            self._exact = _indexed((mark, child) for each, child in self._children.items() for mark in each.marks)
        return self._exact

    @property
    def loose(self) -> Mapping[str, Sequence[_Node]]:
        """Where a word leads by its letters alone; nowhere, if its accents must be right."""
        if self._loose is None:
            children = self._children.items()
            keys = ((text, child if text in each.texts else None) for each, child in children for text in each.keys)
            self._loose = _indexed(keys)
        return self._loose

    def seconds(self, first: str) -> frozenset[str]:
        """Without their accents, the words that may stand behind one of these letters."""
        return frozenset().union(*(child.loose for each, child in self._children.items() if first in each.keys))


def _indexed(pairs: Iterable[tuple[str, _Node | None]]) -> Mapping[str, Sequence[_Node]]:
    """Every key, with its points."""
    index: dict[str, list[_Node]] = {}
    for key, node in pairs:
        found = index.setdefault(key, [])
        if node is not None:
            found.append(node)
    return index


class _Place:
    """The points that some words typed so may have led to. What follows is kept: few words come often."""

    __slots__ = ("_leads", "_nodes", "ended", "kept")

    def __init__(self, nodes: Sequence[_Node]) -> None:
        self._nodes = nodes
        self._leads: Mapping[str, Sequence[_Node]] | None = None
        self.kept: dict[str, _Place] = {}
        self.ended = _first(nodes)

    def after(self, mark: str) -> _Place | None:
        """Where one more word leads; None when it begins nothing (not kept, for of such words there is no end)."""
        place = self.kept.get(mark)
        if place is not None:
            return place
        if self._leads is None:
            self._leads = self._together()
        nodes = self._leads.get(mark)
        if nodes is None:
            return None
        place = self.kept[mark] = _Place(nodes)
        return place

    def _together(self) -> Mapping[str, Sequence[_Node]]:
        if len(self._nodes) == 1:
            return self._nodes[0].exact
        return _indexed((mark, child) for node in self._nodes for mark, after in node.exact.items() for child in after)


class Phrases(Generic[T]):
    """A table of phrases and what each means. An earlier entry wins over a later one of the same length."""

    def __init__(self, entries: Iterable[tuple[str, T]]) -> None:
        self._root = _Node()
        self._meanings: list[T] = []
        for order, (phrase, meaning) in enumerate(entries):
            self._meanings.append(meaning)
            node = self._root
            for each in phrase.split():
                node = node.follow(word(each))
            node.order = min(node.order, order)
        self._start = _Place([self._root])
        self._start.after("")  # index the first words now, not while somebody waits
        self._firsts = frozenset(self._root.loose)
        self._seconds: dict[str, frozenset[str]] = {}

    def at(self, tokens: Sequence[Token], start: int) -> Hit[T] | None:
        """The longest phrase that begins at `start`. Wrong accents are forgiven only where two words agree."""
        if tokens[start].text not in self._firsts:
            return None
        hit = self._exact(tokens, start)
        if hit is not None or start + 1 == len(tokens) or tokens[start + 1].text not in self._after(tokens[start].text):
            return hit
        return self._forgiving(tokens, start)

    def _after(self, first: str) -> frozenset[str]:
        """What any second word is, without its accents, of the phrases that begin so: few, and asked of every word."""
        seconds = self._seconds.get(first)
        if seconds is None:
            seconds = self._seconds[first] = self._root.seconds(first)
        return seconds

    def _exact(self, tokens: Sequence[Token], start: int) -> Hit[T] | None:
        place, best, until = self._start, _NONE, start
        for end in range(start, len(tokens)):
            mark = tokens[end][1]
            after = place.kept.get(mark) or place.after(mark)
            if after is None:
                break
            place = after
            if place.ended < _NONE:
                best, until = place.ended, end + 1
        return _made((self._meanings[best], start, until, True)) if best < _NONE else None

    def _forgiving(self, tokens: Sequence[Token], start: int) -> Hit[T] | None:
        """One step along the words at a time, in a few branches at once."""
        best: Hit[T] | None = None
        branches = [self._root]
        for end in range(start, len(tokens)):
            branches = _by_letters(branches, tokens[end])
            if not branches:
                break
            ended = _first(branches)
            if ended < _NONE and end > start:
                best = Hit(self._meanings[ended], start, end + 1, False)
        return best

    def may_be_in(self, folded: Folded) -> bool:
        """Whether any word of a message begins a phrase: asked first, for it takes a tenth of looking for them."""
        return not self._firsts.isdisjoint(folded.texts)

    def find(self, tokens: Sequence[Token]) -> list[Hit[T]]:
        """All phrases from left to right, without overlap."""
        hits: list[Hit[T]] = []
        end = 0
        for start, token in enumerate(tokens):
            if start < end or token.text not in self._firsts:
                continue
            hit = self.at(tokens, start)
            if hit is not None:
                hits.append(hit)
                end = hit.end
        return hits

    def whole(self, tokens: Sequence[Token]) -> T | None:
        """The meaning when one phrase is the whole of `tokens`."""
        hit = self.at(tokens, 0) if tokens else None
        return hit.meaning if hit is not None and hit.end == len(tokens) else None


def _by_letters(branches: Iterable[_Node], token: Token) -> list[_Node]:
    """Where a word leads whose accents are wrong, or right."""
    found = (child for node in branches for child in (*node.loose.get(token.text, ()), *node.exact.get(token.mark, ())))
    return list(dict.fromkeys(found))


def _first(nodes: Iterable[_Node]) -> int:
    """The earliest entry that ends at one of these points, or _NONE."""
    return min((node.order for node in nodes), default=_NONE)


def any_of(lexicon: str, *meanings: str) -> Phrases[bool]:
    """The phrases of some meanings, where it does not matter which."""
    return Phrases([(phrase, True) for meaning in meanings for phrase in written(lexicon, meaning)])
