"""The worker: sends messages to people, delivers records to units, takes up what waits.

One event loop talks to all providers; the database is asked in a few threads. Each step of the table runs in a
task of its own, so none delays another. Several workers may run beside each other.

A crash loses nothing: what was under way comes back when its lease ends.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app import wiring
from app.channels import LongPoll, Poll, plug_of
from app.ports import ports, tools
from app.settings import Settings
from core.database.engine import is_away, make_engine
from core.forwarding.deliver import Deliverer
from core.forwarding.guard import UnitClient
from core.messaging.channel import Sender
from core.messaging.dispatch import POLL, Dispatcher
from core.messaging.leases import leases
from core.messaging.outbox import expire
from core.messaging.ports import Ports, Tools
from core.messaging.spending import Purse
from core.metrics import POLLS
from core.pipeline.fallback import fall_back
from core.pipeline.receive import retry_waiting
from core.pipeline.services import Services
from core.secrets import Vault

T = TypeVar("T")
log = logging.getLogger(__name__)

THREADS = 8
"""Statements that the database is asked at a time."""

_PATIENCE = 5.0  # seconds that sends under way get when we are told to stop
_LAST_RESORT = 8  # seconds; then the system ends us, whatever hangs: `khaibao run` waits as long
_PAGE = 500
_LONGEST_PAUSE = 10.0  # seconds between two attempts at a step that fails


@dataclass(frozen=True, slots=True)
class Step:
    """Work that is asked for again and again: at once while `run` finds some, else after `seconds`.

    `finish` ends what it holds, within the seconds given.
    """

    name: str
    seconds: float
    run: Callable[[], Awaitable[bool]]
    finish: Callable[[float], Awaitable[None]] | None = None


def senders(settings: Settings, given: Tools) -> list[Sender]:
    """Every channel that is on."""
    return [plug_of(config).sender(config, given) for config in settings.channels]


def polls(settings: Settings, services: Services) -> tuple[Step, ...]:
    """Channels whose provider has to be asked."""
    given, with_what = _given(settings, services)
    found = ((config, plug_of(config).poll(config, given, with_what)) for config in settings.channels)
    return tuple(_ask(config.profile.name, poll) for config, poll in found if poll)


def _ask(name: str, poll: Poll) -> Step:
    async def look() -> bool:
        found = await poll()
        POLLS.labels(name).set_to_current_time()
        return found

    return Step(f"ask {name}", 1.0, look, poll.finish if isinstance(poll, LongPoll) else None)


def _given(settings: Settings, services: Services) -> tuple[Ports, Tools]:
    now = services.clock.now
    return ports(services.engine, now, lambda: services), tools(settings, services.engine, now)


def steps(services: Services, channels: list[Sender], deliverer: Deliverer) -> tuple[Step, ...]:
    """All that a worker does."""
    purse = Purse(services.unit_budget, lambda: services.centre)
    return (
        *(_dispatch(services, sender, purse) for sender in channels),
        Step("deliver to units", 0.5, _begin(deliverer), _finish(deliverer)),
        Step("retry waiting messages", 1.0, lambda: asyncio.to_thread(_retry_waiting, services)),
        Step("other ways for what failed", 1.0, lambda: asyncio.to_thread(_fall_back, services)),
        Step("expire messages", 10.0, lambda: asyncio.to_thread(_expire, services)),
    )


def _dispatch(services: Services, sender: Sender, purse: Purse) -> Step:
    dispatcher = Dispatcher(services.engine, sender, services.clock.now, held=purse)
    return Step(f"dispatch {sender.profile.name}", POLL, dispatcher.turn, dispatcher.finish)


def _begin(deliverer: Deliverer) -> Callable[[], Awaitable[bool]]:
    async def begin() -> bool:
        return await deliverer.begin() > 0

    return begin


def _finish(deliverer: Deliverer) -> Callable[[float], Awaitable[None]]:
    async def finish(seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await deliverer.finish()

    return finish


def _retry_waiting(services: Services) -> bool:
    return retry_waiting(services) > 0


def _fall_back(services: Services) -> bool:
    return fall_back(services, _PAGE) == _PAGE


def _expire(services: Services) -> bool:
    with services.engine.begin() as connection:
        return expire(connection, services.clock.now(), _PAGE) == _PAGE


def main(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then finish what is under way."""
    engine = make_engine(settings.database_url, settings.cell, pool_size=THREADS, max_overflow=0, name="khaibao worker")
    try:
        asyncio.run(_until_told(settings, engine))
    finally:
        signal.alarm(0)
        engine.dispose()


async def _until_told(settings: Settings, engine: Engine) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def told() -> None:
        """Once: to be told again changes nothing, also while Python itself is ending, and gives nobody more time."""
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)
        signal.alarm(_LAST_RESORT)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told)
    await work(settings, engine, stop)


async def work(settings: Settings, engine: Engine, stop: asyncio.Event) -> None:
    """Run all steps until `stop` is set, then finish them and close the connections."""
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="database")
    asyncio.get_running_loop().set_default_executor(pool)
    watch = Watch()
    services = await _services(settings, engine, stop, watch)
    if services is None:
        return
    await watch.attempt("look at leases", lambda: asyncio.to_thread(_tell_leases, engine))
    channels = senders(settings, _given(settings, services)[1])
    async with UnitClient(settings.forward_networks) as client:
        deliverer = Deliverer(engine, client, Vault(settings.data_keys), services.clock.now)
        whole = (*steps(services, channels, deliverer), *polls(settings, services))
        await asyncio.gather(*(_serve(step, stop, watch) for step in whole))
    for sender in channels:
        await sender.close()


async def _services(settings: Settings, engine: Engine, stop: asyncio.Event, watch: Watch) -> Services | None:
    """The pipeline's services, as soon as the database answers; None if told to stop before."""
    failures = 0
    while not stop.is_set():
        made = await watch.attempt("start", lambda: asyncio.to_thread(wiring.services, settings, engine))
        if made is not None:
            return made
        failures += 1
        await _wait(stop, _pause(failures))
    return None


def _tell_leases(engine: Engine) -> None:
    """What was left by whoever worked before, once: it comes round by itself (see `core.messaging.leases`)."""
    with engine.connect() as connection:
        found = leases(connection)
    counts = {f"{name}_{what}": getattr(each, what) for name, each in found.items() for what in ("held", "lapsed")}
    log.info("worker: starts; leases of others: %s", ", ".join(f"{k} {n}" for k, n in counts.items()), extra=counts)


async def _serve(step: Step, stop: asyncio.Event, watch: Watch) -> None:
    """One step, again and again, until told to stop. After a fault it comes again, each time later.

    A look that finds nothing rests at least four times as long as it took: behind a provider that is away the
    outbox may be long (0.2 s a look at 100,000 blocked rows).
    """
    failures = 0
    while not stop.is_set():
        started = time.monotonic()
        found = await watch.attempt(step.name, step.run)
        failures = failures + 1 if found is None else 0
        if not found:
            rest = max(step.seconds, 4 * (time.monotonic() - started))
            await _wait(stop, _pause(failures) if failures else min(rest, _LONGEST_PAUSE))
    if (finish := step.finish) is not None:
        await watch.attempt(f"finish: {step.name}", lambda: finish(_PATIENCE))


class Watch:
    """Attempts at work. It says once that the database is away, and once that it is back."""

    def __init__(self) -> None:
        self._away = False

    async def attempt(self, name: str, run: Callable[[], Awaitable[T]]) -> T | None:
        """What `run` returned, or None after a fault, which is logged."""
        try:
            result = await run()
        except (DBAPIError, PoolTimeout) as fault:
            self._tell(name, fault)
            return None
        except Exception as fault:
            log.exception("worker: %s failed", name, extra={"fault": type(fault).__name__})
            return None
        if self._away:
            self._away = False
            log.info("worker: the database answers again")
        return result

    def _tell(self, name: str, fault: DBAPIError | PoolTimeout) -> None:
        if not is_away(fault):
            log.error("worker: %s failed", name, exc_info=fault)
        elif not self._away:
            self._away = True
            log.warning("worker: the database does not answer", extra={"fault": type(fault).__name__})


def _pause(failures: int) -> float:
    return min(_LONGEST_PAUSE, 0.25 * (1 << min(failures, 10)))


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
