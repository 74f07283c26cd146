"""Batches of messages on a real database: each is answered once, in its order, in few statements."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event

from core.care.receipt_code import is_receipt_code
from core.database.tables import addresses, inbox, members, outbox, persons, records
from core.messaging.channel import InboundMessage
from core.pipeline import receive as pipeline
from core.pipeline.effects import Effects
from core.pipeline.receive import receive, retry_waiting
from core.pipeline.replies import Replies
from sms.aggregator.repeats import ids
from tests.cast import DECLARED, HOA, LAN, STATION, STRANGER, TU, Cast

FEVER = "38,2 ho"


@contextmanager
def statements(cast: Cast) -> Iterator[list[str]]:
    """Every statement that reaches the database meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(cast.engine, "before_cursor_execute", note)
    yield seen
    event.remove(cast.engine, "before_cursor_execute", note)


def phone(number: int) -> str:
    return f"+84900{number:06d}"


def test_it_works(cast: Cast) -> None:
    cast.declares()

    (record,) = cast.records()
    assert (record["form"], record["version"], record["unit_code"]) == ("declaration", 1, STATION)
    assert record["answers"]["full_name"] == "Nguyen Thi Lan"
    assert record["confirmed_at"] is not None
    assert is_receipt_code(record["code"])
    assert len(cast.heard()) == len(DECLARED) + 1
    assert [row["seq"] for row in cast.outbox()] == list(range(1, len(DECLARED) + 2))
    assert cast.rows(members, contact_id=cast.contact())[0]["letter"] == "A"


def test_a_repeat_is_answered_by_nothing(cast: Cast) -> None:
    message = cast.message(FEVER)
    receive(cast.services, [message])
    receive(cast.services, [message])

    assert (len(cast.inbox()), len(cast.records()), len(cast.heard())) == (1, 1, 1)


def test_a_repeat_within_one_batch_is_answered_by_nothing(cast: Cast) -> None:
    message = cast.message(FEVER)
    receive(cast.services, [message, cast.message("ok", HOA), message])

    assert (len(cast.inbox()), len(cast.records()), len(cast.heard())) == (1, 1, 1)
    assert len(cast.heard(HOA)) == 1


@pytest.mark.parametrize("known", [False, True])
def test_a_repeat_at_the_same_moment_is_answered_by_nothing(cast: Cast, known: bool) -> None:
    if known:
        cast.writes("chao")
    before = len(cast.heard())
    message, together = cast.message(FEVER), Barrier(4)

    def arrive(_: int) -> None:
        together.wait()
        receive(cast.services, [message])

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(arrive, range(4)))

    assert (len(cast.records()), len(cast.heard()) - before) == (1, 1)


def test_the_same_text_answers_two_questions(cast: Cast) -> None:
    cast.writes("KHAI", "dong y", "khong", "khong", "khong")

    answers = cast.session()["answers"]
    assert (answers["signs"], answers["contact_patient"], answers["travelled"]) == ([], False, False)
    assert len(set(cast.heard())) == 5


def test_a_batch_keeps_the_order_of_each_contact(cast: Cast) -> None:
    mine = [cast.message(text) for text in (*DECLARED, "ok")]
    hers = [cast.message(text, HOA) for text in ("37,1 met", "SUA 38,9 met", "37,4 met")]
    mixed = [message for n in range(len(mine)) for message in (*mine[n : n + 1], *hers[n : n + 1])]
    receive(cast.services, mixed)

    (record,) = cast.records()
    assert record["answers"]["full_name"] == "Nguyen Thi Lan"
    assert record["confirmed_at"] is not None
    assert [row["temperature"] for row in cast.records(HOA)] == [37.1, 38.9, 37.4]
    assert [row["version"] for row in cast.records(HOA)] == [1, 2, 1]


def test_batches_keep_the_order_of_each_contact(cast: Cast) -> None:
    for n in range(0, len(DECLARED), 3):
        receive(cast.services, [cast.message(text) for text in DECLARED[n : n + 3]])
    receive(cast.services, [cast.message("ok")])

    assert [row["confirmed_at"] is not None for row in cast.records()] == [True]
    seqs = [row["seq"] for row in cast.outbox()]
    assert seqs == sorted(set(seqs))


def test_a_question_that_is_passed_is_withdrawn(cast: Cast) -> None:
    cast.writes("KHAI", "dong y")

    assert [row["status"] for row in cast.outbox()] == ["withdrawn", "queued"]


def test_a_question_that_is_passed_within_the_batch_is_not_sent_either(cast: Cast) -> None:
    receive(cast.services, [cast.message(text) for text in (*DECLARED, "ok")])

    (only,) = (row for row in cast.outbox() if row["status"] == "queued")
    assert (only["kind"], only["seq"]) == ("receipt", len(DECLARED) + 1)


def test_danger_is_said_though_the_conversation_goes_on(cast: Cast) -> None:
    receive(cast.services, [cast.message(text) for text in ("KHAI", "dong y", "toi kho tho", "khong")])

    queued = [row["kind"] for row in cast.outbox() if row["status"] == "queued"]
    assert queued == ["danger", "question"], "what was asked beside the danger is asked again"


def test_a_question_that_may_have_arrived_is_not_called_withdrawn(cast: Cast) -> None:
    """The line was cut after the provider took it: it waits for its second attempt, and still has its token."""
    cast.writes("KHAI")
    with cast.engine.begin() as connection:
        connection.execute(outbox.update().values(lease=uuid4(), lease_until=cast.clock.at, attempts=1))
    cast.writes("dong y")

    assert [(row["status"], row["lease"]) for row in cast.outbox()] == [("unknown", None), ("queued", None)]


def test_only_questions_are_withdrawn(cast: Cast) -> None:
    cast.writes("KHAI", "GOI", "dong y")

    assert [(row["kind"], row["status"]) for row in cast.outbox()] == [
        ("question", "withdrawn"),
        ("info", "queued"),
        ("question", "withdrawn"),
        ("question", "queued"),
    ]


@pytest.mark.parametrize("text", ["KHAI", FEVER, "toi kho tho", "GOI", "STOP", "SK", "39,5", "DU LIEU", "NHAM SO", "?"])
def test_a_batch_takes_the_same_statements_however_many_write(cast: Cast, text: str) -> None:
    receive(cast.services, [cast.message(text, phone(999))])

    counts = []
    for batch in (range(2), range(2, 202)):
        messages = [cast.message(text, phone(n)) for n in batch]
        with statements(cast) as seen:
            receive(cast.services, messages)
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 24
    assert len(cast.rows(inbox)) == 203


def test_new_reminder_hours_of_many_take_the_same_statements(cast: Cast) -> None:
    for n in range(30):
        cast.enrols(phone(n), 8)
    receive(cast.services, [cast.message("NHAC 9", phone(0))])

    counts = []
    for batch in (range(1, 3), range(3, 30)):
        with statements(cast) as seen:
            receive(cast.services, [cast.message("NHAC 10 15", phone(n)) for n in batch])
        counts.append(len(seen))

    assert counts[0] == counts[1]
    assert cast.due(phone(29)) == [(f"{day} {hour}:00", "not_performed") for day in (21, 22) for hour in (10, 15)]


def test_receipts_have_their_own_codes_whoever_writes_at_once(cast: Cast) -> None:
    def arrive(thread: int) -> None:
        for n in range(5):
            texts = [cast.message("37,9 ho", phone(100 * thread + 10 * n + k)) for k in range(4)]
            receive(cast.services, texts)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(arrive, range(4)))

    codes = [row["code"] for row in cast.rows(records)]
    assert len(codes) == len(set(codes)) == 80
    said = [row["text"] for row in cast.rows(outbox)]
    assert all(any(f"{c[:3]} {c[3:6]} {c[6:]}" in text for text in said) for c in codes)


def test_a_household_shares_a_phone_and_not_a_record(cast: Cast) -> None:
    cast.declares()
    cast.writes("KHAI HO", "dong y", "ho", "khong", "khong", "Tran Van Nam", "2015", "nam")
    cast.writes("xa bat xat", "thon na ang", "khong", "ok")

    letters = [row["letter"] for row in cast.rows(members, contact_id=cast.contact())]
    assert letters == ["A", "B"]
    assert len({row["person_id"] for row in cast.records()}) == 2
    assert {row["full_name"] for row in cast.rows(persons)} == {"Nguyen Thi Lan", "Tran Van Nam"}


def test_two_phones_are_two_conversations(cast: Cast) -> None:
    cast.writes("KHAI", "dong y")
    cast.writes("KHAI", who=TU)
    cast.writes("ho", who=LAN)

    assert cast.session()["answers"]["signs"] == ["cough"]
    assert cast.session(TU)["stage"] == "legal"


def test_a_message_read_twice_makes_the_same_rows(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its transaction is lost after all was written; the ids come back the same, as the message's own does."""
    seen: list[list[Any]] = []
    write = Effects.write

    def note(self: Effects, connection: Any) -> None:
        seen.append([row["id"] for row in self._records])
        write(self, connection)

    def cut(*_: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(Effects, "write", note)
    cast.writes("chao", who=STRANGER)
    with monkeypatch.context() as failing:
        failing.setattr(pipeline, "step", cut)
        cast.writes(FEVER, who=STRANGER)
    for broken in (True, False):
        cast.later(minutes=10)
        with monkeypatch.context() as failing:
            if broken:
                failing.setattr(Replies, "write", cut)
                with pytest.raises(ConnectionError):
                    retry_waiting(cast.services)
            else:
                retry_waiting(cast.services)

    first, second = seen[-2:]
    assert first == second == [row["id"] for row in cast.records(STRANGER)]


def test_a_repeat_under_another_id_that_names_the_first_is_known(cast: Cast) -> None:
    """Of a gateway without ids, whichever of two processes takes which."""
    first = replace(cast.message("SK 38 ho", sid="7-aa"), also=("6-aa", "5-aa"))
    second = replace(cast.message("SK 38 ho", sid="8-aa"), also=("7-aa", "6-aa"))
    receive(cast.services, [first])
    heard = cast.heard()
    receive(cast.services, [second])
    receive(cast.services, [replace(second, external_id="9-aa", also=("8-aa", "7-aa")), second])

    assert [row["text"] for row in cast.inbox()] == ["SK 38 ho"]
    assert cast.heard() == heard
    receive(cast.services, [replace(second, external_id="20-aa", also=("19-aa", "18-aa"))])
    assert len(cast.inbox()) == 2


@pytest.mark.parametrize("at_once", [False, True])
def test_a_repeat_that_is_stored_before_the_first_is_the_one_that_counts(cast: Cast, at_once: bool) -> None:
    """The first hung, or went through the spool."""
    first, *before = ids(b"a", 1009.9, 10)
    later, *also = ids(b"a", 1015, 10)
    repeat = replace(cast.message("SK 38 ho", sid=later), also=tuple(also))
    original = replace(cast.message("SK 38 ho", sid=first), also=tuple(before))
    for batch in ([repeat, original],) if at_once else ([repeat], [original]):
        receive(cast.services, batch)
    assert (len(cast.inbox()), len(cast.heard())) == (1, 1)


def test_what_is_read_late_was_heard_when_it_came(cast: Cast) -> None:
    """Else a reply window that begins with it would seem open for longer than it is."""

    def ago() -> Any:
        (row,) = cast.rows(addresses, address=LAN)
        return cast.clock.at - row["heard_at"]

    def came(hours: int) -> InboundMessage:
        return replace(cast.message("chao"), received_at=cast.clock.at - timedelta(hours=hours))

    for hours, heard in (((9,), 9), ((5, 8), 5), ((7,), 5), ((-1,), 0)):
        receive(cast.services, [came(each) for each in hours])
        assert ago() == timedelta(hours=heard)
