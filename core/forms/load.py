"""From TOML to a Form, and to and from JSON: the database keeps each version whole, under its hash."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, cast

from core.conversation.form import Form, Kind, Legal, Question, Value
from core.conversation.understanding import Choice
from core.forms.faults import Fault, FormFaults
from core.forms.lines import Lines
from core.forms.rules import rules
from core.forms.shape import Problem, Table, shape

__all__ = ["Fault", "FormFaults", "from_json", "load", "load_all", "to_json"]

_DECISIVE = ((), ("key",), ("kind",), ("choices",))
"""Where a question that does not fit tells nothing more: the rules would only report what follows from it."""


@cache
def load_all() -> Mapping[str, Form]:
    """Every form of this folder by its key. Raises FormFaults with the faults of all files."""
    forms: dict[str, Form] = {}
    faults: list[Fault] = []
    for file in sorted(files("core.forms").iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".toml"):
            continue
        try:
            form = load(file.read_text(encoding="utf-8"), file.name)
        except FormFaults as found:
            faults.extend(found.faults)
            continue
        if form.key in forms:
            faults.append(Fault(file.name, 1, f"another file has the key {form.key!r}: rename one"))
        forms[form.key] = form
    if faults:
        raise FormFaults(faults)
    return forms


def load(text: str, source: str) -> Form:
    """A form from TOML. `source` is the file's name, for faults. Raises FormFaults with all that is wrong."""
    raw, problems = shape(_parse(text, source))
    form = _form(raw)
    broken = {path[:2] for path, _ in problems if path[:1] == ("question",) and path[2:3] in _DECISIVE}
    problems += [(path, says) for path, says in rules(form) if path[:2] not in broken]
    if problems:
        raise FormFaults(_faults(problems, raw, text, source))
    return form


def to_json(form: Form) -> dict[str, Any]:
    """The whole form, with its hash, as plain JSON values."""
    return {"hash": form.hash, **_body(form)}


def from_json(data: Mapping[str, Any]) -> Form:
    """The form that `to_json` wrote, under the hash it had then. Fields that were unknown then have their
    defaults, fields that are unknown now are left aside: an older program may read a newer version."""
    return _form(data, data["hash"])


def _parse(text: str, source: str) -> Table:
    try:
        return cast(Table, tomllib.loads(text))
    except tomllib.TOMLDecodeError as fault:
        line = re.search(r"at line (\d+)", str(fault))
        raise FormFaults(
            [Fault(source, int(line[1]) if line else text.count("\n") + 1, f"not TOML: {fault}")]
        ) from fault


def _faults(problems: list[Problem], raw: Table, text: str, source: str) -> list[Fault]:
    lines = Lines(text)
    found = (Fault(source, lines.of(path), f"{_where(path, raw)}{says}") for path, says in problems)
    return sorted(found, key=lambda fault: fault.line)


def _where(path: tuple[str | int, ...], raw: Any) -> str:
    if path[:1] != ("question",) or len(path) < 2:
        return ""
    number = cast(int, path[1])
    return f"question {raw['question'][number].get('key') or number + 1}: "


def _body(form: Form) -> dict[str, Any]:
    return {
        "key": form.key,
        "version": form.version,
        "title": form.title,
        "legal": {name: getattr(form.legal, name) for name in Legal.__slots__},
        "question": [_question_json(question) for question in form.questions],
        "summary": form.summary,
        "window": form.window,
        "assumed": dict(form.assumed),
        "quick": list(form.quick),
    }


def _question_json(question: Question) -> dict[str, Any]:
    data = {name: getattr(question, name) for name in Question.__slots__}
    data["choices"] = [{"value": c.value, "label": c.label} for c in question.choices]
    data["when"] = {key: list(values) for key, values in question.when.items()}
    return data


def _form(raw: Mapping[str, Any], hash_: str = "") -> Form:
    """A form from what fits in `raw`; what is missing is empty."""
    legal = {name: raw.get("legal", {}).get(name, "") for name in Legal.__slots__}
    fields: dict[str, Any] = {
        "key": raw.get("key", ""),
        "version": raw.get("version", ""),
        "title": raw.get("title", ""),
        "legal": Legal(**legal),
        "questions": tuple(_question(table) for table in raw.get("question", ())),
        "summary": raw.get("summary", True),
        "window": raw.get("window", False),
        "assumed": dict(raw.get("assumed", {})),
        "quick": tuple(raw.get("quick", ())),
    }
    return Form(**fields, hash=hash_ or _hash(Form(**fields, hash="")))


def _question(table: Mapping[str, Any]) -> Question:
    known = {name: table[name] for name in Question.__slots__ if name in table}
    when: Mapping[str, tuple[Value, ...]] = {key: tuple(values) for key, values in table.get("when", {}).items()}
    return Question(
        **{
            "key": "",
            "text": "",
            "hint": "",
            **known,
            "kind": Kind(table.get("kind", Kind.TEXT)),
            "choices": tuple(_choice(choice) for choice in table.get("choices", ())),
            "when": when,
        }
    )


def _choice(table: Mapping[str, Any]) -> Choice:
    return Choice(table.get("value", ""), table.get("label", ""))


def _hash(form: Form) -> str:
    """16 hexadecimal digits that name this version: equal bodies, equal hash, on every machine."""
    canonical = json.dumps(_body(form), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()[:16]
