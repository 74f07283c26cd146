"""`khaibao progress`: how many have declared, in numbers that say nothing of anybody."""

from __future__ import annotations

import click

from app.cli_outbox import Work, working
from core.access.scope import Scopes
from core.care import progress as boards
from core.care.progress import Board, Line
from core.care.standing import day_of
from core.conversation.messages import N_, Say
from core.conversation.wording import word
from core.places import tree
from core.places.tree import UnitTree
from core.words import load_words
from sms.text import unaccent

_TEXT = N_("{unit}, ngày {day}: {declared}/{people} người đã khai báo, {updated} người cập nhật hôm nay.")
_HIDDEN = "-"


@click.command()
@click.argument("unit")
@click.option("--text", is_flag=True, help="One short text for leaders, then the same without accents for SMS.")
@click.option("--organisations", is_flag=True, help="By school, office and team instead of by unit.")
def progress(unit: str, *, text: bool, organisations: bool) -> None:
    """Print code, people, declared and updated today, tab-separated, for UNIT and those below it; the sum last.

    A number under ten, or one that would give such a number away, is printed as "-".
    """
    with working() as work:
        units = tree.load(work.connection)
        if unit not in units.facts:
            raise click.ClickException(f"no unit {unit}")
        board = _board(work, units, unit, organisations)
        day = day_of(work.now).today
    if text:
        told = {name: _number(getattr(board.total, name)) for name in ("people", "declared", "updated")}
        said = word(Say(_TEXT, {"unit": units.facts[unit].name, "day": f"{day:%d/%m}", **told}), load_words("vi"))
        click.echo(f"{said}\n{unaccent(said)}")
        return
    click.echo("code\tpeople\tdeclared\tupdated")
    for line in (*board.lines, board.total):
        click.echo(_row(line))


def _board(work: Work, units: UnitTree, unit: str, organisations: bool) -> Board:
    scope = Scopes(lambda: units).of(unit)
    count = boards.by_organisation if organisations else boards.by_unit
    return count(work.connection, scope, day_of(work.now))


def _row(line: Line) -> str:
    return "\t".join((line.code or "total", *(_number(n) for n in (line.people, line.declared, line.updated))))


def _number(count: int | None) -> str:
    return _HIDDEN if count is None else str(count)
