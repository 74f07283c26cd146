"""kill -9 in the middle of delivering: accepted = stored = distinct at the receiver."""

from __future__ import annotations

import os
import random
import signal
from datetime import datetime, timedelta
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func

from core.database.engine import make_engine
from core.secrets import Vault
from tests.conftest import CELL
from tests.core.forwarding.cast import STATION, Cast
from tests.core.forwarding.receiver import Received, Receiver, Reply

KILLS = 20
PEOPLE, EACH = 8, 10


@pytest.mark.slow
def test_killed_twenty_times_nothing_is_lost_and_nothing_is_out_of_order(
    cast: Cast, unit: Receiver, database: str
) -> None:
    key = Fernet.generate_key().decode()
    cast.vault = Vault([key])
    cast.destination(STATION, unit.url)
    people = [cast.person() for _ in range(PEOPLE)]
    for _ in range(EACH):
        cast.queue([cast.record(person) for person in people])
    for _ in range(KILLS):
        _killed_while_delivering(unit, database, key, cast.now)
        cast.change_forwards(lease_until=func.now() - timedelta(seconds=1))
    unit.answer = lambda _received: Reply()
    cast.deliver()
    assert set(cast.statuses()) == {"delivered"}
    assert {row["id"] for row in cast.forwards()} == unit.distinct()
    for person in people:
        assert _without_repeats(unit.sequences(person)) == list(range(1, EACH + 1))


def _killed_while_delivering(unit: Receiver, database: str, key: str, now: datetime) -> None:
    """A worker that is killed while its request number `last` is being answered with 204."""
    worker = get_context("spawn").Process(target=_deliver, args=(database, key, now))
    last = len(unit.asked) + random.randint(1, 3)
    unit.answer = lambda received: _answer(unit, worker, last, received)
    worker.start()
    worker.join(30)
    assert worker.exitcode == -signal.SIGKILL


def _answer(unit: Receiver, worker: BaseProcess, last: int, _received: Received) -> Reply:
    if len(unit.asked) >= last and worker.pid:
        os.kill(worker.pid, signal.SIGKILL)
    return Reply()


def _deliver(database: str, key: str, now: datetime) -> None:
    engine = make_engine(database, CELL)
    Cast(engine, vault=Vault([key]), now=now).deliver()


def _without_repeats(sequence: list[int]) -> list[int]:
    """In order of first arrival."""
    return list(dict.fromkeys(sequence))
