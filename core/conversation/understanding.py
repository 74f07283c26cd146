"""What a parser says of a reply: Understood, or Unclear with the reason. There is no third thing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that can be picked. `label` is a Vietnamese source text, shown to people.

    `tapped`: only as a button, for the text says in words how to write it ("Không có ai thì viết KHONG"). `written`:
    never as a button, for several may be true, and a tap would end the question.
    """

    value: str
    label: str
    tapped: bool = False
    written: bool = False


@dataclass(frozen=True, slots=True)
class Understood(Generic[T]):
    """A value read from a reply. `rest` is what the reply said beyond it, as typed (may be empty)."""

    value: T
    rest: str = ""


class Reason(StrEnum):
    """Why a reply is unclear; the engine words its next question by it."""

    EMPTY = "empty"
    NOT_AN_ANSWER = "not_an_answer"
    QUESTION = "question"  # the person asked something ("co khong", "may gio roi")
    UNCERTAIN = "uncertain"  # "chac la co", "khong ro"
    NEGATED_LIST = "negated_list"  # "khong sot, ho, kho tho": which are absent?
    CONTRADICTION = "contradiction"  # "khong sot, sot 39"
    OUT_OF_RANGE = "out_of_range"
    IMPOSSIBLE = "impossible"  # 31/4
    AMBIGUOUS = "ambiguous"  # several options fit: see `options`
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Unclear:
    """Ask again. `options` are what it may have meant, to be offered as numbered choices."""

    reason: Reason
    options: tuple[Choice, ...] = ()


class Lacks(StrEnum):
    """What is still to be asked of a place that was named in part."""

    PROVINCE = "province"  # several provinces have one of that name
    COMMUNE = "commune"  # a province or a former district was named, or a commune that was split
    CERTAINTY = "certainty"  # one place is likely, but not sure


@dataclass(frozen=True, slots=True)
class HalfPlace(Unclear):
    """A place that was named in part. `options` are all that it may be; none if they are too many.

    `place` is what to call it ("xã Tân Lập"), `example` an answer that would do, `kept` are the texts that named it:
    the next answer is read together with them.
    """

    lacks: Lacks = Lacks.COMMUNE
    place: str = ""
    example: str = ""
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signs:
    """Signs as said. Codes of `core.conversation.signs`, in that order, without repeats.

    `present`: there now, also when only a little ("chi hoi ho") or better ("ho do roi").
    `gone`: said to be over ("het sot"): not present, yet it counts within a declaration's window.
    Both empty: the person said that there is none.
    """

    present: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DayReport:
    """A check-in as read from one text. `None` is "not said": never "none"."""

    temperature: float | None = None
    signs: Signs | None = None


@dataclass(frozen=True, slots=True)
class Vitals:
    """Numbers measured at home, None when not said: degrees Celsius, percent, a minute, a minute, mmHg, mmHg."""

    temperature: float | None = None
    spo2: int | None = None
    pulse: int | None = None
    breaths: int | None = None
    systolic: int | None = None
    diastolic: int | None = None
