"""A person's name, with the year of birth and the gender if they came in the same text: "Nguyen Van A 1948 nam"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from core.conversation.parsers import birth, gender, name
from core.conversation.understanding import Unclear, Understood

_BORN = re.compile(r"[\s,.;(-]*\b((?:sinh\s+(?:(?:năm|nam)\s+)?|sn\s*|năm\s+)?\d.*)", re.IGNORECASE | re.DOTALL)
"""Where the birth begins. "nam" alone is no word for "year" here: in "Nguyen Van Nam 1950" it is his name."""

_TWO_DIGITS = re.compile(r"\s*\d\d\s*")
_LAST_NUMBER = re.compile(r"^(.*\d\s*(?:tuổi|tuoi|t)?)\b[\s,.;]*(.*)$", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is, as far as said. `full_name` as typed, tidied; `year_of_birth` and `gender` None if not said."""

    full_name: str
    year_of_birth: int | None = None
    gender: str | None = None


def parse(text: str, today: date) -> Understood[Identity] | Unclear:
    """Read a name, and what follows it only if all of it is read: otherwise the name alone would be a guess."""
    birth_said = _BORN.search(text)
    if birth_said is None:
        return _name_only(text)
    named = name.parse(text[: birth_said.start()])
    if isinstance(named, Unclear):
        return named
    born, sex = _split(birth_said[1])
    year = birth.parse(born, today)
    if isinstance(year, Unclear):
        return _without_year(named.value, born, sex) or Unclear(year.reason)
    if not sex:
        return Understood(Identity(named.value, int(year.value[:4])))
    said = gender.parse(sex)
    return said if isinstance(said, Unclear) else Understood(Identity(named.value, int(year.value[:4]), said.value))


def _without_year(name: str, born: str, sex: str) -> Understood[Identity] | None:
    """ "Nguyen Van Ba 90 nam": born in 1990, or 90 years old? The year is asked for; the rest is sure."""
    said = gender.parse(sex) if sex else None
    if not _TWO_DIGITS.fullmatch(born) or isinstance(said, Unclear):
        return None
    return Understood(Identity(name, None, said.value if said else None))


def gender_behind(text: str) -> str | None:
    """The gender that stands behind a birth: "1980 nam", "46 tuoi, nu"."""
    said = gender.parse(sex) if (sex := _split(text)[1]) else None
    return said.value if isinstance(said, Understood) else None


def _name_only(text: str) -> Understood[Identity] | Unclear:
    """A gender is read off the end only behind a comma: "Nam" and "Nu" are parts of names."""
    head, comma, tail = text.rpartition(",")
    if comma and isinstance(said := gender.parse(tail), Understood):
        named = name.parse(head)
        return named if isinstance(named, Unclear) else Understood(Identity(named.value, None, said.value))
    named = name.parse(text)
    return named if isinstance(named, Unclear) else Understood(Identity(named.value))


def _split(rest: str) -> tuple[str, str]:
    match = _LAST_NUMBER.match(rest)
    return (match.group(1), match.group(2).strip()) if match else (rest, "")
