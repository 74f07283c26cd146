"""`khaibao channels`: what an operator reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from app.channels import CHANNELS
from app.cli_channels import channels
from app.migrate import migrate
from app.settings import Settings
from core.messaging.channel import MessageKind
from core.messaging.traffic import Traffic, traffic
from tests.core.messaging.line import Line
from tests.fakes.twilio import ACCOUNT, TOKEN, FakeTwilio, fake_twilio

NOW = datetime.now(UTC)


@pytest.fixture
def ready(settings: Settings, engine: Engine) -> Engine:
    migrate(engine, settings)
    return engine


@pytest.fixture
def provider() -> Iterator[FakeTwilio]:
    with fake_twilio() as running:
        yield running


def run(environ: dict[str, str], *words: str) -> Result:
    return CliRunner(env=dict.fromkeys(())).invoke(channels, words, env=environ)


def twilio(provider: FakeTwilio, **more: str) -> dict[str, str]:
    account = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_FROM": "KHAIBAO"}
    return {**account, "TWILIO_API_URL": provider.url, **more}


def test_all_are_listed_with_what_turns_them_on(environ: dict[str, str], ready: Engine) -> None:
    lines = run(environ, "list").stdout.splitlines()
    assert "phone\ton\tThe SMS simulator\t-" in lines
    assert "twilio\toff\tSMS through Twilio\tTWILIO_ACCOUNT_SID" in lines
    assert len(lines) == 1 + len(CHANNELS)


def test_what_is_off_says_how_to_turn_it_on(environ: dict[str, str], ready: Engine) -> None:
    result = run(environ, "check", "twilio")
    assert result.exit_code == 0
    assert result.stdout == "twilio (SMS through Twilio): off; TWILIO_ACCOUNT_SID turns it on\n"


def test_an_unknown_name_is_wrong(environ: dict[str, str], ready: Engine) -> None:
    result = run(environ, "check", "carrier pigeon")
    assert result.exit_code == 1
    assert "no such channel" in result.stdout


def test_a_provider_that_is_away_does_not_hide_the_others(
    environ: dict[str, str], ready: Engine, provider: FakeTwilio
) -> None:
    away = twilio(provider) | {"TWILIO_API_URL": "http://127.0.0.1:1"}
    result = run({**environ, **away}, "check")
    assert result.exit_code == 1
    assert "phone (The SMS simulator):" in result.stdout
    assert TOKEN not in result.output


def test_what_waits_and_what_failed_is_told(environ: dict[str, str], ready: Engine) -> None:
    line = Line(ready)
    old = datetime.now(UTC) - timedelta(minutes=30, seconds=5)
    line.put(MessageKind.INFO, created_at=old)
    line.put(MessageKind.INFO, status="failed", error="30005", created_at=old)
    result = run(environ, "check", "phone")
    assert result.exit_code == 1
    assert "1 messages wait to be sent, the oldest for 30m" in result.stdout
    assert "1 failed and 0 sent in a day, mostly by the code 30005" in result.stdout
    assert "no message from a person has ever come" in result.stdout


def test_traffic_counts_by_channel(ready: Engine) -> None:
    line = Line(ready)
    line.put(MessageKind.INFO, channel="zalo", status="delivered", created_at=NOW)
    line.put(MessageKind.INFO, channel="zalo", status="sent", created_at=NOW - timedelta(days=2))
    line.put(MessageKind.INFO, channel="twilio", created_at=NOW)
    with ready.connect() as connection:
        seen = traffic(connection, NOW + timedelta(seconds=1))
    assert seen == {"zalo": Traffic(sent=1), "twilio": Traffic(waiting=1, waiting_since=NOW)}
