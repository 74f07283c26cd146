"""One typed word: its letters without accents, and the accents that were typed.

Vietnamese phones leave residue of two input methods in the text: Telex ("khoong", "sots") and VNI ("kho6ng", "so61t").
A word is only taken for residue when it is no Vietnamese syllable as it stands, and is one once decoded.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from core.conversation.lexicon import vocabulary


class Spelling(NamedTuple):
    """`text`: "sot". `mark`: "sôt1", hats as typed and the tone as a last digit; `text` again when nothing was typed.

    Hỏi and ngã are one tone (3), as half the country writes them; the place of the tone (hòa, hoà) does not matter.
    """

    text: str
    mark: str


_TONES = {"\u0301": "1", "\u0300": "2", "\u0309": "3", "\u0303": "3", "\u0323": "5"}
_HATS = {"\u0302", "\u0306", "\u031b"}
_ONSET = r"(?:ngh?|nh|gh?|gi|kh?|ph|qu?|th?|tr|ch?|[bdđhlmnprsvx])?"
_RIME = (
    r"(?:a(?:[cimnoptuy]|ch|ng|nh)?|e(?:[cmnoptu]|ch|ng|nh)?|i(?:[amnptu]|ch|nh|e[cmnptu]|eng)?"
    r"|o(?:[cimnpt]|ng|a(?:[cimnopty]|ch|ng|nh)?|e[not]?)?"
    r"|u(?:[cimnptu]|ng|a(?:[nty]|ng)?|e(?:ch|nh|n)?|o(?:[cimnptu]|ng)?|y(?:[antu]|ch|nh|e[nt])?)?"
    r"|y(?:e[mntu]|eng)?)"
)
_SYLLABLE = re.compile(_ONSET + _RIME)
_STOPPED = re.compile(r".*(?:[cpt]|ch)")
_I_FOR_Y = re.compile(r"^([hklmstv])y$")
_VOWEL = re.compile("[aeiouy]")
_REPEATED = re.compile(r"(.)\1+")
_MIXED = re.compile(r"\d+|\D+")
_VNI = re.compile(r"[^\W\d_]+(?:[1-9]{1,2}[^\W\d_]*)+")
_LAUGH = re.compile(r"k{2,}|(?:kk?a+){2,}|h{3,}")
"""Not "k k", a no said twice: half the country types its laughter this way."""
_LAUGHTER = Spelling("haha", "haha")
_FEVER_AT_END = re.compile(r"\D+(?:3[4-9]|4[0-3])")
_COUNTED = frozenset(
    {"thang", "nam", "mung", "mong", "ngay", "lan", "tuoi", "so", "chon", "do", "cau", "tam", "thu", "nha", "phong"}
    | {"ap", "to", "khu", "sk"}
)
"""Words that a number follows: "thang8" is August, though VNI would read "thăng"."""
_VNI_HATS = {"6": ("aeo", "\u0302"), "7": ("uo", "\u031b"), "8": ("a", "\u0306")}
_VNI_SINGLE = frozenset({"a5", "u2", "u72", "u27", "o73", "o37", "o72"})
_TELEX_TONES = frozenset("sfrxj")
_CHAT_SPELLINGS = (
    (re.compile(r"(?<![cghn])([gh])$"), r"n\1"),
    (re.compile(r"^f"), "ph"),
    (re.compile(r"^d?z"), "d"),
    (re.compile(r"^j"), "gi"),
    (re.compile(r"^w"), "qu"),
)


def accents(word: str) -> Spelling:
    """Take the accents off one lower-case word, without guessing at residue."""
    letters: list[str] = []
    hatted: list[str] = []
    tone = ""
    for char in unicodedata.normalize("NFD", word):
        if char in _TONES:
            tone = _TONES[char]
        elif char in _HATS:
            hatted[-1:] = [unicodedata.normalize("NFC", "".join(hatted[-1:]) + char)]
        elif not unicodedata.combining(char) and char != "'":
            letters.append("d" if char == "đ" else char)
            hatted.append(char)
    text = "".join(letters)
    return Spelling(_I_FOR_Y.sub(r"\1i", text), _I_FOR_Y.sub(r"\1i", "".join(hatted)) + tone)


def is_syllable(text: str) -> bool:
    """Whether letters without accents can be a Vietnamese syllable."""
    return _SYLLABLE.fullmatch(text) is not None


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(accents(word).text for word in vocabulary())


@lru_cache(maxsize=1 << 15)
def spell(word: str) -> tuple[Spelling, ...]:
    """A run of letters and digits, lower case, as the words it stands for: usually one.

    Two or more when words were run together ("khotho", "sot38").
    """
    if word.isdigit():
        return (Spelling(word, word),)
    if any(char.isdigit() for char in word):
        return _with_digits(word)
    return _letters(word) if _LAUGH.fullmatch(word) is None else (_LAUGHTER,)


def _letters(word: str) -> tuple[Spelling, ...]:
    plain = accents(word)  # without the apostrophe of "don't"
    if plain.text in _known() or is_syllable(plain.text):
        return (plain,)
    respelt = _respelt(word)
    if respelt is not None:
        return (respelt,)
    short = _REPEATED.sub(r"\1", plain.text)
    for candidate in (short if plain.text == short or not _telex_double(plain.text) else "", _telex(plain.text)):
        if candidate and (candidate in _known() or is_syllable(candidate)):
            return (Spelling(candidate, candidate),)
    candidate = _telex(short)
    if candidate and is_syllable(candidate):
        return (Spelling(candidate, candidate),)
    if short in _known() or is_syllable(short):
        return (Spelling(short, short),)
    return _run_together(plain.text) or (plain,)


def _respelt(word: str) -> Spelling | None:
    """A word we know, in the short spelling of chats: "đồg" đồng, "bìh" bình, "fải" phải; its accents stay."""
    for pattern, letters in _CHAT_SPELLINGS:
        changed = accents(pattern.sub(letters, word))
        if changed.text in _known() and changed.text != accents(word).text:
            return changed
    return None


def _telex_double(text: str) -> bool:
    return not re.search(r"([aeod])\1", text)


def _telex(text: str) -> str:
    """ "khoongs" -> "khong"; "" when nothing in it is Telex. Its accents are dropped: residue is seldom exact."""
    out: list[str] = []
    toned = False
    for char in text:
        has_vowel = any(letter in "aeiouy" for letter in out)
        if char in _TELEX_TONES and has_vowel and not toned:
            toned = True
        elif char == "w" and has_vowel:
            continue
        elif char == "w":
            out.append("u")
        elif not (char in "aeo" and char in out) and not (char == "d" and out == ["d"]):
            out.append(char)
    found = "".join(out)
    return "" if found == text else found


def _with_digits(word: str) -> tuple[Spelling, ...]:
    decoded = _vni(word)
    if decoded is not None:
        return (decoded,)
    parts: list[Spelling] = []
    for part in _MIXED.findall(word):
        parts.extend((Spelling(part, part),) if part.isdigit() else _letters(part))
    return tuple(parts)


def _vni(word: str) -> Spelling | None:
    if not _VNI.fullmatch(word) or _FEVER_AT_END.fullmatch(word):
        return None
    head = word.rstrip("0123456789")
    if (len(word) - len(head) == 1 and head in _COUNTED) or (len(head) == 1 and word not in _VNI_SINGLE):
        return None
    typed = _vni_accents(word)
    if typed is None or not is_syllable(typed.text):
        return None
    possible = typed.mark[-1] in "15" or not _STOPPED.fullmatch(typed.text) or not typed.mark[-1].isdigit()
    return typed if possible else None


def _vni_accents(word: str) -> Spelling | None:
    """The word with its digits turned to accents; None when a digit has no letter to stand on."""
    letters: list[str] = []
    tone = ""
    for char in word:
        if char in "12345":
            if tone:
                return None
            tone = "3" if char == "4" else char
        elif not char.isdigit():
            letters.append(char)
        elif not _put_hat(letters, char):
            return None
    typed = accents("".join(letters))
    return Spelling(typed.text, typed.mark + tone)


def _put_hat(letters: list[str], digit: str) -> bool:
    if digit == "9":
        found = bool(letters) and letters[0] == "d"
        letters[:1] = ["đ"] if found else letters[:1]
        return found
    carriers, hat = _VNI_HATS[digit]
    for index in range(len(letters) - 1, -1, -1):
        if letters[index] in carriers:
            letters[index] = unicodedata.normalize("NFC", letters[index] + hat)
            return True
    return False


def _run_together(text: str) -> tuple[Spelling, ...]:
    """ "khongsot" -> khong, sot: only when every part is a word we know, fewest parts first."""
    if not 4 <= len(text) <= 24:
        return ()
    best: list[tuple[str, ...] | None] = [()] + [None] * len(text)
    for end in range(2, len(text) + 1):
        for start in range(max(0, end - 7), end - 1):
            before = best[start]
            part = text[start:end]
            if before is None or part not in _known() or not _VOWEL.search(part):
                continue
            now = best[end]
            if now is None or len(before) + 1 < len(now):
                best[end] = (*before, part)
    return tuple(Spelling(part, part) for part in best[-1] or ())
