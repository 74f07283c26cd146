"""What a simulated phone does with messages: it takes them, is switched off, is gone, or nobody can say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Engine, delete, select
from sqlalchemy.dialects.postgresql import insert

from core.conversation.messages import N_
from core.database.shared import demo_phones
from core.messaging.channel import OutcomeUnknown, SendError, TryLater, Unreachable


class Fault(StrEnum):
    """How a phone fails. The values are stored."""

    OFF = "off"
    GONE = "gone"
    SILENT = "silent"


NAMES: Final[Mapping[Fault, str]] = {
    Fault.OFF: N_("Tắt máy: tin đợi đến khi bật"),
    Fault.GONE: N_("Số không còn: tin bị trả lại"),
    Fault.SILENT: N_("Mạng không trả lời: không rõ tin tới chưa"),
}
"""What each is called on the page."""

_AGAIN = timedelta(seconds=10)


def error(fault: Fault) -> SendError:
    """What a send to such a phone ends with."""
    if fault is Fault.OFF:
        return TryLater("switched off", _AGAIN)
    return Unreachable("no such number") if fault is Fault.GONE else OutcomeUnknown("no answer")


def fault_of(engine: Engine, number: str) -> Fault | None:
    """How the phone of this E.164 number fails; None if it takes its messages."""
    with engine.connect() as connection:
        held = connection.scalar(select(demo_phones.c.fault).where(demo_phones.c.address == number))
    return Fault(held) if held else None


def set_fault(engine: Engine, number: str, fault: Fault | None) -> None:
    """From now on it fails like that, or not any more."""
    with engine.begin() as connection:
        connection.execute(delete(demo_phones).where(demo_phones.c.address == number))
        if fault is not None:
            connection.execute(insert(demo_phones).values(address=number, fault=fault))
