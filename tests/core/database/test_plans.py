"""Statements that run all day find their rows by an index, however large their tables become."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, event, text

from core.access.scope import Scope
from core.care import due, follow_up, forget, line_lists, visits
from core.care.line_lists import Asked, Line
from core.care.standing import day_of
from core.messaging import history, outbox, spending, unread, waiting
from core.people import codes, duties
from core.pipeline import facts
from core.places.tree import UnitTree
from core.reminders import enqueue, hearing, unseen
from core.reminders.hearing import NONE

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)

NOWHERE = UnitTree({}, {}, {}, {})

LISTS = Asked(Scope("A", ("A",)), day_of(NOW), {})

Deed = Callable[[Connection], object]


def plans(engine: Engine, deed: Deed) -> str:
    """How PostgreSQL would find the rows of what the deed executes, reading no table from end to end if it can."""
    said: list[tuple[str, Any]] = []
    with engine.connect() as connection:
        listen = lambda _c, _k, statement, parameters, *_: said.append((statement, parameters))  # noqa: E731
        event.listen(connection, "before_cursor_execute", listen)
        deed(connection)
        event.remove(connection, "before_cursor_execute", listen)
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        lines = [connection.exec_driver_sql(f"EXPLAIN {statement}", given).scalars() for statement, given in said]
        return "\n".join(line for found in lines for line in found)


@pytest.mark.parametrize(
    ("index", "deed"),
    [
        ("due_checks_record_idx", lambda c: due.correct(c, [{"record_id": uuid4(), "status": "seen_ok"}])),
        ("outbox_check_idx", lambda c: due.answer(c, [{"id": uuid4(), "status": "seen_ok", "record_id": uuid4()}])),
        ("records_triage_idx", lambda c: forget.forget_strangers(c, NOW)),
        ("contacts_forget_idx", lambda c: forget.forget_words(c, NOW)),
        (
            "follow_ups_contact_idx",
            lambda c: due.set_hours(c, [{"contact_id": uuid4(), "hours": [8]}], NOW),
        ),
        ("follow_ups_end_idx", lambda c: follow_up.complete(c, NOW)),
        ("inbox_failed_idx", lambda c: unread.listed(c, 10)),
        ("visits_asked_idx", lambda c: visits.load_asked(c, [uuid4()], NOW)),
        ("visits_contact_idx", lambda c: visits.newest(c, [uuid4()], NOW)),
        ("visits_guard_idx", lambda c: visits.newest(c, [uuid4()], NOW)),
        ("visits_ask_idx", lambda c: visits.unasked(c, NOW, 10)),
        ("visits_at_idx", lambda c: visits.forget_visits(c, NOW)),
        ("outbox_history_at_idx", lambda c: history.forget(c, NOW)),
        ("link_codes_expires_at_idx", lambda c: codes.forget(c, NOW)),
        ("spending_pkey", lambda c: spending.held_units(c, spending.Limits(1), NOW)),
        ("outbox_open_idx", lambda c: outbox.claim(c, "phone", NOW, 8, timedelta(minutes=1), bulk=8)),
        ("outbox_line_idx", lambda c: outbox.claim(c, "phone", NOW, 8, timedelta(minutes=1), bulk=8)),
        ("outbox_open_idx", lambda c: outbox.replies_behind(c, "phone", NOW)),
        ("outbox_open_idx", lambda c: waiting.waiting(c, "phone", NOW, 8)),
        ("outbox_open_idx", lambda c: waiting.make_due(c, "phone", NOW, waiting.FIRST, unsure=False)),
        ("follow_ups_history_idx", lambda c: facts.load_members(c, {uuid4(): NOW}, NOWHERE)),
        ("follow_ups_verify_idx", lambda c: line_lists.count(c, LISTS)),
        ("follow_ups_ended_idx", lambda c: line_lists.count(c, LISTS)),
        ("alerts_open_idx", lambda c: line_lists.count(c, LISTS)),
        ("due_checks_pkey", lambda c: c.execute(enqueue.MARK, {"ids": uuid4().hex, "now": NOW})),
        ("due_checks_follow_up_idx", lambda c: unseen.unseen(c, [uuid4()], NOW.date(), NONE)),
        ("outbox_contact_id_seq_key", lambda c: unseen.unseen(c, [uuid4()], NOW.date(), NONE)),
        ("inbox_contact_idx", lambda c: unseen.unseen(c, [uuid4()], NOW.date(), NONE)),
        ("inbox_heard_idx", lambda c: unseen.unseen(c, [uuid4()], NOW.date(), NONE)),
        ("inbox_heard_idx", lambda c: unseen.asked(c, [uuid4()], NONE)),
        ("outbox_asked_idx", lambda c: hearing.many(c, [NOW.date()], 20, [])),
        ("contact_attempts_person_idx", lambda c: line_lists.count(c, LISTS)),
        ("presence_checks_person_idx", lambda c: line_lists.listed(c, LISTS, Line.PRESENCE)),
    ],
)
def test_it_is_found_by_its_index(untouched: Engine, index: str, deed: Deed) -> None:
    assert f"on {index}" in plans(untouched, deed) or f"using {index}" in plans(untouched, deed)


def test_of_a_volunteers_households_alone_it_is_read_who_lives_there(untouched: Engine) -> None:
    known = {"ids": [uuid4()], "start": NOW, "now": NOW}
    said = plans(untouched, lambda c: c.execute(duties.HOMES, known))
    assert re.search(r"household_members_pkey\b.*\n\s*Index Cond: \(household_id = households", said)


def test_what_is_planned_is_not_read_to_find_what_is_over(untouched: Engine) -> None:
    """Days are made ahead for everybody: a few of them are over."""
    assert "Index Cond: (due_at <= " in plans(untouched, lambda c: due.close(c, NOW))
