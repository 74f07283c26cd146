"""What this machine has left, apart from any database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core.messaging.spool import Spool


class Disk(Collector):
    """Of the file system that holds VAR_DIR: our own PostgreSQL, the spool, these counts."""

    def __init__(self, var_dir: Path) -> None:
        self._var_dir = var_dir

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            found = os.statvfs(self._var_dir)
        except OSError:
            return
        for name, what, blocks in (
            ("free", "Bytes that we may still write where VAR_DIR is.", found.f_bavail),
            ("size", "Bytes in all where VAR_DIR is.", found.f_blocks),
        ):
            yield GaugeMetricFamily(f"khaibao_disk_{name}_bytes", what, value=float(blocks * found.f_frsize))


class Kept(Collector):
    """What webhooks brought while the database was away, and how much more of it there is room for."""

    def __init__(self, spool: Spool, limit: int) -> None:
        self._spool = spool
        self._limit = limit

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            found = self._spool.size(fresh=False)
        except OSError:
            return
        for name, what, value in (
            ("entries", "Messages and reports that wait on this host's disk for the database.", found.entries),
            ("bytes", "What they take on the disk.", found.bytes),
            ("limit_bytes", "What they may take at most (SPOOL_MB).", self._limit),
            ("oldest_seconds", "Age of the oldest of them.", found.oldest),
            ("aside", "Entries that could not be handed in and wait for `khaibao spool`.", found.aside),
        ):
            yield GaugeMetricFamily(f"khaibao_spool_{name}", what, value=float(value))
