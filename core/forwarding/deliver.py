"""Delivering to units: claim under a lease, send, settle. At least once, in each person's order.

Each destination is served by a task of its own, so a unit that is down or slow keeps nobody else waiting.
Nothing waits on the network inside a transaction.

The worst moment for a crash is between the receiver's 2xx and our commit: the lease runs out and the record
is sent again under the same webhook-id, which the receiver has seen.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

import httpcore
import httpx
from sqlalchemy import Connection, Engine

from core.forwarding import destinations, line
from core.forwarding.destinations import Destination
from core.forwarding.guard import NotAllowedError, UnitClient
from core.forwarding.line import Claimed
from core.forwarding.retry import DOWN, TIMEOUT, Fate, Fault, Verdict, parse_retry_after, verdict
from core.forwarding.webhook import headers
from core.metrics import DELIVERIES
from core.secrets import SealedError, Vault

T = TypeVar("T")
log = logging.getLogger(__name__)

WIDTH = 16
"""Deliveries on their way to one destination that answers; one to a destination that does not."""

SENDING = 400
"""Deliveries on their way in all: below the 500 sockets of `guard`."""

DATABASE = 4
"""Threads that ask the database, below the engine's pool of 5."""

_ANSWER_BYTES = 64 * 1024  # of an answer are read, so that its connection can be used again
_TIMEOUTS = (TimeoutError, httpx.TimeoutException, httpcore.TimeoutException)
_BROKEN = (
    OSError,
    httpx.HTTPError,
    httpx.InvalidURL,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status or a fault, and how long we were asked to stay away."""

    what: int | Fault
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attempt and what it means. `away`: the whole destination wants no request for so long."""

    claimed: Claimed
    verdict: Verdict
    away: timedelta | None


async def run_once(
    engine: Engine, client: UnitClient, vault: Vault, clock: Callable[[], datetime], limit: int = 1000
) -> int:
    """Deliver what is due, at most `limit` rows a destination; how many rows were handled."""
    deliverer = Deliverer(engine, client, vault, clock, limit)
    await deliverer.begin()
    return await deliverer.finish()


class Deliverer:
    """Serves one cell's destinations. Belongs to one event loop; several may run beside each other.

    `clock` gives domain time, `limit` bounds the rows that a destination gets before it is looked at anew.
    """

    def __init__(
        self,
        engine: Engine,
        client: UnitClient,
        vault: Vault,
        clock: Callable[[], datetime],
        limit: int = 1000,
    ) -> None:
        self._engine = engine
        self._client = client
        self._vault = vault
        self._clock = clock
        self._limit = limit
        self._tasks: dict[UUID, asyncio.Task[int]] = {}
        self._answers: dict[UUID, bool] = {}  # how its last attempts ended; absent: none yet
        self._away: dict[UUID, datetime] = {}
        self._sending = asyncio.Semaphore(SENDING)
        self._database = asyncio.Semaphore(DATABASE)

    async def begin(self) -> int:
        """Start serving each idle destination that has something due; how many. Does not wait for them."""
        self._reap()
        now = self._clock()
        held = {d.id: d for d in await self._in_database(destinations.load) if self._may_serve(d, now)}
        due = await self._in_database(lambda connection: line.with_work(connection, held, now))
        for destination_id in due:
            self._tasks[destination_id] = asyncio.create_task(self._serve(held[destination_id]))
        return len(due)

    async def finish(self) -> int:
        """Wait for what was begun; how many rows were handled. Raises the first failure of our own."""
        tasks = list(self._tasks.values())
        self._tasks.clear()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return sum(result for result in results if isinstance(result, int))

    def _reap(self) -> None:
        for destination_id, task in list(self._tasks.items()):
            if task.done():
                del self._tasks[destination_id]
                if not task.cancelled() and (error := task.exception()):
                    log.error("destination %s: %s", destination_id, type(error).__name__, exc_info=error)

    def _may_serve(self, destination: Destination, now: datetime) -> bool:
        if destination.paused_at is not None or destination.id in self._tasks:
            return False
        return self._away.get(destination.id, now) <= now

    async def _serve(self, destination: Destination) -> int:
        """Deliver until nothing is due, the endpoint fails or the limit is reached."""
        try:
            secrets = destinations.signing_secrets(destination, self._vault)
        except SealedError as error:
            log.error("destination %s: its secret was %s", destination.id, error)
            self._away[destination.id] = self._clock() + timedelta(minutes=5)
            return 0
        handled, going = 0, True
        while going and handled < self._limit:
            outcomes = await self._deliver_some(destination, secrets)
            handled += len(outcomes)
            going = bool(outcomes) and await self._record(destination, outcomes)
        return handled

    async def _deliver_some(self, destination: Destination, secrets: Sequence[str]) -> list[Outcome]:
        """Claim and send a few, all at once. None claimed, none sent."""
        started = asyncio.get_running_loop().time()
        width = WIDTH if self._answers.get(destination.id) else 1
        claimed = await self._in_database(lambda c: line.claim(c, destination.id, self._clock(), width))
        attempts = (self._attempt(destination.url, secrets, row, started) for row in claimed)
        return [outcome for outcome in await asyncio.gather(*attempts) if outcome is not None]

    async def _attempt(self, url: str, secrets: Sequence[str], claimed: Claimed, started: float) -> Outcome | None:
        """None if the lease may end before the attempt does: left untouched, it comes round again."""
        async with self._sending:
            if asyncio.get_running_loop().time() - started > line.LEASE.total_seconds() - 2 * TIMEOUT:
                return None
            answer = Answer(Fault.UNBUILDABLE)
            if claimed.body is not None:
                signed = headers(claimed.id, claimed.body, secrets, datetime.now(UTC))
                answer = await send(self._client, url, signed, claimed.body)
        chance = random.random()  # noqa: S311 - spreads retries, guards nothing
        judged = verdict(answer.what, claimed.attempts, answer.retry_after, chance)
        return Outcome(claimed, judged, answer.retry_after if judged.fate is Fate.RETRY else None)

    async def _record(self, destination: Destination, outcomes: Sequence[Outcome]) -> bool:
        """Write the outcomes; whether to go on with this destination now."""
        for outcome in outcomes:
            DELIVERIES.labels(outcome.verdict.fate.value).inc()
        fates = {outcome.verdict.fate for outcome in outcomes}
        now, known = self._clock(), self._answers.get(destination.id)
        back = Fate.DELIVERED in fates and not known
        if Fate.PAUSE in fates:
            await self._in_database(lambda c: destinations.pause(c, destination.id, now))
        await self._in_database(lambda c: _write(c, destination.id, outcomes, now, back))
        self._notice(destination.id, outcomes, known)
        if waits := [outcome.away for outcome in outcomes if outcome.away is not None]:
            self._away[destination.id] = now + max(waits)
        return bool(fates & {Fate.DELIVERED, Fate.DEAD}) and Fate.PAUSE not in fates and not waits

    def _notice(self, destination_id: UUID, outcomes: Sequence[Outcome], known: bool | None) -> None:
        """Remember whether the endpoint answers, and say so once when that changes."""
        if any(outcome.verdict.fate is Fate.DELIVERED for outcome in outcomes):
            self._answers[destination_id] = True
            if known is False:
                log.info("destination %s answers again", destination_id)
        elif errors := [o.verdict.error for o in outcomes if o.verdict.error in DOWN | {"410"}]:
            self._answers[destination_id] = False
            if known is not False:
                log.warning("destination %s does not take deliveries: %s", destination_id, errors[0])

    async def _in_database(self, work: Callable[[Connection], T]) -> T:
        async with self._database:
            return await asyncio.to_thread(self._transact, work)

    def _transact(self, work: Callable[[Connection], T]) -> T:
        with self._engine.begin() as connection:
            return work(connection)


def _write(
    connection: Connection, destination_id: UUID, outcomes: Sequence[Outcome], now: datetime, back: bool
) -> None:
    line.settle(connection, destination_id, [(o.claimed, o.verdict) for o in outcomes], now)
    if back:
        line.wake(connection, destination_id, now)


async def send(client: UnitClient, url: str, signed: Mapping[str, str], body: bytes) -> Answer:
    """One attempt, 15 seconds at most. The status counts as soon as it is there; the rest is only read away."""
    answer: Answer | None = None
    try:
        async with asyncio.timeout(TIMEOUT), client.stream("POST", url, content=body, headers=dict(signed)) as response:
            wait = parse_retry_after(response.headers.get("retry-after"), datetime.now(UTC))
            answer = Answer(response.status_code, wait)
            await _read_away(response)
    except NotAllowedError:
        return Answer(Fault.NOT_ALLOWED)
    except _TIMEOUTS:
        return answer or Answer(Fault.TIMEOUT)
    except _BROKEN:
        return answer or Answer(Fault.CONNECTION)
    return answer


async def _read_away(response: httpx.Response) -> None:
    read = 0
    async for part in response.aiter_raw():
        read += len(part)
        if read > _ANSWER_BYTES:
            return
