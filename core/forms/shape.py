"""The shape of a form's file: which keys there are, of which type, and which must not be missing."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import TypeAlias

from core.conversation.form import Kind
from core.conversation.score import By
from core.forms.lines import Path

Toml: TypeAlias = "str | int | float | bool | date | time | datetime | list[Toml] | dict[str, Toml]"
Table: TypeAlias = "dict[str, Toml]"
Problem = tuple[Path, str]


@dataclass(frozen=True, slots=True)
class Field:
    """One key. `wants` tells people what to write there."""

    wants: str
    fits: Callable[[Toml], bool]
    required: bool = False


def shape(form: Table) -> tuple[Table, list[Problem]]:
    """The form without what does not fit, and what does not fit."""
    problems: list[Problem] = []
    clean = _table(form, _FORM, (), problems)
    for key, fields in _PARTS.items():
        if isinstance(part := clean.get(key), dict):
            clean[key] = _table(part, fields, (key,), problems)
    if isinstance(score := clean.get("score"), dict):
        score["band"] = [
            _table(band, _BAND, ("score", "band", n), problems) for n, band in enumerate(tables(score, "band"))
        ]
    clean["question"] = [
        _question(table, ("question", n), problems) for n, table in enumerate(tables(clean, "question"))
    ]
    return clean, problems


def tables(table: Table, key: str) -> list[Table]:
    """The tables of a list of tables; none if there is no such list."""
    items = table.get(key)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _question(table: Table, path: Path, problems: list[Problem]) -> Table:
    if "from" in table:
        return _table(table, _TAKEN, path, problems)
    clean = _table(table, _QUESTION, path, problems)
    clean["choices"] = [
        _table(choice, _CHOICE, (*path, "choices", n), problems) for n, choice in enumerate(tables(clean, "choices"))
    ]
    return clean


def _table(table: Table, fields: Mapping[str, Field], path: Path, problems: list[Problem]) -> Table:
    problems.extend(((*path, *at), says) for at, says in _misfits(table, fields))
    return {key: value for key, value in table.items() if key in fields and fields[key].fits(value)}


def _misfits(table: Table, fields: Mapping[str, Field]) -> Iterator[Problem]:
    for key, value in table.items():
        if key not in fields:
            yield (key,), f"unknown key {key!r}: use one of {', '.join(fields)}"
        elif not fields[key].fits(value):
            yield (key,), f"{key!r} must be {fields[key].wants}"
    for key, field in fields.items():
        if field.required and key not in table:
            yield (), f"{key!r} is missing: add {field.wants}"


def _is_text(value: Toml) -> bool:
    return isinstance(value, str) and bool(value.strip()) and unicodedata.is_normalized("NFC", value)


def _is_key(value: Toml) -> bool:
    return isinstance(value, str) and value.isidentifier() and value.isascii() and value.islower()


def _is_code(value: Toml) -> bool:
    """A key, or one of others' codes: those of countries have capitals."""
    return _is_key(value) or (isinstance(value, str) and value.isalpha() and value.isascii() and value.isupper())


def _is_number(value: Toml) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_scalar(value: Toml) -> bool:
    return isinstance(value, str | int | float | bool)


def _is_list(fits: Callable[[Toml], bool]) -> Callable[[Toml], bool]:
    return lambda value: isinstance(value, list) and bool(value) and all(fits(item) for item in value)


def _is_table(fits: Callable[[Toml], bool]) -> Callable[[Toml], bool]:
    return lambda value: isinstance(value, dict) and all(fits(item) for item in value.values())


def _any(_value: Toml) -> bool:
    return True


_TEXT = "a text in quotes, not empty, its accents composed (Unicode NFC)"
_KEY = "a name in small letters, digits and _"
_FLAG = Field("true or false", lambda value: isinstance(value, bool))
_WHOLE = Field("a whole number from 1", lambda v: isinstance(v, int) and not isinstance(v, bool) and v >= 1)

_KEYS = Field("a list of keys", _is_list(_is_key))
_NUMBER = Field("a number", _is_number)

_FORM = {
    "key": Field(_KEY, _is_key, required=True),
    "version": Field(_TEXT, _is_text, required=True),
    "title": Field(_TEXT, _is_text, required=True),
    "summary": _FLAG,
    "window": _FLAG,
    "quick": Field("a list of questions' keys", _is_list(_is_key)),
    "begin": Field("a list of texts", _is_list(_is_text)),
    "about": Field('"person" or "writer"', lambda v: v in ("person", "writer")),
    "receipt": Field("a table [receipt]", _is_table(_any)),
    "score": Field("a table [score]", _is_table(_any)),
    "call": Field("a table [call]", _is_table(_any)),
    "assumed": Field("a table of answers", _is_table(_is_scalar)),
    "legal": Field("a table [legal]", _is_table(_any), required=True),
    "question": Field("tables [[question]]", _is_list(_is_table(_any)), required=True),
}
_LEGAL = {
    "basis": Field('"consent" or "duty"', lambda v: v in ("consent", "duty"), required=True),
    "document": Field(_TEXT, _is_text, required=True),
    "text": Field(_TEXT, _is_text, required=True),
    "behalf_text": Field(_TEXT, _is_text, required=True),
}
_RECEIPT = {
    "text": Field(_TEXT, _is_text, required=True),
    "worry": Field(_TEXT, _is_text),
}
_SCORE = {
    "by": Field(f"one of {', '.join(By)}", lambda v: v in tuple(By), required=True),
    "fewer": _FLAG,
    "critical": _KEYS,
    "points": Field("a table of numbers by item", _is_table(_is_number)),
    "band": Field("tables [[score.band]], the best first", _is_list(_is_table(_any)), required=True),
}
_BAND = {
    "value": Field(_KEY, _is_key, required=True),
    "label": Field(_TEXT, _is_text, required=True),
    "advice": Field(_TEXT, _is_text, required=True),
    "at": _NUMBER,
    "days": replace(_WHOLE, required=True),
    "whole": _FLAG,
}
_CALL = {
    "kind": Field(_KEY, _is_key, required=True),
    "keys": _KEYS,
}
_PARTS = {"legal": _LEGAL, "receipt": _RECEIPT, "score": _SCORE, "call": _CALL}
_TAKEN = {
    "from": Field("the key of a form whose questions are taken over", _is_key, required=True),
    "keys": _KEYS,
}
_QUESTION = {
    "key": Field(_KEY, _is_key, required=True),
    "kind": Field(f"one of {', '.join(Kind)}", lambda v: v in tuple(Kind), required=True),
    "text": Field(_TEXT, _is_text, required=True),
    "hint": Field(f"how to answer, with an example: {_TEXT}", _is_text, required=True),
    "label": Field(_TEXT, _is_text),
    "behalf_text": Field(_TEXT, _is_text),
    "choices": Field("a list of { value = ..., label = ... }", _is_list(_is_table(_any))),
    "detail": Field("the key of a later question", _is_key),
    "optional": _FLAG,
    "lasting": _FLAG,
    "low": _NUMBER,
    "high": _NUMBER,
    "when": Field("a table of lists: { key = [values that ask this question] }", _is_table(_is_list(_is_scalar))),
    "any_of": _KEYS,
    "parts": _WHOLE,
}
_CHOICE = {
    "value": Field(f"{_KEY}, or a code in capitals", _is_code, required=True),
    "label": Field(_TEXT, _is_text, required=True),
}
