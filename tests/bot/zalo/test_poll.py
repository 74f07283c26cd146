from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, func, update

from app.channels import LongPoll
from bot.zalo import poll
from bot.zalo.config import ZaloConfig
from core.database.shared import channel_tokens
from core.messaging import tokens
from core.messaging.ports import Tools
from core.secrets import Vault
from tests.bot.core import Core
from tests.fakes.zalo import APP, APP_SECRET, OA_SECRET, SEED, FakeZalo, fake_zalo, slow

VAULT = Vault([Fernet.generate_key().decode()])


@pytest.fixture
def zalo() -> Iterator[FakeZalo]:
    with fake_zalo() as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_WAIT", 0.4)


def looks(zalo: FakeZalo, engine: Engine, times: int = 1) -> None:
    async def scene() -> None:
        config = ZaloConfig(APP, APP_SECRET, OA_SECRET, SEED, oauth_url=zalo.url)
        keeper = poll.poller(config, Core().ports(), Tools(engine, VAULT, lambda: datetime.now(UTC)))
        assert isinstance(keeper, LongPoll)
        for _ in range(times):
            assert await keeper() is False
        await keeper.finish(1.0)

    asyncio.run(scene())


def test_a_token_that_ends_soon_is_exchanged_though_nothing_is_sent(zalo: FakeZalo, engine: Engine) -> None:
    looks(zalo, engine)
    with engine.begin() as connection:
        connection.execute(update(channel_tokens).values(expires_at=func.clock_timestamp() + timedelta(hours=1)))
    looks(zalo, engine)
    assert zalo.exchanged == [SEED, "refresh token 1"]


def test_it_looks_once_a_minute(zalo: FakeZalo, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def current() -> str:
        asked.append(1)
        return "access token"

    class Counted:
        def __init__(self, *_: object) -> None:
            self.current = current

        async def close(self) -> None:
            """Nothing to close."""

    monkeypatch.setattr(poll, "ZaloTokens", Counted)
    looks(zalo, engine, times=50)
    assert len(asked) == 1


def test_a_refused_token_is_told_before_anything_has_to_be_sent(
    zalo: FakeZalo, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    zalo.refresh = "another one"
    looks(zalo, engine)
    assert "authorise us anew" in caplog.text


@pytest.mark.usefixtures("impatient")
def test_an_exchange_is_not_broken_off_at_the_end(zalo: FakeZalo, engine: Engine) -> None:
    zalo.oauth_faults = [slow(1.5)]
    looks(zalo, engine)
    looks(zalo, engine)
    assert zalo.exchanged == [SEED]
