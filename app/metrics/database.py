"""What /metrics asks the database at each look: how much waits and for how long, what is stuck, closed or broken.

Counts only: no address, no name, no text. Each statement reads a partial index or a table of a few rows, and has two
seconds. A database that does not answer is said in one metric, and takes none of the others along.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Connection, CursorResult, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.clock_lock import held
from core.care import duty
from core.clock import Clock
from core.messaging.beats import silences
from core.messaging.leases import leases
from core.people import addresses
from core.reminders import hearing

log = logging.getLogger(__name__)

_PATIENCE: Final = 5.0  # seconds for all statements: Prometheus waits ten


@dataclass(frozen=True, slots=True)
class Look:
    """One look: a transaction, domain time, the cell, the channels whose addresses are telephone numbers."""

    connection: Connection
    now: datetime
    cell: str
    sms: Collection[str] = ()

    def ask(self, statement: str) -> CursorResult[Any]:
        """The rows of a statement in which `{cell}` stands for the cell's schema."""
        return self.connection.execute(text(statement.replace("{cell}", f'"{self.cell}"')))


Reading = Callable[[Look], Iterable[GaugeMetricFamily]]


@dataclass(frozen=True, slots=True)
class _Queue:
    """Rows that wait: how many, and since when the oldest could have gone (domain time), by one label.

    In words, not bound: a prepared statement uses a partial index only for conditions that are written out.
    """

    name: str
    what: str
    table: str
    label: str
    since: str
    waiting: str


_QUEUES = (
    _Queue(
        "outbox",
        "messages to people that are not sent yet",
        "outbox",
        "channel",
        "created_at",
        "status IN ('queued', 'sending')",
    ),
    _Queue(
        "replies",
        "warnings and replies that are not sent yet",
        "outbox",
        "channel",
        "created_at",
        "status IN ('queued', 'sending') AND priority < 2",
    ),
    _Queue(
        "forwards",
        "records that a unit has not taken yet",
        "forwards",
        "'webhook'",
        "created_at",
        "status = 'pending'",
    ),
    _Queue(
        "inbox",
        "messages from people that wait to be read",
        "inbox",
        "channel",
        "received_at",
        "state = 'waiting'",
    ),
    _Queue(
        "inbox_failed",
        "messages from people that could not be read and wait for `khaibao inbox`",
        "inbox",
        "channel",
        "received_at",
        "state = 'failed'",
    ),
    _Queue(
        "alerts",
        "alerts that nobody has taken",
        "alerts",
        "kind",
        "raise_at",
        "status = 'open' AND status IN ('open', 'taken')",  # the second as the index has it
    ),
)


def _queue(queue: _Queue) -> Reading:
    asked = (
        f"SELECT {queue.label}, count(*), min({queue.since}) FROM {{cell}}.{queue.table} "  # noqa: S608 - the table's
        f"WHERE {queue.waiting} GROUP BY 1"
    )

    def read(look: Look) -> Iterator[GaugeMetricFamily]:
        depth = GaugeMetricFamily(f"khaibao_{queue.name}_waiting", f"How many {queue.what}.", labels=["of"])
        oldest = GaugeMetricFamily(
            f"khaibao_{queue.name}_oldest_seconds", f"Age of the oldest of the {queue.what}.", labels=["of"]
        )
        for label, count, since in look.ask(asked):
            depth.add_metric([label], count)
            oldest.add_metric([label], max(0.0, (look.now - since).total_seconds()))
        yield depth
        yield oldest

    return read


def _labelled(name: str, what: str, label: str, statement: str) -> Reading:
    """A gauge from a statement that gives a label and a number a row."""

    def read(look: Look) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily(name, what, labels=[label])
        for value, number in look.ask(statement):
            family.add_metric([value], float(number))
        yield family

    return read


def _stuck(look: Look) -> Iterator[GaugeMetricFamily]:
    what = "Rows whose lease has ended and that nobody has taken up again."
    stuck = GaugeMetricFamily("khaibao_stuck", what, labels=["of"])
    for table, found in leases(look.connection).items():
        stuck.add_metric([table], found.lapsed)
    yield stuck


def _silent(look: Look) -> Iterator[GaugeMetricFamily]:
    what = "How long ago a channel's own machine, a commune's phone for example, was last heard."
    silent = GaugeMetricFamily("khaibao_channel_silent_seconds", what, labels=["of"])
    for channel, silence in silences(look.connection).items():
        silent.add_metric([channel], silence.total_seconds())
    yield silent


def _deaf(look: Look) -> Iterator[GaugeMetricFamily]:
    what = "Duty phones that are told of nothing, since STOP was said there or nothing arrives, by unit."
    deaf = GaugeMetricFamily("khaibao_duty_phones_deaf", what, labels=["unit"])
    phones = duty.listed(look.connection)
    known = addresses.known(look.connection, {phone.key for phone in phones})
    shut = {key for key, each in known.items() if each.stopped or each.unreachable}
    for unit, count in Counter(phone.unit_code for phone in phones if phone.key in shut).items():
        deaf.add_metric([unit], count)
    yield deaf


def _unheard(look: Look) -> Iterator[GaugeMetricFamily]:
    what = "How long reminders have left today to many people of whom nobody at all was heard since; 0 at night."
    unheard = GaugeMetricFamily("khaibao_reminders_unheard_seconds", what, labels=["of"])
    for channel, silence in hearing.silences(look.connection, look.now, look.sms).items():
        unheard.add_metric([channel], max(0.0, silence.total_seconds()))
    yield unheard


def _clock(look: Look) -> Iterator[GaugeMetricFamily]:
    what = "Whether any clock process holds the lock of this cell: 1, or 0 when nothing that is due is asked for."
    yield GaugeMetricFamily("khaibao_clock_held", what, value=float(held(look.connection, look.cell)))


READINGS: Sequence[Reading] = (
    *(_queue(queue) for queue in _QUEUES),
    _stuck,
    _labelled(
        "khaibao_forwards_dead",
        "Records that a unit's system will not get until somebody acts, by unit, the most first.",
        "unit",
        "SELECT unit_code, count(*) FROM {cell}.forwards WHERE status = 'dead' GROUP BY 1 ORDER BY 2 DESC LIMIT 100",
    ),
    _labelled(
        "khaibao_channel_open",
        "1 while a channel's breaker is open: its provider takes nothing, and is tried with one message now and then.",
        "channel",
        "SELECT channel, (openings > 0)::int FROM shared.channel_states",
    ),
    _labelled(
        "khaibao_channel_token_broken",
        "1 when a provider refuses to exchange a token: an operator has to authorise us anew.",
        "channel",
        "SELECT channel, (broken_at IS NOT NULL)::int FROM shared.channel_tokens",
    ),
    _labelled(
        "khaibao_spending_dong",
        "What messages to a unit's people cost today, in Vietnam's day, the most first; none: of no known unit.",
        "unit",
        "SELECT coalesce(nullif(unit_code, ''), 'none'), amount FROM {cell}.spending "
        "WHERE day = (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date ORDER BY amount DESC LIMIT 100",
    ),
    _labelled(
        "khaibao_budget_warned",
        "1 for a unit of which it was said today that most of its money is spent.",
        "unit",
        "SELECT coalesce(nullif(unit_code, ''), 'none'), 1 FROM {cell}.spending WHERE warned_at IS NOT NULL "
        "AND day = (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date LIMIT 100",
    ),
    _labelled(
        "khaibao_alerts_unanswered",
        "Alerts of which every unit above was told, or none has anybody on duty, and that nobody took, by kind.",
        "of",
        "SELECT kind, count(*) FROM {cell}.alerts WHERE status = 'open' AND status IN ('open', 'taken') "
        "AND escalate_at IS NULL AND (code <> '' OR again_at IS NOT NULL) GROUP BY 1",
    ),
    _labelled(
        "khaibao_alert_codes_used",
        "Codes that alerts hold, of 9,000; the last thousand is for danger and what is as urgent.",
        "of",
        "SELECT 'alerts', count(*) FROM {cell}.alerts WHERE code <> ''",
    ),
    _deaf,
    _silent,
    _unheard,
    _clock,
)
"""All that the database is asked. What one of them cannot tell, the others still do."""


class Database(Collector):
    """Asks at each look, in a thread of its own: a database that hangs holds up no answer, and is asked once."""

    def __init__(self, engine: Engine, clock: Clock, cell: str, sms: Collection[str] = ()) -> None:
        self._engine = engine
        self._clock = clock
        self._cell = cell
        self._sms = sms
        self._asking: threading.Thread | None = None
        self._gate = threading.Lock()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found, answered = self._ask()
        yield GaugeMetricFamily("khaibao_database_up", "Whether the database answers: 1 or 0.", value=float(answered))
        yield from found

    def _ask(self) -> tuple[list[GaugeMetricFamily], bool]:
        """What was found in time, and whether the database answered at all."""
        found: list[GaugeMetricFamily] = []
        answered: list[bool] = []
        with self._gate:
            if self._asking is not None and self._asking.is_alive():
                return [], False
            self._asking = threading.Thread(target=self._read, args=(found, answered), daemon=True)
            self._asking.start()
        self._asking.join(_PATIENCE)
        return list(found), bool(answered)

    def _read(self, found: list[GaugeMetricFamily], answered: list[bool]) -> None:
        for reading in READINGS:
            try:
                with self._engine.begin() as connection:
                    connection.execute(text("SET LOCAL statement_timeout = '2s'"))
                    answered[:] = [True]
                    found.extend(reading(Look(connection, self._clock.now(), self._cell, self._sms)))
            except SQLAlchemyError as fault:
                log.warning("metrics: a reading failed", extra={"fault": type(fault).__name__})
                if not answered:
                    return
