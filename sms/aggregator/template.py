"""Templates: `{name}` in a text or a table, filled with values that cannot break out of the format around them.

Names are small words, or words with a point: `{to}`, `{secret.api_key}`, `{header.X-Time}`. Braces around anything
else, as JSON has them, are text. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import quote
from xml.sax.saxutils import escape as escape_markup

Escape: TypeAlias = Callable[[str], str]
Values: TypeAlias = Mapping[str, str]
Tree: TypeAlias = Any
"""What TOML holds: tables, lists, texts, numbers."""

_HOLE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.\-]*)\}")
_NUMBER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.\-]*):int\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_QUOTES: Final = {'"': "&quot;", "'": "&#39;", "\r": "&#13;"}


def plain(value: str) -> str:
    """As it is: for tables, whose format is made around the values later."""
    return value


def in_header(value: str) -> str:
    """Without line ends, which would begin another header."""
    return _CONTROL.sub("", value)


def in_url(value: str) -> str:
    """Also a slash cannot begin another part of the path."""
    return quote(value, safe="", errors="replace")


def in_json(value: str) -> str:
    """Between the quotes of a JSON string."""
    return json.dumps(value)[1:-1]


def in_xml(value: str) -> str:
    """In an element or between the quotes of an attribute; without what XML 1.0 cannot carry at all."""
    return escape_markup(_NOT_IN_XML.sub("", value), _QUOTES)


@dataclass(frozen=True, slots=True)
class Template:
    """A text with holes."""

    text: str

    @property
    def names(self) -> frozenset[str]:
        """What it asks for."""
        return frozenset(_HOLE.findall(self.text))

    def fill(self, values: Values, escape: Escape = plain) -> str:
        """The text; a value that is not there is empty."""
        return _HOLE.sub(lambda hole: escape(values.get(hole[1], "")), self.text)


def fill_tree(tree: Tree, values: Values) -> Tree:
    """A table with every text in it filled. A text that is `{name:int}` and no more becomes a number.

    Raises ValueError if that value is none.
    """
    if isinstance(tree, Mapping):
        return {key: fill_tree(value, values) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [fill_tree(value, values) for value in tree]
    if not isinstance(tree, str):
        return tree
    number = _NUMBER.fullmatch(tree)
    return int(values.get(number[1], "")) if number else Template(tree).fill(values)


def names_in(tree: Tree) -> frozenset[str]:
    """What a table's texts ask for."""
    return frozenset(name for text in _texts(tree) for name in (*Template(text).names, *_NUMBER.findall(text)))


def _texts(tree: Tree) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
        return
    inner = tree.values() if isinstance(tree, Mapping) else tree if isinstance(tree, list | tuple) else ()
    for value in inner:
        yield from _texts(value)
