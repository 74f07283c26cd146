"""Lost is who was asked for three days and not heard of. Somebody who answers at the very moment at which they are
given up is not lost, whoever of the two is first."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, insert, text, update

from core.care import due, lost
from core.care.handling import Outcome
from core.conversation.effects import AlertKind
from core.database.due import alerts, contact_attempts, due_checks, ladder_steps, presence_checks
from core.database.engine import make_engine
from core.database.following import follow_up_events, follow_ups
from core.reminders.climb import climb
from core.reminders.enqueue import enqueue
from tests.cast import HOA, LAN, STATION, Cast
from tests.conftest import CELL
from tests.core.care.test_new_phone import move


def passes(cast: Cast, day: int, *hours: int, leaves: bool = True) -> None:
    """Such a day, as far as these hours; the texts leave."""
    for hour in hours or (7, 8, 20):
        cast.clock.at = cast.local(hour, 5, days=day)
        with cast.engine.begin() as connection:
            due.plan(connection, cast.clock.at)
        enqueue(cast.services)
        while climb(cast.services):
            pass
        with cast.engine.begin() as connection:
            due.close(connection, cast.clock.at)
        if leaves:
            cast.leaves()


def climbs(cast: Cast, hour: int, minute: int, day: int) -> None:
    cast.clock.at = cast.local(hour, minute, days=day)
    while climb(cast.services):
        pass


@pytest.fixture
def silent(cast: Cast) -> UUID:
    """May has not been heard of for three days, but for the last minutes; her follow-up's id."""
    cast.clock.at = cast.local(7)
    cast.enrols(HOA)
    for day in range(3):
        passes(cast, day)
    passes(cast, 3, 7)
    cast.clock.at = cast.local(8, 10, days=3)
    (row,) = cast.rows(follow_ups)
    assert row["status"] == "under_follow_up"
    return UUID(str(row["id"]))


def status(cast: Cast) -> str:
    (row,) = cast.rows(follow_ups)
    return str(row["status"])


def steps(cast: Cast) -> int:
    return len(cast.rows(ladder_steps, step="lost", outcome="done"))


def test_it_would_be_lost(cast: Cast, silent: UUID) -> None:
    climb(cast.services)

    assert (status(cast), steps(cast)) == ("lost_to_follow_up", 1)


def test_an_answer_takes_it_back(cast: Cast, silent: UUID) -> None:
    climb(cast.services)
    (followed,) = cast.rows(follow_ups)
    assert (followed["status"], followed["end_reason"]) == ("lost_to_follow_up", "unseen")
    assert not [row for row in cast.rows(due_checks) if row["due_at"] > cast.clock.at]

    cast.later(minutes=10)
    cast.writes("SK OK", who=HOA)
    (followed,) = cast.rows(follow_ups)
    assert (followed["status"], followed["ended_at"]) == ("under_follow_up", None)
    kinds = [row["kind"] for row in sorted(cast.rows(follow_up_events), key=lambda row: row["at"])]
    assert kinds[-2:] == ["lost", "found"]
    with cast.engine.begin() as connection:
        assert due.plan(connection, cast.clock.at) == 1


def test_who_was_seen_once_in_three_days_is_not_lost(cast: Cast, person: UUID) -> None:
    for day in range(4):
        passes(cast, day, 8, 20)
        if day == 1:
            cast.writes("SK OK", who=HOA)

    assert status(cast) == "under_follow_up"


def test_whom_we_did_not_ask_since_the_clock_was_away_is_not_lost(cast: Cast, person: UUID) -> None:
    passes(cast, 0)
    climbs(cast, 12, 0, 5)
    passes(cast, 5, 13, 17, 20)
    passes(cast, 6)
    assert status(cast) == "under_follow_up"

    passes(cast, 7)
    passes(cast, 8)
    assert status(cast) == "lost_to_follow_up", "asked on three days, and silent"


def test_whose_texts_never_left_is_not_lost(cast: Cast, person: UUID) -> None:
    for day in range(6):
        passes(cast, day, leaves=False)
    assert status(cast) == "under_follow_up"

    for day in range(6, 10):
        passes(cast, day)
    assert status(cast) == "lost_to_follow_up"


def no_phone(cast: Cast) -> None:
    with cast.engine.begin() as connection:
        connection.execute(update(due_checks).values(contact_id=None))
        connection.execute(update(follow_ups).values(contact_id=None))


def stop(cast: Cast) -> None:
    cast.clock.at = cast.local(6, days=-1)
    cast.writes("STOP", who=HOA)


@pytest.mark.parametrize("unaskable", [no_phone, stop])
def test_who_cannot_be_asked_is_lost_where_the_station_had_them_on_its_list(
    cast: Cast, person: UUID, unaskable: Callable[[Cast], None]
) -> None:
    unaskable(cast)
    for day in range(5):
        passes(cast, day, 7, 8, 16, 20)

    assert status(cast) == "lost_to_follow_up"


@pytest.mark.parametrize("before", [no_phone, lambda _: None], ids=["none", "a wrong number"])
def test_whose_phone_was_found_only_now_has_three_days_to_answer_there(
    cast: Cast, person: UUID, before: Callable[[Cast], None]
) -> None:
    before(cast)
    for day in range(3):
        passes(cast, day, 8, 16, 18)
    cast.clock.at = cast.local(19, days=2)
    assert move(cast, LAN) is Outcome.DONE
    for day in range(3, 6):
        passes(cast, day, 8, 16, 20)
        assert status(cast) == "under_follow_up"
    assert len([row for row in cast.outbox(LAN) if row["due_check_id"]]) >= 3

    passes(cast, 6, 8)
    assert status(cast) == "lost_to_follow_up"


def test_who_cannot_be_asked_is_not_lost_by_a_clock_that_was_away(cast: Cast, person: UUID) -> None:
    no_phone(cast)
    passes(cast, 0)
    climbs(cast, 12, 0, 5)
    passes(cast, 5, 13, 17, 20)
    passes(cast, 6)

    assert status(cast) == "under_follow_up"


def shows(cast: Cast, person: UUID, outcome: str, kind: str = "call_back") -> None:
    (followed,) = cast.rows(follow_ups, person_id=person)
    shown = {"id": uuid4(), "person_id": person, "follow_up_id": followed["id"], "kind": kind, "outcome": outcome}
    when = {"asked_at": cast.clock.at, "expires_at": cast.clock.at, "answered_at": cast.clock.at}
    with cast.engine.begin() as connection:
        connection.execute(insert(presence_checks).values(shown | when))


def raises(cast: Cast, person: UUID, kind: AlertKind, status: str = "open") -> None:
    about = {"id": uuid4(), "kind": kind, "person_id": person, "unit_code": STATION, "signs": (), "inbound_id": uuid4()}
    with cast.engine.begin() as connection:
        connection.execute(insert(alerts).values(about | {"status": status, "raise_at": cast.clock.at}))


def tries(cast: Cast, person: UUID, outcome: str) -> None:
    tried = {"id": uuid4(), "person_id": person, "unit_code": STATION, "by_kind": "staff", "by": uuid4()}
    with cast.engine.begin() as connection:
        connection.execute(
            insert(contact_attempts).values(tried | {"at": cast.clock.at, "via": "phone", "outcome": outcome})
        )


HEARD: dict[str, Callable[[Cast, UUID, str], None]] = {
    "a text that nobody understands": lambda cast, _, who: cast.writes("hom qua troi mua qua", who=who),
    "a wish for a human": lambda cast, _, who: cast.writes("GOI", who=who),
    "a sign of presence": lambda cast, person, _: shows(cast, person, "late"),
    "a no to being there": lambda cast, person, _: shows(cast, person, "not_there"),
    "seen by their household": lambda cast, person, _: shows(cast, person, "there", "household"),
    "a refusal that a nurse heard": lambda cast, person, _: tries(cast, person, "refused"),
    "danger that nobody has closed": lambda cast, person, _: raises(cast, person, AlertKind.DANGER),
}
UNHEARD: dict[str, Callable[[Cast, UUID, str], None]] = {
    "a call that nobody took": lambda cast, person, _: tries(cast, person, "not_reached"),
    "a question that nobody answered": lambda cast, person, _: shows(cast, person, "unanswered"),
    "not seen by their household": lambda cast, person, _: shows(cast, person, "not_there", "household"),
    "danger that is over": lambda cast, person, _: raises(cast, person, AlertKind.DANGER, "closed"),
    "a wrong number": lambda cast, person, _: raises(cast, person, AlertKind.WRONG_NUMBER),
}


def test_any_sign_of_life_keeps_somebody_from_being_lost(cast: Cast) -> None:
    phones = {sign: f"+849000001{number:02}" for number, sign in enumerate(HEARD | UNHEARD)}
    cast.clock.at = cast.local(7)
    people = {sign: cast.enrols(who, 8) for sign, who in phones.items()}
    for day in range(4):
        passes(cast, day, 8, 20)
        for sign, gives in (HEARD | UNHEARD).items() if day == 1 else ():
            gives(cast, people[sign], phones[sign])

    on = {row["person_id"] for row in cast.rows(follow_ups, status="under_follow_up")}
    assert {sign for sign, person in people.items() if person in on} == HEARD.keys()


def test_another_text_from_a_family_s_phone_may_be_somebody_else_s(cast: Cast, person: UUID) -> None:
    cast.enrols(HOA, 8, name="Tran Van Binh")
    for day in range(5):
        passes(cast, day, 8, 20)
        cast.writes("B 36,5 khoe", who=HOA)

    assert {row["status"] for row in cast.rows(follow_ups)} == {"lost_to_follow_up", "under_follow_up"}


def test_who_is_heard_of_just_now_is_not_given_up(cast: Cast, silent: UUID) -> None:
    (row,) = cast.rows(follow_ups)
    tried = {"id": uuid4(), "person_id": row["person_id"], "unit_code": STATION, "by_kind": "staff", "by": uuid4()}
    how = {"at": cast.clock.at, "via": "phone", "outcome": "reached"}
    with cast.engine.begin() as other:
        other.execute(insert(contact_attempts).values(tried | how))
        climb(cast.services)  # the other one is not committed yet
        assert (status(cast), steps(cast)) == ("under_follow_up", 0)
    climb(cast.services)

    assert (status(cast), steps(cast)) == ("under_follow_up", 0)


def test_who_answers_while_they_are_given_up_is_found(cast: Cast, silent: UUID) -> None:
    with ThreadPoolExecutor(1) as thread, cast.engine.connect() as clock:
        with clock.begin():
            assert lost.hold(clock, [silent]) == {silent}
            lost.lose(clock, [silent], cast.clock.at)
            assert lost.unheard(clock, [silent]) == {silent}
            answer = thread.submit(cast.writes, "SK OK", who=HOA)
            until_somebody_waits(cast)
        answer.result(timeout=10)

    assert status(cast) == "under_follow_up"


def test_no_text_is_refused_however_long_it_takes_to_give_them_up(cast: Cast, silent: UUID) -> None:
    """The clock stands amid it, since it cannot write; what they write meanwhile is read at once, and counts."""
    patient = make_engine(cast.engine.url.render_as_string(hide_password=False), CELL)
    event.listen(patient, "begin", lambda connection: connection.execute(text("SET LOCAL lock_timeout = '30s'")))
    with ThreadPoolExecutor(1) as thread:
        with cast.engine.begin() as other:
            other.execute(text(f"LOCK TABLE {CELL}.follow_up_events IN SHARE MODE"))
            giving_up = thread.submit(climb, replace(cast.services, engine=patient))
            until_somebody_waits(cast)
            cast.writes("SK OK", who=HOA)
        giving_up.result(timeout=30)
    patient.dispose()

    assert cast.states(HOA) == [("SK OK", "done")]
    assert (status(cast), steps(cast)) == ("under_follow_up", 0)


def until_somebody_waits(cast: Cast) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with cast.engine.connect() as connection:
        for _ in range(2000):
            if connection.scalar(waiting):
                return
            connection.rollback()
    raise AssertionError("nobody waited")
