"""A person's name, in the form in which it was typed."""

from __future__ import annotations

import re

from core.conversation.fold import fold, tidy, words
from core.conversation.lexicon import phrases
from core.conversation.parsers.phrases import Phrases
from core.conversation.understanding import Reason, Unclear, Understood

SHORTEST, LONGEST, MOST_WORDS = 2, 60, 8
"""Letters and words of a name; the longest names on Vietnamese ID cards have eight words."""

_BEFORE = re.compile(
    r"(?i)^(?:dạ|da|thưa|thua|ạ|vâng|vang)?[\s,:]*"
    r"(?:(?:họ\s*(?:và\s*)?tên|ho\s*(?:va\s*)?ten|tên(?:\s+đầy\s+đủ)?|ten(?:\s+day\s+du)?|full\s*name|name|my\s+name\s+is|i\s+am)"
    r"(?:\s+(?:của\s+|cua\s+)?(?:tôi|toi|tui|em|cháu|chau|con|mình|minh))?(?:\s+(?:là|la))?[\s:=-]+"
    r"|(?:tôi|toi|tui|em|cháu|chau|con|mình|minh|bác|bac)\s+(?:(?:tên|ten)(?:\s+(?:là|la))?|là|la)[\s:=-]+"
    r"|(?:là|la)\s+)"
)
_AFTER = re.compile(r"(?i)[\s,.!]+(?:ạ|nhé|nhe|nha|ah)$")
_LETTERS = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*(?: [^\W\d_]+\.?(?:['’-][^\W\d_]+)*)*\.?")
_NEVER = frozenset(words(word) for word in phrases("names", "never"))
_PLACES = frozenset(words(place) for place in phrases("names", "places"))
_TITLES = frozenset(words(title) for title in phrases("names", "title"))
_GOES_ON = frozenset(words(word) for word in phrases("names", "title_goes_on"))
_NO_SURNAMES = frozenset({"thi", "van", "a"})
"""Behind the first word of a name: that is the surname then, and no title ("Bá Thị Kim Anh")."""
_NO_NAME = "Bà"
_SURE_FROM = 3  # words of a name in small letters behind a title; "ba le" and "chu van an" are whole names

_SENTENCE = Phrases([(p, True) for p in (*phrases("talk", "question"), *phrases("talk", "uncertain"))])
_WORDS_OF_SENTENCES = Phrases([(word, True) for word in phrases("names", "sentence")])


def parse(text: str) -> Understood[str] | Unclear:
    """The name, spaces tidied, capitals put when all letters were small or all were big. Accents stay as typed."""
    typed = " ".join(tidy(text).split())
    kept = _untitled(_AFTER.sub("", _BEFORE.sub("", typed)).strip(" ,.;:-"))
    if not kept:
        return Unclear(Reason.EMPTY)
    if not _LETTERS.fullmatch(kept) or not SHORTEST <= len(kept) <= LONGEST:
        return Unclear(Reason.NOT_AN_ANSWER)
    if _is_sentence(typed, kept):
        return Unclear(Reason.QUESTION if "?" in typed else Reason.NOT_AN_ANSWER)
    return Understood(capitals(kept))


def _is_sentence(typed: str, kept: str) -> bool:
    parts = words(kept).split()
    if "?" in typed or not 1 <= len(parts) <= MOST_WORDS:
        return True
    if all(part in _NEVER for part in parts) or " ".join(parts) in _PLACES:
        return True
    tokens = fold(kept).tokens
    if _WORDS_OF_SENTENCES.find(tokens):
        return True
    return any(hit.exact and hit.end - hit.start > 1 for hit in _SENTENCE.find(tokens))


def _untitled(kept: str) -> str:
    """ "ba Sung Thi Pa" -> "Sung Thi Pa": a small title before capitals, or before three words and more. "Ông" and
    "Chú" with a capital may be the surname."""
    parts = kept.split()
    if len(parts) < _SURE_FROM or words(parts[0]) not in _TITLES:
        return kept
    loud = kept.isupper()
    if not (loud or parts[0].islower() or parts[0] == _NO_NAME):
        return kept
    goes_on = len(parts) > _SURE_FROM and words(parts[1]) in _GOES_ON and (parts[1].islower() or loud)
    name = parts[2:] if goes_on else parts[1:]
    sure = not loud and name[0][:1].isupper()
    if words(name[0]) in _NO_SURNAMES or not (sure or len(name) >= _SURE_FROM):
        return kept
    return " ".join(name)


def capitals(name: str) -> str:
    """ "nguyen van an" and "NGUYEN VAN AN" -> "Nguyen Van An"; mixed capitals are left as typed."""
    if not (name.islower() or name.isupper()):
        return name
    return " ".join(part[:1].upper() + part[1:].lower() for part in name.split(" "))


def folded(name: str) -> str:
    """For search and comparison: small letters without accents, single spaces."""
    return words(name)
