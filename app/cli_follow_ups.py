"""`khaibao follow-ups`: lists of people to be followed, from a file."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID

import click

from app import wiring
from app.database import opened
from app.logs import setup
from app.settings import load
from core.care import follow_up_import, follow_up_sheet
from core.care.follow_up_import import Into, Perhaps, Report
from core.care.follow_up_rows import Source
from core.care.follow_up_sheet import Fault, SheetError, Why
from core.care.follow_up_terms import Impossible, Problem
from core.clock import VIETNAM

_WHY = {
    Why.MISSING: "is empty: fill it in",
    Why.YEAR: "is no year of birth: write it as 1953",
    Why.GENDER: "is no gender: write nam, nữ or khác, or leave it empty",
    Why.PHONE: "is no telephone number: write it as 0912345678, or leave it empty",
    Why.GROUP: "is no group: write F0, F1, F2, F3, arrival or area",
    Why.DAY: "is no day: write it as 21/11/2026",
    Why.YES_NO: "is neither yes nor no: write có or không, or leave it empty",
    Why.PLACE: "is no place: write home, facility, hotel or hospital",
    Why.HOURS: "are no hours: write them as 8 16",
}
_PROBLEM = {
    Problem.NO_RULE: "no number of days is in force for this group: state the last day in a column “end”",
    Problem.OVER: "all days are over, counted from the last contact: state the last day in a column “end”",
    Problem.CONTACT_LATER: "the last contact lies in the future",
    Problem.END_BEFORE_START: "the last day is over already",
    Problem.TOO_LONG: "the last day is more than 180 days away: look at its year",
    Problem.QUIET_HOUR: "nobody is asked at these hours: choose others",
    Problem.HOURS: "these are more than three hours",
}


@click.group("follow-ups")
def follow_ups() -> None:
    """Take in lists of people to be followed."""


@follow_ups.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--unit", metavar="CODE", required=True, help="The health unit that follows them.")
@click.option("--dry-run", is_flag=True, help="Try everything and keep nothing.")
def import_list(file: Path, unit: str, *, dry_run: bool) -> None:
    """Open a follow-up for each row of FILE, a CSV or XLSX with headings.

    Columns: name, year, group; and, where known, gender, phone, last contact, vaccinated, hamlet, address, place,
    hours, end, document. Rows that cannot be read are listed, the others go in. The same file may be run again.
    """
    settings = load(os.environ)
    setup(settings, "follow-ups")
    counts = {"opened": 0, "verified": 0, "already": 0, "wrong": 0}
    with opened(settings, "khaibao follow-ups") as engine, file.open("rb") as stream:
        services = wiring.services(settings, engine)
        if unit not in services.units().facts:
            raise click.BadParameter(f"no unit {unit}", param_hint="--unit")
        now = services.clock.now()
        rows = follow_up_sheet.read(stream, file.name, unit, now.astimezone(VIETNAM).date())
        lines = follow_up_import.lines_of(services, dry=dry_run)
        into = Into(unit, Source("import"), now, dry_run)
        try:
            for report in follow_up_import.take_in(engine, lines, rows, into):
                _tell(report, counts)
        except SheetError as error:
            raise click.ClickException(str(error)) from None
    would = "would be " if dry_run else ""
    opened_ = f"{counts['opened']} {would}opened, {counts['verified']} {would}verified"
    click.echo(f"{opened_}, {counts['already']} already followed, {counts['wrong']} to correct")
    if counts["wrong"]:
        raise SystemExit(1)


def _tell(report: Report, counts: dict[str, int]) -> None:
    counts["opened"] += len(report.opened)
    counts["verified"] += len(report.verified)
    counts["already"] += len(report.already) + len(report.proposed)
    counts["wrong"] += len(report.faults) + len(report.impossible) + len(report.perhaps) + len(report.gone)
    said = [(line, "already followed") for line in report.already]
    said += [(line, "already followed for less: the nearer level is proposed to the CDC") for line in report.proposed]
    said += [(line, "was to be verified: now it is") for line in report.verified]
    said += [(fault.line, _fault(fault)) for fault in report.faults]
    said += [(line, _impossible(why)) for line, why in report.impossible]
    said += [(each.line, _perhaps(each)) for each in report.perhaps]
    said += [(line, _gone(person_id)) for line, person_id in report.gone]
    for line, text in sorted(said):
        click.echo(f"line {line}: {text}")


def _fault(fault: Fault) -> str:
    return f"“{fault.column}” {_WHY[fault.why]}"


def _perhaps(each: Perhaps) -> str:
    return (
        f"perhaps the same as person {each.person_id}, by name and year of birth: if it is another one, say so by"
        f" “{each.column}”, else open it on their page"
    )


def _gone(person_id: UUID) -> str:
    return (
        f"person {person_id} was noted as dead, or as having left the province: if that is wrong, open it on their page"
    )


def _impossible(why: Impossible) -> str:
    document = f" ({why.document})" if why.document else ""
    return _PROBLEM.get(why.problem, f"{why.problem} is not right") + document
