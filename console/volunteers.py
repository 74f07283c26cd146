"""Volunteers of the unit: who wants to help, who does, which households each looks after, what these need."""

from __future__ import annotations

import logging
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from console.desk import desk
from console.signing import me, my_scope
from core.conversation.messages import N_
from core.people import helping, household_lists, households, volunteers
from core.people.household_lists import Wanted
from core.people.volunteers import Decided, Outcome

_log = logging.getLogger(__name__)

_TOO_LATE = N_("Đồng nghiệp đã làm trước: việc này đã xong rồi.")


def add_to(blueprint: Blueprint) -> None:
    """The page, and what is done there."""
    blueprint.add_url_rule("/volunteers", "volunteers", _page)
    blueprint.add_url_rule(
        "/volunteers/<uuid:whose>/<any(approve,refuse,stop):deed>", "volunteer", _do, methods=["POST"]
    )
    blueprint.add_url_rule("/volunteers/<uuid:whose>/assign", "assign", _assign, methods=["POST"])
    blueprint.add_url_rule("/volunteers/<uuid:whose>/unassign/<uuid:home>", "unassign", _unassign, methods=["POST"])
    blueprint.add_url_rule("/needs/<uuid:need>/close", "close_need", _close_need, methods=["POST"])


def _page() -> str:
    """A page of those who wait and those who help, or of either."""
    scope = my_scope()
    with desk().engine.connect() as connection:
        known = volunteers.count(connection, scope)
        known = {"": sum(known.values()), **known}
        status = request.args.get("status", "")
        if status not in known:
            abort(400)
        pages = max(1, -(-known[status] // volunteers.PAGE))
        page = max(1, min(request.args.get("page", 1, int), pages))
        people = volunteers.listed(connection, scope, status, page)
        shown = {
            "people": people,
            "homes": household_lists.listed(connection, Wanted(scope)),
            "known": household_lists.count(connection, Wanted(scope)),
            "looked_after": helping.assigned(connection, [one.id for one in people]),
            "spoken": helping.spoken(connection, scope),
            "wanted": helping.wanted(connection, scope),
            "needs": helping.open_needs(connection, scope),
        }
    keep = {"status": status or None, "page": page if page > 1 else None}
    part = {"status": status, "count": known, "page": page, "pages": pages, "keep": keep}
    return render_template("console/volunteers.html", scope=scope, **shown, **part)


def _do(whose: UUID, deed: str) -> Response:
    scope, now = my_scope(), desk().day().now
    with desk().engine.begin() as connection:
        if deed == "stop":
            outcome = volunteers.stop(connection, scope, whose, now)
        else:
            said = Decided(deed == "approve", me().id, now)
            outcome = volunteers.decide(connection, scope, whose, said)
    return _done(outcome, whose, deed)


def _assign(whose: UUID) -> Response:
    home = request.form.get("home", type=UUID)
    if home is None:
        abort(400)
    with desk().engine.begin() as connection:
        _within(connection, home)
        outcome = volunteers.assign(connection, whose, home, me().id, desk().day().now)
    return _done(outcome, whose, "assigned")


def _unassign(whose: UUID, home: UUID) -> Response:
    with desk().engine.begin() as connection:
        _within(connection, home)
        outcome = volunteers.unassign(connection, whose, home, desk().day().now)
    return _done(outcome, whose, "unassigned")


def _close_need(need: UUID) -> Response:
    with desk().engine.begin() as connection:
        outcome = helping.close_need(connection, my_scope(), need, me().id, desk().day().now)
    return _done(outcome, need, "closed")


def _within(connection: Connection, home: UUID) -> None:
    """A household of another unit does not exist for whoever asks. A volunteer looks after those of one's own unit
    only, so theirs need not be looked up."""
    if households.unit_of(connection, home) not in my_scope().codes:
        abort(404)


def _done(outcome: Outcome, what: UUID, deed: str) -> Response:
    if outcome is Outcome.UNKNOWN:
        abort(404)
    if outcome is Outcome.TOO_LATE:
        flash(_TOO_LATE)
    else:
        _log.info("volunteers: %s %s by staff %s", what, deed, me().id)
    asked = request.args
    return redirect(url_for("console.volunteers", status=asked.get("status"), page=asked.get("page")), 303)
