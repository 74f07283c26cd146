"""Delivering over real HTTP: what each answer of a unit's system does to the queue."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import update
from standardwebhooks import Webhook, WebhookVerificationError

from core.database.tables import persons
from core.forwarding import destinations
from core.forwarding.retry import Fault
from core.secrets import Vault
from tests.core.forwarding.cast import CENTRE, OTHER_STATION, STATION, Cast
from tests.core.forwarding.receiver import Received, Receiver, Reply


def test_it_works(cast: Cast, unit: Receiver) -> None:
    _, secret = cast.destination(STATION, unit.url)
    (record,) = cast.checkins(cast.person(), 1)
    assert cast.deliver() == 1
    (row,), (received,) = cast.forwards(), unit.taken
    assert (row["status"], row["delivered_at"], row["attempts"], row["lease"]) == ("delivered", cast.now, 1, None)
    assert received.webhook_id == row["id"]
    assert received.data["id"] == str(record["id"])
    assert received.data["unit"] == {"code": STATION, "name": f"Đơn vị {STATION}"}
    assert Webhook(secret).verify(received.body, dict(received.headers))["type"] == "checkin.recorded"


def test_nothing_due_is_nothing_done(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    assert cast.deliver() == 0
    cast.checkins(cast.person(), 1)
    cast.later(seconds=-1)
    assert cast.deliver() == 0
    assert unit.asked == []


def test_a_retry_has_the_same_id_and_the_same_bytes(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    cast.checkins(cast.person(), 1)
    for status in (503, 500, 204):
        unit.says(status)
        cast.deliver()
        cast.later(hours=1)
    assert [unit.asked[0].webhook_id] * 3 == [received.webhook_id for received in unit.asked]
    assert len({received.body for received in unit.asked}) == 1
    assert cast.statuses() == ["delivered"]


def test_either_secret_verifies_while_it_rotates(cast: Cast, unit: Receiver) -> None:
    held, old = cast.destination(STATION, unit.url)
    with cast.engine.begin() as connection:
        new = destinations.rotate(connection, cast.vault, held)
    cast.checkins(cast.person(), 1)
    cast.deliver()
    with cast.engine.begin() as connection:
        destinations.end_rotation(connection, held)
    cast.checkins(cast.person(), 1)
    cast.deliver()
    during, after = unit.taken
    for secret in (new, old):
        Webhook(secret).verify(during.body, dict(during.headers))
    Webhook(new).verify(after.body, dict(after.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(after.body, dict(after.headers))


def test_one_unit_fails_and_the_other_succeeds(cast: Cast, unit: Receiver, other_unit: Receiver) -> None:
    failing, _ = cast.destination(STATION, unit.url)
    working, _ = cast.destination(CENTRE, other_unit.url)
    unit.says(503)
    cast.checkins(cast.person(), 1)
    cast.deliver()
    assert cast.forward(failing)["status"] == "pending"
    assert cast.forward(failing)["error"] == "503"
    assert cast.forward(working)["status"] == "delivered"
    cast.later(seconds=10)
    unit.says(204)
    cast.deliver()
    assert cast.statuses() == ["delivered", "delivered"]
    assert (len(unit.taken), len(other_unit.taken)) == (1, 1)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(cast: Cast, unit: Receiver, other_unit: Receiver, status: int) -> None:
    cast.destination(STATION, unit.url)
    unit.says(status, location=other_unit.url)
    cast.checkins(cast.person(), 1)
    cast.deliver()
    assert other_unit.asked == []
    assert cast.statuses() == ["dead"]


def test_poison_is_put_aside_and_its_neighbours_pass(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    ill, well = cast.person("Sai"), cast.person("Đúng")
    unit.answer = lambda received: Reply(422 if received.data["person"]["full_name"] == "Sai" else 204)
    cast.checkins(well, 1)
    cast.checkins(ill, 1)
    cast.checkins(well, 1)
    cast.deliver()
    assert unit.sequences(well) == [1, 2]
    assert unit.sequences(ill) == []
    assert sorted(cast.statuses()) == ["dead", "delivered", "delivered"]
    assert {row["error"] for row in cast.forwards() if row["status"] == "dead"} == {"422"}


def test_a_dead_row_does_not_hold_the_later_ones_of_the_same_person(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    person = cast.person()
    unit.answer = lambda received: Reply(400 if received.data["sequence"] == 1 else 204)
    cast.checkins(person, 3)
    cast.deliver()
    assert unit.sequences(person) == [2, 3]
    assert cast.statuses() == ["dead", "delivered", "delivered"]


def test_a_row_that_is_tried_again_holds_the_later_ones(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    person = cast.person()
    unit.answer = lambda received: Reply(500 if received.data["sequence"] == 1 else 204)
    cast.checkins(person, 3)
    for _ in range(3):
        cast.deliver()
        cast.later(hours=1)
    assert {received.data["sequence"] for received in unit.asked} == {1}
    unit.says(204)
    cast.deliver()
    assert unit.sequences(person) == [1, 2, 3]


def test_urgent_overtakes_everybody_and_its_own_person(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    calm, ill = cast.person(), cast.person()
    cast.checkins(calm, 2)
    cast.checkins(ill, 2)
    cast.checkins(ill, 1, level="urgent")
    cast.deliver()
    assert (unit.taken[0].data["person"]["id"], unit.taken[0].data["level"]) == (str(ill), "urgent")
    assert unit.sequences(ill) == [3, 1, 2]
    assert unit.sequences(calm) == [1, 2]


def test_an_urgent_one_does_not_wait_behind_a_failing_one(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    ill = cast.person()
    unit.answer = lambda received: Reply(204 if received.data["level"] == "urgent" else 500)
    cast.checkins(ill, 2)
    cast.deliver()
    cast.checkins(ill, 1, level="urgent")
    cast.deliver()
    assert unit.sequences(ill) == [3]


def test_gone_pauses_the_endpoint_until_it_is_resumed(cast: Cast, unit: Receiver) -> None:
    held, _ = cast.destination(STATION, unit.url)
    cast.checkins(cast.person(), 1)
    unit.says(410)
    cast.deliver()
    cast.checkins(cast.person(), 2)
    cast.later(days=1)
    assert (cast.deliver(), len(unit.asked)) == (0, 1)
    assert cast.statuses() == ["pending"] * 3
    unit.says(204)
    with cast.engine.begin() as connection:
        destinations.resume(connection, held)
    assert cast.deliver() == 3
    assert cast.statuses() == ["delivered"] * 3


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed(cast: Cast, unit: Receiver, status: int) -> None:
    cast.destination(STATION, unit.url)
    cast.checkins(cast.person(), 1)
    unit.says(status, retry_after="3600")
    cast.deliver()
    due = cast.forwards()[0]["due_at"] - cast.now
    assert timedelta(hours=1) <= due <= timedelta(hours=1.2)


def test_retry_after_holds_the_whole_destination(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    unit.says(429, retry_after="3600")
    for _ in range(3):
        cast.checkins(cast.person(), 1)
    cast.deliver_rounds(6, timedelta(minutes=8))
    assert len(unit.asked) == 1
    unit.says(204)
    cast.later(hours=2)
    cast.deliver()
    assert cast.statuses() == ["delivered"] * 3


def test_after_fourteen_days_of_failing_it_is_a_dead_letter(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    cast.checkins(cast.person(), 1)
    unit.says(503)
    began = cast.now
    while cast.statuses() == ["pending"]:
        cast.deliver()
        cast.now = max(cast.now, cast.forwards()[0]["due_at"])
    assert timedelta(days=14) < cast.now - began < timedelta(days=18)
    assert cast.forwards()[0]["error"] == "503, given up after 61 attempts"


def test_nobody_listening_is_tried_again(cast: Cast) -> None:
    cast.destination(STATION, "http://127.0.0.1:9/in")
    cast.checkins(cast.person(), 1)
    cast.deliver()
    assert [(r["status"], r["error"]) for r in cast.forwards()] == [("pending", Fault.CONNECTION.value)]


def test_a_connection_cut_before_the_answer_is_tried_again(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    cast.checkins(cast.person(), 1)
    unit.answer = lambda _received: Reply(drop=True)
    cast.deliver()
    assert [(r["status"], r["error"]) for r in cast.forwards()] == [("pending", Fault.CONNECTION.value)]


def test_a_slow_unit_is_given_up_in_time_and_tried_again(
    cast: Cast, unit: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.forwarding.deliver.TIMEOUT", 0.2)
    cast.destination(STATION, unit.url)
    cast.checkins(cast.person(), 1)
    unit.answer = lambda _received: Reply(wait=0.6)
    cast.deliver()
    assert [(r["status"], r["error"]) for r in cast.forwards()] == [("pending", Fault.TIMEOUT.value)]


def test_an_endless_answer_is_not_read_to_its_end(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    cast.checkins(cast.person(), 1)
    unit.answer = lambda _received: Reply(200, body=b"x" * 50_000_000)
    cast.deliver()
    assert (cast.statuses(), unit.cut) == (["delivered"], 1)


def test_our_own_machines_are_refused_for_good(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    cast.checkins(cast.person(), 1)
    cast.networks = ()
    cast.deliver()
    assert unit.asked == []
    assert [(r["status"], r["error"]) for r in cast.forwards()] == [("dead", "address not allowed")]


def test_a_record_that_cannot_be_written_is_put_aside(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    person = cast.person()
    cast.checkins(person, 1, answers=["no mapping"])
    cast.checkins(person, 1)
    cast.deliver()
    assert [(r["status"], r["error"]) for r in cast.forwards()] == [
        ("dead", Fault.UNBUILDABLE.value),
        ("delivered", ""),
    ]


def test_a_correction_made_before_the_retry_is_sent(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    person = cast.person("Nguyen Thi Mau")
    cast.checkins(person, 1)
    unit.says(503)
    cast.deliver()
    with cast.engine.begin() as connection:
        connection.execute(update(persons).values(full_name="Nguyễn Thị Mẫu"))
    cast.later(minutes=1)
    unit.says(204)
    cast.deliver()
    assert [received.data["person"]["full_name"] for received in unit.taken] == ["Nguyễn Thị Mẫu"]


def test_what_was_unconfirmed_when_queued_stays_so_on_every_attempt(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    cast.checkins(cast.person(), 1, confirmed_at=cast.now + timedelta(minutes=1))
    cast.checkins(cast.person(), 1)
    cast.deliver()
    assert sorted(received.data["confirmed"] for received in unit.taken) == [False, True]


def test_every_version_is_sent_and_says_which_it_is(cast: Cast, unit: Receiver) -> None:
    cast.destination(STATION, unit.url)
    person = cast.person()
    first = cast.record(person)
    cast.queue([first, cast.record(person, root=first["id"], version=2)])
    cast.deliver()
    assert [(r.data["root"], r.data["version"]) for r in unit.taken] == [(str(first["id"]), n) for n in (1, 2)]


def test_it_says_once_that_a_unit_is_away_and_once_that_it_is_back(
    cast: Cast, unit: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    held, _ = cast.destination(STATION, unit.url)
    person = cast.person("Nguyễn Thị Mẫu")
    with caplog.at_level(logging.INFO, logger="core.forwarding"):
        said = _through_an_outage(cast, unit, person)
    assert said == 3
    spoken = [record.getMessage() for record in caplog.records]
    assert spoken == [
        f"destination {held} does not take deliveries: 503",
        f"destination {held} answers again",
    ]


def _through_an_outage(cast: Cast, unit: Receiver, person: UUID) -> int:
    """Two failing rounds and a good one, by one deliverer; how many attempts the unit saw."""
    cast.checkins(person, 1)

    def answer(_received: Received) -> Reply:
        return Reply(503 if len(unit.asked) < 3 else 204)

    unit.answer = answer
    cast.deliver_rounds(3, timedelta(hours=1))
    return len(unit.asked)


def test_without_the_key_of_its_secret_nothing_is_sent_and_others_go_on(
    cast: Cast, unit: Receiver, other_unit: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    sealed, _ = cast.destination(STATION, unit.url)
    cast.vault = Vault([Fernet.generate_key().decode()])
    cast.destination(CENTRE, other_unit.url)
    cast.checkins(cast.person(), 1)
    cast.deliver()
    assert (unit.asked, len(other_unit.taken)) == ([], 1)
    assert (cast.forward(sealed)["status"], cast.forward(sealed)["attempts"]) == ("pending", 0)
    assert f"destination {sealed}: its secret was stored under another DATA_KEY" in caplog.text


def test_another_units_records_are_not_seen(cast: Cast, unit: Receiver) -> None:
    cast.destination(OTHER_STATION, unit.url)
    cast.checkins(cast.person(), 1)
    assert (cast.deliver(), unit.asked) == (0, [])
