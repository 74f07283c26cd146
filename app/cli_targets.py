"""`khaibao targets`: how many are to have declared in a unit or an organisation, until when."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import click

from app.cli_outbox import Work, working
from core.access.scope import Scope, Scopes
from core.care import targets as aims
from core.care.targets import Kind, NewTarget, Set
from core.places import tree

_REFUSED = {
    Set.UNKNOWN: "no such unit, or no such organisation there",
    Set.MEMBERS_ONLY: "100 % binds the members of an organisation only: name one, or choose less",
    Set.WRONG: "a share is 1 to 100, a population 1 or more",
}


@click.group()
def targets() -> None:
    """Set, list and remove targets. The page of progress and `khaibao progress --text` compare with them."""


@targets.command()
@click.option("--unit", required=True, help="Code of the unit.")
@click.option("--organisation", default="", help="Its code, for its members alone; else for all who live in the unit.")
@click.option("--kind", type=click.Choice([each.value for each in Kind]), default=Kind.DECLARED.value)
@click.option("--share", type=int, required=True, help="Percent.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), required=True)
@click.option("--population", type=int, help="Of how many, where that is known better than by counting.")
@click.option("--title", default="", help="What it is called.")
def add(unit: str, organisation: str, share: int, until: datetime, **more: Any) -> None:
    """Set a target. It takes the place of the one of the same people and kind."""
    kind = Kind(more["kind"])
    wanted = NewTarget(unit, kind, share, until.date(), more["population"], organisation, more["title"])
    with working() as work:
        done = aims.add(work.connection, _scope(work, unit), wanted, None, work.now)
    if done is not Set.DONE:
        raise click.ClickException(_REFUSED[done])
    click.echo(f"{organisation or unit}: {share} % {kind} until {until:%Y-%m-%d}")


@targets.command("list")
@click.option("--unit", required=True)
def list_all(unit: str) -> None:
    """Print id, unit, organisation, kind, share, population and day of the targets of a unit and those below."""
    with working() as work:
        for each in aims.listed(work.connection, _scope(work, unit)):
            of = each.population or "-"
            row = (each.id, each.unit_code, each.organisation or "-", each.kind, each.share, of, each.due_on)
            click.echo("\t".join(map(str, row)))


@targets.command()
@click.argument("target", metavar="ID", type=click.UUID)
@click.option("--unit", required=True)
def remove(target: UUID, unit: str) -> None:
    """Let a target go."""
    with working() as work:
        if not aims.remove(work.connection, _scope(work, unit), target):
            raise click.ClickException(f"{unit} has no target {target}")
    click.echo("removed")


def _scope(work: Work, unit: str) -> Scope:
    units = tree.load(work.connection)
    if unit not in units.facts:
        raise click.ClickException(f"no unit {unit}")
    return Scopes(lambda: units).of(unit)
