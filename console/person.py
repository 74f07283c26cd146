"""One person: who they are, what they said, when they were due, what was raised about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, render_template
from sqlalchemy import Connection

from console import cases, facilities, follow_ups, households, presence, silence, transfers
from console.desk import desk
from console.signing import my_scope
from core.access import staff as accounts
from core.access.scope import Scope
from core.care import duty
from core.care.dossier import dossier
from core.care.standing import Day, standing
from core.people.same import followed_as


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the page that has a module of its own. `read`: what its template is given as `it`; None leaves the
    part out. `of_followed`: of two who were merged it is about the one who is followed (`console.followed`)."""

    template: str
    read: Callable[[Connection, Scope, UUID, Day], Any]
    of_followed: bool = False


_BLOCKS: tuple[Block, ...] = (
    Block("console/_follow_up.html", follow_ups.on_page),
    Block("console/_silence.html", silence.on_page, of_followed=True),
    Block("console/_presence.html", presence.on_page, of_followed=True),
    Block("console/_facility.html", facilities.on_page, of_followed=True),
    Block("console/_transfer.html", transfers.on_page, of_followed=True),
    Block("console/_case.html", cases.on_page, of_followed=True),
    Block("console/_household.html", households.on_page),
)
"""The parts of the page below who somebody is, in their order."""


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
        takers = [a.taken_by for a in known.alerts if a.taken_by]
        colleagues = {**accounts.names(connection, takers), **duty.names(connection, takers)}
        followed = followed_as(connection, person_id)
        whose = {True: followed, False: person_id}
        parts = [(one.template, one.read(connection, scope, whose[one.of_followed], day)) for one in _BLOCKS]
    blocks = [(template, it) for template, it in parts if it is not None]
    shown = {"known": known, "standing": where, "day": day, "colleagues": colleagues, "blocks": blocks}
    return render_template("console/person.html", person_id=person_id, **shown)
