"""The clock: asks every so often what is due, and writes rows. It sends nothing and calls nobody.

All state is in our tables, so a clock that was away catches up, and two at once do no harm; a PostgreSQL advisory
lock for each cell keeps the second one standing by all the same. APScheduler runs here and nowhere else.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor as ThreadPool
from dataclasses import dataclass
from datetime import datetime
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from app import wiring
from app.clock_lock import take
from app.settings import Settings
from core.care import alerts, area, due, follow_up, forget, visits
from core.database.engine import make_engine
from core.forwarding import jobs
from core.messaging import history, spending
from core.metrics import CLOCK
from core.people import codes
from core.pipeline.notify import notify
from core.pipeline.release import tell_released
from core.pipeline.services import Services
from core.reminders.climb import climb
from core.reminders.enqueue import enqueue
from core.reminders.level_days import tell_days
from core.reminders.visit_questions import ask_visitors
from core.reminders.volunteers import tell_of_volunteers

log = logging.getLogger(__name__)

_LOOK = 2.0  # seconds between two looks at the lock: how soon a stand-by takes over
_LAST_RESORT = 8  # seconds after we are told to stop; then the system ends us: `khaibao run` waits as long
_PAGE = 500
_MORNING = 2000  # a page of reminders: what holds people's phones for a fraction of a second


@dataclass(frozen=True, slots=True)
class Due:
    """A question that the clock asks every `seconds`. `run` says how many rows it wrote."""

    name: str
    seconds: float
    run: Callable[[Services], int]


def _complete(services: Services) -> int:
    return _pages(_each(services, follow_up.complete))


def _areas(services: Services) -> int:
    return _pages(_each(services, area.release_page)) + _pages(_each(services, area.open_page))


def _tell_released(services: Services) -> int:
    return _pages(lambda: tell_released(services, _PAGE))


def _plan(services: Services) -> int:
    return _pages(_each(services, due.plan))


def remind(services: Services) -> int:
    """Put all reminders that are due in line, in two threads, each a half of the phones; about how many check-ins."""

    def half(part: int) -> int:
        return _pages(lambda: enqueue(services, _MORNING, part=part, parts=2), _MORNING)

    with ThreadPool(2) as threads:
        return sum(threads.map(half, range(2)))


def _level_days(services: Services) -> int:
    return _pages(lambda: tell_days(services, _PAGE))


def _climb(services: Services) -> int:
    return _pages(lambda: climb(services, _PAGE))


def _not_attempted(services: Services) -> int:
    return _pages(_each(services, due.not_attempted))


def _visitors(services: Services) -> int:
    return _pages(lambda: ask_visitors(services, _PAGE))


def _helpers(services: Services) -> int:
    return _pages(lambda: tell_of_volunteers(services, _PAGE))


def _close(services: Services) -> int:
    with services.engine.begin() as connection:
        return due.close(connection, services.clock.now())


def _raise(services: Services) -> int:
    with services.engine.begin() as connection:
        return alerts.raise_due(connection, services.clock.now())


def _notify(services: Services) -> int:
    return _pages(lambda: notify(services, _PAGE))


def _forward(services: Services) -> int:
    def page() -> int:
        with services.engine.begin() as connection:
            return jobs.enqueue_unconfirmed(connection, services.clock.now(), services.destinations(), _PAGE)

    return _pages(page)


def _forget(services: Services) -> int:
    return _pages(_each(services, forget.forget_strangers)) + _pages(_each(services, forget.forget_words))


def _forget_visits(services: Services) -> int:
    return _pages(_each(services, visits.forget_visits))


def _forget_codes(services: Services) -> int:
    return _pages(_each(services, codes.forget))


def _forget_histories(services: Services) -> int:
    return _pages(_each(services, history.forget))


def _warn_of_spending(services: Services) -> int:
    with services.engine.begin() as connection:
        given = spending.limits(connection, services.unit_budget, services.centre)
        return spending.warn(connection, given, services.clock.now())


def _each(services: Services, deed: Callable[[Connection, datetime, int], int]) -> Callable[[], int]:
    """One page of a deed, in a transaction of its own."""

    def page() -> int:
        with services.engine.begin() as connection:
            return deed(connection, services.clock.now(), _PAGE)

    return page


def _pages(page: Callable[[], int], full: int | None = None) -> int:
    """Go on while pages are full, each a transaction of its own."""
    total, most = 0, full or _PAGE
    while (count := page()) == most:
        total += count
    return total + count


DUE: tuple[Due, ...] = (
    Due("raise waiting alerts", 1, _raise),
    Due("tell duty phones", 1, _notify),
    Due("complete follow-ups", 300, _complete),
    Due("follow areas", 30, _areas),
    Due("tell the released", 60, _tell_released),
    Due("plan check-ins", 300, _plan),
    Due("tell of other days", 5, _level_days),
    Due("enqueue reminders", 1, remind),
    Due("climb", 5, _climb),
    Due("ask about visits", 1, _visitors),
    Due("tell of volunteers", 2, _helpers),
    Due("close check-ins", 10, _close),
    Due("nobody tried", 600, _not_attempted),
    Due("forward unconfirmed records", 10, _forward),
    Due("forget strangers", 600, _forget),
    Due("forget visits", 3600, _forget_visits),
    Due("forget codes", 3600, _forget_codes),
    Due("forget histories", 3600, _forget_histories),
    Due("warn of spending", 10, _warn_of_spending),
)
"""All that is ever due, in the order in which it is asked."""


def run_due(services: Services) -> None:
    """Ask everything once, in order: for tests and for scenarios."""
    for question in DUE:
        question.run(services)


def main(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. While another clock holds the lock, stand by.

    What is under way then gets some seconds. A statement that takes longer is rolled back with its connection, and
    asked again by whoever is the clock next.
    """
    stop = threading.Event()

    def told(_number: int, _frame: FrameType | None) -> None:
        """Once: to be told again changes nothing, also while Python itself is ending."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        signal.alarm(_LAST_RESORT)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    engine = make_engine(settings.database_url, settings.cell, pool_size=4, name="khaibao clock")
    try:
        serve(settings, engine, stop)
    finally:
        signal.alarm(0)
        engine.dispose()


def serve(settings: Settings, engine: Engine, stop: threading.Event) -> None:
    """Be the clock of the settings' cell, or stand by for it, until told to stop."""
    while not stop.is_set():
        _serve(settings, engine, stop)


def _serve(settings: Settings, engine: Engine, stop: threading.Event) -> None:
    """Hold the lock and run the scheduler, until told to stop or the lock's connection is lost."""
    try:
        with engine.connect() as connection:
            if not take(connection, settings.cell):
                stop.wait(_LOOK)
                return
            scheduler = _scheduler(wiring.services(settings, engine), demo=settings.demo)
            scheduler.start()
            try:
                _watch(connection, stop)
            finally:
                scheduler.shutdown(wait=True)
                connection.invalidate()  # with it goes the lock
    except SQLAlchemyError as fault:
        log.warning("clock: the database does not answer", extra={"fault": type(fault).__name__})
        stop.wait(_LOOK)


def _watch(connection: Connection, stop: threading.Event) -> None:
    """Raises when the connection is gone: somebody else may hold the lock then."""
    while not stop.wait(_LOOK):
        connection.execute(text("SELECT 1"))
        connection.commit()


def _scheduler(services: Services, *, demo: bool) -> BackgroundScheduler:
    scheduler = BackgroundScheduler(executors={"default": ThreadPoolExecutor(2)}, timezone="UTC")
    for question in DUE:
        # a demo's clock jumps days: what is planned rarely has to be planned at once there
        seconds = min(question.seconds, 2) if demo else question.seconds
        scheduler.add_job(
            _ask,
            "interval",
            args=[question, services],
            seconds=seconds,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            name=question.name,
        )
    return scheduler


def _ask(question: Due, services: Services) -> None:
    """One question. A fault is logged and asked again next time; the others go on."""
    try:
        count = question.run(services)
    except Exception as fault:
        log.exception("clock: %s failed", question.name, extra={"fault": type(fault).__name__})
        return
    CLOCK.labels(question.name).set_to_current_time()
    if count:
        log.info("clock: %s", question.name, extra={"rows": count})
