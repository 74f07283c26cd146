"""A form as the engine sees it: questions in order, each with its wording, its kind of reply and its condition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from core.conversation.fold import words
from core.conversation.score import Score
from core.conversation.understanding import Choice, Unclear, Understood

Scalar = str | int | float | bool | None
Value = Scalar | tuple[str, ...]
"""An answer: a scalar, or a tuple of codes."""

Answers = Mapping[str, Value]


def codes(answers: Answers, key: str) -> tuple[str, ...]:
    """The codes of an answer that has several; none while it was not given."""
    value = answers.get(key)
    return value if isinstance(value, tuple) else ()


VITALS = ("spo2", "pulse", "breaths", "systolic", "diastolic")
"""The numbers that are measured at home, besides the temperature: percent, a minute, a minute, mmHg, mmHg."""


class Kind(StrEnum):
    """Kinds of reply. Each has one parser (`core.conversation.answers`)."""

    YESNO = "yesno"
    SIGNS = "signs"  # signs, and a temperature if one is said
    TEMPERATURE = "temperature"
    CHOICE = "choice"
    SEVERAL = "several"  # any of the choices; each choice is an answer of its own, true or false
    NUMBER = "number"
    BIRTH = "birth"  # the year only
    GENDER = "gender"
    NAME = "name"  # and year and gender, if they are said with it
    PHONE = "phone"
    UNIT = "unit"
    TEXT = "text"
    DATE = "date"  # a day that has been
    COMING = "coming"  # a day of travel: near today, before or after
    ID = "id"  # checked against year and gender, never required
    VITALS = "vitals"  # what was measured at home: any of the numbers, each an answer of its own
    GATE = "gate"  # one of the gates that are open


@dataclass(frozen=True, slots=True)
class Question:
    """One question. Its key is the key of its answer, in records and exports.

    `text` asks; `hint` says how to answer, with an example, after a miss; `label` names it in a summary.
    `choices` are what can be picked (for signs: what is offered after a second miss). `detail` is the key
    that what follows a "yes" goes to. `when` holds the answers it depends on: key -> values that ask it;
    `any_of` the keys of which one at least has to be a yes.
    `lasting`: the answer holds from one day to another (who, where), unlike signs. `parts` is its budget in SMS parts.
    """

    key: str
    kind: Kind
    text: str
    hint: str
    label: str = ""
    behalf_text: str = ""  # when declared for another; "" means `text`
    choices: tuple[Choice, ...] = ()
    detail: str = ""
    optional: bool = False
    lasting: bool = False
    low: float = 0.0
    high: float = 0.0
    when: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    any_of: tuple[str, ...] = ()
    parts: int = 1

    def owned(self) -> tuple[str, ...]:
        """The keys that this question alone answers."""
        own: tuple[str, ...] = (self.key,)
        if self.kind is Kind.SEVERAL:
            own = tuple(c.value for c in self.choices)
        elif self.kind is Kind.VITALS:
            own = (self.key, *VITALS)
        return (*own, self.detail) if self.detail else own

    def answered(self, answers: Answers) -> bool:
        """Whether nothing is left to ask here. A detail that was not said has a question of its own."""
        if self.kind is Kind.SEVERAL:
            return all(c.value in answers for c in self.choices)
        return self.key in answers

    def applies(self, answers: Answers) -> bool:
        """Whether the answers so far call for this question."""
        if self.any_of and not any(answers.get(key) is True for key in self.any_of):
            return False
        return all(answers.get(key) in values for key, values in self.when.items())


@dataclass(frozen=True, slots=True)
class Legal:
    """Why we may ask: a duty (the document is named, nobody is asked to agree) or consent."""

    basis: str  # "consent" or "duty"
    document: str
    text: str
    behalf_text: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a record's receipt says. `worry`: in its place if the record wants a human; "" means `text`."""

    text: str
    worry: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """Which alert a record raises, and by which answers: one of `keys` being a yes; none means always."""

    kind: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A version of a form. `hash` names it: a session ends on the version it began with.

    `begin`: the words that begin it; several forms may share them, and the person is asked which. `about`: whether
    its record is about a person who is named in it, or comes from whoever writes. `summary`: whether the person sees
    all answers before the record is confirmed; otherwise the receipt is the echo. `window`: whether signs that are
    over count too. `assumed`: answers that hold unless said otherwise (nationality), shown in the summary. `quick`:
    keys that make a record whole when they came in one text. `receipt`, `score`, `call`: what its end says, how an
    assessment is judged, which alert it raises.
    """

    key: str
    version: str
    hash: str
    title: str
    legal: Legal
    questions: tuple[Question, ...]
    summary: bool = True
    window: bool = False
    assumed: Answers = field(default_factory=dict)
    quick: tuple[str, ...] = ()
    begin: tuple[str, ...] = ()
    about: str = "person"  # or "writer"
    receipt: Receipt | None = None
    score: Score | None = None
    call: Call | None = None

    @property
    def daily(self) -> bool:
        """Whether it is a day's check-in: one text makes it whole."""
        return bool(self.quick)

    def calls(self, answers: Answers) -> bool:
        """Whether a record of these answers raises the form's alert."""
        call = self.call
        return call is not None and (not call.keys or any(answers.get(key) is True for key in call.keys))

    def asks(self, *kinds: Kind) -> bool:
        """Whether it has a question of one of these kinds."""
        return any(question.kind in kinds for question in self.questions)

    def next(self, answers: Answers) -> Question | None:
        """The first question that applies and is not answered yet."""
        return next((q for q in self.questions if q.applies(answers) and not q.answered(answers)), None)

    def question(self, key: str) -> Question:
        """The question of that key. KeyError if there is none."""
        for question in self.questions:
            if question.key == key:
                return question
        raise KeyError(key)

    def shown(self, answers: Answers) -> tuple[Question, ...]:
        """What a summary lists, in its numbering."""
        return tuple(q for q in self.questions if q.label and q.applies(answers) and q.answered(answers))


class UnitReader(Protocol):
    """Reads a health unit from a reply: its code with its name as shown. `kept`: texts that named a part of the place
    before; without a text, what they say alone."""

    def __call__(self, text: str, kept: tuple[str, ...] = ()) -> Understood[Choice] | Unclear:
        """Understood, or what is still to be asked."""
        ...


@dataclass(frozen=True, slots=True)
class Gate:
    """A place of entry, open for declarations from one day to another (None: until further notice)."""

    code: str
    name: str
    opens_on: date
    closes_on: date | None = None

    def open(self, day: date) -> bool:
        """Whether people declare there on that day."""
        return self.opens_on <= day and (self.closes_on is None or day <= self.closes_on)


Openings = Mapping[tuple[str, ...], tuple[str, ...]]
"""The folded words that begin forms, with the keys of those forms."""


@dataclass(frozen=True, slots=True)
class Library:
    """All that the engine may ask for: form versions by hash, the current one of each key, places, gates."""

    versions: Mapping[str, Form]
    current: Mapping[str, str]
    read_unit: UnitReader
    gates: tuple[Gate, ...] = ()
    openings: Openings = field(init=False)

    def __post_init__(self) -> None:
        found: dict[tuple[str, ...], tuple[str, ...]] = {}
        for key in self.current:
            for phrase in self.form(key).begin:
                said = tuple(words(phrase).split())
                found[said] = (*found.get(said, ()), key)
        object.__setattr__(self, "openings", found)

    def open_gates(self, day: date) -> tuple[Choice, ...]:
        """The gates at which people declare on that day."""
        return tuple(Choice(gate.code, gate.name) for gate in self.gates if gate.open(day))

    def form(self, key: str) -> Form:
        """The current version of a form."""
        return self.versions[self.current[key]]
