"""What stands beside a report and is none: who writes ("tôi là Hồ Văn Nam, 36,6"), people told apart by letters."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.conversation.fold import Folded, Token, fold
from core.conversation.lexicon import phrases
from core.conversation.parsers.part_words import TABLE
from core.conversation.parsers.phrases import any_of
from core.conversation.parsers.tags import Item, Tag

_MIDDLE = frozenset({"van", "thi"})
_SURNAMES = frozenset(phrases("names", "surname"))
_ALSO_WORDS = frozenset(phrases("names", "surname_and_word"))
_GIVEN_AND_NUMBER = frozenset(phrases("names", "given_and_number"))
_INTRODUCE = frozenset({"la", "ten"})
_I = frozenset({"toi", "tui", "em", "chau", "con", "minh", "ten", "day"})
_PARENTS = frozenset({"me", "ma", "bo", "ba", "cha", "ong", "vo", "chong"})
_CHILD = "con"
_STILL = "con2"
_CALLS = "ơi"
_TOGETHER = frozenset({"voi", "va", "cung", "deu", "lan"})
_POLITE = frozenset({"da", "thua"})
_FINE = frozenset({Tag.WELL, Tag.NO_SIGNS})
_NEIGHBOUR = any_of("on_behalf", "neighbour")
_MYSELF = frozenset({"toi", "tui", "em", "chau", "minh"})
_HOW_THEY_ARE = frozenset({Tag.SIGN, Tag.WELL})
_LONGEST = 3
"""Words of a name behind the surname, or of a given name that somebody introduces themselves by."""

_MAY = _SURNAMES | _ALSO_WORDS | _INTRODUCE
_ADDRESS = r"\W*(?:(?:d[ạa]|th[ưu]a|ch[àa]o|b[áa]c|s[ĩỹi]|bs|c[ôo]|ch[úu]|anh|ch[ịi]|em|ch[áa]u)\W+)*"
_LETTERS = re.compile(
    rf"(?i:{_ADDRESS})"
    r"(?:A\b.*?[\s,;.:](?<!\d )B\b|B\b.*?[\s,;.:](?<!\d )(?<!do )(?<!độ )C\b|a\b.*?[\s,;.:]b\b)"
    r"[ \t]*[:.,=-]?[ \t]*\w",
    re.DOTALL,
)


def lettered(folded: Folded) -> bool:
    """Whether a text tells several people apart by their letters: "A khỏe B sốt". Whose signs are they?"""
    return "b" in folded.texts and _LETTERS.match(folded.clean) is not None


def two_people(tokens: Sequence[Token]) -> bool:
    """ "mẹ sốt con khỏe": how two people are, and nobody can tell which of them is asked for."""
    places = [at for at in range(len(tokens) - 3) if tokens[at].text in _PARENTS]
    of_parents = [hit for at in places if (hit := TABLE.at(tokens, at + 1)) and hit.meaning.tag in _HOW_THEY_ARE]
    if not of_parents:
        return False
    first = of_parents[0]
    behind = [TABLE.at(tokens, at + 1) for at in range(first.end, len(tokens) - 1) if tokens[at].mark == _CHILD]
    tags = {hit.meaning.tag for hit in behind if hit is not None}
    return bool(_HOW_THEY_ARE & tags - {first.meaning.tag})


def child_called(tokens: Sequence[Token], at: int, before: Sequence[Item]) -> bool:
    """Whether the "con" there calls the child, as in "hông có sao hết con" and "khỏe con ơi", and is no "còn".

    Without accents "het sot con oi" may be "còn ói": then only behind what says that all is well.
    """
    end = at + 1
    if end < len(tokens) and tokens[end].mark == _CALLS:
        return True
    while end < len(tokens) and tokens[end].text.isalnum():
        hit = TABLE.at(tokens, end)
        if hit is None or hit.meaning.tag is not Tag.PERSON:
            return False
        end = hit.end
    last = next((item.tag for item in reversed(before) if item.tag is not Tag.BREAK), None)
    return last in _FINE or any(token.mark != token.text for token in tokens[max(at - 2, 0) : at])


def without_neighbours(folded: Folded) -> Folded:
    """Of "bà kế bên sốt, còn tui thì khỏe" what follows "còn": how a neighbour is nobody asks. Of somebody of the
    family it might be asked, so they stay."""
    if _CHILD not in folded.texts or not _NEIGHBOUR.may_be_in(folded):
        return folded
    tokens = folded.tokens
    begin = 2 if tokens[0].text in _POLITE else 0
    of_me = next((at for at in range(begin, len(tokens)) if tokens[at].text in _MYSELF), 0)
    first = next((hit.start for hit in _NEIGHBOUR.find(tokens) if hit.exact), len(tokens))
    if not first < of_me or tokens[of_me - 1].mark != _STILL:
        return folded
    of_both = any(token.text in _TOGETHER for token in tokens[:of_me])
    before = (TABLE.at(tokens, at) for at in range(first))
    ill = any(hit is not None and hit.meaning.tag in _HOW_THEY_ARE for hit in before)
    return folded if of_both or ill else fold(folded.since(of_me))


def without_names(folded: Folded) -> Folded:
    """The text without the name and surname of who writes, for "Hồ" is no cough and "Tám" no number."""
    if _MAY.isdisjoint(folded.texts):
        return folded
    tokens = folded.tokens
    for at, token in enumerate(tokens):
        text = token[0]
        end = _name_end(folded, at) if text in _SURNAMES or text in _ALSO_WORDS else 0
        if end == 0 and text in _I:
            end = _introduced_end(folded, at)
        if end:
            start = at + 1 if token.text in _I else at
            return fold(f"{folded.clean[: tokens[start].start]} {folded.clean[tokens[end - 1].end :]}")
    return folded


def _name_end(folded: Folded, at: int) -> int:
    """Where the full name ends that begins here; 0 if none does. A surname that is a word as well ("ho", "do") needs
    "Văn" or "Thị", and capitals or an introduction."""
    tokens = folded.tokens
    third = at + 2 < len(tokens) and tokens[at + 2].text.isalpha()
    middle = third and tokens[at + 1].text in _MIDDLE
    if tokens[at].text in _ALSO_WORDS:
        sure = (at and tokens[at - 1].text in _INTRODUCE) or all(_titled(folded, i) for i in range(at, at + 3))
        given = at + 2 if middle and sure and _may_be_given(tokens, at + 2) else 0
    elif middle:
        given = at + 2
    else:
        given = at + 1 if _titled(folded, at) and _titled(folded, at + 1) and not _speaks(tokens, at + 1) else 0
    if not given:
        return 0
    end = given + 1
    while end < min(len(tokens), at + 1 + _LONGEST) and _titled(folded, end) and not _speaks(tokens, end):
        end += 1
    return end


def _introduced_end(folded: Folded, at: int) -> int:
    """ "Tôi là Hoa": words that say nothing else; 0 without them."""
    tokens = folded.tokens
    if at + 2 >= len(tokens) or tokens[at + 1].text not in _INTRODUCE:
        return 0
    begin = at + 2 if tokens[at + 2].text not in _INTRODUCE else at + 3
    end = begin
    while end < min(len(tokens), begin + _LONGEST) and tokens[end].text.isalpha() and _names(folded, end):
        end += 1
    return end if end > begin else 0


def _titled(folded: Folded, at: int) -> bool:
    if at >= len(folded.tokens):
        return False
    typed = folded.clean[folded.tokens[at].start : folded.tokens[at].end]
    return len(typed) > 1 and typed[0].isupper() and typed[1:].islower()


def _speaks(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word says something of health, politeness or time."""
    hit = TABLE.at(tokens, at)
    return hit is not None and hit.exact


def _names(folded: Folded, at: int) -> bool:
    """ "Lan" is a name, and no "lần"."""
    hit = TABLE.at(folded.tokens, at)
    return hit is None or (_titled(folded, at) and hit.meaning.tag in (Tag.FILLER, Tag.PERSON, Tag.BREAK))


def _may_be_given(tokens: Sequence[Token], at: int) -> bool:
    """No word that says how the cough is: "Ho van con"."""
    return tokens[at].text.isalpha() and (tokens[at].text in _GIVEN_AND_NUMBER or not _speaks(tokens, at))
