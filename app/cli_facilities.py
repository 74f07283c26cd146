"""`khaibao facilities`: the places where people are quarantined or treated."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click

from app.cli_outbox import Work, working
from core.access.scope import Scope
from core.care import facilities as places
from core.care.facilities import KINDS, FacilityError, NewFacility
from core.care.handling import Outcome
from core.places import tree


@click.group()
def facilities() -> None:
    """Make, list and close the places where people are quarantined or treated."""


@facilities.command()
@click.argument("name")
@click.option("--kind", required=True, type=click.Choice(KINDS))
@click.option("--unit", required=True, help="Code of the health unit whose staff run its roster.")
@click.option("--address", default="", help="Where it is.")
@click.option("--phone", default="", help="Its own number.")
@click.option("--capacity", type=click.IntRange(1), help="For how many people; without it nobody counts.")
def add(name: str, kind: str, unit: str, **more: Any) -> None:
    """Make the facility NAME and print its id."""
    new = NewFacility(name, kind, unit, more["address"], more["phone"], more["capacity"])
    with working() as work:
        if new.unit_code not in tree.load(work.connection).facts:
            raise click.ClickException(f"no unit {new.unit_code}")
        try:
            made = places.add(work.connection, None, new, work.now)
        except FacilityError as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"{made}: open")


@facilities.command("list")
def list_all() -> None:
    """Print id, kind, unit, name, people, capacity and state, a facility a line."""
    with working() as work:
        click.echo("id\tkind\tunit\tname\tpeople\tcapacity\tstate")
        for each in places.listed(work.connection, _all(work)):
            state = "open" if each.active else "closed"
            shown = (each.id, each.kind, each.unit_code, each.name, each.people, each.capacity or "-", state)
            click.echo("\t".join(map(str, shown)))


@facilities.command()
@click.argument("facility", type=click.UUID)
def close(facility: UUID) -> None:
    """Take nobody in any more at FACILITY, an id. Refused while somebody is in it."""
    with working() as work:
        outcome = places.close(work.connection, _all(work), facility)
    if outcome is Outcome.WRONG:
        raise click.ClickException("people are in it: send them home or elsewhere first")
    if outcome is Outcome.UNKNOWN:
        raise click.ClickException("no such facility")
    click.echo(f"{facility}: closed")


def _all(work: Work) -> Scope:
    """An operator sees every unit's."""
    return Scope("", tuple(tree.load(work.connection).facts))
