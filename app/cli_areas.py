"""`khaibao areas`: one decision that puts all who live in a commune or a hamlet under follow-up."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import click

from app.cli_outbox import Work, working
from core.access.scope import Scope
from core.care import area as decisions
from core.care import area_lists
from core.care.area import Area
from core.care.follow_up_terms import Problem
from core.care.handling import By, Outcome
from core.clock import VIETNAM
from core.places import tree

OPERATOR = UUID(int=0)
"""Who decides on the command line: no staff member."""

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_PROBLEM = {
    Problem.END_BEFORE_START: "the last day is over already",
    Problem.TOO_LONG: "the last day is more than 180 days away",
    Problem.QUIET_HOUR: "nobody is asked at these hours",
    Problem.HOURS: "give one to three hours, as 8,16",
}


@click.group()
def areas() -> None:
    """Follow all who live in a commune or a hamlet, by one decision."""


@areas.command()
@click.argument("unit")
@click.option("--hamlet", default="", help="A part of it; without it the whole commune.")
@click.option("--document", required=True, help="What it is decided by.")
@click.option("--from", "from_on", type=_DAY, help="The first day, as 2026-11-21; without it today.")
@click.option("--until", "until_on", type=_DAY, required=True, help="The last day.")
@click.option("--hours", default="8,16", show_default=True, help="When they are asked.")
@click.option("--dry-run", is_flag=True, help="Count the people and decide nothing.")
def decide(unit: str, hamlet: str, document: str, *, dry_run: bool, **days: Any) -> None:
    """Put everybody of UNIT, a code, under follow-up and print the decision's id. The clock opens them page by page."""
    hours = tuple(int(each) for each in re.findall(r"\d+", days["hours"]))
    with working() as work:
        _known(work, unit)
        first = days["from_on"] or work.now.astimezone(VIETNAM)
        wanted = Area(unit, document, first.date(), days["until_on"].date(), hours, hamlet)
        found = area_lists.count(work.connection, unit, hamlet)
        click.echo(f"{found.people} people are known there, {found.followed} are followed already", err=True)
        if dry_run:
            return
        made = decisions.decide(work.connection, Scope(unit, (unit,)), wanted, By(OPERATOR, work.now))
    if isinstance(made, Problem):
        raise click.ClickException(_PROBLEM.get(made, made.value))
    click.echo(f"{made}: decided")


@areas.command("list")
def list_all() -> None:
    """Print id, unit, hamlet, document, days, people and state, a decision a line."""
    with working() as work:
        click.echo("id\tunit\thamlet\tdocument\tfrom\tuntil\tfollowed\tpeople\tstate")
        for one in area_lists.listed(work.connection, _all(work)):
            state = "stopped" if one.ended_at else "running" if one.ready else "opening"
            place = one.id, one.unit_code, one.hamlet or "-", one.document, one.from_on, one.until_on
            click.echo("\t".join(map(str, (*place, one.followed, one.people, state))))


@areas.command()
@click.argument("decision", type=click.UUID)
def stop(decision: UUID) -> None:
    """End DECISION, an id, before its last day: the clock releases whoever is followed because of it alone."""
    with working() as work:
        outcome = decisions.stop(work.connection, _all(work), decision, By(OPERATOR, work.now))
    if outcome is Outcome.UNKNOWN:
        raise click.ClickException("no such decision")
    click.echo(f"{decision}: {'stopped' if outcome is Outcome.DONE else 'was stopped already'}")


def _known(work: Work, unit: str) -> None:
    if unit not in tree.load(work.connection).facts:
        raise click.ClickException(f"no unit {unit}")


def _all(work: Work) -> Scope:
    """An operator sees every unit's."""
    return Scope("", tuple(tree.load(work.connection).facts))
