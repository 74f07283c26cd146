"""What a reminder says. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from core.conversation.context import given_name
from core.conversation.messages import N_, Listed, Param, Say, Term
from core.conversation.turn import address_as
from core.conversation.understanding import Choice


class Person(Protocol):
    """Somebody who answers on a phone."""

    @property
    def letter(self) -> str: ...
    @property
    def full_name(self) -> str: ...
    @property
    def year_of_birth(self) -> int | None: ...
    @property
    def gender(self) -> str | None: ...
    @property
    def ill(self) -> bool | None: ...


@dataclass(frozen=True, slots=True)
class Whom:
    """How those who are asked are called: `you` for the one person of a phone, letters and names for others."""

    you: str = ""
    ill: bool = False  # the one person is ill at home, and measures more than the temperature
    people: tuple[tuple[str, str], ...] = ()


def whom_of(asked: Sequence[Person], *, alone: bool, year: int) -> Whom:
    """`asked`: who is due. `alone`: nobody else answers on that phone. `year`: this one."""
    ill = len(asked) == 1 and bool(asked[0].ill)
    if alone:
        return Whom(address_as(asked[0].year_of_birth, asked[0].gender, year), ill)
    return Whom(ill=ill, people=tuple((person.letter, given_name(person.full_name)) for person in asked))


def reminder(unit: str, whom: Whom) -> Say:
    """The text that asks for the day's check-in."""
    params: dict[str, Param] = {"unit": unit}
    if len(whom.people) <= 1:
        one = Term(whom.you) if whom.you else whom.people[0][1]
        return Say(_ILL, {**params, "who": one}) if whom.ill else Say(_ALONE, {**params, "people": one})
    called = tuple(f"{letter} {name}" for letter, name in whom.people)
    letters = {"first": whom.people[0][0], "second": whom.people[1][0]}
    return Say(_SEVERAL, {**params, **letters, "people": Listed(called)})


def welcome(unit: str, whom: Whom, until: Sequence[date]) -> Say:
    """The first text: who asks from now on, until which day (of each person, in their order), and how to answer."""
    if len(until) == 1:
        one = Term(whom.you) if whom.you else whom.people[0][1]
        return Say(_WELCOME, {"unit": unit, "who": one, "day": f"{until[0]:%d/%m}"})
    named = zip(whom.people, until, strict=True)
    called = tuple(f"{letter} {name} {day:%d/%m}" for (letter, name), day in named)
    letters = {"first": whom.people[0][0], "second": whom.people[1][0]}
    return Say(_WELCOME_SEVERAL, {"unit": unit, **letters, "people": Listed(called)})


def last_day(unit: str, whom: Whom) -> Say:
    """On the last day: that it is the last, and what comes."""
    called: Param = Term(whom.you) if whom.you else Listed(tuple(name for _, name in whom.people))
    return Say(_LAST_DAY, {"unit": unit, "people": called})


def still(unit: str, whom: Whom) -> Say:
    """After their last day: that it goes on, since something is waited for. What is not said."""
    called: Param = Term(whom.you) if whom.you else Listed(tuple(name for _, name in whom.people))
    return Say(_STILL, {"unit": unit, "people": called})


def nudge(unit: str, whom: Whom) -> Say:
    """The text that asks once more, whom nobody heard of."""
    if whom.you:
        return Say(_NOT_HEARD, {"unit": unit, "people": Term(whom.you)})
    called = tuple(f"{letter} {name}" if len(whom.people) > 1 else name for letter, name in whom.people)
    if len(called) == 1:
        return Say(_NOT_HEARD, {"unit": unit, "people": called[0]})
    letters = {"first": whom.people[0][0], "second": whom.people[1][0]}
    return Say(_NOT_HEARD_OF_SEVERAL, {"unit": unit, **letters, "people": Listed(called)})


def ask_household(unit: str, phone: str, name: str) -> Say:
    """To somebody of the same household. Nothing is said of why they are looked for: who knows, knows."""
    if not phone:
        return Say(_TELL_HOUSEHOLD_ALONE, {"unit": unit, "name": name})
    return Say(_TELL_HOUSEHOLD, {"unit": unit, "name": name, "phone": phone})


def ask_volunteer(unit: str, name: str) -> Say:
    """To the volunteer who looks after them."""
    return Say(_TELL_VOLUNTEER, {"unit": unit, "name": name})


def answers(whom: Whom) -> tuple[Choice, ...]:
    """What can be tapped: of one person who measures nothing. Several people answer by letters."""
    return () if whom.ill or len(whom.people) > 1 else (Choice("OK", N_("Khỏe"), tapped=True),)


_ALONE = N_(
    "{unit} hỏi thăm: hôm nay {people} thế nào? Khỏe thì nhắn OK. Có gì thì nhắn, ví dụ: 37,8 HO. Khẩn cấp gọi 115."
)
_ILL = N_(
    "{unit} hỏi thăm {who}: sốt, ho, khó thở, mệt không? Đo gì xin nhắn cả, ví dụ: T 37,5 SPO2 97 M 80 HO. "
    "Khẩn cấp gọi 115."
)
_SEVERAL = N_(
    "{unit} hỏi thăm: hôm nay {people} thế nào? Xin trả lời từng người, ví dụ: {first} OK {second} 37,8 HO. "
    "Khẩn cấp gọi 115."
)
_WELCOME = N_(
    "{unit} theo dõi sức khỏe {who} đến hết {day}. Khi hỏi: khỏe nhắn OK, ốm nhắn, ví dụ: 37,8 HO. "
    "Gấp gọi 115. Ngừng: STOP."
)
_WELCOME_SEVERAL = N_(
    "{unit} theo dõi sức khỏe đến hết ngày sau tên: {people}. Nhắn ví dụ: {first} OK {second} 37,8 HO. "
    "Gấp gọi 115. Ngừng: STOP."
)
_LAST_DAY = N_(
    "{unit}: hôm nay {people} theo dõi ngày cuối. Mai có giấy chứng nhận. Có dấu hiệu xin nhắn ngay, gấp gọi 115."
)
_STILL = N_("{unit} vẫn theo dõi sức khỏe {people}, chưa có giấy. Xin chờ tin. Có dấu hiệu xin nhắn ngay, gấp gọi 115.")
_NOT_HEARD = N_("{unit} vẫn chờ tin của {people}. Khỏe thì nhắn OK. Có gì thì nhắn, ví dụ: 37,8 HO. Khẩn cấp gọi 115.")
_NOT_HEARD_OF_SEVERAL = N_(
    "{unit} vẫn chờ tin của {people}. Xin trả lời từng người, ví dụ: {first} OK {second} 37,8 HO. Khẩn cấp gọi 115."
)
_TELL_HOUSEHOLD = N_("{unit} cần liên lạc với {name}. Nhờ nhắn lại để gọi trạm, số {phone}. Cảm ơn.")
_TELL_HOUSEHOLD_ALONE = N_("{unit} cần liên lạc với {name}. Nhờ nhắn lại để nhắn tin cho trạm. Cảm ơn.")
_TELL_VOLUNTEER = N_("{unit} hôm nay chưa nghe tin {name}. Nhờ ghé hỏi thăm, rồi báo lại cho trạm. Cảm ơn.")
