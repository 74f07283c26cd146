"""`khaibao volunteers`: who helps in a unit, and which households each looks after. No number is shown."""

from __future__ import annotations

from uuid import UUID

import click

from app.cli_outbox import Work, working
from core.access.scope import Scope, Scopes
from core.people import household_lists, households
from core.people import volunteers as rows
from core.people.household_lists import Wanted
from core.people.volunteers import Decided, Outcome
from core.places import tree

_UNIT = click.option("--unit", required=True, help="Code of the unit.")


@click.group()
def volunteers() -> None:
    """List volunteers, let them help, give them households, end it. They are told by text."""


@volunteers.command("list")
@_UNIT
def list_all(unit: str) -> None:
    """Print id, unit, status, households and name, who waits first."""
    with working() as work:
        for each in rows.every(work.connection, _scope(work, unit)):
            click.echo("\t".join((str(each.id), each.unit_code, each.status, str(each.homes), each.name)))


@volunteers.command("homes")
@_UNIT
def list_homes(unit: str) -> None:
    """Print id, unit, people, volunteers and label of the unit's households."""
    with working() as work:
        for home in household_lists.every(work.connection, Wanted(_scope(work, unit))):
            helpers = ", ".join(home.volunteers) or "-"
            click.echo("\t".join((str(home.id), home.unit_code, str(home.people), helpers, home.label)))


@volunteers.command()
@click.argument("volunteer", metavar="ID", type=click.UUID)
@_UNIT
@click.option("--refuse", is_flag=True, help="They are not let help.")
def approve(volunteer: UUID, unit: str, *, refuse: bool) -> None:
    """Let somebody help who asked to."""
    with working() as work:
        said = Decided(not refuse, None, work.now)
        _done(rows.decide(work.connection, _scope(work, unit), volunteer, said), "decided already")
    click.echo("refused" if refuse else "approved")


@volunteers.command()
@click.argument("volunteer", metavar="ID", type=click.UUID)
@click.argument("home", metavar="HOUSEHOLD", type=click.UUID)
@_UNIT
@click.option("--end", is_flag=True, help="They look after it no more; what was agreed to for that ends too.")
def assign(volunteer: UUID, home: UUID, unit: str, *, end: bool) -> None:
    """Give a household of the unit to a volunteer."""
    with working() as work:
        if households.unit_of(work.connection, home) not in _scope(work, unit).codes:
            raise click.ClickException(f"{unit} has no such household")
        if end:
            _done(rows.unassign(work.connection, volunteer, home, work.now), "it is not theirs")
        else:
            _done(rows.assign(work.connection, volunteer, home, None, work.now), "it is theirs already")
    click.echo("ended" if end else "assigned")


@volunteers.command()
@click.argument("volunteer", metavar="ID", type=click.UUID)
@_UNIT
def stop(volunteer: UUID, unit: str) -> None:
    """They help no more; their households go back to the unit's list."""
    with working() as work:
        _done(rows.stop(work.connection, _scope(work, unit), volunteer, work.now), "they help no more already")
    click.echo("stopped")


def _done(outcome: Outcome, too_late: str) -> None:
    if outcome is Outcome.UNKNOWN:
        raise click.ClickException("no such volunteer there, or not of that unit")
    if outcome is Outcome.TOO_LATE:
        raise click.ClickException(too_late)


def _scope(work: Work, unit: str) -> Scope:
    units = tree.load(work.connection)
    if unit not in units.facts:
        raise click.ClickException(f"no unit {unit}")
    return Scopes(lambda: units).of(unit)
