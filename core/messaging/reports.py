"""What providers say later of messages that they took."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from core.database.batch import Row
from core.messaging import counted, history
from core.messaging.channel import Status, StatusReport
from core.messaging.outbox import Mark, mark_stopped, mark_unreachable
from core.messaging.report_statements import APPLY_REPORT, FIND_REPORTED, REPORT, REPORTED, SELECT_REPORTED
from core.people.addresses import count_failures, hold

_RANK = {status: rank for rank, status in enumerate(Status)}


def report(connection: Connection, reports: Sequence[StatusReport], now: datetime) -> tuple[StatusReport, ...]:
    """Move the messages forward to what was reported, and mark the addresses at fault.

    Reports may come in any order, twice, and before the send itself is settled: only the furthest counts.
    Returns those that speak of no message of ours, for the caller to log by id. A crash before the commit
    leaves everything as it was; the provider repeats what we did not acknowledge, or the row stays `sent`.

    Addresses are locked before messages, as whoever reads what came from there does, so that neither waits for the
    other.
    """
    if not reports:
        return ()
    rows = [{"id": r.message_id, "channel": r.channel, "provider_id": r.provider_id} for r in reports]
    _hold(connection, reports, rows)
    found = connection.execute(SELECT_REPORTED, REPORTED.parameters(rows)).all()
    messages: dict[tuple[str, str], tuple[UUID, str]] = {
        (row.channel, row.provider_id): (row.id, row.address) for row in found
    }
    known = [r for r in reports if (r.channel, r.provider_id) in messages]
    counted.reports(known)
    furthest: dict[UUID, StatusReport] = {}
    for said in sorted(known, key=lambda r: _RANK[r.status]):
        furthest[messages[said.channel, said.provider_id][0]] = said
    _apply(connection, furthest, now)
    history.keep(connection, [(messages[r.channel, r.provider_id][0], r) for r in known])
    marks = {r: Mark(r.channel, messages[r.channel, r.provider_id][1], r.error) for r in known}
    mark_unreachable(connection, [mark for r, mark in marks.items() if r.unreachable], now)
    mark_stopped(connection, [mark for r, mark in marks.items() if r.opted_out], now)
    failed = [r for r in known if r.status is Status.FAILED and not r.unreachable and not r.opted_out]
    count_failures(connection, [(r.channel, marks[r].address, r.error) for r in failed], now)
    return tuple(r for r in reports if (r.channel, r.provider_id) not in messages)


def _hold(connection: Connection, reports: Sequence[StatusReport], rows: Sequence[Row]) -> None:
    """Lock the addresses that may be at fault; most reports are of none."""
    faulty = [row for r, row in zip(reports, rows, strict=True) if _is_fault(r)]
    if faulty:
        found = connection.execute(FIND_REPORTED, REPORTED.parameters(faulty))
        hold(connection, {(row.channel, row.address) for row in found})


def _is_fault(said: StatusReport) -> bool:
    return said.status is Status.FAILED or said.unreachable or said.opted_out


def _apply(connection: Connection, furthest: dict[UUID, StatusReport], now: datetime) -> None:
    rows = [
        {"id": message_id, "status": said.status, "provider_id": said.provider_id, "error": said.error}
        for message_id, said in furthest.items()
    ]
    if rows:
        connection.execute(APPLY_REPORT, REPORT.parameters(rows) | {"now": now})
