"""/metrics for Prometheus: how much waits and for how long, read from the database at each look.

Counts only: no address, no name, no text. Each line of the table is one SELECT over a partial index.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import ColumnElement, Connection, Table, func, literal, select

from core.database.tables import alerts, forwards, inbox, outbox
from core.messaging.beats import silences

if TYPE_CHECKING:
    from app.web import Services


@dataclass(frozen=True, slots=True)
class _Queue:
    """Rows that wait: how many, and since when the oldest could have gone (domain time), by one label."""

    name: str
    what: str
    table: Table
    label: ColumnElement[str]
    since: ColumnElement[object]
    waiting: ColumnElement[bool]


_QUEUES = (
    _Queue(
        "outbox",
        "messages to people that are not sent yet",
        outbox,
        outbox.c.channel,
        outbox.c.created_at,
        outbox.c.status.in_(("queued", "sending")),
    ),
    _Queue(
        "forwards",
        "records that a unit has not taken yet",
        forwards,
        literal("webhook"),
        forwards.c.created_at,
        forwards.c.status == "pending",
    ),
    _Queue(
        "inbox",
        "messages from people that wait to be read",
        inbox,
        inbox.c.channel,
        inbox.c.received_at,
        inbox.c.state == "waiting",
    ),
    _Queue(
        "inbox_failed",
        "messages from people that could not be read and wait for `khaibao inbox`",
        inbox,
        inbox.c.channel,
        inbox.c.received_at,
        inbox.c.state == "failed",
    ),
    _Queue(
        "alerts",
        "alerts that nobody has taken",
        alerts,
        alerts.c.kind,
        alerts.c.raise_at,
        alerts.c.status == "open",
    ),
)


class _Queues(Collector):
    """Asks the database at each look."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self._services.engine.connect() as connection:
            for queue in _QUEUES:
                yield from self._measured(connection, queue)

    def _measured(self, connection: Connection, queue: _Queue) -> Iterator[GaugeMetricFamily]:
        depth = GaugeMetricFamily(f"khaibao_{queue.name}_waiting", f"How many {queue.what}.", labels=["of"])
        oldest = GaugeMetricFamily(
            f"khaibao_{queue.name}_oldest_seconds", f"Age of the oldest of the {queue.what}.", labels=["of"]
        )
        now = self._services.clock.now()
        asked = select(queue.label.label("of"), func.count(), func.min(queue.since)).where(queue.waiting)
        for label, count, since in connection.execute(asked.select_from(queue.table).group_by(queue.label)):
            depth.add_metric([label], count)
            oldest.add_metric([label], max(0.0, (now - since).total_seconds()))
        yield depth
        yield oldest


class _Beats(Collector):
    """How long machines of channels' own have been silent."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[GaugeMetricFamily]:
        what = "How long ago a channel's own machine, a commune's phone for example, was last heard."
        silent = GaugeMetricFamily("khaibao_channel_silent_seconds", what, labels=["of"])
        with self._services.engine.connect() as connection:
            for channel, silence in silences(connection).items():
                silent.add_metric([channel], silence.total_seconds())
        yield silent


def metrics(services: Services) -> Blueprint:
    """Everything under /metrics."""
    pages = Blueprint("metrics", __name__)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Queues(services))
    registry.register(_Beats(services))

    @pages.get("/metrics")
    def read() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return pages
