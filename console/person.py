"""One person: who they are, what they said, when they were due, what was raised about them."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, render_template

from console.desk import desk
from console.signing import my_scope
from core.access import staff as accounts
from core.care.dossier import dossier
from core.care.standing import standing


def add_to(blueprint: Blueprint) -> None:
    """The page's address: an id, never a name or a number."""
    blueprint.add_url_rule("/person/<uuid:person_id>", "person", _page)


def _page(person_id: UUID) -> str:
    scope, day = my_scope(), desk().day()
    with desk().engine.connect() as connection:
        known = dossier(connection, scope, person_id, day.now)
        if known is None:
            abort(404)
        where = standing(connection, scope, day, person_id)
        colleagues = accounts.names(connection, [a.taken_by for a in known.alerts if a.taken_by])
    return render_template("console/person.html", known=known, standing=where, day=day, colleagues=colleagues)
