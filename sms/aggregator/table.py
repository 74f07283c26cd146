"""Reading one table of the file: every mistake is told with its place and what to do, and reading goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


class Table:
    """A TOML table. `where` is its name, as in `[esms.send]`; `told` collects the mistakes of the whole file.

    No value is ever quoted in a mistake: it may be a secret that does not belong there.
    """

    def __init__(self, raw: Mapping[str, Any], where: str, told: list[str]) -> None:
        self.raw = raw
        self.where = where
        self._told = told
        self._read: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self.raw

    def tell(self, key: str, problem: str) -> None:
        """A mistake at `key`."""
        self._told.append(f"[{self.where}] {key}: {problem}")

    def text(self, key: str, default: str | None = None, hint: str = "give a text") -> str:
        """A text; without a default it is needed."""
        self._read.add(key)
        value = self.raw.get(key)
        if value is None and default is None:
            self.tell(key, f"is missing: {hint}")
        elif value is not None and not isinstance(value, str):
            self.tell(key, f"is no text: {hint}, in quotes")
        return value if isinstance(value, str) else default or ""

    def parsed(self, key: str, parse: Callable[[str], T], default: T, hint: str, needed: bool = False) -> T:
        """What `parse` makes of a text. If that raises ValueError, `hint` says what would be right."""
        raw = self.text(key, None if needed else "", hint)
        try:
            return parse(raw) if raw else default
        except ValueError:
            self.tell(key, f"is not usable: {hint}")
            return default

    def one_of(self, key: str, words: tuple[str, ...], default: str | None = None) -> str:
        """One of some words."""
        hint = f"use one of {', '.join(words)}"
        raw = self.text(key, default, hint)
        if raw and raw not in words:
            self.tell(key, f"is not usable: {hint}")
        return raw if raw in words else words[0]

    def number(self, key: str, default: int, least: int, most: int) -> int:
        """A whole number in that range."""
        self._read.add(key)
        value = self.raw.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.tell(key, f"is not usable: use a whole number from {least} to {most}")
        return default

    def flag(self, key: str) -> bool:
        """true or false; false if it is not there."""
        self._read.add(key)
        value = self.raw.get(key, False)
        if not isinstance(value, bool):
            self.tell(key, "is not usable: use true or false")
        return value is True

    def texts(self, key: str) -> tuple[str, ...]:
        """One text or a list of them."""
        self._read.add(key)
        value = self.raw.get(key, [])
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            self.tell(key, 'is not usable: use a text or a list of texts, as ["100"]')
            return ()
        return tuple(listed)

    def any(self, key: str) -> Any:
        """Whatever it holds; None if it is not there."""
        self._read.add(key)
        return self.raw.get(key)

    def pairs(self, key: str) -> dict[str, str]:
        """A table of texts; empty if it is not there."""
        inner = self.inner(key)
        return {name: inner.text(name) for name in inner.raw} if inner else {}

    def inner(self, key: str) -> Table | None:
        """A table in this one; None if it is not there."""
        self._read.add(key)
        value = self.raw.get(key)
        if value is not None and not isinstance(value, Mapping):
            self.tell(key, f"is no table: write [{self.where}.{key}]")
            return None
        return None if value is None else Table(value, f"{self.where}.{key}", self._told)

    def end(self) -> None:
        """Whatever nobody asked for is a mistake too: a misspelt key would be silently without effect."""
        for key in self.raw:
            if key not in self._read:
                self.tell(key, "is not known: README.md of sms/aggregator has all keys")
