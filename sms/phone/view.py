"""What the simulator's page reads. Instants are ISO 8601, money is đồng, waits are seconds."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from math import ceil
from typing import Any, Final

from core.clock import VIETNAM
from sms.phone.screen import Line, Screen, Screens, Total

_MORNING: Final = time(8)


def screen_json(screen: Screen) -> dict[str, Any]:
    """`count`, `lines` with oldest first, and the totals `by_person` and `by_us`."""
    return {
        "count": screen.count,
        "lines": [_line(line) for line in screen.lines],
        "by_person": _total(screen.by_person),
        "by_us": _total(screen.by_us),
    }


def clock_json(screens: Screens, now: datetime) -> dict[str, Any]:
    """The demo's `now`, and how long to 8 o'clock `to_morning` and `to_reminder` (null when nobody is due)."""
    due = screens.next_reminder(now)
    return {
        "now": now.isoformat(),
        "to_morning": _wait(now, _next_morning(now)),
        "to_reminder": _wait(now, due) if due else None,
    }


def _next_morning(now: datetime) -> datetime:
    tomorrow = now.astimezone(VIETNAM).date() + timedelta(days=1)
    return datetime.combine(tomorrow, _MORNING, VIETNAM)


def _wait(now: datetime, then: datetime) -> int:
    return ceil((then - now).total_seconds())


def _line(line: Line) -> dict[str, Any]:
    return {
        "id": str(line.id),
        "sent": line.sent,
        "text": line.text,
        "at": line.at.isoformat(),
        "encoding": line.measured.encoding,
        "units": line.measured.units,
        "room": line.measured.room,
        "parts": line.measured.parts,
        "cost": line.cost,
    }


def _total(total: Total) -> dict[str, int]:
    return {"messages": total.messages, "parts": total.parts, "cost": total.cost}
