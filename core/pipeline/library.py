"""Form versions in the database: whole, with their translations, so that a conversation ends on the version it
began with, however often the forms change meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from core.conversation.form import Form, Library, UnitReader
from core.conversation.wording import Words
from core.database.shared import forms
from core.forms.load import from_json, load_all, to_json
from core.forms.texts import translations
from core.words import with_stored


def publish(connection: Connection, catalogues: Iterable[Words], current: Collection[Form] | None = None) -> None:
    """Store the current version of every form (of the program's own, if none are given), once. Safe to run at every
    start and by two at once."""
    held = tuple(catalogues)
    for form in _current(current):
        row = {
            "hash": form.hash,
            "key": form.key,
            "version": form.version,
            "body": to_json(form),
            "translations": {words.language: dict(translations(form, words)) for words in held},
        }
        connection.execute(insert(forms).values(row).on_conflict_do_nothing())


def library(connection: Connection, read_unit: UnitReader, current: Collection[Form] | None = None) -> Library:
    """All versions that ever asked anybody, and which of them are current."""
    now = {form.key: form for form in _current(current)}
    stored = {row.hash: _form(row.body) for row in connection.execute(select(forms.c.hash, forms.c.body))}
    versions = {**stored, **{form.hash: form for form in now.values()}}
    return Library(versions, {key: form.hash for key, form in now.items()}, read_unit)


def words(connection: Connection, catalogue: Words) -> Words:
    """The catalogue, with the translations of older versions for texts that it no longer has."""
    rows = connection.execute(select(forms.c.translations)).scalars()
    stored = {text: said for row in rows for text, said in row.get(catalogue.language, {}).items()}
    gone = {text: said for text, said in stored.items() if catalogue.gettext(text) == text}
    return with_stored(catalogue, gone)


def _current(given: Collection[Form] | None) -> Collection[Form]:
    return load_all().values() if given is None else given


def _form(body: Mapping[str, Any]) -> Form:
    return from_json(body)
