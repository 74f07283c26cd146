"""Who lives together: made once, and over for whoever moves out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select, text

from core.database.households import assignments, consents, household_members, households, volunteers
from core.database.tables import contacts, persons
from core.people import consents as agreed
from core.people import households as homes
from core.people.households import NewHome
from core.reminders import silent
from tests.console.ward import HERE, Ward


@pytest.fixture
def ward(engine: Engine) -> Ward:
    return Ward(engine).settle_in()


@pytest.fixture
def volunteer(ward: Ward) -> UUID:
    row = {"name": "Lý Văn Tú", "unit_code": HERE, "status": "active", "asked_at": ward.now}
    return ward.add(volunteers, contact_id=ward.phone(), **row)


class Family:
    """A father, a mother and their child of six, each adult with a phone; the father's answers for the household, and
    he agrees for the child."""

    def __init__(self, ward: Ward) -> None:
        self.ward = ward
        self.father, self.mother = ward.person("Lò A Chu"), ward.person("Lò Thị My")
        self.phone = ward.phone_of(self.father)
        self.child = ward.person("Lò A Pao", phone=self.phone)
        ward.change(persons, self.child, year_of_birth=2020)
        with ward.engine.begin() as connection:
            self.home = homes.make(connection, NewHome(HERE, "nhà ông Chu", contact_id=self.phone), None, ward.now)
            homes.join(connection, self.home, [self.father, self.mother, self.child], ward.now)
            homes.guard(connection, self.home, self.child, self.father, ward.now)

    def asked(self, person: UUID, volunteer: UUID, **more: Any) -> UUID:
        """They are asked on the father's phone whether that volunteer may declare for them."""
        row = {"purpose": "declare_for", "basis": "text", "asked_at": self.ward.now, "contact_id": self.phone}
        return self.ward.add(consents, person_id=person, volunteer_id=volunteer, **row | more)

    def leaves(self, person: UUID) -> None:
        with self.ward.engine.begin() as connection:
            assert homes.leave(connection, self.home, person, self.ward.now)

    def over(self, consent: UUID) -> bool:
        with self.ward.engine.connect() as connection:
            row = connection.execute(select(consents.c.withdrawn_at).where(consents.c.id == consent)).one()
        return row.withdrawn_at is not None

    def answering(self) -> UUID | None:
        with self.ward.engine.connect() as connection:
            return connection.scalar(select(households.c.contact_id))


@pytest.fixture
def family(ward: Ward) -> Family:
    return Family(ward)


def test_who_moved_out_agrees_for_no_child_there(family: Family, volunteer: UUID) -> None:
    asked = family.asked(family.child, volunteer, told_at=family.ward.now)
    family.leaves(family.father)
    with family.ward.engine.connect() as connection:
        (child,) = agreed.to_ask(connection, family.home, volunteer, [family.child], family.ward.now)
        here = select(household_members.c.guardian_id).where(household_members.c.person_id == family.child)
        assert connection.scalar(here) is None
    assert (child.guarded, child.contact_id) == (True, None)
    assert family.over(asked), "a yes of his that comes late counts for nothing"


def test_the_phone_of_who_moved_out_answers_for_nobody_there(family: Family, ward: Ward) -> None:
    said = {"purpose": "tell_household", "basis": "text", "asked_at": ward.now, "given_at": ward.now}
    ward.add(consents, person_id=family.mother, **said)
    ward.change(contacts, family.phone, session={"others": [family.child.hex]})
    family.leaves(family.father)
    assert family.answering() is None
    with ward.engine.connect() as connection:
        assert silent.household(connection, {family.mother: ward.phone_of(family.mother)}) == {family.mother: None}


def test_a_phone_that_others_there_answer_on_stays_theirs(family: Family, ward: Ward) -> None:
    family.leaves(family.mother)
    assert family.answering() == family.phone, "it never was hers"
    family.leaves(family.father)
    assert family.answering() == family.phone, "the child declares on it"


def test_a_yes_for_the_old_household_gives_no_volunteer_the_new_one(family: Family, volunteer: UUID) -> None:
    ward = family.ward
    asked = family.asked(family.father, volunteer, told_at=ward.now)
    with ward.engine.begin() as connection:
        new = homes.make(connection, NewHome(HERE, "nhà bà Mẩy"), None, ward.now)
        homes.join(connection, new, [family.father], ward.now)
        agreed.answer(connection, ward.said("CO", family.phone), asked, ward.now, yes=True)
        assert homes.living(connection, new) == (family.father,)
        assert connection.execute(select(assignments)).all() == []
    assert family.over(asked)


def test_two_who_make_the_household_of_one_phone_at_once_make_one(ward: Ward) -> None:
    phone = ward.phone()
    people = [ward.person("Lò A Chu", phone=phone), ward.person("Lò Thị My", phone=phone)]
    new = NewHome(HERE, "nhà ông Chu", contact_id=phone)

    def second() -> UUID:
        with ward.engine.begin() as connection:
            return homes.settle(connection, people[1], new, None, ward.now)

    with ThreadPoolExecutor(1) as pool:
        with ward.engine.begin() as connection:
            made = homes.settle(connection, people[0], new, None, ward.now)
            later = pool.submit(second)
            _until_one_waits(ward.engine)
        assert later.result(timeout=10) == made
    with ward.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(households)) == 1
        assert set(homes.living(connection, made)) == set(people)


def test_a_household_of_a_phone_takes_nobody_who_was_declared_there_once(ward: Ward) -> None:
    may = ward.person("Lò Thị My")
    phone = ward.phone_of(may)
    neighbour = ward.person("Lò A Chu", phone=phone)
    ward.change(contacts, phone, session={"others": [neighbour.hex]})
    with ward.engine.begin() as connection:
        made = homes.settle(connection, may, NewHome(HERE, "nhà bà My", contact_id=phone), None, ward.now)
        assert homes.living(connection, made) == (may,)
        assert [one.person_id for one in homes.declared_on(connection, phone, HERE)] == [neighbour]


def _until_one_waits(engine: Engine) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    until = monotonic() + 10
    while monotonic() < until:
        with engine.connect() as connection:
            if connection.scalar(waiting):
                return
        sleep(0.02)
    raise AssertionError("nobody waits")
