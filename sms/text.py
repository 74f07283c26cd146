"""What a text costs on the air: GSM-7 septets or UCS-2 units, and where a long text is cut.

Source: 3GPP TS 23.038, 6.2.1 (default alphabet and its extension table) and 6.2.3 (UCS2);
3GPP TS 23.040, 9.2.3.24.1 (a header of 6 octets in every part of a long message). One message holds 140
octets: 160 septets or 70 units; with the header 153 septets or 67 units. Phones read UCS-2 as UTF-16.
Vietnamese has no national table: one letter beyond à è é ì ò ù É makes the whole text UCS-2.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

Encoding = Literal["GSM-7", "UCS-2"]

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")
_GSM: Final = _BASIC | _EXTENDED

_WHOLE: Final[dict[Encoding, int]] = {"GSM-7": 160, "UCS-2": 70}
_PART: Final[dict[Encoding, int]] = {"GSM-7": 153, "UCS-2": 67}

_JOINER = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)


class _Bare(dict[int, int | None]):
    """By character what is left of it without accents, found once: a text is translated in one go."""

    def __missing__(self, char: int) -> int | None:
        left = self[char] = None if unicodedata.combining(chr(char)) else char
        return left


_BARE: Final = _Bare({ord("đ"): ord("d"), ord("Đ"): ord("D")})


@dataclass(frozen=True, slots=True)
class Parts:
    """A text's price: `units` are septets (GSM-7) or 16-bit units (UCS-2), `parts` are messages paid for."""

    encoding: Encoding
    units: int
    parts: int

    @property
    def room(self) -> int:
        """The most units that as many parts can hold: 160, 306, 459, or 70, 134, 201."""
        return _WHOLE[self.encoding] if self.parts == 1 else _PART[self.encoding] * self.parts


def nfc(text: str) -> str:
    """`text` with its accents composed: the same question is 133 units so and 164 decomposed."""
    return unicodedata.normalize("NFC", text)


def unaccent(text: str) -> str:
    """`text` without accents, as Vietnamese is written in SMS: "Đã nhận" becomes "Da nhan"."""
    return nfc(unicodedata.normalize("NFD", text).translate(_BARE))


def measure(text: str) -> Parts:
    """What `text` costs, composed first. An empty text is one empty message."""
    composed = nfc(text)
    encoding = encoding_of(composed)
    units = _units(composed, encoding)
    return Parts(encoding, units, 1 if units <= _WHOLE[encoding] else len(split(composed)))


def encoding_of(composed: str) -> Encoding:
    """GSM-7 if every character has a place in the default alphabet or its extension, else UCS-2."""
    return "GSM-7" if _GSM.issuperset(composed) else "UCS-2"


def split(text: str) -> tuple[str, ...]:
    """The parts that leave, in order; joined they are the composed text.

    An escaped septet pair, a surrogate pair and a letter with its marks are never cut. A cluster that is
    longer than a whole part (a joke of 70 marks on one letter) is cut between its characters.
    """
    composed = nfc(text)
    encoding = encoding_of(composed)
    if _units(composed, encoding) <= _WHOLE[encoding]:
        return (composed,)
    pieces: Iterator[str] = iter(composed) if encoding == "GSM-7" else _clusters(composed, _PART[encoding])
    return tuple(_fill(pieces, _PART[encoding], lambda piece: _units(piece, encoding)))


def _units(text: str, encoding: Encoding) -> int:
    if encoding == "GSM-7":
        return len(text) if _EXTENDED.isdisjoint(text) else len(text) + sum(c in _EXTENDED for c in text)
    return len(text) + sum(c > "\uffff" for c in text)


def _fill(pieces: Iterator[str], room: int, cost: Callable[[str], int]) -> Iterator[str]:
    held: list[str] = []
    used = 0
    for piece in pieces:
        price = cost(piece)
        if used + price > room:
            yield "".join(held)
            held, used = [], 0
        held.append(piece)
        used += price
    yield "".join(held)


def _clusters(text: str, room: int) -> Iterator[str]:
    cluster = ""
    for char in text:
        if cluster and not _belongs(cluster, char):
            yield from _within(cluster, room)
            cluster = ""
        cluster += char
    yield from _within(cluster, room)


def _within(cluster: str, room: int) -> Iterator[str]:
    return iter((cluster,) if _units(cluster, "UCS-2") <= room else cluster)


def _belongs(cluster: str, char: str) -> bool:
    """Does `char` show as one sign with what stands before it? The rules of UAX #29 that texts meet."""
    if char == _JOINER or cluster[-1] == _JOINER or unicodedata.category(char) in {"Mn", "Mc", "Me"}:
        return True
    if cluster == "\r":
        return char == "\n"
    if ord(char) in _SKIN_TONES:
        return True
    return len(cluster) == 1 and ord(cluster) in _FLAG_LETTERS and ord(char) in _FLAG_LETTERS
