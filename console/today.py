"""The page of the day: who needs a call now, who is silent, who declared. It keeps itself up to date."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, session, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from console.desk import desk
from console.signing import me, my_scope
from core.access import staff as accounts
from core.access.scope import Scope
from core.care import closing, counting, duty, handling
from core.care import today as lists
from core.care.closing import Ended
from core.care.counting import Counters
from core.care.handling import By, Outcome, Result
from core.care.standing import Day, ListName, Placed, place
from core.conversation.messages import N_
from core.messaging import spending

_log = logging.getLogger(__name__)

SHOWN = 50
"""People of each list on the page; the rest are counted."""

SOONEST = 700
"""Milliseconds between two looks. A page that is costly to make is asked for less often: `_wait`."""

_SHARE = 4  # a look may take a quarter of the time until the next

_TOO_LATE = N_("Đồng nghiệp đã làm trước: cảnh báo này không còn chờ ai nhận.")
_CLOSED = N_("Đã xong một cảnh báo.")


@dataclass(frozen=True, slots=True)
class Today:
    """All that the page shows."""

    day: Day
    scope: Scope
    counters: Counters
    placed: Mapping[ListName, Placed]
    alerts: tuple[lists.AlertRow, ...]
    signs: tuple[lists.SaidRow, ...]
    silent: tuple[lists.SilentRow, ...]
    declared: tuple[lists.SaidRow, ...]
    seen: tuple[lists.SaidRow, ...]
    colleagues: Mapping[UUID, str]
    spent: bool
    """Whether most of the unit's money for messages is spent today."""


def add_to(blueprint: Blueprint) -> None:
    """The page, the part of it that changes, and what is done to an alert."""
    blueprint.add_url_rule("/", "today", _page)
    blueprint.add_url_rule("/today.fragment", "fragment", _fragment)
    blueprint.add_url_rule("/alerts/<uuid:alert_id>/take", "take", _take, methods=["POST"])
    blueprint.add_url_rule("/alerts/<uuid:alert_id>/close", "close", _close, methods=["POST"])


def _page() -> str:
    return _render("console/today.html")[0]


def _fragment() -> Response:
    """What changes on the page; 304 while it is as the asker has it."""
    scope, day = my_scope(), desk().day()
    with desk().engine.connect() as connection:
        tag = _tag(connection, scope, day)
    if request.if_none_match.contains(tag):
        return Response(status=304, headers={"ETag": f'"{tag}"'})
    html, tag = _render("console/today_fragment.html")
    response = make_response(html)
    response.set_etag(tag)
    return response


def _render(template: str) -> tuple[str, str]:
    """The version is read first: a change in between makes the next look find a newer page, never miss one."""
    started = time.monotonic()
    scope, day = my_scope(), desk().day()
    with desk().engine.connect() as connection:
        tag = _tag(connection, scope, day)
        shown = _read(connection, scope, day)
    wait = _wait(time.monotonic() - started)
    return render_template(template, me=me(), today=shown, tag=tag, wait=wait, results=list(Result)), tag


def _wait(seconds: float) -> int:
    return max(SOONEST, round(seconds * 1000 * _SHARE))


def _tag(connection: Connection, scope: Scope, day: Day) -> str:
    """The same for the same page: data, day, and the language that it is said in."""
    spent = "-spent" if _is_spent(connection, scope, day) else ""
    return f"{counting.version(connection, scope, day)}-{session.get('language', '')}{spent}"


def _is_spent(connection: Connection, scope: Scope, day: Day) -> bool:
    """Of the unit itself. A province's centre also pays for people of no known unit."""
    of_nobody = ("",) if scope.unit_code in desk().console.units().centres.values() else ()
    return spending.is_warned(connection, (scope.unit_code, *of_nobody), day.now)


def _read(connection: Connection, scope: Scope, day: Day) -> Today:
    """Ten SELECTs, however many people."""
    placed = place(connection, scope, day, SHOWN)
    alerts = lists.open_alerts(connection, scope, day, SHOWN)

    def those_on(on: ListName, read: Callable[..., tuple[lists.T, ...]]) -> tuple[lists.T, ...]:
        return read(connection, scope, day, placed[on].people)

    return Today(
        day=day,
        scope=scope,
        counters=counting.count(connection, scope, day, placed),
        placed=placed,
        alerts=alerts,
        signs=those_on(ListName.SIGNS, lists.with_signs),
        silent=those_on(ListName.SILENT, lists.silent),
        declared=those_on(ListName.DECLARED, lists.declared),
        seen=those_on(ListName.SEEN, lists.seen),
        spent=_is_spent(connection, scope, day),
        colleagues=_names(connection, [a.taken_by for a in alerts if a.taken_by]),
    )


def _names(connection: Connection, ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Of colleagues, at the console or with a duty phone."""
    return {**accounts.names(connection, ids), **duty.names(connection, ids)}


def _take(alert_id: UUID) -> AnyResponse:
    with desk().engine.begin() as connection:
        outcome = handling.take(connection, my_scope(), alert_id, _by())
    return _done(outcome, alert_id, "taken")


def _close(alert_id: UUID) -> AnyResponse:
    chosen = request.form.get("result", "")
    if chosen not in set(Result):
        abort(400)
    ended = Ended(Result(chosen), request.form.get("note", ""))
    with desk().engine.begin() as connection:
        outcome = closing.close(connection, my_scope(), alert_id, _by(), ended)
    if outcome is Outcome.DONE:
        flash(_CLOSED)
    return _done(outcome, alert_id, "closed")


def _done(outcome: Outcome, alert_id: UUID, what: str) -> AnyResponse:
    if outcome is Outcome.UNKNOWN:
        abort(404)
    if outcome is Outcome.TOO_LATE:
        flash(_TOO_LATE)
    else:
        _log.info("alert %s %s by staff %s", alert_id, what, me().id)
    return redirect(url_for("console.today"), 303)


def _by() -> By:
    return By(me().id, desk().day().now)
