"""Vietnamese alphabetical order as a plain string, because the database has no ICU."""

from __future__ import annotations

import unicodedata

from core.places.names import TONES, words

LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: chr(ord("A") + place) for place, letter in enumerate(LETTERS)}
# Dictionary order of tones: none, huyền, hỏi, ngã, sắc, nặng.
_TONE_RANK = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
# Below the space, so that a name comes before the longer names that begin with it.
_BETWEEN = "\x1f"


def sort_key(name: str) -> str:
    """A string that sorts by code point (collation C) as Vietnamese does: letters first, tones second.

    Numbers count as numbers up to 9999: "Phường 2" before "Phường 10". Words outside the alphabet come last.
    """
    parts = words(name)
    return " ".join(map(_letters, parts)) + _BETWEEN + "".join(map(_tone, parts))


def _letters(word: str) -> str:
    if word.isdigit():
        return word.zfill(4)
    apart = unicodedata.normalize("NFD", word)
    bare = unicodedata.normalize("NFC", "".join(char for char in apart if char not in TONES))
    return "".join(_RANK.get(char, char) for char in bare)


def _tone(word: str) -> str:
    return next((_TONE_RANK[char] for char in unicodedata.normalize("NFD", word) if char in TONES), "0")
