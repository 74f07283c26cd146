"""Access tokens that end, and refresh tokens that are good for one exchange: one process at a time exchanges.

Claim (one short transaction), ask the provider (in none), keep what it gave (another one), and only then use it.
Everybody else goes on with the token that they have, or waits for the new one and reads it. While the lease lasts
nobody asks again, so a provider that is away is asked once a minute.

A crash at the worst moment, between the provider's answer and our commit: the new refresh token is lost, and the old
one is void. After the lease somebody tries the old one, the provider refuses it, and the row is marked as broken: that
is logged as an error and told by `khaibao channels check`, and sending pauses when the access token ends. An operator
authorises us anew and sets the new refresh token as the seed; a seed that was not used before takes over. If the
crash came before the provider was asked, the second attempt succeeds. If the database is away at that moment, the
answer is kept in memory and the commit is tried again for three minutes.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import uuid4

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from core.messaging import token_rows
from core.messaging.channel import SendError, TryLater
from core.messaging.token_rows import Fresh, Stored
from core.secrets import SealedError, Vault

log = logging.getLogger(__name__)

AHEAD: Final = timedelta(hours=5)
"""Before the end of an access token it is exchanged: so long an operator has if that fails for good."""

LEASE: Final = timedelta(seconds=60)
"""Longer than the provider takes for an answer. A failed attempt is not repeated before it is over."""

PAUSE: Final = timedelta(minutes=5)
"""Between two attempts to send without any token. Only an operator can end that."""

_WAIT: Final = 5.0  # seconds for somebody's exchange; less than a send may take
_LOOK: Final = 0.1  # seconds
_AGAIN: Final = (0.2, 1.0, 5.0, 20.0, 60.0, 90.0)  # seconds until the commit is tried again


@dataclass(frozen=True, slots=True)
class Pair:
    """What the provider gives for a refresh token. `good`: how long the access token can be used."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    good: timedelta


class ExchangeRefused(Exception):
    """The provider will never take this refresh token. `code` is its own; it holds no token."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


Exchange = Callable[[str], Awaitable[Pair]]
"""Asks the provider: a refresh token for a new pair. Raises ExchangeRefused, or SendError if it may be tried again."""


class Tokens:
    """One channel's tokens. Lives on one event loop; other processes may have the same beside it.

    `seed`: the refresh token that an operator was given; the database's own counts once it was exchanged.
    """

    def __init__(self, channel: str, seed: str, engine: Engine, vault: Vault, exchange: Exchange) -> None:
        self._channel = channel
        self._seed = seed
        self._engine = engine
        self._vault = vault
        self._exchange = exchange
        self._sown = False
        self._exchanging: asyncio.Task[None] | None = None

    async def current(self) -> str:
        """A token that can be used now. Exchanges it ahead of its end. Raises TryLater for the whole channel."""
        stored = await self.stored()
        if stored.lasts < AHEAD and stored.free:
            self._begin(stored)
        return self._open(stored.access) if stored.lasts > timedelta() else await self._next(stored.access)

    async def renewed(self, refused: str) -> str:
        """Another one than `refused`, which the provider does not take. Raises TryLater for the whole channel."""
        stored = await self.stored()
        if stored.lasts > timedelta() and self._open(stored.access) != refused:
            return self._open(stored.access)  # somebody exchanged it since
        return await self._next(stored.access)

    async def stored(self) -> Stored:
        """The row; the first call of a process takes a new seed over."""
        return await asyncio.to_thread(self._read)

    async def close(self) -> None:
        """Let an exchange that is under way end: its answer comes only once."""
        if self._exchanging is not None:
            await asyncio.wait({self._exchanging})

    async def _next(self, old: bytes) -> str:
        """What replaces `old`, by us or by somebody else."""
        until = time.monotonic() + _WAIT
        while True:
            stored = await self.stored()
            if stored.access != old and stored.lasts > timedelta():
                return self._open(stored.access)
            if stored.broken_at is not None:
                raise TryLater(f"token {stored.error}", PAUSE, whole=True)
            if stored.free:
                self._begin(stored)
            if time.monotonic() >= until:
                raise TryLater("token", max(stored.held, timedelta(seconds=1)), whole=True)
            await asyncio.sleep(_LOOK)

    def _begin(self, stored: Stored) -> None:
        """Exchange in a task of its own: a send that is given up must not take the provider's answer with it."""
        if self._exchanging is None or self._exchanging.done():
            self._exchanging = asyncio.create_task(self._renew(stored.access))

    async def _renew(self, old: bytes) -> None:
        """One attempt. Whatever it ends with is in the row, or in the log, and its lease ends by itself."""
        try:
            exchanged = await asyncio.to_thread(self._claim, old)
            if exchanged is not None:  # else somebody was quicker
                await self._ask(exchanged)
        except SendError as error:
            log.warning("%s: the token was not exchanged: %s %s", self._channel, type(error).__name__, error.code)
        except Exception:
            log.exception("%s: the token was not exchanged", self._channel)

    async def _ask(self, exchanged: bytes) -> None:
        try:
            pair = await self._exchange(self._open(exchanged))
        except ExchangeRefused as refusal:
            if await asyncio.to_thread(self._mark_broken, exchanged, refusal.code):
                log.error("%s: our refresh token is refused (%s): authorise us anew", self._channel, refusal.code)
        else:
            await self._keep(exchanged, pair)

    async def _keep(self, exchanged: bytes, pair: Pair) -> None:
        """Commit, as often as it takes: this pair exists nowhere else."""
        for pause in _AGAIN:
            try:
                await asyncio.to_thread(self._store, exchanged, pair)
            except SQLAlchemyError as fault:
                log.error("%s: the new token is not kept yet: %s", self._channel, type(fault).__name__)
                await asyncio.sleep(pause)
            else:
                return
        await asyncio.to_thread(self._store, exchanged, pair)

    def _open(self, stored: bytes) -> str:
        try:
            return self._vault.decrypt(stored)
        except SealedError:
            raise TryLater("token sealed", PAUSE, whole=True) from None

    def _read(self) -> Stored:
        with self._engine.begin() as connection:
            taken = not self._sown and self._sow(connection)
            found = token_rows.read(connection, self._channel)
        self._sown = True
        if taken:
            log.info("%s: a new seed takes over", self._channel)
        if found is None:
            raise TryLater("token missing", PAUSE, whole=True)
        return found

    def _sow(self, connection: Connection) -> bool:
        used = hashlib.sha256(f"{self._channel} {self._seed}".encode()).hexdigest()
        seed = self._vault.encrypt(self._seed)
        return token_rows.sow(connection, self._channel, used, self._vault.encrypt(""), seed)

    def _claim(self, old: bytes) -> bytes | None:
        with self._engine.begin() as connection:
            return token_rows.claim(connection, self._channel, old, uuid4(), LEASE)

    def _store(self, exchanged: bytes, pair: Pair) -> None:
        fresh = Fresh(self._vault.encrypt(pair.access), self._vault.encrypt(pair.refresh), pair.good)
        with self._engine.begin() as connection:
            kept = token_rows.keep(connection, self._channel, exchanged, fresh)
        log.info("%s: %s", self._channel, "token exchanged" if kept else "a new seed was faster than an exchange")

    def _mark_broken(self, exchanged: bytes, code: str) -> bool:
        with self._engine.begin() as connection:
            return token_rows.mark_broken(connection, self._channel, exchanged, code)
