"""`khaibao export`: rows to standard output."""

from __future__ import annotations

import os
import sys
from datetime import datetime

import click

from app.database import opened
from app.settings import load
from core.care.export import EXPORTS, columns, read
from core.care.export_files import FORMATS
from core.clock import VIETNAM
from core.forwarding.destinations import load_parents
from core.places.tree import subtree


class Moment(click.ParamType[datetime]):
    """An ISO 8601 date or time; without an offset it is Vietnam's."""

    name = "ISO"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Aware. A date is its first moment."""
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail("give a date as 2026-11-21 or a time as 2026-11-21T08:00", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)


def _columns_help() -> str:
    """The columns of each kind, for `--help`. The empty line and \\b keep click from filling them up."""
    parts = []
    for kind, export in EXPORTS.items():
        lines = [f"  {name}{f': {note}' if note else ''}" for name, note in {**export.columns, **export.texts}.items()]
        parts.append("\b\n" + "\n".join([f"{kind}:", *lines]))
    return "\n\n".join(parts)


@click.command(epilog=_columns_help())
@click.argument("kind", type=click.Choice(list(EXPORTS)))
@click.option("--unit", metavar="CODE", help="Only of this unit and all units below it.")
@click.option("--since", type=Moment(), help="Only from this date or time on, Vietnam time.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="jsonl", show_default=True)
@click.option("--texts", is_flag=True, help="Messages with what was written.")
def export(kind: str, unit: str | None, since: datetime | None, form: str, texts: bool) -> None:
    """Write declarations, checkins, messages or forwards to standard output, oldest first."""
    output = sys.stdout.buffer
    if form == "xlsx" and output.isatty():
        raise click.UsageError("an XLSX is no text: send it to a file, as in > file.xlsx")
    with opened(load(os.environ), "khaibao export") as engine, engine.connect() as connection:
        parents = load_parents(connection)
        if unit is not None and unit not in parents:
            raise click.BadParameter(f"no unit {unit}", param_hint="--unit")
        within = None if unit is None else subtree(unit, parents)
        rows = read(connection, kind, within, since, texts=texts)
        FORMATS[form](output, kind, columns(kind, texts=texts), rows)
