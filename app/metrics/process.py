"""Where the processes of one machine keep what they count, so that any of them can tell the sum.

Each process holds a numbered place in `VAR_DIR`/metrics, by a lock that the kernel gives back when it dies, and counts
on in that place's files from where the last holder stopped. So sums never fall when a process ends, files are as many
as the processes that ever ran at once, and nothing has to be swept.

A crash at the worst moment loses the one count under way. The files are written in full before they are used: a full
disk costs nobody a process, it only leaves new ones counting in memory, unseen by the others.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from prometheus_client import REGISTRY, Metric, values
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

log = logging.getLogger(__name__)

_KEPT_IN: Final = "PROMETHEUS_MULTIPROC_DIR"  # the library's word
_PLACES: Final = 256
_SIZES: Final = {"counter": 1 << 17, "histogram": 1 << 18, "gauge_max": 1 << 16}
"""Bytes: several times what all labels together need. A file that grew could meet a full disk, and end the process."""

_held: list[int] = []


def begin(var_dir: Path) -> None:
    """Count in the machine's files from now on. Once a process, after a fork, before anything is counted."""
    folder = var_dir / "metrics"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        place = _take(folder)
        for kind, size in _SIZES.items():
            _prepare(folder / f"{kind}_{place}.db", size)
    except OSError as error:
        log.warning("metrics are kept in memory only: %s", error.strerror)
        return
    os.environ[_KEPT_IN] = str(folder)
    values.ValueClass = values.MultiProcessValue(lambda: place)  # type: ignore[no-untyped-call]


def _take(folder: Path) -> int:
    for place in range(_PLACES):
        handle = os.open(folder / f"{place}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            continue
        _held.append(handle)
        return place
    raise OSError(0, "all places are taken")


def _prepare(path: Path, size: int) -> None:
    """A file that can be counted on with: whole, or new."""
    if path.exists() and (path.stat().st_size < size or not _readable(path)):
        path.unlink()
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.write_bytes(bytes(size))
        fresh.rename(path)


def _readable(path: Path) -> bool:
    """Its first four bytes are how much of it is used: nothing yet, or its own head and more."""
    with path.open("rb") as file:
        used = int.from_bytes(file.read(4), sys.byteorder, signed=True)
    if used and not 8 <= used <= path.stat().st_size:
        return False
    try:
        for key, *_ in MmapedDict.read_all_values_from_file(str(path)):  # type: ignore[no-untyped-call]
            json.loads(key)
    except Exception:
        return False
    return True


class Counted(Collector):
    """What the processes of this machine counted; without `begin`, what this one did."""

    def collect(self) -> Iterator[Metric]:
        folder = os.environ.get(_KEPT_IN)
        if folder is None:
            yield from (metric for metric in REGISTRY.collect() if metric.name.startswith("khaibao_"))
            return
        try:
            found = list(MultiProcessCollector(None, folder).collect())  # type: ignore[no-untyped-call]
        except Exception as fault:  # a file that a power cut broke takes nothing else down
            log.error("metrics of the processes cannot be read", extra={"fault": type(fault).__name__})
            return
        yield from found
