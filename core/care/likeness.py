"""Whether somebody on a list is somebody whom we know already, by the same name and year of birth. Pure.

Two people of one village may share both. What the list and we know of them decides; where that is not enough nobody is
taken for another, and nobody is made twice: staff are told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from core.care.hamlets import is_hamlet, plain


class Likeness(StrEnum):
    """Of two people of the same name and year."""

    SAME = "same"
    OTHER = "other"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Described:
    """What is known of one of them; "" where nothing is. `has_phone`: they answer on a phone."""

    person_id: UUID
    gender: str
    hamlet: str
    address: str
    has_phone: bool


def likeness(one: Described, other: Described) -> Likeness:
    """The same place in full: the same. Another gender, another hamlet, another house number, or each on a phone of
    their own: others. Else it is not known."""
    if one.gender and other.gender and one.gender != other.gender:
        return Likeness.OTHER
    hamlets = bool(plain(one.hamlet) and plain(other.hamlet))
    if hamlets and not is_hamlet(one.hamlet, other.hamlet):
        return Likeness.OTHER
    same_hamlet = hamlets or not (plain(one.hamlet) or plain(other.hamlet))
    if same_hamlet and plain(one.address) == plain(other.address) and (hamlets or plain(one.address)):
        return Likeness.SAME
    if one.has_phone and other.has_phone:
        return Likeness.OTHER
    houses = _numbers(one.address), _numbers(other.address)
    return Likeness.OTHER if all(houses) and houses[0] != houses[1] else Likeness.UNSURE


def _numbers(address: str) -> frozenset[str]:
    return frozenset(re.findall(r"\d+", address))
