"""What the processes count, by name. What the database can be asked for is not here (`app.metrics.database`).

Prometheus' conventions: the unit ends the name, a counter ends in `_total`. No label holds a number, a name or an
address: channels, units, routes and outcomes are few. Every metric has a label, so that none is made when this is
imported: `app.metrics.process.begin` says first where they are kept.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

MESSAGES: Final = Counter(
    "khaibao_messages",
    "Messages to people: each attempt to send by how it ended, and those that ended unsent.",
    ["channel", "outcome"],
)
"""`outcome`: sent, refused, unreachable, opted_out, try_later, unknown; unsent: expired, withdrawn."""

REPORTS: Final = Counter(
    "khaibao_reports", "What providers reported later of messages that they took.", ["channel", "status"]
)

DELIVERIES: Final = Counter(
    "khaibao_deliveries", "Attempts to deliver records to units' systems, by how they ended.", ["outcome"]
)
"""`outcome`: delivered, retry, pause, dead."""

LEASES_LAPSED: Final = Counter(
    "khaibao_leases_lapsed", "Leases that ended without a word: their owner died, or was too slow.", ["of"]
)
"""`of`: outbox, forwards."""

REQUESTS: Final = Histogram(
    "khaibao_http_request_duration_seconds",
    "How long requests took, by route: a webhook's path, or the part of the pages.",
    ["route", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
"""`status`: 2xx, 3xx, 4xx, 5xx."""

CLOCK: Final = Gauge(
    "khaibao_clock_last_success_timestamp_seconds",
    "When the clock last asked a question of its own without a fault.",
    ["question"],
    multiprocess_mode="max",
)

POLLS: Final = Gauge(
    "khaibao_poll_last_success_timestamp_seconds",
    "When a provider that has to be asked for messages was last asked without a fault.",
    ["channel"],
    multiprocess_mode="max",
)

BACKUP: Final = Gauge(
    "khaibao_backup_last_success_timestamp_seconds",
    "When `khaibao backup` on this machine last ended well.",
    ["of"],
    multiprocess_mode="max",
)
"""`of`: database."""
