"""`khaibao presence`: where people under follow-up may be asked for a sign that they are at home. Off everywhere at
first."""

from __future__ import annotations

import click

from app.cli_outbox import Work, working
from core.care import presence as signs
from core.care.presence import Rule
from core.care.standing import day_of
from core.places import tree


@click.group()
def presence() -> None:
    """Switch signs of presence on and off, by unit, each with its document."""


@presence.command()
@click.argument("unit")
@click.option("--document", required=True, help="What it is based on.")
@click.option("--approved-by", required=True, help="Who decided it.")
@click.option("--minutes", type=click.IntRange(10, 240), default=30, show_default=True, help="To answer.")
@click.option(
    "--times-a-week",
    type=click.IntRange(0, 7),
    default=0,
    show_default=True,
    help="By itself, at hours of the day that nobody knows before; 0: only when staff ask.",
)
def on(unit: str, document: str, approved_by: str, minutes: int, times_a_week: int) -> None:
    """From today on, for UNIT and the units below it that have no rule of their own."""
    with working() as work:
        _check(work, unit)
        rule = Rule(unit, day_of(work.now).today, times_a_week, minutes, document, approved_by)
        signs.switch_on(work.connection, rule, work.now)
    click.echo(f"{unit}: on, {times_a_week} times a week by itself, {minutes} minutes to answer")


@presence.command()
@click.argument("unit")
def off(unit: str) -> None:
    """From today on nobody is asked by UNIT's rule. What was asked stays on people's pages."""
    with working() as work:
        if not signs.switch_off(work.connection, unit, day_of(work.now).today):
            raise click.ClickException(f"{unit} has no rule")
    click.echo(f"{unit}: off")


@presence.command("list")
def list_all() -> None:
    """Print unit, from when, times a week, minutes, document and who approved it, a rule a line."""
    with working() as work:
        for rule in signs.rules(work.connection, day_of(work.now).today):
            told = (rule.unit_code, rule.from_on, rule.times_a_week, rule.minutes, rule.document, rule.approved_by)
            click.echo("\t".join(map(str, told)))


def _check(work: Work, unit: str) -> None:
    if unit not in tree.load(work.connection).facts:
        raise click.ClickException(f"no unit {unit}")
