"""Households of the unit: made from a person's phone, joined, left, with who agrees for the children and who helps."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from console.desk import desk
from console.signing import me, my_scope
from core.access.scope import Scope
from core.care.standing import Day
from core.conversation.messages import N_
from core.people import household_lists, households, merging, volunteers
from core.people import household_page as pages
from core.people.household_lists import PAGE, Wanted
from core.people.households import Declared, Found, NewHome
from core.people.merging import Sameness
from core.people.volunteers import Outcome

_LONGEST = 60
_MOST_PAGES = 10_000
_NO_GUARDIAN = N_("Chưa ghi: người đồng ý thay phải là người lớn ở cùng hộ, tự quyết định được.")


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
    blueprint.add_url_rule("/households/<uuid:home>/give", "give_household", _give, methods=["POST"])
    blueprint.add_url_rule("/households/<uuid:home>/take/<uuid:whose>", "take_household", _take, methods=["POST"])
    blueprint.add_url_rule("/households/<uuid:home>/guardian/<uuid:person_id>", "guardian", _guardian, methods=["POST"])


def _page() -> str:
    asked = request.args
    said = " ".join(asked.get("q", "").split())[:_LONGEST]
    wanted = Wanted(my_scope(), said, asked.get("unassigned") == "1", asked.get("volunteer", type=UUID))
    page = max(1, min(asked.get("page", 1, int), _MOST_PAGES))
    with desk().engine.connect() as connection:
        total = household_lists.count(connection, wanted)
        homes = household_lists.listed(connection, wanted, page)
    keep = {"q": said or None, "unassigned": 1 if wanted.unassigned else None, "volunteer": wanted.volunteer}
    shown = {"wanted": wanted, "keep": keep, "page": page, "pages": -(-total // PAGE), "scope": my_scope()}
    return render_template("console/households.html", homes=homes, total=total, **shown)


def _one(home: UUID) -> str:
    with desk().engine.connect() as connection:
        _within(connection, home)
        known = pages.read(connection, home, desk().day().today.year)
    return render_template("console/household.html", home=known)


def _make(person_id: UUID) -> Response:
    """Of everybody with a name whose own this person's phone is, or who was ticked of those declared there, and who
    lives in no household yet; if this person does, by a second click or a colleague, that household is shown."""
    label = " ".join(request.form.get("label", "").split())[:_LONGEST]
    hamlet = " ".join(request.form.get("hamlet", "").split())[:_LONGEST]
    now = desk().day().now
    with desk().engine.begin() as connection:
        unit = _person(connection, person_id)
        if not label:
            abort(400)
        contact = pages.phone_of(connection, person_id)
        also = tuple(request.form.getlist("also", type=UUID))
        new = NewHome(unit, label, hamlet, contact_id=contact, also=also)
        made = households.settle(connection, person_id, new, me().id, now)
    return redirect(url_for("console.household", home=made), 303)


def _join(home: UUID) -> Response:
    person = request.form.get("person", type=UUID)
    if person is None:
        abort(400)
    with desk().engine.begin() as connection:
        _within(connection, home)
        if _person(connection, person) != households.unit_of(connection, home):
            abort(404)
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
        guardian = request.form.get("guardian", type=UUID)
        if not households.guard(connection, home, person_id, guardian, desk().day().now):
            flash(_NO_GUARDIAN)
    return redirect(url_for("console.household", home=home), 303)


def _give(home: UUID) -> Response:
    whose = request.form.get("volunteer", type=UUID)
    if whose is None:
        abort(400)
    with desk().engine.begin() as connection:
        _within(connection, home)
        if volunteers.assign(connection, whose, home, me().id, desk().day().now) is Outcome.UNKNOWN:
            abort(404)
    return redirect(url_for("console.household", home=home), 303)


def _take(home: UUID, whose: UUID) -> Response:
    with desk().engine.begin() as connection:
        _within(connection, home)
        volunteers.unassign(connection, whose, home, desk().day().now)
    return redirect(url_for("console.household", home=home), 303)


@dataclass(frozen=True, slots=True)
class OnPage:
    """A person's household, if any, and who may be the same person. `may_live`: whether they can be put into one here;
    `said`: by which words one was looked for, `found`: those of their unit but for their own; `declared`: who was
    declared on their phone, and may live with them."""

    person_id: UUID
    home: tuple[UUID, str] | None
    same: Sameness | None
    may_live: bool
    said: str
    found: tuple[Found, ...]
    declared: tuple[Declared, ...]


def on_page(connection: Connection, scope: Scope, person_id: UUID, day: Day) -> OnPage:
    """For the person's page."""
    home = pages.home_of(connection, person_id, scope.codes)
    unit = pages.unit_of_person(connection, person_id)
    said = " ".join(request.args.get("home", "").split())[:_LONGEST]
    may_live = unit is not None and unit in scope.codes
    found = households.find(connection, unit, said) if unit and may_live else ()
    others = tuple(one for one in found if home is None or one.id != home[0])
    phone = pages.phone_of(connection, person_id) if unit and may_live and home is None else None
    declared = households.declared_on(connection, phone, unit) if phone and unit else ()
    return OnPage(person_id, home, merging.read(connection, scope, person_id), may_live, said, others, declared)


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
    """The unit of somebody with a name, not merged into another, who lives in the scope."""
    unit = pages.unit_of_person(connection, person_id)
    if unit is None or unit not in my_scope().codes:
        abort(404)
    return unit
