"""How the pages write times, numbers, codes and signs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from babel.dates import format_date
from jinja2 import pass_context
from jinja2.runtime import Context

from console.describe import described
from console.desk import desk
from core.care.handling import Result
from core.clock import VIETNAM
from core.conversation.signs import SIGNS
from core.conversation.wording import degrees

_NUMBER = re.compile(r"\+?\d{8,15}")


def moment(at: datetime | None) -> str:
    """The local time, 08:05; with its day before it if that is not today: 20/11 08:05."""
    if at is None:
        return ""
    local = at.astimezone(VIETNAM)
    return f"{local:%H:%M}" if local.date() == desk().day().today else f"{local:%d/%m %H:%M}"


def machine(at: datetime) -> str:
    """For <time datetime>."""
    return at.astimezone(VIETNAM).isoformat(timespec="seconds")


def day(value: date) -> str:
    """A day in figures, in Vietnam's order: 21/11/2026."""
    return f"{value:%d/%m/%Y}"


@pass_context
def long_day(context: Context, value: date) -> str:
    """A day in words, with the day of the week, in the page's language."""
    return format_date(value, "full", locale=context.get("language", "vi"))


def grouped(code: str) -> str:
    """A receipt's code as it is read aloud: 412 738 605."""
    return " ".join(code[start : start + 3] for start in range(0, len(code), 3))


def callable_number(number: str) -> bool:
    """Whether it can be dialled."""
    return bool(_NUMBER.fullmatch(number))


def phone(number: str) -> str:
    """A number as people write it: 0900 000 011. Numbers of other countries keep their +."""
    national = f"0{number[3:]}" if number.startswith("+84") else number
    if len(national) != 10:
        return national
    return f"{national[:4]} {national[4:7]} {national[7:]}"


def masked(number: str) -> str:
    """A number by which somebody who knows it recognises it, and nobody else learns it: 0900 ••• •11."""
    shown = phone(number)
    return f"{shown[:4]} ••• •{shown[-2:]}" if callable_number(number) else ""


@pass_context
def heat(context: Context, value: float) -> str:
    """Degrees Celsius: 38,2 °C, or 38.2 °C where numbers have a point."""
    return f"{degrees(value, context.get('language', 'vi'))} °C"


def gravest_first(codes: Iterable[str]) -> list[str]:
    """Signs in the order of their gravity; a code that is not known comes last."""
    rank = {code: n for n, code in enumerate(SIGNS)}
    return sorted(codes, key=lambda code: rank.get(code, len(SIGNS)))


def result(stored: str) -> tuple[Result, str]:
    """An alert's result and its note."""
    code, _, note = stored.partition(": ")
    return (Result(code), note) if code in set(Result) else (Result.OTHER, stored)


FILTERS: Mapping[str, Callable[..., object]] = {
    "moment": moment,
    "machine": machine,
    "day": day,
    "long_day": long_day,
    "grouped": grouped,
    "callable_number": callable_number,
    "phone": phone,
    "masked": masked,
    "heat": heat,
    "gravest_first": gravest_first,
    "result": result,
    "described": described,
}
