"""`khaibao lists`: the line lists of a unit, as its staff see them."""

from __future__ import annotations

import click

from app import wiring
from app.cli_outbox import working
from core.access.scope import Scopes
from core.care import line_files, line_lists
from core.care.line_lists import Asked, Line
from core.care.standing import day_of
from core.places import tree


@click.command()
@click.argument("unit")
@click.argument("name", required=False, type=click.Choice([line.value for line in Line]))
def lists(unit: str, name: str | None) -> None:
    """Print how many of UNIT and those below it are on each list; with NAME, everybody on that one, as CSV."""
    with working() as work:
        units = tree.load(work.connection)
        if unit not in units.facts:
            raise click.ClickException(f"no unit {unit}")
        on = wiring.services(work.settings, work.connection.engine).on
        asked = Asked(Scopes(lambda: units).of(unit), day_of(work.now), on)
        if name:
            people = line_lists.everybody(work.connection, asked, Line(name))
            for row in line_files.written(people, lambda code: units.facts[code].name):
                click.echo(row, nl=False)
            return
        counts = line_lists.count(work.connection, asked)
    for line, number in counts.items():
        click.echo(f"{line}\t{number}")
    click.echo(f"total\t{sum(counts.values())}")
