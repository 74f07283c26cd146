"""What anybody may learn by the code of a release: the unit and the days, never who or why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, Connection, Row, Select, Text, bindparam, select

from core.care.release_code import is_release_code, plain
from core.clock import VIETNAM
from core.conversation.messages import N_
from core.database.following import follow_ups


class Fault(StrEnum):
    """Why a code says nothing."""

    TYPO = "typo"  # too long, too short, or a digit is wrong
    UNKNOWN = "unknown"  # it could be one, and nobody was given it


@dataclass(frozen=True, slots=True)
class Certificate:
    """What anybody may know. `end_on`: the last day on which they were followed; `early`: before all days were done."""

    code: str
    unit_code: str
    start_on: date
    end_on: date
    early: bool = False


RELEASED = N_("{unit}: {who} đã theo dõi đủ ngày, hết {until}. Mã giấy chứng nhận: {code}. Kiểm tra: nhắn XEM và mã.")
"""What they are told when it is over: the paper in one text."""

RELEASED_EARLY = N_("{unit}: {who} hết theo dõi ngày {until}. Mã giấy chứng nhận: {code}. Kiểm tra: nhắn XEM và mã.")
"""The same to whom staff released before their last day."""

VALID = N_("Giấy {code} là thật: {unit} xác nhận một người đã được theo dõi đủ ngày, từ {start} đến {end}.")
VALID_EARLY = N_("Giấy {code} là thật: {unit} xác nhận đã theo dõi một người từ {start} đến {end}, kết thúc sớm.")
UNKNOWN = N_("Không có giấy nào mang mã {code}. Xin xem lại từng số, hoặc hỏi trạm y tế đã cấp.")
TYPO = N_("Mã {code} chưa đúng: có lẽ nhầm một số, hoặc hai số đổi chỗ. Mã trên giấy có 10 số.")


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


def _certificate(row: Row[Any]) -> Certificate:
    until = followed_until(row)
    return Certificate(row.release_code, row.unit_code, row.start_on, until, until < row.end_on)


def followed_until(row: Row[Any]) -> date:
    """The last day on which somebody was followed, by `end_on` and `ended_at` of their follow-up."""
    planned: date = row.end_on
    return min(planned, row.ended_at.astimezone(VIETNAM).date()) if row.ended_at else planned


_OF = ("release_code", "unit_code", "start_on", "end_on", "ended_at")
_FIND: Select[Any] = select(*(follow_ups.c[name] for name in _OF)).where(
    follow_ups.c.release_code == bindparam("codes", type_=ARRAY(Text)).any_(),
    follow_ups.c.status == "completed",
)
