"""The paper that somebody was followed to the end: its code, and what anybody may learn by it.

The code is ten digits that can be read aloud, the last one a check digit, the first no zero: so it is no telephone
number and no receipt's code. It follows from the follow-up's id and so cannot be guessed from another one. It tells the
unit and the days, never who or why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Select, Text, bindparam, select

from core.check_digit import is_checked, with_check_digit
from core.clock import VIETNAM
from core.database.following import follow_ups

LENGTH = 10

_SPAN = 9 * 10**8
_FIRST = 10**8


class Fault(StrEnum):
    """Why a code says nothing."""

    TYPO = "typo"  # too long, too short, or a digit is wrong
    UNKNOWN = "unknown"  # it could be one, and nobody was given it


@dataclass(frozen=True, slots=True)
class Certificate:
    """What anybody may know. `end_on`: the last day on which they were followed."""

    code: str
    unit_code: str
    start_on: date
    end_on: date


def release_codes(ids: Iterable[UUID], attempt: int = 0) -> dict[UUID, str]:
    """A code of each follow-up; another one for each attempt."""
    return {each: release_code(each, attempt) for each in ids}


def release_code(follow_up_id: UUID, attempt: int = 0) -> str:
    """Always the same for the same follow-up and attempt."""
    digest = sha256(b"release" + follow_up_id.bytes + attempt.to_bytes(2, "big")).digest()
    return with_check_digit(str(_FIRST + int.from_bytes(digest[:16], "big") % _SPAN))


def plain(written: str) -> str:
    """A code as typed or read aloud, without what stands between its digits."""
    return "".join(written.split()).replace("-", "").replace(".", "")


def is_release_code(written: str) -> bool:
    """Whether it can be one of ours, heard and typed without a mistake."""
    digits = plain(written)
    return len(digits) == LENGTH and digits[0] != "0" and is_checked(digits)


def spoken(code: str) -> str:
    """The code as it is read: 412 738 6054."""
    return f"{code[:3]} {code[3:6]} {code[6:]}"


def find(connection: Connection, codes: Sequence[str]) -> dict[str, Certificate]:
    """The certificates with these codes. One statement, and none for no codes."""
    if not codes:
        return {}
    return {row.release_code: _certificate(row) for row in connection.execute(_FIND, {"codes": list(codes)})}


def look_up(connection: Connection, written: str) -> Certificate | Fault:
    """What a code says, as somebody typed it."""
    if not is_release_code(written):
        return Fault.TYPO
    code = plain(written)
    return find(connection, [code]).get(code, Fault.UNKNOWN)


def _certificate(row: Any) -> Certificate:
    ended = row.ended_at.astimezone(VIETNAM).date() if row.ended_at else row.end_on
    return Certificate(row.release_code, row.unit_code, row.start_on, min(row.end_on, ended))


_OF = ("release_code", "unit_code", "start_on", "end_on", "ended_at")
_FIND: Select[Any] = select(*(follow_ups.c[name] for name in _OF)).where(
    follow_ups.c.release_code == bindparam("codes", type_=ARRAY(Text)).any_(),
    follow_ups.c.status == "completed",
)
