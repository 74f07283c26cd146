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
from enum import StrEnum
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from app import wiring
from app.clock_lock import take
from app.settings import Settings
from core.care import alert_codes, alerts, area, due, follow_up, forget, visits
from core.database.engine import make_engine
from core.forwarding import jobs
from core.messaging import history, spending
from core.metrics import CLOCK
from core.people import codes
from core.pipeline.notify import notify
from core.pipeline.release import tell_released
from core.pipeline.services import Services
from core.reminders.alike import Learned
from core.reminders.climb import climb
from core.reminders.enqueue import enqueue
from core.reminders.first_and_last import tell_held, tell_last_day, tell_welcome
from core.reminders.level_days import tell_days
from core.reminders.presence import expire_presence, plan_presence, tell_presence
from core.reminders.visit_questions import ask_visitors
from core.reminders.volunteers import ask_of_households, tell_of_volunteers

log = logging.getLogger(__name__)

_LOOK = 2.0  # seconds between two looks at the lock: how soon a stand-by takes over
_LAST_RESORT = 8  # seconds after we are told to stop; then the system ends us: `khaibao run` waits as long
_PAGE = 500
_ALERTS = 50  # a page of alerts: its transaction is short, and holds few phones
_MORNING = 4000  # a page of reminders: what holds people's phones for a fraction of a second


class Line(StrEnum):
    """Questions of one line wait for each other, never for those of another."""

    ALERTS = "alerts"  # somebody may be in danger
    PEOPLE = "people"  # somebody waits for a text
    REST = "default"  # what may take minutes: a night's planning, what is forgotten


_THREADS = {Line.ALERTS: 2, Line.PEOPLE: 2, Line.REST: 2}
_CONNECTIONS = sum(_THREADS.values()) + 4  # the lock's, those of a morning's reminders, one to spare


@dataclass(frozen=True, slots=True)
class Due:
    """A question that the clock asks every `seconds`. `run` says how many rows it wrote."""

    name: str
    seconds: float
    run: Callable[[Services], int]
    line: Line = Line.REST


def _complete(services: Services) -> int:
    return _pages(_each(services, follow_up.complete)) + _pages(_each(services, follow_up.give_up))


def _areas(services: Services) -> int:
    return _pages(_each(services, area.release_page)) + _pages(_each(services, area.open_page))


def _tell_released(services: Services) -> int:
    return _pages(lambda: tell_released(services, _PAGE))


def _plan(services: Services) -> int:
    return _pages(_each(services, due.plan))


def remind(services: Services) -> int:
    """Put all reminders that are due in line, in two threads, each a half of the phones; about how many check-ins."""

    def half(part: int) -> int:
        learned = Learned()
        first = enqueue(services, _PAGE, part=part, parts=2, learned=learned)
        if first < _PAGE:
            return first
        return first + _pages(lambda: enqueue(services, _MORNING, part=part, parts=2, learned=learned), _MORNING)

    with ThreadPool(2) as threads:
        return sum(threads.map(half, range(2)))


def _level_days(services: Services) -> int:
    return _pages(lambda: tell_days(services, _PAGE))


def _welcome(services: Services) -> int:
    return _pages(lambda: tell_welcome(services, _PAGE))


def _last_day(services: Services) -> int:
    return _pages(lambda: tell_last_day(services, _PAGE)) + _pages(lambda: tell_held(services, _PAGE))


def _climb(services: Services) -> int:
    return _pages(lambda: climb(services, _PAGE))


def _presence(services: Services) -> int:
    """Of whom the rules or staff want a sign, and whose time is over."""
    planned = plan_presence(services)
    told = _pages(lambda: tell_presence(services, 200), 200)
    return planned + told + _pages(lambda: expire_presence(services, _PAGE))


def _not_attempted(services: Services) -> int:
    return _pages(_each(services, due.not_attempted))


def _visitors(services: Services) -> int:
    return _pages(lambda: ask_visitors(services, _PAGE))


def _helpers(services: Services) -> int:
    return _pages(lambda: tell_of_volunteers(services, _PAGE))


def _households(services: Services) -> int:
    return _pages(lambda: ask_of_households(services, _PAGE))


def _close(services: Services) -> int:
    return _pages(_each(services, due.close))


def _raise(services: Services) -> int:
    with services.engine.begin() as connection:
        return alerts.raise_due(connection, services.clock.now())


def _notify(services: Services) -> int:
    return _pages(lambda: notify(services, _ALERTS), _ALERTS)


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


def _give_codes_back(services: Services) -> int:
    return _pages(_each(services, alert_codes.give_back))


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
    Due("raise waiting alerts", 1, _raise, Line.ALERTS),
    Due("tell duty phones", 1, _notify, Line.ALERTS),
    Due("complete follow-ups", 300, _complete),
    Due("follow areas", 30, _areas),
    Due("tell the released", 60, _tell_released, Line.PEOPLE),
    Due("plan check-ins", 300, _plan),
    Due("tell of other days", 5, _level_days, Line.PEOPLE),
    Due("welcome", 5, _welcome, Line.PEOPLE),
    Due("enqueue reminders", 1, remind, Line.PEOPLE),
    Due("tell of the last day", 60, _last_day, Line.PEOPLE),
    Due("climb", 5, _climb, Line.PEOPLE),
    Due("ask about visits", 1, _visitors, Line.PEOPLE),
    Due("signs of presence", 5, _presence, Line.PEOPLE),
    Due("tell of volunteers", 2, _helpers, Line.PEOPLE),
    Due("ask about households", 600, _households),
    Due("close check-ins", 10, _close, Line.PEOPLE),
    Due("nobody tried", 600, _not_attempted),
    Due("forward unconfirmed records", 10, _forward),
    Due("forget strangers", 600, _forget),
    Due("forget visits", 3600, _forget_visits),
    Due("give alert codes back", 600, _give_codes_back),
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
    engine = make_engine(settings.database_url, settings.cell, pool_size=_CONNECTIONS, name="khaibao clock")
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
    executors = {line.value: ThreadPoolExecutor(threads) for line, threads in _THREADS.items()}
    scheduler = BackgroundScheduler(executors=executors, timezone="UTC")
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
            executor=question.line.value,
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
