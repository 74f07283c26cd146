from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, func, select, update
from sqlalchemy.exc import OperationalError

from core.database.engine import make_engine
from core.database.shared import channel_tokens
from core.messaging import tokens as module
from core.messaging.channel import OutcomeUnknown, TryLater
from core.messaging.tokens import AHEAD, ExchangeRefused, Pair, Tokens
from core.secrets import Vault
from tests.conftest import CELL

VAULT = Vault([Fernet.generate_key().decode()])
DAY = timedelta(hours=25)

Answer = Callable[["Provider"], None]


@dataclass
class Provider:
    """Takes each refresh token once. `calls`: what it was asked. `answers`: what happens to the next calls."""

    refresh: str = "seed"
    good: timedelta = DAY
    calls: list[str] = field(default_factory=list)
    answers: list[BaseException] = field(default_factory=list)
    slow: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    async def exchange(self, refresh: str) -> Pair:
        await asyncio.sleep(self.slow / 2)
        with self.lock:
            self.calls.append(refresh)
            if self.answers:
                raise self.answers.pop(0)
            if refresh != self.refresh:
                raise ExchangeRefused("-14014")
            made = len(self.calls)
            self.refresh = f"refresh {made}"
        await asyncio.sleep(self.slow / 2)
        return Pair(f"access {made}", f"refresh {made}", self.good)


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests in which nothing comes, however long one waits."""
    monkeypatch.setattr(module, "_WAIT", 0.4)


def tokens(engine: Engine, provider: Provider, seed: str = "seed", vault: Vault = VAULT) -> Tokens:
    return Tokens("zalo", seed, engine, vault, provider.exchange)


def run(made: Tokens, *steps: Callable[[Tokens], Awaitable[str]]) -> list[str]:
    """A process: its steps, then its end. A step that raises ends it."""

    async def scene() -> list[str]:
        try:
            return [await step(made) for step in steps]
        finally:
            await made.close()

    return asyncio.run(scene())


def current(made: Tokens) -> Awaitable[str]:
    return made.current()


def ends_in(engine: Engine, left: timedelta) -> None:
    with engine.begin() as connection:
        connection.execute(update(channel_tokens).values(expires_at=func.clock_timestamp() + left))


def lease_ends(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(channel_tokens).values(lease_until=func.clock_timestamp()))


def kept(engine: Engine) -> str:
    """The refresh token that the database holds."""
    with engine.connect() as connection:
        return VAULT.decrypt(connection.execute(select(channel_tokens.c.refresh)).scalar_one())


def broken(engine: Engine) -> str:
    with engine.connect() as connection:
        row = connection.execute(select(channel_tokens)).one()
    return row.error if row.broken_at else ""


def test_the_first_use_exchanges_the_seed(engine: Engine, provider: Provider) -> None:
    assert run(tokens(engine, provider), current, current) == ["access 1", "access 1"]
    assert (provider.calls, kept(engine)) == (["seed"], "refresh 1")


def test_the_next_process_reads_what_is_there(engine: Engine, provider: Provider) -> None:
    run(tokens(engine, provider), current)
    assert run(tokens(engine, provider), current) == ["access 1"]
    assert provider.calls == ["seed"]


def test_nothing_is_stored_in_the_open(engine: Engine, provider: Provider) -> None:
    run(tokens(engine, provider), current)
    with engine.connect() as connection:
        row = connection.execute(select(channel_tokens)).one()
    assert b"access" not in row.access + row.refresh
    assert "seed" not in row.seeds


def test_it_is_exchanged_ahead_of_its_end_while_the_old_one_goes_on(engine: Engine, provider: Provider) -> None:
    run(tokens(engine, provider), current)
    ends_in(engine, AHEAD - timedelta(minutes=1))
    assert run(tokens(engine, provider), current) == ["access 1"]
    assert run(tokens(engine, provider), current) == ["access 2"]
    assert provider.calls == ["seed", "refresh 1"]


def test_one_that_ended_is_not_given_out(engine: Engine, provider: Provider) -> None:
    run(tokens(engine, provider), current)
    ends_in(engine, -timedelta(seconds=1))
    assert run(tokens(engine, provider), current) == ["access 2"]


def test_one_that_the_provider_refused_is_replaced(engine: Engine, provider: Provider) -> None:
    assert run(tokens(engine, provider), current, lambda t: t.renewed("access 1")) == ["access 1", "access 2"]
    assert run(tokens(engine, provider), lambda t: t.renewed("access 1")) == ["access 2"]
    assert provider.calls == ["seed", "refresh 1"]


def test_the_new_refresh_token_is_kept_before_the_access_token_is_used(engine: Engine, provider: Provider) -> None:
    def use(made: Tokens) -> Awaitable[str]:
        async def then() -> str:
            await made.current()
            return kept(engine)

        return then()

    assert run(tokens(engine, provider), use) == ["refresh 1"]


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


def test_a_seed_that_was_used_is_ignored(engine: Engine, provider: Provider) -> None:
    """Also where another machine still has it in its settings."""
    run(tokens(engine, provider), current)
    provider.refresh = "second seed"
    run(tokens(engine, provider, "second seed"), current)
    assert run(tokens(engine, provider, "seed"), current) == ["access 2"]
    assert run(tokens(engine, provider, "second seed"), current) == ["access 2"]
    assert provider.calls == ["seed", "second seed"]


@pytest.mark.usefixtures("impatient")
def test_a_provider_that_is_away_is_asked_once_a_lease(engine: Engine, provider: Provider) -> None:
    provider.answers = [TryLater("503")]
    with pytest.raises(TryLater):
        run(tokens(engine, provider), current, current)
    with pytest.raises(TryLater):
        run(tokens(engine, provider), current)
    assert (provider.calls, broken(engine)) == (["seed"], "")
    lease_ends(engine)
    assert run(tokens(engine, provider), current) == ["access 2"]


@pytest.mark.parametrize("fault", [TryLater("-32"), OutcomeUnknown("ReadTimeout"), ValueError("ours")])
def test_a_failure_ahead_of_time_stops_nothing(engine: Engine, provider: Provider, fault: Exception) -> None:
    run(tokens(engine, provider), current)
    ends_in(engine, timedelta(hours=1))
    provider.answers = [fault]
    assert run(tokens(engine, provider), current, current) == ["access 1", "access 1"]
    assert (len(provider.calls), broken(engine)) == (2, "")


def test_a_refusal_ahead_of_time_is_told_while_the_old_token_goes_on(
    engine: Engine, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    run(tokens(engine, provider), current)
    ends_in(engine, timedelta(hours=1))
    provider.answers = [ExchangeRefused("-14002")]
    assert run(tokens(engine, provider), current) == ["access 1"]
    assert run(tokens(engine, provider), current) == ["access 1"]
    assert (len(provider.calls), broken(engine)) == (2, "-14002")
    assert caplog.text.count("authorise us anew") == 1
    with pytest.raises(TryLater, match="token -14002"):
        run(tokens(engine, provider), lambda t: t.renewed("access 1"))


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


def test_another_data_key_pauses_until_it_is_back(engine: Engine, provider: Provider) -> None:
    run(tokens(engine, provider), current)
    with pytest.raises(TryLater, match="sealed"):
        run(tokens(engine, provider, vault=Vault([Fernet.generate_key().decode()])), current)
    assert run(tokens(engine, provider), current) == ["access 1"]


def test_no_token_is_logged_or_shown(engine: Engine, provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    run(tokens(engine, provider), current)
    provider.answers = [ExchangeRefused("-1")]
    with pytest.raises(TryLater) as error:
        run(tokens(engine, provider), lambda t: t.renewed("access 1"))
    told = caplog.text + repr(error.value) + repr(Pair("access 1", "refresh 1", DAY))
    assert not [secret for secret in ("access 1", "refresh 1", "'seed'") if secret in told]
