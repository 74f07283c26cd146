"""Who agrees for somebody else: a guardian whom staff entered, for a child or for whoever cannot decide."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from core.database.households import consents, household_members, volunteers
from core.database.tables import persons
from core.people import consents as agreed
from core.people import households as homes
from core.people.households import NewHome
from core.people.withdrawing import withdraw
from tests.console.ward import HERE, Ward


class Family:
    """A grandmother who cannot decide any more, her son and his daughter, each with a phone."""

    def __init__(self, ward: Ward) -> None:
        self.ward = ward
        self.grandmother, self.son, self.girl = (ward.person(name) for name in ("Lò Thị Bà", "Lò A Chu", "Lò Thị Bé"))
        ward.change(persons, self.girl, year_of_birth=2017)
        row = {"name": "Lý Văn Tú", "unit_code": HERE, "status": "active", "asked_at": ward.now}
        self.volunteer = ward.add(volunteers, contact_id=ward.phone(), **row)
        with ward.engine.begin() as connection:
            self.home = homes.make(connection, NewHome(HERE, "nhà ông Chu"), None, ward.now)
            homes.join(connection, self.home, [self.grandmother, self.son, self.girl], ward.now)

    def guard(self, person: UUID, guardian: UUID | None) -> bool:
        with self.ward.engine.begin() as connection:
            return homes.guard(connection, self.home, person, guardian, self.ward.now)

    def guardians(self) -> set[tuple[UUID, UUID | None]]:
        wanted = select(household_members.c.person_id, household_members.c.guardian_id)
        with self.ward.engine.connect() as connection:
            found = connection.execute(wanted.where(household_members.c.guardian_id.is_not(None)))
            return {(row.person_id, row.guardian_id) for row in found}

    def phone_asked(self, person: UUID) -> UUID | None:
        with self.ward.engine.connect() as connection:
            (who,) = agreed.to_ask(connection, self.home, self.volunteer, [person], self.ward.now)
        return who.contact_id

    def ask(self, person: UUID, phone: UUID) -> UUID:
        row = {"purpose": agreed.DECLARE, "basis": "text", "asked_at": self.ward.now, "told_at": self.ward.now}
        return self.ward.add(consents, person_id=person, contact_id=phone, volunteer_id=self.volunteer, **row)


@pytest.fixture
def family(engine: Engine) -> Family:
    return Family(Ward(engine).settle_in())


def test_an_adult_who_cannot_decide_is_asked_by_their_guardian_and_it_is_noted(family: Family) -> None:
    ward, sons = family.ward, family.ward.phone_of(family.son)
    assert family.phone_asked(family.grandmother) == ward.phone_of(family.grandmother), "she agrees for herself"
    assert family.guard(family.grandmother, family.son)
    assert family.phone_asked(family.grandmother) == sons
    asked = [family.ask(family.grandmother, sons), family.ask(family.son, sons)]
    with ward.engine.begin() as connection:
        for one in asked:
            agreed.answer(connection, ward.said("CO", sons), one, ward.now, yes=True)
        by = dict(connection.execute(select(consents.c.id, consents.c.given_by)).tuples().all())
    assert [by[one] for one in asked] == [family.son, None]


def test_a_child_whose_year_nobody_knows_is_asked_by_their_guardian(family: Family) -> None:
    family.ward.change(persons, family.girl, year_of_birth=None)
    assert family.guard(family.girl, family.son)
    assert family.phone_asked(family.girl) == family.ward.phone_of(family.son)


def test_no_child_and_nobody_who_has_a_guardian_agrees_for_others(family: Family) -> None:
    assert not family.guard(family.grandmother, family.girl), "she is nine"
    assert not family.guard(family.girl, family.girl)
    assert family.guard(family.girl, family.grandmother)
    assert family.guard(family.grandmother, family.son), "and she agrees for nobody any more"
    assert family.guardians() == {(family.grandmother, family.son)}
    assert not family.guard(family.girl, family.grandmother)
    assert not family.guard(family.son, family.ward.person("Lò Người Ngoài"))


def test_what_was_asked_of_them_before_is_over(family: Family) -> None:
    ward = family.ward
    asked = family.ask(family.grandmother, ward.phone_of(family.grandmother))
    family.guard(family.grandmother, family.son)
    after = family.ask(family.grandmother, ward.phone_of(family.son))
    assert family.guard(family.grandmother, family.son), "said twice it is said once"
    with ward.engine.connect() as connection:
        over = dict(connection.execute(select(consents.c.id, consents.c.withdrawn_at)).tuples().all())
    assert [over[asked] is None, over[after] is None] == [False, True]


def test_rut_of_a_guardian_is_theirs_for_whom_they_agree_at_any_age(family: Family) -> None:
    ward, sons = family.ward, family.ward.phone_of(family.son)
    ward.change(persons, family.girl, year_of_birth=None)
    for person in (family.grandmother, family.girl):
        family.guard(person, family.son)
    with ward.engine.begin() as connection:
        withdraw(connection, sons, ward.now)
        said_no = agreed.refused(persons.c.id)
        assert set(connection.scalars(select(persons.c.id).where(said_no))) == {
            family.grandmother,
            family.son,
            family.girl,
        }
