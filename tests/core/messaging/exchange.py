"""A provider whose refresh tokens are good once, and processes that use its tokens."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from cryptography.fernet import Fernet
from sqlalchemy import Engine, func, select, update

from core.database.shared import channel_tokens
from core.messaging.tokens import ExchangeRefused, Pair, Tokens
from core.secrets import Vault

VAULT = Vault([Fernet.generate_key().decode()])
DAY = timedelta(hours=25)


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
