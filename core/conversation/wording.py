"""From a text with parameters to words in one language. Pure: `core.words` loads the catalogue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from core.conversation.messages import N_, Degrees, Listed, Param, Say, Term
from core.conversation.understanding import Choice

COUNTS = ("count", "left")
"""The parameters that pick a plural form, where the language has any; Vietnamese has none. A text that names one
of them has both forms in a catalogue, under the same source text."""

_COMMA_DECIMALS = frozenset({"vi"})


class Words(Protocol):
    """A catalogue of one language. A source text that it lacks comes back as it is."""

    @property
    def language(self) -> str:
        """Its ISO 639 code, as in `locales/`."""
        ...

    def gettext(self, message: str) -> str:
        """The translation of a source text."""
        ...

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """The translation that fits `n`."""
        ...


class MissingParameter(LookupError):
    """A source text was said without a parameter that it names: a fault of the code that said it."""


def word(say: Say, words: Words) -> str:
    """The text in that language, its parameters worded and filled in after translating.

    `{You}` is `{you}` with a capital, and so for any parameter. A translation that cannot be filled gives way
    to the source text: words in the wrong language still help, silence does not. Raises MissingParameter.
    """
    filled = _Filled({name: _word(param, words) for name, param in say.params.items()})
    try:
        return _translate(say, words).format_map(filled)
    except (LookupError, ValueError, AttributeError):
        return _source(say, filled)


def word_choices(choices: tuple[Choice, ...], words: Words) -> tuple[Choice, ...]:
    """The same choices with labels in that language. Names stay as they are, but for the kind of place before them."""
    return tuple(replace(c, label=_gettext(c.label, words)) for c in choices)


def numbered(choices: tuple[Choice, ...]) -> str:
    """Choices behind a text where nothing can be tapped: " 1 Có 2 Không". Empty without choices."""
    said = (choice for choice in choices if not choice.tapped)
    return "".join(f" {number} {choice.label}" for number, choice in enumerate(said, start=1))


def degrees(value: float, language: str) -> str:
    """Degrees Celsius as that language writes them: 37,5 or 37.5. Whole degrees have no decimal."""
    plain = f"{value:g}"
    return plain.replace(".", ",") if language in _COMMA_DECIMALS else plain


class _Filled(dict[str, str]):
    """Parameters by name; a name with a capital finds the small one and gives it a capital."""

    def __missing__(self, name: str) -> str:
        small = name[:1].lower() + name[1:]
        if small == name or small not in self:
            raise KeyError(name)
        return self[small][:1].upper() + self[small][1:]


def _word(param: Param, words: Words) -> str:
    match param:
        case Say():
            return word(param, words)
        case Term():
            return _gettext(param.text, words)
        case Degrees():
            return degrees(param.value, words.language)
        case Listed():
            return _gettext(param.mark, words).join(_word(item, words) for item in param.items)
    return str(param)


def _translate(say: Say, words: Words) -> str:
    count = next((say.params[name] for name in COUNTS if name in say.params), None)
    if isinstance(count, int):
        plural = words.ngettext(say.text, say.text, count)
        if plural != say.text:
            return plural
    return _gettext(say.text, words)


def _gettext(text: str, words: Words) -> str:
    if not text:  # gettext("") is the catalogue's header
        return ""
    found = words.gettext(text)
    place = _PLACE.fullmatch(text) if found == text else None
    if place is None:
        return found
    kind, name, around = place.groups()
    return words.gettext(_KINDS[kind]).format(name=name) + around


_KINDS = {
    "xã": N_("xã {name}"),
    "phường": N_("phường {name}"),
    "đặc khu": N_("đặc khu {name}"),
    "thị trấn": N_("thị trấn {name}"),
    "huyện": N_("huyện {name}"),
    "quận": N_("quận {name}"),
    "thị xã": N_("thị xã {name}"),
    "thành phố": N_("thành phố {name}"),
    "tỉnh": N_("tỉnh {name}"),
}
_PLACE = re.compile(rf"({'|'.join(_KINDS)}) ([^\W\d][^.,?:(]*?)((?:, [^.?:]+)?(?: \(.+\))?)")
"""A place as it is called among others: "xã Bát Xát, Lào Cai", also with what it was before behind it. A number is
no name: "phường 5" stays."""


def _source(say: Say, filled: Mapping[str, str]) -> str:
    try:
        return say.text.format_map(filled)
    except (LookupError, ValueError, AttributeError) as fault:
        given = ", ".join(say.params) or "none"
        raise MissingParameter(f"cannot word {say.text!r}: {fault!r}; parameters given: {given}") from fault
