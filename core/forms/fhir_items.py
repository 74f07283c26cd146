"""The questions of a form as items of a FHIR Questionnaire."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from core.conversation.form import VITALS, Form, Kind, Question, Value
from core.conversation.labels import SIGN_LABELS
from core.conversation.messages import N_
from core.conversation.signs import SIGNS
from core.conversation.understanding import Choice
from core.forms.fhir_codes import COUNTRY, GENDER, HIGHEST, LOINC, LOWEST, MEASURES, SNOMED, SNOMED_SIGNS, UCUM, UNIT
from core.forms.fhir_words import Json, Publication
from core.forms.rules import owner

_MODE = "guided"
"""Asked only in one mode of the conversation: nothing that an answer decides."""


def items(form: Form, publication: Publication) -> Iterator[Json]:
    """Why we ask, whom it is about, what is taken for granted, every question, and how an assessment was judged."""
    yield {"linkId": "legal", **publication.said("text", form.legal.text), "type": "display"}
    if form.about == "person":
        yield {"linkId": "on_behalf", **publication.said("text", N_("Khai hộ người khác")), "type": "boolean"}
    unasked = {key: value for key, value in form.assumed.items() if owner(form, key) is None}
    yield from ({"linkId": key, **_assumed(value)} for key, value in unasked.items())
    details = {question.detail for question in form.questions}
    for question in form.questions:
        if question.key not in details:
            yield _asked(form, question, publication)
    yield from _judged(form, publication)


def _asked(form: Form, question: Question, publication: Publication) -> Json:
    """An item under its conditions. Each "one of these" has a group of its own, but for an only one."""
    item = {
        "linkId": question.key,
        **publication.said("text", question.text),
        "required": not question.optional and _MODE not in question.when,
        **_KINDS[question.kind](form, question, publication),
    }
    every, either = _conditions(form, question, publication)
    if len(either) == 1 and not every:
        return {**item, "enableWhen": either[0], "enableBehavior": "any"}
    if every:
        item |= {"enableWhen": every, "enableBehavior": "all"}
    for n, one_of in enumerate(either, start=1):
        group = {"linkId": f"{question.key}.{n}", "type": "group"}
        item = {**group, "enableWhen": one_of, "enableBehavior": "any", "item": [item]}
    return item


def _conditions(form: Form, question: Question, publication: Publication) -> tuple[list[Json], list[list[Json]]]:
    """What must all hold, and of what one at least must."""
    named = {key: values for key, values in question.when.items() if key != _MODE}
    wanted = [[_is(form, key, value, publication) for value in values] for key, values in named.items()]
    if question.any_of:
        wanted.append([_is(form, key, True, publication) for key in question.any_of])
    every = [one_of[0] for one_of in wanted if len(one_of) == 1]
    return every, [one_of for one_of in wanted if len(one_of) > 1]


def _is(form: Form, key: str, value: Value, publication: Publication) -> Json:
    asked = owner(form, key)
    answer: Json = {"answerBoolean" if isinstance(value, bool) else "answerString": value}
    if asked and asked.kind in (Kind.CHOICE, Kind.GENDER):
        answer = {"answerCoding": {"system": _system(asked, publication), "code": value}}
    elif asked and asked.kind is Kind.NUMBER:
        answer = {"answerDecimal": value}
    return {"question": key, "operator": "=", **answer}


def _assumed(value: Value) -> Json:
    kind = "boolean" if isinstance(value, bool) else "string"
    return {"type": kind, "initial": [{f"value{kind.capitalize()}": value}]}


def _judged(form: Form, publication: Publication) -> Iterator[Json]:
    if form.score:
        bands = [Choice(band.value, band.label) for band in form.score.bands]
        options = _options(bands, publication.url("CodeSystem", f"{form.key}-band"), publication)
        yield {"linkId": "score", "type": "decimal", "readOnly": True}
        yield {"linkId": "band", "type": "choice", "readOnly": True, "answerOption": options}


def _system(question: Question, publication: Publication) -> str:
    """Whose the codes of a question's choices are."""
    if question.kind is Kind.GENDER:
        return GENDER
    if all(len(choice.value) == 2 and choice.value.isupper() for choice in question.choices):
        return COUNTRY
    return publication.url("CodeSystem", question.key)


def _options(choices: Iterable[Choice], system: str, publication: Publication) -> list[Json]:
    codings = ({"system": system, "code": c.value, **publication.said("display", c.label)} for c in choices)
    return [{"valueCoding": coding} for coding in codings]


def _is_a(kind: str) -> Callable[[Form, Question, Publication], Json]:
    return lambda form, question, publication: {"type": kind}


def _boolean(form: Form, question: Question, publication: Publication) -> Json:
    """A yes or no; what follows a yes stands within it."""
    below = [_asked(form, form.question(question.detail), publication)] if question.detail else []
    return {"type": "boolean", **_sign(question.key, publication), **({"item": below} if below else {})}


def _sign(key: str, publication: Publication) -> Json:
    """The codes of a sign that is asked about by itself: ours, and SNOMED's where it is certain."""
    codes = [{"system": publication.url("CodeSystem", "signs"), "code": key}] if key in SIGNS else []
    if key in SNOMED_SIGNS:
        code, display = SNOMED_SIGNS[key]
        codes.append({"system": SNOMED, "code": code, "display": display})
    return {"code": codes} if codes else {}


def _signs(form: Form, question: Question, publication: Publication) -> Json:
    """People name any sign, whichever are offered; and those that are over, and a temperature."""
    offered = {choice.value: choice.label for choice in question.choices}
    every = [Choice(code, label) for code, label in {**offered, **SIGN_LABELS}.items() if code in SIGNS]
    options = _options(every, publication.url("CodeSystem", "signs"), publication)
    picked = {"type": "choice", "repeats": True, "answerOption": options}
    gone = {"linkId": f"{question.key}_gone", **publication.said("text", N_("Dấu hiệu đã hết")), **picked}
    return {**picked, "item": [gone, *_temperature_of(form, question, publication)]}


def _temperature_of(form: Form, question: Question, publication: Publication) -> list[Json]:
    """A temperature may be said with the first question about health, if none of its own asks for it."""
    first = next(q for q in form.questions if q.kind in (Kind.SIGNS, Kind.VITALS))
    if question is not first or owner(form, "temperature"):
        return []
    return [_measure("temperature", publication)]


def _several(form: Form, question: Question, publication: Publication) -> Json:
    """Every choice is an answer of its own."""
    below = [
        {
            "linkId": choice.value,
            **publication.said("text", choice.label),
            "type": "boolean",
            "required": not question.optional,
            **_sign(choice.value, publication),
        }
        for choice in question.choices
    ]
    return {"type": "group", "item": below}


def _vitals(form: Form, question: Question, publication: Publication) -> Json:
    numbers = [_measure(key, publication) for key in VITALS]
    return {"type": "group", "item": [*_temperature_of(form, question, publication), *numbers]}


def _measure(key: str, publication: Publication) -> Json:
    """A measurement that is said with others."""
    measured = _measured(key, "integer" if key in VITALS else "decimal")
    return {"linkId": key, **publication.said("text", MEASURES[key].name), **measured}


def _measured(key: str, kind: str) -> Json:
    measure, value = MEASURES[key], f"value{kind.capitalize()}"
    number: Callable[[float], float] = int if kind == "integer" else float
    unit = {"system": UCUM, "code": measure.unit, "display": measure.unit}
    return {
        "type": kind,
        "code": [{"system": LOINC, "code": code, "display": display} for code, display in measure.loinc],
        "extension": [
            {"url": UNIT, "valueCoding": unit},
            {"url": LOWEST, value: number(measure.low)},
            {"url": HIGHEST, value: number(measure.high)},
        ],
    }


def _temperature(form: Form, question: Question, publication: Publication) -> Json:
    return _measured("temperature", "decimal")


def _number(form: Form, question: Question, publication: Publication) -> Json:
    bounds = {LOWEST: question.low, HIGHEST: question.high}
    return {"type": "decimal", "extension": [{"url": url, "valueDecimal": bound} for url, bound in bounds.items()]}


def _choice(form: Form, question: Question, publication: Publication) -> Json:
    """What is taken for granted is picked already."""
    options = _options(question.choices, _system(question, publication), publication)
    for choice, option in zip(question.choices, options, strict=True):
        if form.assumed.get(question.key) == choice.value:
            option["initialSelected"] = True
    return {"type": "choice", "answerOption": options}


_KINDS: Mapping[Kind, Callable[[Form, Question, Publication], Json]] = {
    Kind.YESNO: _boolean,
    Kind.SIGNS: _signs,
    Kind.TEMPERATURE: _temperature,
    Kind.CHOICE: _choice,
    Kind.SEVERAL: _several,
    Kind.NUMBER: _number,
    Kind.BIRTH: _is_a("date"),  # a year is a date in FHIR
    Kind.GENDER: _choice,
    Kind.NAME: _is_a("string"),
    Kind.PHONE: _is_a("string"),
    Kind.UNIT: _is_a("open-choice"),  # one of 3,321 communes by its code, with the name as people know it
    Kind.TEXT: _is_a("text"),
    Kind.DATE: _is_a("date"),
    Kind.COMING: _is_a("date"),
    Kind.ID: _is_a("string"),
    Kind.VITALS: _vitals,
    Kind.GATE: _is_a("open-choice"),  # gates open and close
}
