"""What was read for what was meant: each confusion with its count, those that do harm marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from core.conversation.parsers.command import Command
from tests.core.conversation.parsers.cast import comparable

UNCLEAR = "unclear"
_NO_SIGNS = "no signs"
_CLOSED = frozenset({"command", "gender"})
"""Kinds whose values are few and have names; of the others it is only told that the value is another."""


@dataclass(frozen=True, slots=True)
class Read:
    """One labelled reply: what a person reads in it and what the program read, as JSON has it; None for unclear."""

    kind: str
    text: str
    meant: object
    got: object

    @property
    def right(self) -> bool:
        """Whether the program read what a person does."""
        return comparable(self.meant) == comparable(self.got)


class Confusion(NamedTuple):
    """One sort of misreading. `harm`: what makes it dangerous, "" when it only costs a question."""

    kind: str
    meant: str
    got: str
    harm: str


def confusions(read: Iterable[Read]) -> Counter[Confusion]:
    """How often each misreading came; what was read right is not in it."""
    return Counter(
        Confusion(each.kind, _name(each.kind, each.meant), _other(each), harm(each)) for each in read if not each.right
    )


def lines(found: Counter[Confusion]) -> Iterator[str]:
    """The list, dangerous ones first, then the commonest."""
    for each, count in sorted(found.items(), key=lambda item: (not item[0].harm, -item[1], item[0])):
        mark = f"   DANGEROUS: {each.harm}" if each.harm else ""
        yield f"{each.kind:12s} {each.meant} -> {each.got}: {count}{mark}"


def harm(read: Read) -> str:
    """Why a misreading is dangerous: it goes on with what nobody said, or without what was said. "" if it is not."""
    if read.right or read.got is None:
        return ""
    if read.kind == "yesno" and read.meant is False and read.got in (True, Command.BACK.value):
        return "a no read as yes or back"
    if lost := _signs(read.meant) - _signs(read.got):
        return f"a sign lost, {'none' if not _signs(read.got) else 'others'} read ({', '.join(sorted(lost))})"
    return "unclear read as sure" if read.meant is None else ""


def _signs(value: object) -> set[str]:
    listed = value.get("symptoms") if isinstance(value, dict) else value
    return set(listed) if isinstance(listed, list) else set()


def _other(read: Read) -> str:
    """A name for what was got, unlike the name of what was meant."""
    name = _name(read.kind, read.got)
    return f"other {name}" if name == _name(read.kind, read.meant) else name


def _name(kind: str, value: object) -> str:
    if value is None:
        return UNCLEAR
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | dict):
        return "signs" if _signs(value) else _NO_SIGNS
    return str(value) if kind in _CLOSED or kind == "yesno" else "value"
