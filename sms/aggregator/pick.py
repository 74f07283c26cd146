"""Finding one value in a provider's words: by a path in JSON (`data.code`, `results.0.id`) or by a pattern (`re:...`).

Pure. What is not there is None; what is no text is written as JSON writes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_LONGEST = 20_000  # characters of an answer that a pattern is tried on
PATTERN = "re:"


def at(tree: Any, path: str) -> str | None:
    """The value at a path; None if there is none, or if it is a table or a list."""
    if isinstance(tree, Mapping) and path in tree:  # a key may hold a point
        return as_text(tree[path])
    for step in path.split("."):
        if isinstance(tree, Mapping):
            tree = tree.get(step)
        elif isinstance(tree, list) and step.isascii() and step.isdigit() and int(step) < len(tree):
            tree = tree[int(step)]
        else:
            return None
    return as_text(tree)


def as_text(value: Any) -> str | None:
    """A text, a number or a yes as text. None for what has no text of its own."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    return None


def first(picks: Sequence[str], tree: Any, text: str) -> str | None:
    """What the first of several paths and patterns finds. `text` is the whole answer."""
    for pick in picks:
        found = _matched(pick.removeprefix(PATTERN), text) if pick.startswith(PATTERN) else at(tree, pick)
        if found is not None:
            return found
    return None


def _matched(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text[:_LONGEST])
    return found[1] if found else None
