"""What stands around a place in a text, and letters of the input method that were left in it. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from core.places.index import Index, Level
from core.places.read import PREFIXES

if TYPE_CHECKING:
    from core.places.read import Reading, Word


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TAILS = {("viet", "nam"), ("vn",), ("a",), ("nhe",), ("nha",), ("do",)}
_FILLERS = _set(
    """toi em chau con minh bac ong ba nha o dang tai thuoc dia chi la que hien cu tru song noi
    vang da thua"""
)
# A house, a street, a hamlet: it stands before the commune, or behind it.
_ADDRESS = _set("so nha duong ngo ngach hem kiet pho to khu thon ban ap xom buon bon lang doi tdp kp khom khoi")
# "not in", "near", "or": what follows is not where the person is.
_TURNS = _set("khong ko k hok gan hoac khac")
_TELEX_TONE = re.compile(r"(?<=.)[sfrxj]$")
_TELEX_LETTER = re.compile(r"([aeod])\1|([aou])w")
_VNI = re.compile(r"(?<=[a-z])[1-9]")


def without_tail(typed: tuple[Word, ...]) -> tuple[Word, ...]:
    """Without politeness, "Viet Nam" and a hamlet behind the commune, unless nothing else is there."""
    for length in (1, 2):
        if len(typed) > length and _folded(typed[-length:]) in _TAILS:
            return without_tail(typed[:-length])
    for place, word in enumerate(typed[1:], start=1):
        numbered = len(typed) == place + 2 and typed[-1].folded.isdigit()
        last_segment = typed[place - 1].segment != word.segment == typed[-1].segment
        if word.folded in _ADDRESS and (numbered or last_segment):
            return typed[:place]
    return typed


def may_precede(before: tuple[Word, ...], typed: tuple[Word, ...], reading: Reading) -> bool:
    """May these words stand unread before the place? Fillers may, and an address within a commune.

    Never before a bare name: in "xa Bat Xta, Lao Cai" it is the province, not the phường Lào Cai.
    """
    rest = [word for word in before if word.folded not in _FILLERS]
    if not rest:
        return True
    place = reading.smallest
    if place.level is not Level.COMMUNE or not (place.type or reading.larger):
        return False
    if _TURNS & {word.folded for word in before}:
        return False
    own_segment = before[-1].segment != typed[reading.start].segment
    addressed = rest[0].folded in _ADDRESS or rest[0].folded[0].isdigit()
    return own_segment or (addressed and bool(place.type))


def contradicts(before: tuple[Word, ...], communes: frozenset[str], index: Index) -> bool:
    """Is a part before the place another place ("Ha Noi, xa Bat Xat"), or one that cannot be read ("xa Xta")?

    A part of the place itself ("Ban Qua, xa Bat Xat") and free words ("thon Na Ho") contradict nothing.
    """
    for segment in dict.fromkeys(word.segment for word in before):
        folded = [word.folded for word in before if word.segment == segment]
        while folded and folded[0] in _FILLERS and "".join(folded) not in index.names:
            del folded[0]
        key = without_type(folded)
        names = index.names.get(key, ())
        if names and not any(name.communes & communes for name in names):
            return True
        if not names and key != "".join(folded):
            return True
    return False


def without_type(folded: list[str]) -> str:
    """The joined name, without "xa", "thanh pho" ... before it."""
    for length in (2, 1):
        if len(folded) > length and tuple(folded[:length]) in PREFIXES:
            return "".join(folded[length:])
    return "".join(folded)


def as_telex(typed: tuple[Word, ...], syllables: frozenset[str]) -> tuple[Word, ...]:
    """Words that no name has, read as typed with the input method off: "baats xats", "ba1t xa1t"."""
    return tuple(_decoded(word, syllables) for word in typed)


def _decoded(word: Word, syllables: frozenset[str]) -> Word:
    if word.folded in syllables or word.folded.isdigit():
        return word
    plain = _VNI.sub("", word.folded)
    plain = _TELEX_LETTER.sub(lambda found: found[1] or found[2], _TELEX_TONE.sub("", plain))
    return replace(word, folded=plain, accents=plain, marked=False) if plain in syllables else word


def _folded(words: tuple[Word, ...]) -> tuple[str, ...]:
    return tuple(word.folded for word in words)
