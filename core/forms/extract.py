"""Babel extractors, named in `locales/babel.cfg`: the texts of forms, and Python's with plurals where they count."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any, cast

from babel.messages.extract import extract_python

from core.conversation.form import Form
from core.conversation.wording import COUNTS
from core.forms.lines import Lines, Path
from core.forms.load import load, load_all
from core.forms.texts import placeholders, texts

Message = tuple[int, str | None, str | tuple[str, ...], list[str]]
"""Line, function, text (or both its plural forms), notes for translators."""


def extract_form(
    file: IO[bytes], keywords: Mapping[str, Any], tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[Message]:
    """Every text of a form's TOML file. Raises FormFaults: a form that cannot be loaded is not translated."""
    text = file.read().decode("utf-8")
    lines = Lines(text)
    form = load(text, getattr(file, "name", "form"), load_all())
    for path, message in texts(form):
        yield lines.of(path), None, message, [_note(form, path)]


def extract_code(
    file: IO[bytes], keywords: Mapping[str, Any], tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[Message]:
    """The marked texts of a Python file. One that names a count is extracted with a plural form."""
    found = cast(Iterator[Message], extract_python(file, keywords, tags, options))  # type: ignore[arg-type]
    for line, function, message, notes in found:
        if isinstance(message, str) and counted(message):
            yield line, "ngettext", (message, message), notes
        else:
            yield line, function, message, notes


def counted(text: str) -> bool:
    """Whether the text changes with a number. Source texts in code are checked for brackets by a test."""
    try:
        return not placeholders(text).isdisjoint(COUNTS)
    except ValueError:
        return False


def _note(form: Form, path: Path) -> str:
    """Where translators find the text: "declaration, signs: hint"."""
    what = "choice" if "choices" in path else path[-1]
    if path[0] == "question" and isinstance(path[1], int):
        return f"{form.key}, {form.questions[path[1]].key}: {what}"
    return f"{form.key}: {what}"
