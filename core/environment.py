"""Reading variables of the environment: each may come from a file (`NAME_FILE`), and all mistakes are told together.

An empty variable counts as not set. A channel reads its own group (`*/config.py`); `app.settings` reads the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from environs import FileAwareEnv

T = TypeVar("T")

ORIGIN = "use https://name, without a path"
URL = "use a whole address: https://name/path"


class _Environment(FileAwareEnv):
    """environs over the mapping that it is given, not over the process's own environment."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__()
        self._given = environ

    def _get_value(self, env_key: str, default: Any) -> Any:
        if path := self._given.get(f"{env_key}{self.file_suffix}"):
            return Path(path).read_text(encoding="utf-8").strip()
        return self._given.get(env_key, "").strip() or default


class Reader:
    """Reads one variable after the other and collects what is wrong: `problems`, one line each, without a secret."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environment = _Environment(environ)
        self.problems: list[str] = []

    def text(self, name: str) -> str:
        """What it holds, without white space around it; "" if it is not set."""
        try:
            return self._environment.str(name, "")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a text"
            self._tell(f"{name}_FILE: cannot be read ({reason}): give a file with the value")
            return ""

    def read(self, name: str, parse: Callable[[str], T], default: T, hint: str) -> T:
        """What `parse` makes of it. If that raises ValueError, `hint` says what would be right."""
        raw = self.text(name)
        try:
            return parse(raw) if raw else default
        except ValueError:
            self._tell(f"{name}: is not usable: {hint}")
            return default

    def need(self, name: str, hint: str) -> None:
        """Report `name` as missing, once."""
        if not any(problem.startswith((f"{name}:", f"{name}_FILE:")) for problem in self.problems):
            self._tell(f"{name}: is missing: {hint}")

    def group(self, prefix: str, needed: Mapping[str, str], optional: tuple[str, ...] = ()) -> dict[str, str] | None:
        """Texts by their names without `prefix`; None if none of them is set: the channel is off.

        `needed` has a hint for each. Half a group is a mistake, not a channel that is off: what is missing is reported.
        """
        found = {name: self.text(f"{prefix}{name}") for name in (*needed, *optional)}
        if not any(found.values()):
            return None
        for name, hint in needed.items():
            if not found[name]:
                self.need(f"{prefix}{name}", f"{hint}, or remove the other {prefix} variables")
        return found

    def _tell(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


def origin(raw: str) -> str:
    """A scheme, a host and perhaps a port, without a slash at its end. Raises ValueError on more or less."""
    parts = urlsplit(raw)
    more = parts.path.strip("/") or parts.query or parts.fragment or parts.username
    if parts.scheme not in {"http", "https"} or not parts.hostname or more:
        raise ValueError(raw)
    port = f":{parts.port}" if parts.port else ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def url(raw: str) -> str:
    """A whole http address, as given. Raises ValueError on anything else, also on one with a password in it."""
    parts = urlsplit(raw)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.fragment:
        raise ValueError(raw)
    return raw


def flag(raw: str) -> bool:
    """1, true, yes, on or their opposites; ValueError otherwise."""
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if raw.lower() not in words:
        raise ValueError(raw)
    return words[raw.lower()]


def whole(least: int, most: int) -> Callable[[str], int]:
    """A parser of whole numbers in that range."""

    def parse(raw: str) -> int:
        if not least <= int(raw) <= most:
            raise ValueError(raw)
        return int(raw)

    return parse
