"""Signs of presence: off at first, asked by day, once a phone, with a relative's consent, and no place is ever kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app import wiring
from app.clock import run_due
from app.settings import Settings
from core.access.scope import Scope
from core.care import presence
from core.care.handling import By, Outcome
from core.care.presence import FIRST_HOUR, LAST_HOUR, Kind, Rule, chosen
from core.clock import Clock
from core.conversation.presence import NEAR, distance
from core.database.due import presence_checks
from core.database.shared import directory
from core.database.tables import contacts, members, outbox
from core.messaging import entries
from core.messaging.channel import InboundMessage, Media
from core.pipeline.receive import receive
from core.pipeline.services import Services
from tests.conftest import CELL
from tests.console.ward import HERE, NEXT, Ward, clock


@pytest.fixture
def ward(engine: Engine) -> Ward:
    return Ward(engine, now=clock("09:00")).settle_in()


class At(Clock):
    """The ward's."""

    def __init__(self, ward: Ward) -> None:
        super().__init__(ward.engine, demo=False)
        self._ward = ward

    def now(self) -> datetime:
        return self._ward.now


def services(ward: Ward) -> Services:
    """The pipeline at the ward's clock, which knows the addresses of the ward."""
    made = wiring.services(Settings(secret_key="-", data_keys=(), cell=CELL), ward.engine)
    with ward.engine.begin() as connection:
        for row in connection.execute(select(contacts.c.channel, contacts.c.address, contacts.c.id)).all():
            known = {"channel": row.channel, "address": row.address, "contact_id": row.id, "cell": CELL}
            connection.execute(upsert(directory).values(known).on_conflict_do_nothing())
    return replace(made, clock=At(ward), on={"phone": made.channels["phone"].profile})


def on(ward: Ward, times: int = 0, unit: str = HERE) -> None:
    with ward.engine.begin() as connection:
        day = ward.day().today - timedelta(days=1)
        presence.switch_on(connection, Rule(unit, day, times, 30, "VB bịa", "ai đó"), ward.now)


def ask(ward: Ward, person: UUID, kind: Kind = Kind.CALL_BACK) -> Outcome:
    with ward.engine.begin() as connection:
        return presence.ask(connection, ward.scope(), person, kind, By(uuid4(), ward.now))


def pass_(ward: Ward, minutes: int = 0) -> None:
    """Time passes, and what was put in line leaves."""
    ward.now += timedelta(minutes=minutes)
    run_due(services(ward))
    with ward.engine.begin() as connection:
        connection.execute(update(outbox).where(outbox.c.status == "queued").values(status="sent"))


def outcomes(ward: Ward) -> list[str]:
    with ward.engine.connect() as connection:
        found = select(presence_checks.c.outcome).order_by(presence_checks.c.asked_at, presence_checks.c.id)
        return list(connection.scalars(found))


def texts(ward: Ward) -> list[str]:
    """What left, without reminders of other kinds."""
    with ward.engine.connect() as connection:
        return [t for t in connection.scalars(select(outbox.c.text).order_by(outbox.c.created_at)) if "CO MAT" in t]


def writes(
    ward: Ward, phone: UUID, said: str, media: Media | None = None, point: tuple[float, float] | None = None
) -> None:
    with ward.engine.connect() as connection:
        address = connection.scalar(select(contacts.c.address).where(contacts.c.id == phone)) or ""
    receive(services(ward), [InboundMessage("phone", str(uuid4()), address, said, ward.now, media, point=point)])


def asked(ward: Ward) -> UUID:
    """Somebody who is followed, and to whom the question has left."""
    on(ward)
    person = ward.person("Lò Một")
    ward.follow(person)
    ask(ward, person)
    pass_(ward)
    return person


def two_asked(ward: Ward) -> tuple[UUID, UUID]:
    """The same of two on one phone, A and B: the phone, and B."""
    on(ward)
    first = ward.person("Lò Một")
    phone = ward.phone_of(first)
    second = ward.person("Lò Hai", phone=phone)
    with ward.engine.begin() as connection:
        for letter, person in (("A", first), ("B", second)):
            connection.execute(members.update().where(members.c.person_id == person).values(letter=letter))
    for person in (first, second):
        ward.follow(person, contact_id=phone)
        ask(ward, person)
    pass_(ward)
    return phone, second


def test_it_works(ward: Ward) -> None:
    on(ward)
    person = ward.person("Lò Một")
    ward.follow(person)

    assert ask(ward, person) is Outcome.DONE
    assert ask(ward, person) is Outcome.TOO_LATE
    pass_(ward)
    pass_(ward, 1)
    assert len(texts(ward)) == 1
    writes(ward, ward.phone_of(person), "co mat")

    assert outcomes(ward) == ["there"]


def test_no_answer_is_said_to_be_that_and_a_late_one_is_late(ward: Ward) -> None:
    person = asked(ward)
    pass_(ward, 31)
    assert outcomes(ward) == ["unanswered"]
    writes(ward, ward.phone_of(person), "CO MAT")

    assert outcomes(ward) == ["late"]


def test_a_question_that_never_left_is_left_unanswered_by_nobody(ward: Ward) -> None:
    asked(ward)
    with ward.engine.begin() as connection:
        connection.execute(update(outbox).values(status="expired"))
    pass_(ward, 31)

    assert outcomes(ward) == ["unreachable"]


def test_it_is_off_until_a_unit_has_a_rule(ward: Ward) -> None:
    on(ward, unit=NEXT)
    person = ward.person("Lò Một")
    ward.follow(person)
    ask(ward, person)
    pass_(ward)

    assert (outcomes(ward), texts(ward)) == (["off"], [])


def test_the_rule_of_a_province_holds_below_it_until_it_ends(ward: Ward) -> None:
    on(ward, unit="CDC15")
    tree, today = ward.tree(), ward.day().today
    with ward.engine.begin() as connection:
        found = presence.rule_of(connection, tree, HERE, today)
        assert found is not None and found.unit_code == "CDC15"
        assert presence.switch_off(connection, "CDC15", today)
        assert presence.rule_of(connection, tree, HERE, today) is None


def test_the_rule_asks_by_day_at_hours_that_nobody_knows_and_no_more_than_so_often() -> None:
    monday = date(2026, 11, 16)
    people = [uuid4() for _ in range(200)]
    for person in people:
        days = [chosen(person, monday + timedelta(days=n), 3) for n in range(7)]
        assert sum(at is not None for at in days) == 3
        assert all(FIRST_HOUR <= at.hour < LAST_HOUR for at in days if at)
    hours = [at for person in people if (at := chosen(person, monday, 7))]
    assert len(hours) == 200
    assert len({at.hour for at in hours}) == LAST_HOUR - FIRST_HOUR


def test_a_day_is_planned_once_and_only_people_at_home_are_asked(ward: Ward) -> None:
    ward.now = clock("06:10")
    on(ward, times=7)
    home, away = ward.person("Lò Ở Nhà"), ward.person("Lò Ở Khu")
    ward.follow(home)
    ward.follow(away, place="hotel")
    for minutes in range(0, 14 * 60, 30):
        pass_(ward, 30 if minutes else 0)

    assert len(texts(ward)) == 1
    assert outcomes(ward) == ["unanswered"]


def test_several_on_one_phone_get_one_text(ward: Ward) -> None:
    phone, _ = two_asked(ward)
    assert len(texts(ward)) == 1
    writes(ward, phone, "co mat b")

    assert sorted(outcomes(ward)) == ["", "there"]


def test_everybody_of_a_phone_or_one_of_them(ward: Ward) -> None:
    phone, second = two_asked(ward)
    writes(ward, phone, "khong o nha")
    assert outcomes(ward) == ["", ""]
    writes(ward, phone, "B khong o nha")
    assert sorted(outcomes(ward)) == ["", "not_there"]
    ask(ward, second)
    pass_(ward, 1)
    writes(ward, phone, "ca nha co mat")

    assert sorted(outcomes(ward)) == ["not_there", "there", "there"]


def test_a_yes_counts_while_nothing_else_is_asked(ward: Ward) -> None:
    person = asked(ward)
    writes(ward, ward.phone_of(person), "khong")
    assert outcomes(ward) == [""]
    writes(ward, ward.phone_of(person), "vang")

    assert outcomes(ward) == ["there"]


def test_whoever_says_stop_is_waited_for_no_more(ward: Ward) -> None:
    person = asked(ward)
    writes(ward, ward.phone_of(person), "STOP")
    pass_(ward, 31)
    assert outcomes(ward) == ["stopped"]
    writes(ward, ward.phone_of(person), "CO MAT")

    assert outcomes(ward) == ["late"]


def test_where_somebody_is_is_compared_and_kept_nowhere(ward: Ward) -> None:
    on(ward)
    person = ward.person("Lò Một")
    ward.follow(person)
    with ward.engine.begin() as connection:
        presence.set_home(connection, Scope(HERE, (HERE,)), person, (22.5331, 103.8912))
    ask(ward, person, Kind.LOCATION)
    pass_(ward)
    point = (22.53377, 103.89177)
    writes(ward, ward.phone_of(person), "", Media.LOCATION, point)

    assert outcomes(ward) == ["there"]
    with ward.engine.connect() as connection:
        assert connection.scalar(select(presence_checks.c.place)) == "near"
        for name in connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname NOT LIKE 'pg_%'")):
            schema = connection.scalar(text("SELECT schemaname FROM pg_tables WHERE tablename = :n"), {"n": name})
            whole = connection.scalar(text(f'SELECT string_agg(t::text, chr(10)) FROM "{schema}"."{name}" t'))
            assert "22.53377" not in (whole or "") and "103.89177" not in (whole or ""), name
    said = InboundMessage("phone", "1", "+84900000001", "", ward.now, Media.LOCATION, point=point)
    assert "22.53377" not in entries.written(said)
    assert "22.53377" not in repr(said)


def test_metres() -> None:
    assert distance((21.0285, 105.8542), (21.0285, 105.8542)) == 0
    assert 110_000 < distance((21.0, 105.0), (22.0, 105.0)) < 112_000
    assert distance((22.533, 103.891), (22.534, 103.892)) < NEAR


def test_whoever_said_wrong_number_answers_for_nobody(ward: Ward) -> None:
    person = asked(ward)
    phone = ward.phone_of(person)
    with ward.engine.begin() as connection:
        connection.execute(members.delete().where(members.c.person_id == person))
    writes(ward, phone, "co mat")

    assert outcomes(ward) == [""]
