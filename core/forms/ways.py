"""Ways through a form, question by question: the one that costs fewest SMS parts, and the one that costs most."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

from core.conversation.form import VITALS, Answers, Form, Kind, Question, Value
from core.conversation.messages import Say
from core.conversation.records import SHOWN
from core.conversation.summary import summary
from core.conversation.wording import Words, word
from core.forms.budget import LONGEST, Parts, spoken
from core.forms.lines import Path

_OWN_RECEIPT = 1
"""Parts of the engine's receipts, for forms without one: kept to by `tests/locales`."""


@dataclass(frozen=True, slots=True)
class Way:
    """What is sent from the first text to the receipt, and the answers on the way."""

    parts: int
    answers: Answers


def shortest(form: Form, parts: Parts, words: Words) -> Way:
    """Few words everywhere, and what is said along with an answer is taken: a year with a name, a place with a yes."""
    return min(_ways(form, parts, words, _SHORT), key=lambda way: way.parts)


def longest(form: Form, parts: Parts, words: Words) -> Way:
    """Every answer at its longest, one at a time, also where a question asks for two."""
    return max(_ways(form, parts, words, _LONG), key=lambda way: way.parts)


def answered(form: Form, parts: Parts, words: Words) -> Way:
    """As `longest`, by somebody who answers each question in full: with a yes comes the place that it asks for."""
    return max(_ways(form, parts, words, replace(_LONG, in_full=True)), key=lambda way: way.parts)


def _ways(form: Form, parts: Parts, words: Words, samples: _Samples) -> Iterator[Way]:
    costs = {said.path: parts(said.full(words)) for said in spoken(form)}
    receipts = [parts(said.full(words)) for said in spoken(form) if said.path[0] == "receipt"]
    receipt = samples.end(receipts, default=_OWN_RECEIPT)
    for another in (False, True) if form.about == "person" else (False,):
        legal = 0 if form.daily else costs["legal", "behalf_text" if another else "text"]  # a check-in just asks
        start: Answers = {**form.assumed, "guided": True, "on_behalf": another}
        for way in _asked(form, Way(legal, start), costs, samples):
            yield Way(way.parts + _summary(form, way.answers, parts, words) + receipt, way.answers)


def _asked(form: Form, way: Way, costs: Mapping[Path, int], samples: _Samples) -> Iterator[Way]:
    question = form.next(way.answers)
    if question is None:
        yield way
        return
    place = form.questions.index(question)
    key = "behalf_text" if way.answers["on_behalf"] and question.behalf_text else "text"
    cost = way.parts + costs["question", place, key]
    for said in samples.of(form, question):
        yield from _asked(form, Way(cost, {**way.answers, **said}), costs, samples)


def _summary(form: Form, answers: Answers, parts: Parts, words: Words) -> int:
    if not form.summary:
        return 0
    return parts(word(Say(SHOWN, {**LONGEST, "items": summary(form, answers)}), words))


@dataclass(frozen=True, slots=True)
class _Samples:
    """Answers to try. `plain`: one of each kind; `yes`: what a yes or no is, and each of several, if nothing depends
    on it; `pick`: which of the choices; `along`: whether what an answer may bring with it comes along; `end`: which of
    the receipts; `in_full`: whether a question that asks for two things is given both."""

    plain: Mapping[Kind, Value]
    yes: bool
    pick: Callable[[Question], Value]
    along: bool
    end: Callable[..., int]
    in_full: bool = False

    def of(self, form: Form, question: Question) -> Iterator[Answers]:
        """Every answer that leads another way, and one of those that do not."""
        decisive = {key for q in form.questions for key in (*q.when, *q.any_of)}
        keys = [choice.value for choice in question.choices] if question.kind is Kind.SEVERAL else [question.key]
        each = [self._values(form, question, key) if key in decisive else [self._value(question)] for key in keys]
        for values in product(*each):
            yield {**dict(zip(keys, values, strict=True)), **self._besides(form, question, values)}

    def _values(self, form: Form, question: Question, key: str) -> list[Value]:
        """What questions behind wait for, and something else."""
        if question.kind in (Kind.YESNO, Kind.SEVERAL):
            return [True, False]
        if question.kind in (Kind.CHOICE, Kind.GENDER):
            return [choice.value for choice in question.choices]
        wanted = [value for q in form.questions for value in q.when.get(key, ())]
        return list(dict.fromkeys((*wanted, self._value(question))))

    def _value(self, question: Question) -> Value:
        if question.kind in (Kind.YESNO, Kind.SEVERAL):
            return self.yes
        if question.kind in (Kind.CHOICE, Kind.GENDER):
            return self.pick(question)
        if question.kind is Kind.NUMBER:
            return question.high
        if question.kind is Kind.SIGNS and not self.along:
            return tuple(choice.value for choice in question.choices)
        return self.plain[question.kind]

    def _besides(self, form: Form, question: Question, values: tuple[Value, ...]) -> Answers:
        """What comes with an answer: always the name of a place, and numbers that were measured."""
        found: dict[str, Value] = {}
        if question.kind in (Kind.UNIT, Kind.GATE):
            found[f"{question.key}_name"] = values[0]
        if question.kind is Kind.VITALS:
            found |= dict.fromkeys(VITALS, 120)
        if self.along:
            kinds = {Kind.NAME: (Kind.BIRTH, Kind.GENDER), Kind.SIGNS: (Kind.TEMPERATURE,)}.get(question.kind, ())
            found |= {q.key: self._value(q) for q in form.questions if q.kind in kinds}
        if (self.along or self.in_full) and question.detail and values == (True,):
            found[question.detail] = self.plain[Kind.TEXT]
        return found


def _by_label(question: Question) -> list[str]:
    """Its choices, the one with the shortest name first."""
    return [choice.value for choice in sorted(question.choices, key=lambda choice: len(choice.label))]


_SHORT = _Samples(
    {
        Kind.SIGNS: (),
        Kind.TEMPERATURE: 37.0,
        Kind.BIRTH: 1948,
        Kind.NAME: "Lý A Tủa",
        Kind.PHONE: None,
        Kind.UNIT: "xã Bát Xát, Lào Cai",
        Kind.TEXT: "thôn 2",
        Kind.DATE: "2026-01-01",
        Kind.COMING: "2026-01-01",
        Kind.ID: None,
        Kind.VITALS: None,
        Kind.GATE: "Ma Lù Thàng",
    },
    yes=False,
    pick=lambda question: _by_label(question)[0],
    along=True,
    end=min,
)
_LONG = _Samples(
    {
        Kind.TEMPERATURE: 38.5,
        Kind.BIRTH: 1948,
        Kind.NAME: str(LONGEST["name"]),
        Kind.PHONE: "+84900000001",
        Kind.UNIT: "phường Văn Miếu - Quốc Tử Giám, thành phố Hà Nội",
        Kind.TEXT: "số nhà 125, đường Hoàng Liên, tổ dân phố số 12",
        Kind.DATE: "2026-12-31",
        Kind.COMING: "2026-12-31",
        Kind.ID: "000000000000",
        Kind.VITALS: True,
        Kind.GATE: "Cửa khẩu quốc tế đường sắt Lào Cai",
    },
    yes=True,
    pick=lambda question: _by_label(question)[-1],
    along=False,
    end=max,
)
