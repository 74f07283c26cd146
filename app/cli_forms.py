"""`khaibao forms`: what whoever writes a form wants to know of it."""

from __future__ import annotations

from collections.abc import Mapping

import click

from core.conversation.form import Form
from core.forms.check import check
from core.forms.load import FormFaults, load_all
from core.forms.tree import tree
from core.words import languages, load_words
from sms.text import measure, unaccent


@click.group()
def forms() -> None:
    """Check and show the forms."""


@forms.command("check")
def check_all() -> None:
    """Say what is wrong with the forms: one line a fault, and status 1 if there is any."""
    loaded = _load()
    catalogues = [load_words(language) for language in languages()]
    faults = [fault for form in loaded.values() for fault in check(form, _parts, catalogues)]
    for fault in faults:
        click.echo(str(fault))
    if faults:
        raise SystemExit(1)
    click.echo(f"{len(loaded)} forms in {', '.join(languages())}: no faults")


@forms.command()
@click.argument("name")
@click.option("--language", default="vi", type=click.Choice(languages()), help="Language of the texts.")
def show(name: str, language: str) -> None:
    """Print the conversation of the form NAME as a tree, with the SMS parts that each question takes."""
    loaded = _load()
    if name not in loaded:
        raise click.ClickException(f"no form {name!r}: there are {', '.join(loaded)}")
    click.echo(tree(loaded[name], _parts, load_words(language)))


def _load() -> Mapping[str, Form]:
    try:
        return load_all()
    except FormFaults as faults:
        raise click.ClickException(f"the forms cannot be loaded:\n{faults}") from faults


def _parts(text: str) -> int:
    return measure(unaccent(text)).parts
