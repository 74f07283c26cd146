"""Names as keys: without accents, joined, or with accents that do not depend on where a tone is put."""

from __future__ import annotations

import re
import unicodedata

TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_APOSTROPHES = re.compile("['’‘`´]")
_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Lower-case words as typed, in NFC. An apostrophe joins: "D'Ran" is one word."""
    return _WORD.findall(_APOSTROPHES.sub("", unicodedata.normalize("NFC", text)).lower())


def fold(word: str) -> str:
    """Without accents, in lower case: "Đăk Glei" -> "dak glei". ASCII for Vietnamese text."""
    apart = unicodedata.normalize("NFD", word.lower().replace("đ", "d"))
    return "".join(char for char in apart if not unicodedata.combining(char))


def with_tone_last(word: str) -> str:
    """Keeps accents, but moves the tone to the end: "hòa" and "hoà" are one spelling."""
    apart = unicodedata.normalize("NFD", word)
    bare = "".join(char for char in apart if char not in TONES)
    return unicodedata.normalize("NFC", bare) + "".join(char for char in apart if char in TONES)


def spaced_key(name: str) -> str:
    """Folded words, numbers without leading zeros: "Phường 04" -> "phuong 4"."""
    return " ".join(fold(word).lstrip("0") or "0" for word in words(name))


def joined_key(name: str) -> str:
    """As `spaced_key` but written together, as in "batxat"."""
    return spaced_key(name).replace(" ", "")


def accent_key(name: str) -> str:
    """Words with their accents, one spelling each."""
    return " ".join(with_tone_last(word) for word in words(name))
