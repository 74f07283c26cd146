"""Every kind of reply by its name, with plain JSON values: for the command line and for measuring."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from core.conversation.limits import NO_LIMITS
from core.conversation.parsers import (
    birth,
    checkin,
    command,
    danger,
    day,
    gender,
    on_behalf,
    phone,
    symptoms,
    temperature,
    yesno,
)
from core.conversation.parsers.command import Command
from core.conversation.understanding import DayReport, Unclear, Understood

_NOT_PRINTED = frozenset({Command.CORRECT, Command.HOURS, Command.ACCENTS, Command.VISIT, Command.WRONG_NUMBER})


def understand(kind: str, text: str, today: date) -> object | None:
    """The value as JSON knows it, None for unclear. KeyError when `kind` is not in KINDS."""
    return _READERS[kind](text, today)


def _value(said: Understood[bool] | Understood[float] | Understood[str] | Unclear) -> object | None:
    return None if isinstance(said, Unclear) else said.value


def _symptoms(text: str, today: date) -> object | None:
    said = symptoms.parse(text)
    return None if isinstance(said, Unclear) else list(said.value.present)


def _checkin(text: str, today: date) -> object | None:
    said = checkin.parse(text)
    return None if isinstance(said, Unclear) else _report(said.value)


def _report(report: DayReport) -> Mapping[str, object]:
    signs = None if report.signs is None else list(report.signs.present)
    return {"temperature": report.temperature, "symptoms": signs}


def _day(text: str, today: date) -> object | None:
    said = day.parse(text, today)
    return None if isinstance(said, Unclear) else said.value.isoformat()


def _command(text: str, today: date) -> object | None:
    """A conversation hears danger before any command; what is told so of somebody of the family calls for help."""
    said = command.parse(text)
    if isinstance(said, Unclear):
        of_another = on_behalf.tells_of_relative(text) and danger.find(text, NO_LIMITS).present
        return Command.EMERGENCY.value if of_another else None
    if said.value in _NOT_PRINTED:
        return None
    return Command.HELP.value if said.value is Command.MENU else said.value.value


_READERS: Mapping[str, Callable[[str, date], object | None]] = {
    "yesno": lambda text, today: _value(yesno.parse(text)),
    "temperature": lambda text, today: _value(temperature.parse(text)),
    "symptoms": _symptoms,
    "checkin": _checkin,
    "birth": lambda text, today: _value(birth.parse(text, today)),
    "date": _day,
    "gender": lambda text, today: _value(gender.parse(text)),
    "phone": lambda text, today: _value(phone.parse(text)),
    "command": _command,
}

KINDS = tuple(_READERS)
"""The kinds of reply, as `khaibao understand KIND` names them."""
