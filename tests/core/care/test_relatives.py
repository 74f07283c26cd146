"""Asking a relative whether somebody is at home: after their own yes, and again only where there is a reason."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select

from core.care import relatives
from core.care.handling import By, Outcome
from core.care.presence import Kind
from core.database.following import follow_up_events, follow_ups
from core.database.households import consents, household_members, households
from core.database.tables import contacts, members, outbox
from tests.console.ward import HERE, Ward
from tests.core.care.test_presence import ask, on, outcomes, pass_, texts, ward, writes

__all__ = ["ward"]


def household(ward: Ward, *people: UUID) -> None:
    home = ward.add(households, label="Nhà Lò", folded_label="nha lo", unit_code=HERE, created_at=ward.now)
    for person in people:
        ward.add(household_members, household_id=home, person_id=person, joined_at=ward.now)


def couple(ward: Ward, *others: UUID) -> tuple[UUID, UUID]:
    """Husband and wife with a phone each, and who else lives there: he is followed, and signs of him are asked for."""
    on(ward)
    person, wife = ward.person("Lò Văn Chồng"), ward.person("Lò Thị Vợ")
    household(ward, person, wife, *others)
    ward.follow(person)
    return person, wife


def test_a_relative_is_asked_only_after_they_agreed_and_learns_nothing(ward: Ward) -> None:
    person, wife = couple(ward)

    ask(ward, person, Kind.HOUSEHOLD)
    pass_(ward)
    assert outcomes(ward) == ["not_agreed"]
    assert texts(ward) == []
    writes(ward, ward.phone_of(wife), "co")
    with ward.engine.connect() as connection:
        assert connection.scalar(select(consents.c.given_at)) is not None
    ward.now += timedelta(minutes=1)
    ask(ward, person, Kind.HOUSEHOLD)
    pass_(ward)
    (asked,) = texts(ward)
    assert "Chong" in asked
    assert not any(word in asked.lower() for word in ("theo doi", "cach ly", "f1", "benh"))
    writes(ward, ward.phone_of(wife), "khong co mat")

    assert outcomes(ward) == ["not_agreed", "not_there"]


def test_a_relative_can_be_asked_while_their_own_phone_is(ward: Ward) -> None:
    person, _ = couple(ward)

    assert ask(ward, person) is Outcome.DONE
    assert ask(ward, person, Kind.HOUSEHOLD) is Outcome.DONE
    assert ask(ward, person, Kind.LOCATION) is Outcome.TOO_LATE
    assert ask(ward, person, Kind.HOUSEHOLD) is Outcome.TOO_LATE


def agreeing(ward: Ward) -> int:
    """How many times somebody was asked whether they agree."""
    with ward.engine.connect() as connection:
        return len([t for t in connection.scalars(select(outbox.c.text)) if "tram nhan hoi nguoi nha" in t])


def ask_again(ward: Ward, person: UUID) -> bool:
    with ward.engine.begin() as connection:
        return relatives.ask_again(connection, ward.scope(), person, relatives.Why.TOLD, By(uuid4(), ward.now))


def test_who_said_nothing_is_asked_again_where_there_is_a_reason(ward: Ward) -> None:
    person, _ = couple(ward)
    ask(ward, person, Kind.HOUSEHOLD)
    pass_(ward)
    assert not ask_again(ward, person)  # her time to answer is not over
    ward.now += timedelta(hours=25)
    ask(ward, person, Kind.HOUSEHOLD)
    pass_(ward)
    assert agreeing(ward) == 1
    assert ask_again(ward, person)
    ask(ward, person, Kind.HOUSEHOLD)
    pass_(ward)
    assert agreeing(ward) == 2
    with ward.engine.connect() as connection:
        assert connection.scalar(select(func.count()).where(follow_up_events.c.kind == "relatives")) == 1


def test_another_follow_up_asks_once_more_and_a_no_stands(ward: Ward) -> None:
    child = ward.person("Lò Thị Con")
    person, wife = couple(ward, child)
    ask(ward, person, Kind.HOUSEHOLD)
    pass_(ward)
    assert agreeing(ward) == 1
    ward.now += timedelta(hours=25)
    with ward.engine.begin() as connection:
        connection.execute(follow_ups.update().values(opened_at=ward.now))
    for said in ("khong", "khong"):
        ask(ward, person, Kind.HOUSEHOLD)
        pass_(ward)
        for relative in (wife, child):
            writes(ward, ward.phone_of(relative), said)
    assert agreeing(ward) == 3
    ward.now += timedelta(hours=25)
    with ward.engine.begin() as connection:
        connection.execute(follow_ups.update().values(opened_at=ward.now))
    assert not ask_again(ward, person)
    ask(ward, person, Kind.HOUSEHOLD)
    pass_(ward)

    assert agreeing(ward) == 3
    assert outcomes(ward)[-1] == "relatives_refused"


def test_who_took_their_yes_back_is_asked_neither_that_nor_whether_they_agree(ward: Ward) -> None:
    person, wife = couple(ward)
    ask(ward, person, Kind.HOUSEHOLD)
    pass_(ward)
    writes(ward, ward.phone_of(wife), "co")
    ward.now += timedelta(minutes=1)
    writes(ward, ward.phone_of(wife), "rut")
    ward.now += timedelta(minutes=1)
    ask(ward, person, Kind.HOUSEHOLD)
    pass_(ward)

    assert (agreeing(ward), texts(ward)) == (1, [])
    assert outcomes(ward) == ["not_agreed", "relatives_refused"]


def declared_by_a_neighbour(ward: Ward, person: UUID) -> UUID:
    """A neighbour's phone, on which they were declared once."""
    phone = ward.phone()
    ward.add(members, contact_id=phone, letter="B", person_id=person)
    ward.change(contacts, phone, session={"others": ["B"]})
    return phone


def sent_to(ward: Ward, phone: UUID) -> int:
    with ward.engine.connect() as connection:
        return connection.scalar(select(func.count()).where(outbox.c.contact_id == phone)) or 0


def test_a_neighbour_who_declared_a_relative_is_asked_nothing(ward: Ward) -> None:
    person, wife = couple(ward)
    phone = declared_by_a_neighbour(ward, wife)
    with ward.engine.begin() as connection:
        connection.execute(members.delete().where(members.c.person_id == wife, members.c.letter != "B"))
    ask(ward, person, Kind.HOUSEHOLD)
    pass_(ward)

    assert outcomes(ward) == ["nobody"]
    assert sent_to(ward, phone) == 0


def test_a_relative_with_two_phones_is_asked_where_they_agreed(ward: Ward) -> None:
    person, wife = couple(ward)
    phones = sorted([ward.phone_of(wife), ward.phone()])
    with ward.engine.begin() as connection:
        connection.execute(members.delete().where(members.c.person_id == wife))
    for phone in phones:
        ward.add(members, contact_id=phone, letter="A", person_id=wife)
    neighbours = declared_by_a_neighbour(ward, wife)
    given = {"asked_at": ward.now, "told_at": ward.now, "given_at": ward.now}
    ward.add(consents, person_id=wife, purpose=relatives.CONFIRM, basis="text", contact_id=phones[1], **given)
    ask(ward, person, Kind.HOUSEHOLD)
    pass_(ward)

    assert [sent_to(ward, phone) for phone in (*phones, neighbours)] == [0, 1, 0]
