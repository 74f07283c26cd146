"""Everybody who is followed, by state; the part of a person's page about it; the paper to print when it is over."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, abort, render_template, request
from sqlalchemy import Connection

from console import follow_up_words as words
from console.desk import desk
from console.signing import my_scope
from core.access import staff as accounts
from core.access.scope import Scope
from core.care import follow_up_acts, follow_up_lists
from core.care.certificate import followed_until
from core.care.dossier import dossier
from core.care.follow_up_lists import PAGE, OfPerson, State
from core.care.release_code import spoken
from core.care.standing import Day

_MOST_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class OnPage:
    """What the part of a person's page shows. `may_open`: whether the unit may begin one."""

    person_id: UUID
    day: Day
    it: OfPerson | None
    colleagues: dict[UUID, str]
    may_open: bool
    names: object = words


def add_to(blueprint: Blueprint) -> None:
    """The lists, and a paper."""
    blueprint.add_url_rule("/follow-ups", "follow_ups", _page)
    blueprint.add_url_rule("/person/<uuid:person_id>/certificate", "paper", _paper)


def on_page(connection: Connection, scope: Scope, person_id: UUID, day: Day) -> OnPage:
    """Read what the person's page shows."""
    found = follow_up_lists.of_person(connection, scope, person_id, day)
    staff = {event.by for event in found.events if event.by} if found else set()
    may_open = follow_up_acts.may_open(connection, scope, person_id)
    return OnPage(person_id, day, found, dict(accounts.names(connection, sorted(staff))), may_open)


def _page() -> str:
    scope, day = my_scope(), desk().day()
    state = request.args.get("state", State.FOLLOWED.value)
    if state not in [each.value for each in State]:
        abort(404)
    page = max(1, min(request.args.get("page", 1, int), _MOST_PAGES))
    with desk().engine.connect() as connection:
        counts = follow_up_lists.count(connection, scope, day)
        rows = follow_up_lists.listed(connection, scope, day, State(state), page)
    total = counts.by_state[State(state)]
    shown = {"state": State(state), "counts": counts, "rows": rows, "total": total, "page": page}
    return render_template(
        "console/follow_ups.html", names=words, day=day, several=scope.several, pages=-(-total // PAGE), **shown
    )


def _paper(person_id: UUID) -> str:
    scope, day = my_scope(), desk().day()
    with desk().engine.connect() as connection:
        known = dossier(connection, scope, person_id, day.now)
        found = follow_up_lists.of_person(connection, scope, person_id, day)
    if known is None or found is None or not found.row.release_code:
        abort(404)
    row = found.row
    until = followed_until(row)
    return render_template("console/paper.html", who=known.who, row=row, until=until, code=spoken(row.release_code))
