"""Where somebody lives, said at once or bit by bit: by its name, or by what was offered. Nothing is chosen for them."""

from __future__ import annotations

import re

from core.conversation.form import UnitReader
from core.conversation.parsers import choice, yesno
from core.conversation.understanding import Choice, HalfPlace, Reason, Unclear, Understood

NO = ""
"""The value of "no, that is not it"."""

_NAMES_A_COMMUNE = re.compile(r"\b(?:(?:x[aã]|ph[uư][oờ]ng|th[iị] tr[aấ]n|p\.|tt\.)\s|ward\b|commune\b)", re.IGNORECASE)
_LARGER = 2  # pieces behind a commune: its district and its province
_PICKED = re.compile(r"\W*(?:\d{1,2}|[a-zA-Z])\W*")
_AFTER_NO = re.compile(r"\W*(?:kh[oô]ng|ko|no|sai)(?: (?:ph[aả]i|r[oồ]i))?\b[\s,.;:]*", re.IGNORECASE)
_STATION = re.compile(r"TYT\d{5}")


def parse(
    text: str, options: tuple[Choice, ...], kept: tuple[str, ...], read: UnitReader
) -> Understood[tuple[Choice, str]] | Unclear:
    """The unit with what was typed for it. `options`: what the last text offered; `kept`: see `UnitReader`."""
    if options and options[-1].value == NO:
        return _confirmed(text, options[0], kept, read)
    if options and _PICKED.fullmatch(text):
        return _offered(choice.parse(text, options), kept, read)
    said = read(text, kept)
    if isinstance(said, Understood) or not options:
        return _typed(said, (*kept, text))
    picked = _offered(choice.parse(text, _by_words(options)), kept, read)
    return said if isinstance(picked, Unclear) and isinstance(said, HalfPlace) else picked


def names_a_commune(text: str) -> bool:
    """Whether a text says "xa", "phuong" ..., so that a name in it is one of a place."""
    return bool(_NAMES_A_COMMUNE.search(text))


def joined(pieces: list[str], read: UnitReader) -> list[str]:
    """The pieces between commas, a commune together with its district and province where these stand behind it."""
    found: list[str] = []
    while pieces:
        length = next((n for n in range(_LARGER, 0, -1) if _are_one(pieces[: n + 1], read)), 0)
        found.append(", ".join(pieces[: length + 1]))
        pieces = pieces[length + 1 :]
    return found


def _are_one(pieces: list[str], read: UnitReader) -> bool:
    """Whether the place is clearer with the last piece than without it."""
    if len(pieces) < 2 or not names_a_commune(pieces[0]) or any(map(names_a_commune, pieces[1:])):
        return False
    whole, part = read(", ".join(pieces)), read(", ".join(pieces[:-1]))
    return isinstance(whole, Understood) and not isinstance(part, Understood)


def begun(pieces: list[str], read: UnitReader) -> tuple[str, ...]:
    """The piece that names a place in part, to go on with when the place is asked."""
    named = (read(piece) for piece in pieces if names_a_commune(piece))
    return next((each.kept for each in named if isinstance(each, HalfPlace) and each.place), ())


def _by_words(options: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """A province in a longer text ("xa Y Ty, Lao Cai") is no answer to which of them the first commune is in."""
    return options if all(_STATION.fullmatch(each.value) for each in options) else ()


def _offered(
    picked: Understood[str] | Unclear, kept: tuple[str, ...], read: UnitReader
) -> Understood[tuple[Choice, str]] | Unclear:
    """What a choice leads to: a unit, or a province in which to look on."""
    if isinstance(picked, Unclear):
        return Unclear(picked.reason)
    return _typed(read(picked.value, kept), kept)


def _confirmed(
    text: str, likely: Choice, kept: tuple[str, ...], read: UnitReader
) -> Understood[tuple[Choice, str]] | Unclear:
    """An answer to "is it ...?". A no asks the whole question again, unless the right place stands behind it."""
    said = yesno.parse(text)
    if isinstance(said, Understood) and said.value and not said.rest:
        return _typed(read(likely.value, kept), kept)
    right = _AFTER_NO.sub("", text)
    named = read(right)
    denied = right != text or (isinstance(said, Understood) and not said.value)
    if denied and not isinstance(named, Understood | HalfPlace):
        return HalfPlace(Reason.NOT_FOUND)
    return _typed(named, (right,))


def _typed(said: Understood[Choice] | Unclear, texts: tuple[str, ...]) -> Understood[tuple[Choice, str]] | Unclear:
    return said if isinstance(said, Unclear) else Understood((said.value, ", ".join(texts)))
