"""The one folding of text: what every parser reads.

Full-width letters, odd spaces, brackets copied from a guide, accents, case and input-method residue are dealt with
here and nowhere else. Accents that were typed are kept beside the folded word, for they carry information
("họ tên" is not a cough).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from typing import NamedTuple

from core.conversation.spelling import spell

LONGEST = 1000
"""Characters read of one message: ten concatenated SMS parts are 670 in UCS-2; more is a paste, not a reply."""


class Token(NamedTuple):
    """A word, a number or a punctuation mark. A named tuple, not a dataclass: half the cost in the hot path.

    `text` folded; `mark` with the accents as typed (see `spelling.Spelling`); `start`, `end` within `Folded.clean`.
    """

    text: str
    mark: str
    start: int
    end: int


_token: Callable[[tuple[str, str, int, int]], Token] = partial(tuple.__new__, Token)
"""Makes a token in a third of the time that its constructor takes: ten in every message."""


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """`clean`: the message as typed, in NFC, tidied. `text`: folded, spaced as typed. `tokens`: its words and marks.

    `texts`: of each token its text, to tell at once that a table of phrases cannot begin anywhere. It is handed from
    reader to reader and equal to itself alone, so what they keep of it they find without looking at its text.
    """

    clean: str
    text: str
    tokens: tuple[Token, ...]
    texts: frozenset[str]

    def since(self, index: int) -> str:
        """What was typed from token `index` on, without leading punctuation."""
        if index >= len(self.tokens):
            return ""
        return self.clean[self.tokens[index].start :].strip(" ,.;:-!\n")


_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\U0001f3fb-\U0001f3ff]"
)
_BRACKETS = re.compile(r"[\[\](){}<>«»\"“”„`_|~^]+")
_COPIED_SPACE = re.compile(r"(?i)(?<!\w)(?:dấu\s*cách|dau\s*cach|khoảng\s+trắng|khoang\s+trang)(?!\w)")
_COPIED = re.compile(r"(?i)c[aá]ch|tr[aắ]ng")  # looked for first: the pattern costs more than the rest of the tidying
_BLANKS = re.compile(r"[^\S\n ][^\S\n]*| [^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W\d_]+)*|\n|[^\w\s]")
_LOOK_ALIKES = str.maketrans("º˚⁰…–—‚’‘´", "°°°.--,'''")
_LOOKS_ALIKE = re.compile("[º˚⁰…–—‚’‘´]")  # looked for first: to translate takes ten times as long as to find none


def tidy(raw: str) -> str:
    """The message as typed, without what nobody meant to type: for names and addresses."""
    text = raw[:LONGEST].replace("\r", "\n")
    if not text.isascii():
        text = text.translate(_LOOK_ALIKES) if _LOOKS_ALIKE.search(text) else text
        text = unicodedata.normalize("NFKC", text)
        text = _INVISIBLE.sub("", text).replace("\u2028", "\n")
    text = _BRACKETS.sub(" ", text)
    if _COPIED.search(text):
        text = _COPIED_SPACE.sub(" ", text)
    text = _BLANKS.sub(" ", text)
    return (_LINES.sub("\n", text) if "\n" in text else text).strip()


@lru_cache(maxsize=96)
def fold(raw: str) -> Folded:
    """Fold one message. Never fails; pure, so the last hundred are kept: "ok" comes a million times a day.

    Keeping more costs more than it saves, for each is fifty objects, which the processor's own memory holds no more.
    """
    clean = tidy(raw)
    tokens: list[Token] = []
    pieces: list[str] = []
    last = 0
    lowered = clean.lower()
    alike = len(lowered) == len(clean)  # "İ" is two characters when lowered
    for match in _TOKEN.finditer(lowered if alike else clean):
        start, end = match.span()
        if start > last:
            pieces.append(" ")
        last = end
        spelt = spell(match[0] if alike else match[0].lower())
        if len(spelt) == 1:
            text, mark = spelt[0]
            tokens.append(_token((text, mark, start, end)))
            pieces.append(text)
            continue
        tokens.extend(Token(text, mark, at, to) for text, mark, at, to in _placed(spelt, start, end))
        pieces.append(_joined([each.text for each in spelt]))
    return Folded(clean, "".join(pieces), tuple(tokens), frozenset([token[0] for token in tokens]))


def _placed(spelt: tuple[tuple[str, str], ...], start: int, end: int) -> list[tuple[str, str, int, int]]:
    """Where each part of a run-together word stands; the last part ends where the word does."""
    placed = []
    at = start
    for position, (text, mark) in enumerate(spelt):
        to = end if position == len(spelt) - 1 else min(at + len(text), end)
        placed.append((text, mark, at, to))
        at = to
    return placed


def _joined(texts: list[str]) -> str:
    """ "37r" stays together, for it is not "37 r"; two words are parted."""
    text = texts[0]
    for before, after in pairwise(texts):
        text += after if before.isdigit() != after.isdigit() else " " + after
    return text


def words(raw: str) -> str:
    """The folded words and numbers alone, single spaced: to compare labels and names with."""
    return " ".join(token.text for token in fold(raw).tokens if token.text.isalnum())
