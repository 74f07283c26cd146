"""What this machine has left, apart from any database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector


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
