"""What stands around a place in a text, and letters of the input method that were left in it. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from core.places.index import Index, Level
from core.places.types import without_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.places.read import Reading, Word


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Politeness, "the former", the country. Each word goes by itself, so "nha ban oi" goes whole.
_TAILS = _set("vn vietnam a ah nhe nha do cu oi thoi day em chau con bac co chu anh chi minh ban")
_COUNTRY = ("viet", "nam")
_FILLERS = _set(
    """toi em chau con minh bac ong ba nha o dang tai thuoc dia chi la que hien cu tru song noi
    vang da thua co chu anh gia dinh i im am we live living stay staying at in my home house is the address"""
)
# A house, a street, a hamlet: it stands before the commune, or behind it.
_ADDRESS = _set(
    """so nha duong ngo ngach hem kiet pho to khu thon ban ap xom buon bon lang doi tdp kp khom khoi
    chung toa can phong lo block kdt cc ktx street hamlet apartment apt room no alley lane"""
)
# "not in", "near", "or": what follows is not where the person is.
_TURNS = _set("khong ko k hok gan hoac khac not near or")
# "from Ha Noi to Lao Cai": the end is not where the person is.
_WAYS = _set("tu ve den qua sang from to hay va and")
_NOW = re.compile(
    r"\b(?:bay gio|gio|hien nay|hien tai|hien|nay|dang|now)"
    r"(?: (?:dang|song|cu tru|tam tru|live|living|stay|staying))* (?:o|la|thuoc|tai|in|at) "
)
_TELEX_TONE = re.compile(r"(?<=.)[sfrxj](?=.?$)")
_TELEX_LETTER = re.compile(r"([aeod])\1|([aou])w")
_VNI = re.compile(r"(?<=[a-z])[1-9]")


def ways_to_read(typed: tuple[Word, ...], index: Index) -> Iterator[tuple[Word, ...]]:
    """As typed; without politeness at the end; from "now in" on; then all these as if the input method had been off."""
    ways = list(_shorter(typed))
    if (start := _now(typed)) and not _TURNS & {word.folded for word in typed[:start]}:
        ways.extend(_shorter(typed[start:]))
    yield from ways
    for decode in (_unknown_decoded, _decoded):
        for way in ways:
            decoded = tuple(decode(word, index.syllables) for word in way)
            if decoded != way:
                yield decoded


def _shorter(typed: tuple[Word, ...]) -> Iterator[tuple[Word, ...]]:
    """The text, and what is left of it without politeness, "Viet Nam" and a hamlet behind the commune, word by word."""
    yield typed
    shorter = _without_tail(typed)
    if shorter != typed:
        yield from _shorter(shorter)


def only_said(typed: tuple[Word, ...]) -> tuple[Word, ...]:
    """Without "toi o" before the place and politeness behind it; nothing is left of "o nha"."""
    start, end = 0, len(typed)
    while start < end and typed[start].folded in _FILLERS:
        start += 1
    while end > start and typed[end - 1].folded in _TAILS:
        end -= 1
    return typed[start:end]


def _without_tail(typed: tuple[Word, ...]) -> tuple[Word, ...]:
    if len(typed) > 1 and typed[-1].folded in _TAILS:
        return typed[:-1]
    if len(typed) > 2 and tuple(word.folded for word in typed[-2:]) == _COUNTRY:
        return typed[:-2]
    for place, word in enumerate(typed[1:], start=1):
        numbered = len(typed) == place + 2 and typed[-1].folded.isdigit()
        last_segment = typed[place - 1].segment != word.segment == typed[-1].segment
        if word.folded in _ADDRESS and (numbered or last_segment):
            return typed[:place]
    return typed


def _now(typed: tuple[Word, ...]) -> int:
    """How many words stand before the place where somebody says that they are now: "que Nam Dinh gio o | Ha Noi"."""
    text = " ".join(word.folded for word in typed)
    ends = [found.end() for found in _NOW.finditer(text)]
    return text.count(" ", 0, ends[-1]) if ends else 0


def may_precede(before: tuple[Word, ...], typed: tuple[Word, ...], reading: Reading) -> bool:
    """Whether words before a place leave it as it is: "toi o", or an address ("thon Na Ho xa Bat Xat").

    Anything may stand there in a part of its own ("Ban Qua, xa Bat Xat"). A number that could be part
    of the name may not: "cam duong 2" is not "2".
    """
    rest = [word for word in before if word.folded not in _FILLERS]
    if not rest:
        return True
    place = reading.smallest
    if place.level is Level.PROVINCE or not (place.type or reading.larger):
        return False
    if _TURNS & {word.folded for word in before}:
        return False
    own_segment = before[-1].segment != typed[reading.start].segment
    addressed = rest[0].folded in _ADDRESS or rest[0].folded[0].isdigit()
    return own_segment or (addressed and bool(place.type))


def elsewhere(before: tuple[Word, ...]) -> bool:
    """Whether words before a place say that the person is not there, or not there alone."""
    return bool((_TURNS | _WAYS) & {word.folded for word in before})


def contradicts(before: tuple[Word, ...], communes: frozenset[str], index: Index) -> bool:
    """Is a part before the place another place ("Ha Noi, xa Bat Xat"), or one that cannot be read ("xa Xta")?

    A part of the place itself ("Ban Qua, xa Bat Xat") and free words ("thon Na Ho") contradict nothing.
    """
    for segment in dict.fromkeys(word.segment for word in before):
        folded = [word.folded for word in before if word.segment == segment]
        if _FILLERS.issuperset(folded):  # "chau o", though Châu Ổ is a former thị trấn
            continue
        while folded and folded[0] in _FILLERS and "".join(folded) not in index.names:
            del folded[0]
        key = without_type(folded)
        names = index.names.get(key, ())
        if names and not any(name.communes & communes for name in names):
            return True
        if not names and key != "".join(folded):
            return True
    return False


def _unknown_decoded(word: Word, syllables: frozenset[str]) -> Word:
    """A word that no name has, as typed with the input method off: "baats xats", "ba1t xa1t"."""
    return word if word.folded in syllables else _decoded(word, syllables)


def _decoded(word: Word, syllables: frozenset[str]) -> Word:
    """A word as typed with the input method off, also if it could be one as it stands ("tar" in "Tar Van")."""
    if word.folded.isdigit():
        return word
    plain = _VNI.sub("", word.folded)
    plain = _TELEX_LETTER.sub(lambda found: found[1] or found[2], _TELEX_TONE.sub("", plain))
    for read in (plain, plain.replace("w", "u")):
        if read in syllables and read != word.folded:
            return replace(word, folded=read, accents=read, typed=read, marked=False)
    return word
