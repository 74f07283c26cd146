"""`khaibao forms`: what whoever writes a form wants to know of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta

import click

from core.care import rules
from core.clock import VIETNAM
from core.conversation.answers import KINDS, Asked, Read, read
from core.conversation.form import Form, Gate, Library, Question
from core.conversation.understanding import Unclear
from core.forms.check import check_all
from core.forms.examples import Reader
from core.forms.fhir import Publication, questionnaire
from core.forms.load import FormFaults, load_all
from core.forms.tree import line, tree
from core.places import admin
from core.places.answer import unit_reader
from core.words import languages, load_words
from sms.text import measure, unaccent

_PROVINCE = "15"  # where examples of places are read; each names its own province
_LATER = timedelta(days=60)  # an example like 20/12 is near enough to be read on one of two such days

_LANGUAGE = click.option("--language", default="vi", type=click.Choice(languages()), help="Language of the texts.")


@click.group()
def forms() -> None:
    """Check and show the forms."""


@forms.command("check")
def check() -> None:
    """Say what is wrong with the forms: one line a fault, and status 1 if there is any."""
    loaded = _load()
    catalogues = [load_words(language) for language in languages()]
    faults = check_all(loaded.values(), _parts, catalogues, _reader(datetime.now(VIETNAM).date()))
    for fault in faults:
        click.echo(str(fault))
    if faults:
        raise SystemExit(1)
    click.echo(f"{len(loaded)} forms in {', '.join(languages())}: no faults")


@forms.command("list")
@_LANGUAGE
def list_all(language: str) -> None:
    """Print each form on a line: key, version, hash, title, the words that begin it, its SMS parts."""
    for form in _load().values():
        click.echo(line(form, _parts, load_words(language)))


@forms.command()
@click.argument("name")
@_LANGUAGE
def show(name: str, language: str) -> None:
    """Print the conversation of the form NAME as a tree, with the SMS parts that each text takes."""
    click.echo(tree(_named(name), _parts, load_words(language)))


@forms.command()
@click.argument("name")
@_LANGUAGE
@click.option("--base", default="urn:khaibao", envvar="PUBLIC_URL", show_default=True, help="What its urls begin with.")
@click.option("--status", default="draft", type=click.Choice(["draft", "active"]), help="Active once it is approved.")
@click.option("--date", "published", type=click.DateTime(["%Y-%m-%d"]), help="When it is published; today.")
def fhir(name: str, language: str, base: str, status: str, published: datetime | None) -> None:
    """Print the form NAME as a FHIR R4 Questionnaire, its texts in one language and translated to the others."""
    form, day = _named(name), (published or datetime.now(VIETNAM)).date()
    words = [load_words(each) for each in (language, *(other for other in languages() if other != language))]
    publication = Publication(base, status, day, words, rules.in_force(day).window_days)
    click.echo(json.dumps(questionnaire(form, publication), ensure_ascii=False, indent=2))


def _named(name: str) -> Form:
    loaded = _load()
    if name not in loaded:
        raise click.ClickException(f"no form {name!r}: there are {', '.join(loaded)}")
    return loaded[name]


def _load() -> Mapping[str, Form]:
    try:
        return load_all()
    except FormFaults as faults:
        raise click.ClickException(f"the forms cannot be loaded:\n{faults}") from faults


def _reader(today: date) -> Reader:
    """Reads examples as replies are read, with all places and one gate that is open."""
    library = Library({}, {}, unit_reader(admin.load(), _PROVINCE), (Gate("LCA", "Lào Cai", today),))

    def said(text: str, question: Question, form: Form) -> Read | Unclear:
        now, later = (read(text, Asked(question, (), library, day, form)) for day in (today, today + _LATER))
        return later if isinstance(now, Unclear) else now

    return Reader(KINDS, said)


def _parts(text: str) -> int:
    return measure(unaccent(text)).parts
