"""From TOML to a Form, and to and from JSON: the database keeps each version whole, under its hash."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, cast

from core.conversation.form import Call, Form, Kind, Legal, Question, Receipt, Value
from core.conversation.score import Band, By, Score
from core.conversation.understanding import Choice
from core.forms.faults import Fault, FormFaults
from core.forms.lines import Lines, Path
from core.forms.rules import rules
from core.forms.shape import Problem, Table, shape

__all__ = ["Fault", "FormFaults", "from_json", "load", "load_all", "load_folder", "to_json"]

_DECISIVE = ((), ("key",), ("kind",), ("choices",))
"""Where a question that does not fit tells nothing more: the rules would only report what follows from it."""


@cache
def load_all() -> Mapping[str, Form]:
    """Every form of this folder by its key. Raises FormFaults with the faults of all files."""
    texts = {f.name: f.read_text(encoding="utf-8") for f in files("core.forms").iterdir() if f.name.endswith(".toml")}
    return load_folder(dict(sorted(texts.items())))


def load_folder(texts: Mapping[str, str]) -> Mapping[str, Form]:
    """Forms by their keys, from their TOML by the files' names. Those that take questions over come last."""
    forms: dict[str, Form] = {}
    faults: list[Fault] = []
    for source, text in sorted(texts.items(), key=lambda item: _takes_over(item[1])):
        try:
            form = load(text, source, forms)
        except FormFaults as found:
            faults.extend(found.faults)
            continue
        if form.key in forms:
            faults.append(Fault(source, 1, f"another file has the key {form.key!r}: rename one"))
        forms[form.key] = form
    if faults:
        raise FormFaults(faults)
    return dict(sorted(forms.items()))


def load(text: str, source: str, given: Mapping[str, Form] | None = None) -> Form:
    """A form from TOML. `source` is the file's name, for faults; `given`: forms whose questions it may take over.
    Raises FormFaults with all that is wrong."""
    raw, problems = shape(_parse(text, source))
    tables = list(_expanded(raw, given or {}, problems))
    form = _form({**raw, "question": [table for _, table in tables]})
    broken = {path[:2] for path, _ in problems if path[:1] == ("question",) and path[2:3] in _DECISIVE}
    found = ((_placed(path, [n for n, _ in tables], raw), says) for path, says in rules(form))
    problems += [(path, says) for path, says in found if path[:2] not in broken]
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


def _takes_over(text: str) -> bool:
    return re.search(r"^from *=", text, re.MULTILINE) is not None


def _expanded(
    raw: Mapping[str, Any], given: Mapping[str, Form], problems: list[Problem]
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The questions' tables, each with the place where it stands: those taken over are another form's, word by word."""
    for n, table in enumerate(raw["question"]):
        if "from" not in table:
            yield n, table
            continue
        taken = given[table["from"]].questions if table["from"] in given else ()
        wanted = table.get("keys") or [question.key for question in taken]
        if not taken:
            says = f"'from' names {table['from']!r}: name a form that takes over none itself"
            problems.append((("question", n, "from"), says))
        elif strange := set(wanted) - {question.key for question in taken}:
            says = f"{table['from']!r} has no question {', '.join(sorted(strange))}: correct 'keys'"
            problems.append((("question", n, "keys"), says))
        yield from ((n, _question_json(question)) for question in taken if question.key in wanted)


def _placed(path: Path, places: Sequence[int], raw: Mapping[str, Any]) -> Path:
    """The path in the file of what is wrong in the whole form."""
    if path[:1] != ("question",) or not isinstance(path[1], int):
        return path
    place = places[path[1]]
    return ("question", place, *(("from",) if "from" in raw["question"][place] else path[2:]))


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
    table = raw["question"][number]
    return f"questions of {table['from']}: " if "from" in table else f"question {table.get('key') or number + 1}: "


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
        "begin": list(form.begin),
        "about": form.about,
        "receipt": {"text": form.receipt.text, "worry": form.receipt.worry} if form.receipt else None,
        "score": _score_json(form.score) if form.score else None,
        "call": {"kind": form.call.kind, "keys": list(form.call.keys)} if form.call else None,
    }


def _score_json(score: Score) -> dict[str, Any]:
    return {
        "by": score.by,
        "fewer": score.fewer,
        "critical": list(score.critical),
        "points": dict(score.items),
        "band": [{name: getattr(band, name) for name in Band.__slots__} for band in score.bands],
    }


def _question_json(question: Question) -> dict[str, Any]:
    data = {name: getattr(question, name) for name in Question.__slots__}
    data["choices"] = [{"value": c.value, "label": c.label} for c in question.choices]
    data["when"] = {key: list(values) for key, values in question.when.items()}
    return data


def _form(raw: Mapping[str, Any], hash_: str = "") -> Form:
    """A form from what fits in `raw`; what is missing is empty."""
    legal = {name: raw.get("legal", {}).get(name, "") for name in Legal.__slots__}
    questions = tuple(_question(table) for table in raw.get("question", ()))
    fields: dict[str, Any] = {
        "key": raw.get("key", ""),
        "version": raw.get("version", ""),
        "title": raw.get("title", ""),
        "legal": Legal(**legal),
        "questions": questions,
        "summary": raw.get("summary", True),
        "window": raw.get("window", False),
        "assumed": dict(raw.get("assumed", {})),
        "quick": tuple(raw.get("quick", ())),
        "begin": tuple(raw.get("begin", ())),
        "about": raw.get("about", "person"),
        "receipt": Receipt(**{"text": "", **receipt}) if (receipt := raw.get("receipt")) else None,
        "score": _score(score, questions) if (score := raw.get("score")) else None,
        "call": Call(call.get("kind", ""), tuple(call.get("keys", ()))) if (call := raw.get("call")) else None,
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
            "any_of": tuple(table.get("any_of", ())),
        }
    )


def _score(table: Mapping[str, Any], questions: Sequence[Question]) -> Score:
    """Every yes or no of the form is an item, in the form's order."""
    items = [key for q in questions if q.kind in (Kind.SEVERAL, Kind.YESNO) for key in q.owned() if key != q.detail]
    points = {**dict.fromkeys(items, 1), **table.get("points", {})}
    return Score(
        By(table.get("by", By.COUNT)),
        points,
        tuple(table.get("critical", ())),
        _bands(table),
        table.get("fewer", False),
    )


def _bands(table: Mapping[str, Any]) -> tuple[Band, ...]:
    empty = {"value": "", "label": "", "advice": "", "at": 0, "days": 1}
    return tuple(Band(**{**empty, **band}) for band in table.get("band", ()))


def _choice(table: Mapping[str, Any]) -> Choice:
    return Choice(table.get("value", ""), table.get("label", ""))


def _hash(form: Form) -> str:
    """16 hexadecimal digits that name this version: equal bodies, equal hash, on every machine."""
    canonical = json.dumps(_body(form), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()[:16]
