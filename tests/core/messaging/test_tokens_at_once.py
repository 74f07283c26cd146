"""Processes that exchange at the same time, or end within an exchange."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from core.database.engine import make_engine
from core.messaging import tokens as module
from core.messaging.channel import TryLater
from core.messaging.tokens import AHEAD, Pair, Tokens
from tests.conftest import CELL
from tests.core.messaging.exchange import VAULT, Provider, broken, current, ends_in, kept, lease_ends, run, tokens


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests in which nothing comes, however long one waits."""
    monkeypatch.setattr(module, "_WAIT", 0.4)


@pytest.mark.parametrize("left", [None, AHEAD / 2, -timedelta(minutes=1)])
def test_many_at_once_exchange_it_once(database: str, provider: Provider, left: timedelta | None) -> None:
    """Six processes with four sends each."""
    engines = [make_engine(database, CELL) for _ in range(6)]
    provider.slow = 0.3
    if left is not None:
        run(tokens(engines[0], provider), current)
        ends_in(engines[0], left)
    before, barrier = len(provider.calls), threading.Barrier(len(engines))

    def process(engine: Engine) -> list[str]:
        made = tokens(engine, provider)

        async def scene() -> list[str]:
            barrier.wait()
            found = await asyncio.gather(*(made.current() for _ in range(4)))
            await made.close()
            return list(found)

        return asyncio.run(scene())

    with ThreadPoolExecutor(len(engines)) as pool:
        given = {token for found in pool.map(process, engines) for token in found}
    assert len(provider.calls) == before + 1
    assert given <= {f"access {before}", f"access {before + 1}"}
    assert kept(engines[0]) == f"refresh {before + 1}"
    for engine in engines:
        engine.dispose()


def test_a_send_that_is_given_up_does_not_take_the_answer_with_it(engine: Engine, provider: Provider) -> None:
    provider.slow = 1.0
    made = tokens(engine, provider)

    async def scene() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.6):
                await made.current()
        await made.close()

    asyncio.run(scene())
    assert kept(engine) == "refresh 1"
    assert run(tokens(engine, provider), current) == ["access 1"]


@pytest.mark.usefixtures("impatient")
def test_a_crash_before_the_provider_was_asked_costs_a_lease(engine: Engine, provider: Provider) -> None:
    crashes(engine, provider, asked=False)
    with pytest.raises(TryLater, match="token") as waits:
        run(tokens(engine, provider), current)
    assert waits.value.whole
    assert waits.value.after is not None
    assert waits.value.after > timedelta(seconds=30)
    lease_ends(engine)
    assert run(tokens(engine, provider), current) == ["access 1"]


def test_a_crash_between_answer_and_commit_needs_an_operator(
    engine: Engine, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    crashes(engine, provider, asked=True)
    lease_ends(engine)
    with pytest.raises(TryLater, match="token -14014") as pauses:
        run(tokens(engine, provider), current)
    assert (pauses.value.whole, broken(engine)) == (True, "-14014")
    assert "authorise us anew" in caplog.text
    assert provider.calls == ["seed", "seed"]
    with pytest.raises(TryLater, match="token -14014"):
        run(tokens(engine, provider), current)
    assert len(provider.calls) == 2  # it is not asked again and again
    provider.refresh = "a new seed"
    assert run(tokens(engine, provider, "a new seed"), current) == ["access 3"]
    assert broken(engine) == ""


def crashes(engine: Engine, provider: Provider, *, asked: bool) -> None:
    """A process ends within the exchange: before the provider was asked, or behind its answer."""

    reached = asyncio.Event()

    async def hangs(refresh: str) -> Pair:
        if asked:
            await provider.exchange(refresh)
        reached.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def scene() -> None:
        sends = asyncio.create_task(Tokens("zalo", "seed", engine, VAULT, hangs).current())
        async with asyncio.timeout(10):
            await reached.wait()
        sends.cancel()
        await asyncio.wait({sends})

    asyncio.run(scene())  # nothing is closed


def test_an_answer_is_kept_though_the_database_was_away(
    engine: Engine, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, failures = Tokens._store, [2]

    def flaky(self: Tokens, exchanged: bytes, pair: Pair) -> None:
        failures[0] -= 1
        if failures[0] >= 0:
            raise OperationalError("", {}, Exception())
        store(self, exchanged, pair)

    monkeypatch.setattr(Tokens, "_store", flaky)
    monkeypatch.setattr(module, "_AGAIN", (0.05,) * 4)
    assert run(tokens(engine, provider), current) == ["access 1"]
    assert (provider.calls, kept(engine)) == (["seed"], "refresh 1")


def test_an_answer_counts_though_its_lease_ended(database: str, engine: Engine, provider: Provider) -> None:
    """Somebody tried the same refresh token meanwhile, and it was refused: ours is the one that is good."""
    provider.slow = 1.0
    other = make_engine(database, CELL)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(run, tokens(other, provider), current)
        deadline = time.monotonic() + 5
        while not provider.calls and time.monotonic() < deadline:
            time.sleep(0.01)
        lease_ends(engine)
        provider.slow = 0.0
        with pytest.raises(TryLater):
            run(tokens(engine, provider), current)
        assert broken(engine) == "-14014"
        first.exception(timeout=10)
    other.dispose()
    assert (broken(engine), kept(engine)) == ("", "refresh 1")
    assert run(tokens(engine, provider), current) == ["access 1"]
