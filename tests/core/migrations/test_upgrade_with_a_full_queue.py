"""An update of the program while everything waits: the new worker drains what the old one left, each thing once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, insert, select, text, update
from uuid_utils.compat import uuid7

from app.migrate import migrate
from app.settings import Settings
from core.database.engine import make_engine
from core.database.shared import directory, installation
from core.database.tables import forwards, inbox, outbox
from core.messaging.channel import MessageKind
from core.migrations.run import downgrade, downgrade_shared, upgrade
from core.secrets import Vault
from sms.kannel.config import KannelConfig
from tests.app.test_worker import wait_for, work
from tests.conftest import CELL
from tests.core.forwarding.cast import LOOPBACK, STATION
from tests.core.forwarding.cast import Cast as Units
from tests.core.forwarding.receiver import Receiver, running
from tests.core.messaging.line import Line
from tests.fakes.kannel import PASSWORD, USER, FakeKannel, fake_kannel

MESSAGES, RECORDS, WAITING = 60, 30, 10
OLD_CELL, OLD_SHARED = "0003", "0004"


@pytest.fixture
def kannel() -> Iterator[FakeKannel]:
    with fake_kannel() as made:
        yield made


@pytest.fixture
def unit() -> Iterator[Receiver]:
    with running() as made:
        yield made


@pytest.fixture
def busy(settings: Settings, kannel: FakeKannel, empty_database: str) -> Settings:
    channel = KannelConfig(kannel.url, USER, PASSWORD, "a-made-up-secret-of-kannel", "8000", "http://127.0.0.1:8000")
    return replace(settings, channels=(channel,), forward_networks=LOOPBACK, database_url=empty_database)


@pytest.fixture
def full(busy: Settings, unit: Receiver) -> Iterator[Engine]:
    """A database as the program before this one left it."""
    engine = make_engine(busy.database_url, CELL)
    migrate(engine, busy)
    province = Units(engine, Vault(busy.data_keys), now=datetime.now(UTC))
    province.destination(STATION, unit.url)
    line = Line(engine)
    province.contact = line.contact("+84900000001")
    for _ in range(RECORDS):
        province.checkins(province.person(), 1)
    _messages(line)
    _unread(line)
    with engine.begin() as connection:  # a third of each is in somebody's hands, who died or will
        ends = func.clock_timestamp() + timedelta(seconds=1) * (func.floor(func.random() * 6) - 3)
        held = {"lease": func.gen_random_uuid(), "lease_until": ends, "attempts": 1}
        connection.execute(update(outbox).where(outbox.c.seq % 3 == 0).values(status="sending", **held))
        connection.execute(update(forwards).where(func.random() < 0.3).values(**held))
    downgrade(engine, CELL, OLD_CELL)
    downgrade_shared(engine, CELL, OLD_SHARED)
    yield engine
    engine.dispose()


def _messages(line: Line) -> None:
    now = datetime.now(UTC) - timedelta(minutes=1)
    times = {"created_at": now, "due_at": now, "expires_at": now + timedelta(hours=1)}
    for n in range(MESSAGES):
        to = f"+8490000{n % 20:04d}"
        line.put(MessageKind.QUESTION, to, channel="kannel", text=f"message {n}", **times)


def _unread(line: Line) -> None:
    """People wrote what could not be read at once."""
    now = datetime.now(UTC) - timedelta(minutes=1)
    for n in range(WAITING):
        to = f"+8490001{n:04d}"
        contact, row = line.contact(to), {"channel": "kannel", "address": to}
        known = {"contact_id": contact, "cell": CELL}
        wrote = {"id": uuid7(), "external_id": f"SM{n}", "contact_id": contact, "text": "GIUP", "received_at": now}
        with line.engine.begin() as connection:
            connection.execute(insert(directory).values(**row, **known))
            connection.execute(insert(inbox).values(**row, **wrote, state="waiting", attempts=1, retry_at=now))


def left(engine: Engine) -> int:
    open_ = select(func.count()).where(outbox.c.status.in_(["queued", "sending"]))
    with engine.connect() as connection:
        rows = (
            connection.scalar(open_) or 0,
            connection.scalar(select(func.count()).where(forwards.c.status == "pending")) or 0,
            connection.scalar(select(func.count()).where(inbox.c.state != "done")) or 0,
        )
    return sum(rows)


def in_hand(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).where(outbox.c.status == "sending")) or 0


@pytest.mark.slow
def test_the_new_worker_drains_what_the_old_one_left(
    busy: Settings, full: Engine, kannel: FakeKannel, unit: Receiver
) -> None:
    assert left(full) == MESSAGES + RECORDS + WAITING

    def scene() -> None:
        upgrade(full, CELL)
        wait_for(lambda: in_hand(full) == 0, 40)
        later = update(installation).values(clock_offset=300)  # what may have arrived waits minutes for its report
        with full.begin() as connection:
            connection.execute(later)
        wait_for(lambda: left(full) == 0, 40)

    work(busy, full, scene, patience=100)
    sent = Counter(message.text for message in kannel.taken)
    assert {text_: count for text_, count in sent.items() if text_.startswith("message")} == {
        f"message {n}": 1 for n in range(MESSAGES)
    }
    answered = Counter(message.to for message in kannel.taken if not message.text.startswith("message"))
    assert len(answered) == WAITING
    assert len(unit.taken) == len(unit.distinct()) == RECORDS
    with full.connect() as connection:
        kept = connection.scalar(text(f"SELECT count(DISTINCT message_id) FROM {CELL}.outbox_history"))
    assert kept is not None
    assert kept >= MESSAGES, "what is done after the update is in the history"
