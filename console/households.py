"""Households of the unit: made from a person's phone, joined, left, with who agrees for the children."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from console.desk import desk
from console.signing import me, my_scope
from core.access.scope import Scope
from core.care.standing import Day
from core.people import household_page as pages
from core.people import households, merging
from core.people.households import NewHome
from core.people.merging import Sameness

_LONGEST = 60


def add_to(blueprint: Blueprint) -> None:
    """The list, one household, and what is done there."""
    blueprint.add_url_rule("/households", "households", _page)
    blueprint.add_url_rule("/person/<uuid:person_id>/merge/<uuid:other>", "merge", _merge, methods=["POST"])
    blueprint.add_url_rule("/person/<uuid:person_id>/unmerge/<uuid:other>", "unmerge", _unmerge, methods=["POST"])
    blueprint.add_url_rule("/households/<uuid:home>", "household", _one)
    blueprint.add_url_rule("/households/of/<uuid:person_id>", "make_household", _make, methods=["POST"])
    blueprint.add_url_rule("/households/<uuid:home>/join", "join_household", _join, methods=["POST"])
    blueprint.add_url_rule(
        "/households/<uuid:home>/leave/<uuid:person_id>", "leave_household", _leave, methods=["POST"]
    )
    blueprint.add_url_rule("/households/<uuid:home>/guardian/<uuid:person_id>", "guardian", _guardian, methods=["POST"])


def _page() -> str:
    alone = request.args.get("unassigned") == "1"
    with desk().engine.connect() as connection:
        homes = households.listed(connection, my_scope(), unassigned=alone)
    return render_template("console/households.html", homes=homes, unassigned=alone, scope=my_scope())


def _one(home: UUID) -> str:
    with desk().engine.connect() as connection:
        _within(connection, home)
        known = pages.read(connection, home)
    return render_template("console/household.html", home=known)


def _make(person_id: UUID) -> Response:
    """Of everybody with a name who answers on this person's phone and lives in no household yet."""
    label = " ".join(request.form.get("label", "").split())[:_LONGEST]
    hamlet = " ".join(request.form.get("hamlet", "").split())[:_LONGEST]
    now = desk().day().now
    with desk().engine.begin() as connection:
        person = _person(connection, person_id)
        if not label:
            abort(400)
        contact = pages.phone_of(connection, person_id)
        new = NewHome(person, label, hamlet, contact_id=contact)
        made = households.make(connection, new, me().id, now)
        others = households.of_phone(connection, contact) if contact else ()
        households.join(connection, made, list(dict.fromkeys((person_id, *others))), now)
    return redirect(url_for("console.household", home=made), 303)


def _join(home: UUID) -> Response:
    person = request.form.get("person", type=UUID)
    if person is None:
        abort(400)
    with desk().engine.begin() as connection:
        _within(connection, home)
        _person(connection, person)
        households.join(connection, home, [person], desk().day().now)
    return redirect(url_for("console.household", home=home), 303)


def _leave(home: UUID, person_id: UUID) -> Response:
    with desk().engine.begin() as connection:
        _within(connection, home)
        households.leave(connection, home, person_id, desk().day().now)
    return redirect(url_for("console.household", home=home), 303)


def _guardian(home: UUID, person_id: UUID) -> Response:
    with desk().engine.begin() as connection:
        _within(connection, home)
        households.guard(connection, home, person_id, request.form.get("guardian", type=UUID))
    return redirect(url_for("console.household", home=home), 303)


@dataclass(frozen=True, slots=True)
class OnPage:
    """A person's household, if any, and who may be the same person."""

    person_id: UUID
    home: tuple[UUID, str] | None
    same: Sameness | None


def on_page(connection: Connection, scope: Scope, person_id: UUID, day: Day) -> OnPage:
    """For the person's page."""
    home = pages.home_of(connection, person_id, scope.codes)
    return OnPage(person_id, home, merging.read(connection, scope, person_id))


def _merge(person_id: UUID, other: UUID) -> Response:
    with desk().engine.begin() as connection:
        if not merging.merge(connection, my_scope(), (person_id, other), me().id, desk().day().now):
            abort(404)
    return redirect(url_for("console.person", person_id=person_id), 303)


def _unmerge(person_id: UUID, other: UUID) -> Response:
    with desk().engine.begin() as connection:
        if not merging.undo(connection, my_scope(), other, me().id, desk().day().now):
            abort(404)
    return redirect(url_for("console.person", person_id=person_id), 303)


def _within(connection: Connection, home: UUID) -> None:
    if households.unit_of(connection, home) not in my_scope().codes:
        abort(404)


def _person(connection: Connection, person_id: UUID) -> str:
    """The unit of somebody with a name who lives in the scope."""
    unit = pages.unit_of_person(connection, person_id)
    if unit is None or unit not in my_scope().codes:
        abort(404)
    return unit
