"""How fast the spool keeps what comes while the database is away, flushed to disk, and how fast it is emptied."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cryptography.fernet import Fernet

from app.ports import ports
from core.messaging.spool import Spool
from core.pipeline.ingress import Ingress
from core.pipeline.services import Services
from core.secrets import Vault
from tests.benchmarks import batch

_THREADS = 8


def run(services: Services, channel: str, text: str, count: int, folder: Path) -> tuple[float, float]:
    """Entries kept a second by eight threads, and handed in a second, from `count` people."""
    spool = Spool(folder / "kept", Vault([Fernet.generate_key().decode()]), 1_000_000_000)
    ingress = Ingress(services.engine, ports(services.engine, services.clock.now, lambda: services), spool)
    said = [batch.message(services, channel, n, text) for n in range(count)]
    started = time.perf_counter()
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(ingress._kept, said))
    kept = time.perf_counter()
    handed_in = ingress.drain()
    return count / (kept - started), handed_in / (time.perf_counter() - kept)
