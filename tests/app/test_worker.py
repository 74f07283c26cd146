from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, func, make_url, update

from app import worker
from app.settings import Settings
from core.database.tables import outbox
from core.messaging.channel import ChannelProfile, MessageKind, OutboundMessage, Sender, Sent
from core.messaging.ports import Tools
from core.secrets import Vault
from sms.phone.send import PhoneSender
from sms.twilio.config import TwilioConfig
from tests.core.messaging.line import HOA, Line
from tests.fakes.twilio import ACCOUNT, TOKEN, fake_twilio


@pytest.fixture
def line(engine: Engine) -> Line:
    return Line(engine)


class SilentSender:
    """A provider that never answers."""

    profile = ChannelProfile(name="twilio", sms=True, max_text=1600, timeout=60.0, in_flight=1)

    async def send(self, message: OutboundMessage) -> Sent:
        await asyncio.sleep(3600)
        return Sent()

    async def close(self) -> None:
        return None


def put(line: Line, channel: str = "phone", to: str = HOA) -> UUID:
    """A message that is due now, by the wall's clock."""
    now = datetime.now(UTC) - timedelta(seconds=1)
    return line.put(
        MessageKind.RECEIPT, to, channel=channel, created_at=now, due_at=now, expires_at=now + timedelta(hours=1)
    )


def work(settings: Settings, engine: Engine, scene: Callable[[], None], patience: float = 20.0) -> None:
    """Run a worker while `scene` runs in a thread; stop it then."""

    async def play() -> None:
        stop = asyncio.Event()
        working = asyncio.create_task(worker.work(settings, engine, stop))
        try:
            await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(None, scene), patience)
        finally:
            stop.set()
            await working

    asyncio.run(play())


def wait_for(condition: Callable[[], bool], patience: float = 15.0) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def wait_until(line: Line, message: UUID, status: str, patience: float = 15.0) -> None:
    wait_for(lambda: line.status(message) == status, patience)


def test_it_sends_what_is_put_in_line(settings: Settings, engine: Engine, line: Line) -> None:
    def scene() -> None:
        for _ in range(2):
            message = put(line)
            wait_until(line, message, "delivered")

    work(settings, engine, scene)


def test_it_sends_through_twilio(settings: Settings, engine: Engine, line: Line) -> None:
    with fake_twilio() as twilio:
        account = TwilioConfig(ACCOUNT, TOKEN, sender="KHAIBAO", api_url=twilio.url)
        message = put(line, "twilio")
        work(replace(settings, channels=(account,)), engine, lambda: wait_until(line, message, "sent"))
    assert [m["to"] for m in twilio.created] == [HOA]
    assert line.row(message)["provider_id"] == twilio.created[0]["sid"]


def test_a_channel_without_its_settings_is_off(settings: Settings, engine: Engine) -> None:
    given = Tools(engine, Vault(settings.data_keys), lambda: datetime.now(UTC))
    assert [s.profile.name for s in worker.senders(settings, given)] == ["phone"]
    account = TwilioConfig(ACCOUNT, TOKEN, sender="KHAIBAO")
    assert [s.profile.name for s in worker.senders(replace(settings, channels=(account,)), given)] == ["twilio"]


def test_no_channel_delays_another(
    settings: Settings, engine: Engine, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    both: list[Sender] = [
        SilentSender(),
        PhoneSender(Tools(engine, Vault(settings.data_keys), lambda: datetime.now(UTC))),
    ]
    monkeypatch.setattr(worker, "senders", lambda *_: both)
    monkeypatch.setattr(worker, "_PATIENCE", 0.1)
    stuck = put(line, "twilio", "+84900000003")

    def scene() -> None:
        wait_until(line, stuck, "sending")
        quick = put(line)
        wait_until(line, quick, "delivered", patience=5)

    work(settings, engine, scene)
    assert line.status(stuck) == "sending"


@pytest.mark.slow
def test_the_database_may_go_and_come_back(
    settings: Settings,
    engine: Engine,
    line: Line,
    admin: psycopg.Connection,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    name = make_url(settings.database_url).database or ""

    def allow(yes: bool) -> None:
        admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(sql.Identifier(name), sql.Literal(yes)))
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])

    def scene() -> None:
        first = put(line)
        wait_until(line, first, "delivered")
        allow(False)
        wait_for(lambda: "does not answer" in caplog.text)
        time.sleep(1.5)
        allow(True)
        wait_for(lambda: "answers again" in caplog.text)
        second = put(line)
        wait_until(line, second, "delivered")

    work(settings, engine, scene, patience=40)
    told = [record.getMessage() for record in caplog.records if record.name == "app.worker"]
    assert told[1:] == ["worker: the database does not answer", "worker: the database answers again"]


def test_it_tells_at_its_start_which_leases_others_left(
    settings: Settings, engine: Engine, line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    put(line)
    left = put(line)
    with engine.begin() as connection:
        ended = {"status": "sending", "lease": left, "lease_until": func.clock_timestamp() - timedelta(seconds=1)}
        connection.execute(update(outbox).where(outbox.c.id == left).values(ended))
    work(settings, engine, lambda: wait_until(line, left, "delivered"))
    (told,) = (record for record in caplog.records if "worker: starts" in record.getMessage())
    assert (told.__dict__["outbox_lapsed"], told.__dict__["outbox_held"]) == (1, 0)
    assert (told.__dict__["forwards_lapsed"], told.__dict__["forwards_held"]) == (0, 0)


def test_a_step_that_fails_is_tried_again(
    settings: Settings, engine: Engine, line: Line, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[None] = []

    def fail(_services: object) -> int:
        calls.append(None)
        raise KeyError("words of a person")

    monkeypatch.setattr(worker, "retry_waiting", fail)

    def scene() -> None:
        wait_for(lambda: len(calls) >= 2)
        message = put(line)
        wait_until(line, message, "delivered")

    work(settings, engine, scene)
    assert "worker: retry waiting messages failed" in caplog.text


def test_it_ends_soon_and_calmly_when_told(environ: dict[str, str], line: Line) -> None:
    message = put(line)
    with subprocess.Popen(
        [sys.executable, "-m", "app.cli", "worker"], env={**os.environ, **environ}, stderr=subprocess.PIPE, text=True
    ) as process:
        wait_until(line, message, "delivered", patience=30)
        told = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, time.monotonic() - told < 8) == (0, True), errors
    assert "Traceback" not in errors
