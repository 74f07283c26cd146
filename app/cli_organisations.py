"""`khaibao organisations`: schools, offices, teams and unions whose members declare."""

from __future__ import annotations

import re

import click

from app.cli_outbox import Work, working
from core.access.scope import Scope, Scopes
from core.people import organisations as rows
from core.people.organisations import Kind, NewOrganisation
from core.places import tree

_CODE = re.compile(r"\d{4,6}")


@click.group()
def organisations() -> None:
    """Make, list, rename and close organisations. Members join by THAM GIA and the code, once told what it sees."""


@organisations.command()
@click.option("--unit", required=True, help="Code of the unit where it is.")
@click.option("--name", required=True)
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), required=True)
@click.option("--code", default="", help="Four to six digits, by which members join; drawn, if not given.")
def add(unit: str, name: str, kind: str, code: str) -> None:
    """Make one, and print its code."""
    if code and not _CODE.fullmatch(code):
        raise click.UsageError("--code is four to six digits")
    with working() as work:
        _scope(work, unit)
        new = NewOrganisation(" ".join(name.split()), Kind(kind), unit, code)
        made = rows.add(work.connection, new, work.now)
    if made is None:
        raise click.ClickException(f"code {code} is taken" if code else "no code is free")
    click.echo(f"{made}: members join by THAM GIA {made}")


@organisations.command("list")
@click.option("--unit", required=True)
def list_all(unit: str) -> None:
    """Print code, unit, kind, members and name of those of a unit and below. Under ten members are printed as "-"."""
    with working() as work:
        for each in rows.listed(work.connection, _scope(work, unit)):
            people = str(each.people) if each.people >= 10 else "-"
            click.echo("\t".join((each.code, each.unit_code, each.kind, people, each.name)))


@organisations.command()
@click.argument("code")
@click.option("--unit", required=True)
@click.option("--name", required=True)
def rename(code: str, unit: str, name: str) -> None:
    """It is called so from now on; its code and its members stay."""
    called = " ".join(name.split())
    with working() as work:
        if not called or not rows.rename(work.connection, _scope(work, unit), code, called):
            raise click.ClickException(f"{unit} has no organisation {code}")
    click.echo(f"{code}: {called}")


@organisations.command()
@click.argument("code")
@click.option("--unit", required=True)
def close(code: str, unit: str) -> None:
    """Nobody joins it, nor is counted for it, any more."""
    with working() as work:
        if not rows.close(work.connection, _scope(work, unit), code):
            raise click.ClickException(f"{unit} has no organisation {code}")
    click.echo(f"{code}: closed")


def _scope(work: Work, unit: str) -> Scope:
    units = tree.load(work.connection)
    if unit not in units.facts:
        raise click.ClickException(f"no unit {unit}")
    return Scopes(lambda: units).of(unit)
