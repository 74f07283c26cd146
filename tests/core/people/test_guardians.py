"""Who agrees for somebody else: a guardian whom staff entered, for a child or for whoever cannot decide."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, delete, select

from core.database.households import consents, household_members, volunteers
from core.database.tables import members, outbox, persons
from core.people import consents as agreed
from core.people import households as homes
from core.people.household_question import ask_of_households
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

    def ask(self, person: UUID, phone: UUID, purpose: str = agreed.DECLARE) -> UUID:
        row = {"purpose": purpose, "basis": "text", "asked_at": self.ward.now, "told_at": self.ward.now}
        volunteer = self.volunteer if purpose == agreed.DECLARE else None
        return self.ward.add(consents, person_id=person, contact_id=phone, volunteer_id=volunteer, **row)

    def in_line(self, question: UUID, phone: UUID) -> None:
        row = {"channel": "phone", "address": "+84900000001", "kind": "reminder", "priority": 2, "text": "", "parts": 1}
        times = dict.fromkeys(("created_at", "due_at", "expires_at"), self.ward.now)
        self.ward.add(outbox, id=question, contact_id=phone, seq=1, **row, **times)

    def open_questions(self) -> list[tuple[UUID, str, UUID | None]]:
        over = (consents.c[name].is_(None) for name in ("given_at", "refused_at", "withdrawn_at"))
        wanted = select(consents.c.person_id, consents.c.purpose, consents.c.contact_id).where(*over)
        with self.ward.engine.connect() as connection:
            return [(row.person_id, row.purpose, row.contact_id) for row in connection.execute(wanted)]


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


def test_a_guardian_is_asked_whether_the_household_may_be_told(family: Family) -> None:
    ward = family.ward
    ward.follow(family.grandmother, opened_at=ward.now - timedelta(hours=2))
    family.guard(family.grandmother, family.son)
    with ward.engine.begin() as connection:
        assert ask_of_households(connection, ward.now, 9) == 1

    assert family.open_questions() == [(family.grandmother, agreed.TELL_HOUSEHOLD, ward.phone_of(family.son))]


def test_nobody_is_asked_for_whom_no_phone_agrees(family: Family) -> None:
    ward = family.ward
    ward.follow(family.grandmother, opened_at=ward.now - timedelta(hours=2))
    family.guard(family.grandmother, family.son)
    with ward.engine.begin() as connection:
        connection.execute(delete(members).where(members.c.person_id == family.son))
        assert ask_of_households(connection, ward.now, 9) == 0


@pytest.mark.parametrize("purpose", [agreed.DECLARE, agreed.TELL_HOUSEHOLD])
def test_what_they_were_asked_is_asked_of_their_guardian_and_of_them_again_without_one(
    family: Family, purpose: str
) -> None:
    ward = family.ward
    hers, his = ward.phone_of(family.grandmother), ward.phone_of(family.son)
    asked = family.ask(family.grandmother, hers, purpose)
    family.in_line(asked, hers)

    family.guard(family.grandmother, family.son)
    assert family.open_questions() == [(family.grandmother, purpose, his)]
    with ward.engine.connect() as connection:
        assert connection.scalar(select(outbox.c.status)) == "withdrawn"
    family.guard(family.grandmother, None)
    assert family.open_questions() == [(family.grandmother, purpose, hers)]


def test_a_child_is_asked_nothing_themselves(family: Family) -> None:
    family.guard(family.girl, family.son)
    family.ask(family.girl, family.ward.phone_of(family.son))
    family.guard(family.girl, None)
    assert family.open_questions() == []


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
