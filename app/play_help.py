"""What staff decide in a scenario about volunteers, households, organisations and last days."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection, select

from app.scenario_help import Helps
from core.access.scope import Scope
from core.care import follow_up_acts
from core.care.follow_up_acts import ExtendReason, Extension
from core.care.handling import By, Outcome
from core.database.following import follow_ups
from core.database.households import households as homes
from core.database.households import volunteers as helpers
from core.database.tables import members, persons
from core.people import households, organisations, volunteers
from core.people.households import NewHome
from core.people.organisations import Kind, NewOrganisation
from core.people.volunteers import Decided


def do(connection: Connection, contact: UUID, deed: Helps, now: datetime) -> None:
    """Decide it. `contact`: the phone that the story is about."""
    if deed.what == "organisation":
        code, name, kind, unit = deed.about
        organisations.add(connection, NewOrganisation(name, Kind(kind), unit, code), now)
        return
    (about,) = deed.about
    if deed.what == "until":
        _move(connection, contact, date.fromisoformat(about), now)
        return
    if deed.what == "household":
        _make(connection, contact, about, now)
        return
    if deed.what == "lives":
        _join(connection, contact, about, now)
        return
    of_phone = select(helpers.c.id, helpers.c.unit_code).where(helpers.c.contact_id == contact)
    who = connection.execute(of_phone.order_by(helpers.c.asked_at.desc()).limit(1)).one()
    if deed.what == "volunteer":
        said = Decided(about == "yes", None, now)
        volunteers.decide(connection, Scope(who.unit_code, (who.unit_code,)), who.id, said)
        return
    home = connection.scalars(select(homes.c.id).where(homes.c.label == about)).one()
    if deed.what == "assign":
        volunteers.assign(connection, who.id, home, None, now)
    else:
        volunteers.unassign(connection, who.id, home, now)


def _move(connection: Connection, contact: UUID, last: date, now: datetime) -> None:
    """Everybody who is followed on the phone is followed until that day."""
    followed = select(follow_ups.c.id, follow_ups.c.unit_code, follow_ups.c.end_on)
    for one in connection.execute(followed.where(follow_ups.c.contact_id == contact)).all():
        wanted = Extension(last, one.end_on, ExtendReason.OTHER)
        scope = Scope(one.unit_code, (one.unit_code,))
        said = follow_up_acts.extend(connection, scope, one.id, wanted, By(uuid4(), now))
        if said is not Outcome.DONE:
            raise ValueError(f"the last day cannot be {last}: {said}")


def _join(connection: Connection, contact: UUID, label: str, now: datetime) -> None:
    """Everybody whose own the phone is lives in that household too."""
    home = connection.execute(select(homes.c.id, homes.c.unit_code).where(homes.c.label == label)).one()
    households.join(connection, home.id, households.of_phone(connection, contact, home.unit_code), now)


def _make(connection: Connection, contact: UUID, label: str, now: datetime) -> None:
    """Everybody whose own the phone is lives there."""
    of_phone = select(persons.c.unit_code).join(members, members.c.person_id == persons.c.id)
    unit = connection.scalars(of_phone.where(members.c.contact_id == contact, persons.c.full_name != "").limit(1)).one()
    home = households.make(connection, NewHome(unit, label, contact_id=contact), None, now)
    households.join(connection, home, households.of_phone(connection, contact, unit), now)
