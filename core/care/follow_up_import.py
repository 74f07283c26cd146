"""Taking in a list of people to be followed: page by page, each a transaction, with memory for one page.

A crash leaves whole pages. Running the same file again doubles nobody: who is followed already is told as such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Engine, Text, bindparam, select
from uuid_utils.compat import uuid7

from core.care.follow_up_opening import Line, Opened, Outcome, Wanted, open_all
from core.care.follow_up_rows import Source
from core.care.follow_up_sheet import Entry, Fault
from core.care.follow_up_terms import Impossible, settle
from core.care.opening_page import CALL
from core.clock import VIETNAM
from core.database.shared import directory
from core.pipeline.services import Services

PAGE = 200
_LANDLINE = "+842"

Lines = Callable[[Connection, Sequence[str]], Mapping[str, Line]]
"""Where these numbers (E.164) answer."""


@dataclass(frozen=True, slots=True)
class Perhaps:
    """A row about somebody who may be a person whom we know, or not. `column`: the key of the one that would tell."""

    line: int
    person_id: UUID
    column: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a page: lines of the file, and why some did not go in."""

    opened: list[int] = field(default_factory=list)
    verified: list[int] = field(default_factory=list)  # they were to be verified; now they are
    already: list[int] = field(default_factory=list)
    proposed: list[int] = field(default_factory=list)  # followed for less: the CDC decides about the nearer level
    faults: list[Fault] = field(default_factory=list)
    impossible: list[tuple[int, Impossible]] = field(default_factory=list)
    perhaps: list[Perhaps] = field(default_factory=list)
    gone: list[tuple[int, UUID]] = field(default_factory=list)  # whom staff noted as dead, or as having left


@dataclass(frozen=True, slots=True)
class Into:
    """Where a list goes: the unit, whoever opens it, and when. `dry`: everything is tried, nothing is kept."""

    unit_code: str
    source: Source
    now: datetime
    dry: bool = False


def take_in(engine: Engine, lines: Lines, rows: Iterable[Entry | Fault], into: Into) -> Iterator[Report]:
    """Open a follow-up for each row; a report a page."""
    waiting = iter(rows)
    while page := list(islice(waiting, PAGE)):
        with engine.connect() as connection, connection.begin() as transaction:
            report = _page(connection, lines, page, into)
            if into.dry:
                transaction.rollback()
        yield report


def _page(connection: Connection, lines: Lines, page: Sequence[Entry | Fault], into: Into) -> Report:
    report = Report(faults=[each for each in page if isinstance(each, Fault)])
    entries = [each for each in page if isinstance(each, Entry)]
    answers = lines(connection, sorted({entry.phone for entry in entries if entry.phone}))
    today = into.now.astimezone(VIETNAM).date()
    wanted: list[tuple[Entry, Wanted]] = []
    for entry in entries:
        settled = settle(entry.terms, today)
        if isinstance(settled, Impossible):
            report.impossible.append((entry.line, settled))
            continue
        wanted.append((entry, Wanted(entry.who, answers.get(entry.phone), settled, into.unit_code)))
    made: Sequence[Opened] = open_all(connection, [one for _, one in wanted], into.source, into.unit_code, into.now)
    for (entry, _), opened in zip(wanted, made, strict=True):
        if opened.outcome is Outcome.PERHAPS:
            report.perhaps.append(Perhaps(entry.line, opened.person_id, _missing(entry)))
            continue
        if opened.outcome is Outcome.GONE:
            report.gone.append((entry.line, opened.person_id))
            continue
        went = {Outcome.OPENED: report.opened, Outcome.VERIFIED: report.verified, Outcome.PROPOSED: report.proposed}
        went.get(opened.outcome, report.already).append(entry.line)
    return report


def _missing(entry: Entry) -> str:
    """What was left empty, of all that tells two people of one name apart."""
    told = {"hamlet": entry.who.hamlet, "address": entry.who.address, "phone": entry.phone, "gender": entry.who.gender}
    return next((column for column, said in told.items() if not said), "address")


def lines_of(services: Services, *, dry: bool = False) -> Lines:
    """Numbers as this installation reaches them: mobiles through its cheapest SMS, others to be called. `dry`: the
    directory is read and not written."""
    return lambda connection, numbers: _lines(connection, services, numbers, dry=dry)


def _lines(connection: Connection, services: Services, numbers: Sequence[str], *, dry: bool) -> Mapping[str, Line]:
    out = services.sms_out
    keys = {each: (CALL if out is None or each.startswith(_LANDLINE) else out.name, each) for each in numbers}
    if not keys:
        return {}
    if not dry:
        whose = services.directory.contacts(keys.values())
        return {number: Line(whose[key], *key) for number, key in keys.items()}
    found: dict[str, Any] = {row.address: row.contact_id for row in connection.execute(_KNOWN, {"numbers": numbers})}
    return {number: Line(found.get(number) or uuid7(), *key) for number, key in keys.items()}


_KNOWN = select(directory.c.address, directory.c.contact_id).where(
    directory.c.address == bindparam("numbers", type_=ARRAY(Text)).any_()
)
