"""`khaibao progress`: how many have declared, in numbers that say nothing of anybody."""

from __future__ import annotations

from datetime import date

import click

from app.cli_outbox import working
from core.access.scope import Scopes
from core.care import progress as boards
from core.care import targets as aims
from core.care.progress import Board, Line
from core.care.standing import day_of
from core.conversation.messages import N_, Say
from core.conversation.wording import word
from core.places import tree
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

    A number under ten, or one that would give such a number away, is printed as "-"; the sum is named "shown" where it
    leaves such lines out. The text has a line for each target (khaibao targets).
    """
    with working() as work:
        units = tree.load(work.connection)
        if unit not in units.facts:
            raise click.ClickException(f"no unit {unit}")
        scope, day = Scopes(lambda: units).of(unit), day_of(work.now)
        residents = boards.by_unit(work.connection, scope, day, units.parents)
        members = boards.by_organisation(work.connection, scope, day, units.parents)
        found = [aims.standing(each, residents, members) for each in aims.listed(work.connection, scope)]
    board = (members if organisations else residents).board(unit)
    if text:
        _say(_headline(board, units.facts[unit].name, day.today))
        for each in found:
            _say(aims.leaders_text(each, units.facts[each.target.unit_code].name))
        return
    click.echo("code\tpeople\tdeclared\tupdated")
    for line in (*board.lines, board.total):
        click.echo(_row(line))


def _headline(board: Board, unit: str, day: date) -> Say:
    told = {name: _number(getattr(board.total, name)) for name in ("people", "declared", "updated")}
    return Say(_TEXT, {"unit": unit, "day": f"{day:%d/%m}", **told})


def _say(say: Say) -> None:
    """With accents, then without for SMS."""
    said = word(say, load_words("vi"))
    click.echo(f"{said}\n{unaccent(said)}")


def _row(line: Line) -> str:
    name = line.code or ("shown" if line.partial else "total")
    return "\t".join((name, *(_number(n) for n in (line.people, line.declared, line.updated))))


def _number(count: int | None) -> str:
    return _HIDDEN if count is None else str(count)
