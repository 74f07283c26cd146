"""A worker killed between Zalo's answer and our commit: real processes, a real database, a real HTTP server."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, func, select, update

from bot.zalo.config import ZaloConfig
from bot.zalo.oauth import ZaloTokens
from core.database.shared import channel_tokens
from core.messaging import tokens
from core.messaging.channel import TryLater
from core.messaging.ports import Tools
from core.secrets import Vault
from tests.conftest import CELL
from tests.fakes.zalo import APP, APP_SECRET, OA_SECRET, SEED, FakeZalo, Fault, fake_zalo, slow

KEY = Fernet.generate_key().decode()

WORKER = """
import asyncio, sys
from datetime import UTC, datetime
from bot.zalo.config import ZaloConfig
from bot.zalo.oauth import ZaloTokens
from core.database.engine import make_engine
from core.messaging.ports import Tools
from core.secrets import Vault

url, database, cell, key, app, secret, seed = sys.argv[1:]

async def main():
    config = ZaloConfig(app, secret, "", seed, oauth_url=url)
    tools = Tools(make_engine(database, cell), Vault([key]), lambda: datetime.now(UTC))
    print(await ZaloTokens(config, tools).current(), flush=True)

asyncio.run(main())
"""


@pytest.fixture
def zalo() -> Iterator[FakeZalo]:
    with fake_zalo() as running:
        yield running


def killed_at_the_exchange(zalo: FakeZalo, database: str, fault: Fault) -> None:
    """A process begins to exchange and is killed as soon as Zalo has heard of it."""
    zalo.oauth_faults = [fault]
    arguments = [zalo.url, database, CELL, KEY, APP, APP_SECRET, SEED]
    with subprocess.Popen([sys.executable, "-c", WORKER, *arguments], stdout=subprocess.PIPE) as worker:
        until = time.monotonic() + 20
        while not zalo.exchanged and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.2)
        worker.kill()
    assert zalo.exchanged == [SEED]


def current(zalo: FakeZalo, engine: Engine, seed: str = SEED) -> str:
    config = ZaloConfig(APP, APP_SECRET, OA_SECRET, seed, oauth_url=zalo.url)

    async def scene() -> str:
        made = ZaloTokens(config, Tools(engine, Vault([KEY]), lambda: datetime.now(UTC)))
        try:
            return await made.current()
        finally:
            await made.close()

    return asyncio.run(scene())


def lease_ends(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(channel_tokens).values(lease_until=func.clock_timestamp()))


@pytest.mark.slow
def test_a_token_that_was_lost_is_told_and_healed_by_a_new_seed(
    zalo: FakeZalo, database: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_at_the_exchange(zalo, database, slow(5.0))
    with monkeypatch.context() as impatient, pytest.raises(TryLater) as waits:
        impatient.setattr(tokens, "_WAIT", 0.4)
        current(zalo, engine)
    assert (waits.value.code, waits.value.whole, len(zalo.exchanged)) == ("token", True, 1)
    lease_ends(engine)
    with pytest.raises(TryLater, match="token -14014"):
        current(zalo, engine)
    with engine.connect() as connection:
        assert connection.execute(select(channel_tokens.c.broken_at)).scalar_one() is not None
    assert current(zalo, engine, seed=zalo.refresh) == zalo.access


@pytest.mark.slow
def test_a_token_that_zalo_never_saw_is_exchanged_by_the_next(zalo: FakeZalo, database: str, engine: Engine) -> None:
    def unheard(zalo: FakeZalo, handler: object) -> None:
        time.sleep(2.0)

    killed_at_the_exchange(zalo, database, unheard)
    lease_ends(engine)
    assert current(zalo, engine) == zalo.access
