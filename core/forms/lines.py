"""Where things stand in a TOML text: the standard reader tells values, not lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

Path = tuple[str | int, ...]
"""The way to a value: ("question", 2, "choices", 0, "label")."""

_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.-]+)\s*\]\]?")
_KEY = re.compile(r"\s*([\w-]+)\s*=")
_INLINE = re.compile(r"\{\s*[\w-]+\s*=")
_FENCE = re.compile(r'"""|\'\'\'')


class Lines:
    """Line numbers by path. A table in a list of inline tables counts from 0, as in the parsed value."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        for path, line in _scan(text):
            self._lines.setdefault(path, line)

    def of(self, path: Path) -> int:
        """The line of that value, or of the nearest thing around it; 1 if nothing is known."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)


def _scan(text: str) -> Iterator[tuple[Path, int]]:
    table: Path = ()
    entry: Path = ()
    seen: Counter[Path] = Counter()
    fenced = False
    for number, line in enumerate(text.splitlines(), start=1):
        inside, fenced = fenced, fenced ^ (len(_FENCE.findall(line)) % 2 == 1)
        if inside:
            continue
        if header := _HEADER.fullmatch(line.split("#")[0].rstrip()):
            table = entry = _table(header[2].split("."), header[1] == "[[", seen)
            yield table, number
        elif key := _KEY.match(line):
            entry = (*table, key[1])
            yield entry, number
        for _ in _INLINE.finditer(line):
            yield (*entry, seen[entry]), number
            seen[entry] += 1


def _table(names: list[str], repeated: bool, seen: Counter[Path]) -> Path:
    """The path of a header, counting tables that repeat. A name that repeated before stands for its last one."""
    path: Path = ()
    for name in names[:-1]:
        path = (*path, name)
        if seen[path]:
            path = (*path, seen[path] - 1)
    path = (*path, names[-1])
    if not repeated:
        return path
    seen[path] += 1
    return (*path, seen[path] - 1)
