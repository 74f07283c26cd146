"""Reading one reply to one question: the values it gives, or why it is unclear."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from core.conversation import measures
from core.conversation.form import Answers, Form, Kind, Library, Question, Value, codes
from core.conversation.messages import N_
from core.conversation.parsers import (
    birth,
    checkin,
    choice,
    day,
    free_text,
    gender,
    id_number,
    identity,
    number,
    phone,
    place,
    several,
    symptoms,
    temperature,
    upcoming,
    vitals,
    yesno,
)
from core.conversation.signs import SIGNS
from core.conversation.understanding import Choice, DayReport, Reason, Signs, Unclear, Understood

Read = Mapping[str, Value]
"""Answers by key: those of the question asked, and others that were said with it."""

YES_NO = (Choice("yes", "Có"), Choice("no", "Không"))
CONFIRMED = (Choice("OK", N_("Đúng rồi"), tapped=True), Choice("SUA", N_("Sửa"), tapped=True))
"""What a summary is answered with, where there are buttons."""
_VOLUNTEERED = frozenset({Kind.SIGNS, Kind.NAME, Kind.UNIT})
_PIECES = re.compile(r"(?:(?!(?<=(?<!\d)\d\d),\d{1,2}(?!\d)),|[;\n])+")  # "38,9" is one number, "1984,38" are two
_DECLINES = 24  # characters: a longer reply is no plain "no"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in the situation it was asked in. `options`: numbers that its text offered; `answers`: so far;
    `place`: texts that named a part of a place; `message`: all that was written, of which a text may be a part."""

    question: Question
    options: tuple[Choice, ...]
    library: Library
    today: date
    form: Form
    answers: Answers = field(default_factory=dict)
    place: tuple[str, ...] = ()
    message: str = ""

    @property
    def window(self) -> bool:
        """Whether signs that are over count too."""
        return self.form.window


def read(text: str, asked: Asked) -> Read | Unclear:
    """The answers in `text`, by key; an optional question takes a plain "no" as None: asked, and not known."""
    if asked.question.optional and (free_text.not_known(text) or _leaves_out(text, asked.question)):
        return {asked.question.key: None}
    answer = _READERS[asked.question.kind](text, asked)
    if isinstance(answer, Unclear) and asked.question.optional and _declines(text):
        return {asked.question.key: None}
    return answer


def _leaves_out(text: str, question: Question) -> bool:
    """Where anything may be written, a "no" is one only if nothing else is said, or that one is well: there are people
    called Khổng."""
    return question.kind is Kind.TEXT and (_is_plain_no(text) or free_text.no_illness(text))


def _declines(text: str) -> bool:
    said = yesno.parse(text)
    return len(text) <= _DECLINES and isinstance(said, Understood) and said.value is False


def volunteered(text: str, form: Form, library: Library, today: date) -> list[tuple[str, Read]]:
    """Answers that nobody asked for yet, each with its question's key: "Tran Van A 1984 nam, xa Bao Thang, khong sot".

    A text that is all about signs is read as one; otherwise each piece between commas by itself, and only what can
    be nothing else counts: a name with a year beside it, a commune that is certain, signs. In a form that is about
    nobody it is what the form asks to be told first: a story, a venue's name.
    """
    if form.about == "writer":
        return _told(text, form)
    asked = [Asked(q, (), library, today, form) for q in form.questions if q.kind in _VOLUNTEERED]
    signs = next((each for each in asked if each.question.kind is Kind.SIGNS), None)
    if signs and (values := _certain(text, signs)):
        return [(signs.question.key, values)]
    of_signs: list[str] = []
    given: list[tuple[str, Read]] = []
    for piece in _pieces(text, library):
        found = next(((each, values) for each in asked if (values := _certain(piece, each))), None)
        if found and found[0] is signs:
            of_signs.append(piece)
        elif found:
            given.append((found[0].question.key, found[1]))
    together = _together(of_signs, signs) if signs and of_signs else None
    return [*given, (signs.question.key, together)] if signs and together else given


def _together(pieces: list[str], asked: Asked) -> Read | None:
    """What pieces say of signs, read as one text. Where they contradict each other ("co sot", then "khong sot nua, con
    ho") all that they tell of counts; a list that begins with a no is left to be asked ("khong sot, ho")."""
    together, said = read(", ".join(pieces), asked), [values for piece in pieces if (values := _certain(piece, asked))]
    if not isinstance(together, Unclear):
        return together
    if together.reason is Reason.NEGATED_LIST and not codes(said[0], "signs"):
        return None
    signs = tuple(code for code in SIGNS if any(code in codes(values, "signs") for values in said))
    return {**{key: value for values in said for key, value in values.items()}, **({"signs": signs} if signs else {})}


def begun_place(text: str, library: Library) -> tuple[str, ...]:
    """What a text nobody asked for names of a place, if that is not all of it."""
    return place.begun(_pieces(text, library), library.read_unit)


def _pieces(text: str, library: Library) -> list[str]:
    return place.joined([piece for piece in _PIECES.split(text) if piece.strip()], library.read_unit)


def _told(text: str, form: Form) -> list[tuple[str, Read]]:
    said = free_text.parse(text)
    told = next((q.key for q in form.questions if q.kind is Kind.TEXT), "")
    return [(told, {told: said.value})] if told and isinstance(said, Understood) else []


def _certain(piece: str, asked: Asked) -> Read | None:
    """What a piece says of a question if it can be said of nothing else. A bare "khong" says nothing by itself."""
    if _is_plain(piece) or (asked.question.kind is Kind.UNIT and not place.names_a_commune(piece)):
        return None
    values = read(piece, asked)
    if isinstance(values, Unclear) or (asked.question.kind is Kind.NAME and "year_of_birth" not in values):
        return None
    return values


def day_values(report: DayReport, window: bool) -> Read:
    """The answers that a check-in's text gives: `signs`, `signs_gone`, `temperature`, as far as said."""
    values: dict[str, Value] = {}
    if report.temperature is not None:
        values["temperature"] = report.temperature
    if report.signs is not None:
        values["signs"] = counted(report.signs, window)
        if report.signs.gone:
            values["signs_gone"] = report.signs.gone
    return values


def counted(signs: Signs, window: bool) -> tuple[str, ...]:
    """The signs that count: those there now and, within a declaration's days, also those that are over."""
    return tuple(code for code in SIGNS if code in signs.present or (window and code in signs.gone))


def _yesno(text: str, asked: Asked) -> Read | Unclear:
    said = yesno.parse(text)
    if isinstance(said, Unclear):
        return said
    values: dict[str, Value] = {asked.question.key: said.value}
    if said.value and asked.question.detail and said.rest:
        detail = free_text.parse(said.rest)
        if isinstance(detail, Understood):
            values[asked.question.detail] = detail.value
    if not said.value and said.rest:
        return _with_signs(values, said.rest, asked.window)
    return values


def _with_signs(values: Read, rest: str, window: bool) -> Read:
    """ "Khong, nhung co ho": the sign counts though another question was asked."""
    also = symptoms.parse(rest)
    if isinstance(also, Understood) and (codes := counted(also.value, window)):
        return {**values, "signs": codes}
    return values


def _signs(text: str, asked: Asked) -> Read | Unclear:
    if asked.options:
        picked = several.parse(text, asked.options)
        if isinstance(picked, Understood):
            return {"signs": counted(Signs(present=picked.value), asked.window)}
    report, numbers = checkin.parse(text), measures.said_in(text, asked.form)
    if isinstance(report, Unclear):
        return numbers or measures.instead(text, asked.message, asked.answers) or report
    return {**numbers, **day_values(report.value, asked.window)}


def _vitals(text: str, asked: Asked) -> Read | Unclear:
    said = vitals.parse(text)
    if isinstance(said, Unclear):
        return said
    return {asked.question.key: (), **measures.numbers(asked.question.key, said.value)}


def _id(text: str, asked: Asked) -> Read | Unclear:
    year, gender = asked.answers.get("year_of_birth"), asked.answers.get("gender")
    known = (year if isinstance(year, int) else None, gender if isinstance(gender, str) else None)
    abroad = asked.answers.get("nationality") not in (None, "VN")
    return _one(id_number.parse(text, *known, abroad=abroad), asked)


def _temperature(text: str, asked: Asked) -> Read | Unclear:
    said = temperature.parse(text)
    if isinstance(said, Understood):
        return {asked.question.key: said.value}
    report = checkin.parse(text)
    if isinstance(report, Understood) and report.value.temperature is not None:
        return day_values(report.value, asked.window)
    return said


def _several(text: str, asked: Asked) -> Read | Unclear:
    said = several.parse(text, asked.question.choices)
    if isinstance(said, Unclear):
        return dict.fromkeys((c.value for c in asked.question.choices), False) if _is_plain_no(text) else said
    return {c.value: c.value in said.value for c in asked.question.choices}


def _is_plain(text: str) -> bool:
    """Whether all of it says yes or no, and of nothing in particular: "khong gap ai"."""
    said = yesno.parse(text)
    return isinstance(said, Understood) and not said.rest


def _is_plain_no(text: str) -> bool:
    said = yesno.parse(text)
    return _is_plain(text) and isinstance(said, Understood) and not said.value


def _choice(text: str, asked: Asked) -> Read | Unclear:
    return _one(choice.parse(text, asked.question.choices), asked)


def _number(text: str, asked: Asked) -> Read | Unclear:
    return _one(number.parse(text, asked.question.low, asked.question.high), asked)


def _birth(text: str, asked: Asked) -> Read | Unclear:
    """A gender said with it is an answer too, where the form asks for one."""
    picked = choice.parse(text, asked.options) if asked.options else None
    said = picked if isinstance(picked, Understood) else birth.parse(text, asked.today)
    if isinstance(said, Unclear):
        return said
    values: dict[str, Value] = {asked.question.key: int(said.value[:4])}
    sex = next((q.key for q in asked.form.questions if q.kind is Kind.GENDER), None)
    if sex and (value := identity.gender_behind(text)):
        values[sex] = value
    return values


def _gender(text: str, asked: Asked) -> Read | Unclear:
    picked = choice.parse(text, asked.question.choices)
    return _one(picked if isinstance(picked, Understood) else gender.parse(text), asked)


def _name(text: str, asked: Asked) -> Read | Unclear:
    said = identity.parse(text, asked.today)
    if isinstance(said, Unclear):
        return said
    found: dict[str, Value] = {
        asked.question.key: said.value.full_name,
        "year_of_birth": said.value.year_of_birth,
        "gender": said.value.gender,
    }
    return {key: value for key, value in found.items() if value is not None}


def _phone(text: str, asked: Asked) -> Read | Unclear:
    return _one(phone.parse(text), asked)


def _text(text: str, asked: Asked) -> Read | Unclear:
    """As typed. A bare yes or no names nothing, and "o nha" is neither an address nor somewhere they went."""
    if free_text.not_known(text):
        return Unclear(Reason.UNCERTAIN)
    place = asked.question.lasting or any(q.detail == asked.question.key for q in asked.form.questions)
    if _is_plain(text) or (place and free_text.at_home(text)):
        return Unclear(Reason.NOT_AN_ANSWER)
    return _one(free_text.parse(text), asked)


def _unit(text: str, asked: Asked) -> Read | Unclear:
    said = place.parse(text, asked.options, asked.place, asked.library.read_unit)
    if isinstance(said, Unclear):
        return said
    unit, typed = said.value
    return {
        asked.question.key: unit.value,
        f"{asked.question.key}_name": unit.label,
        "unit_typed": typed[: free_text.LONGEST],
    }


def _date(text: str, asked: Asked) -> Read | Unclear:
    return _day(day.parse(text, asked.today), asked)


def _coming(text: str, asked: Asked) -> Read | Unclear:
    return _day(upcoming.parse(text, asked.today), asked)


def _day(said: Understood[date] | Unclear, asked: Asked) -> Read | Unclear:
    return said if isinstance(said, Unclear) else {asked.question.key: said.value.isoformat()}


def _gate(text: str, asked: Asked) -> Read | Unclear:
    gates = asked.library.open_gates(asked.today)
    picked = choice.parse(text, gates)
    if isinstance(picked, Unclear):
        return picked
    return {asked.question.key: picked.value, "gate_name": next(g.label for g in gates if g.value == picked.value)}


def _one(said: Understood[str] | Understood[float] | Unclear, asked: Asked) -> Read | Unclear:
    return said if isinstance(said, Unclear) else {asked.question.key: said.value}


_READERS: Mapping[Kind, Callable[[str, Asked], Read | Unclear]] = {
    Kind.YESNO: _yesno,
    Kind.SIGNS: _signs,
    Kind.TEMPERATURE: _temperature,
    Kind.CHOICE: _choice,
    Kind.SEVERAL: _several,
    Kind.NUMBER: _number,
    Kind.BIRTH: _birth,
    Kind.GENDER: _gender,
    Kind.NAME: _name,
    Kind.PHONE: _phone,
    Kind.UNIT: _unit,
    Kind.TEXT: _text,
    Kind.DATE: _date,
    Kind.COMING: _coming,
    Kind.GATE: _gate,
    Kind.VITALS: _vitals,
    Kind.ID: _id,
}

KINDS = frozenset(_READERS)
"""The kinds of reply that can be read."""
