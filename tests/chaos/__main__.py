"""`make chaos`: the full form, with two workers and two clocks, and PostgreSQL stopped for a while half-way.

From the environment: ROUNDS, SEED, PEOPLE (who write at the same time), OUTAGE (seconds), WAIT=1 (sit through leases).
"""

from __future__ import annotations

import os
import signal
import sys
import time

from tests.chaos.weather import Weather, storm


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is ended, and the folders go
    seed = int(os.environ.get("SEED") or time.time())
    weather = Weather(
        rounds=int(os.environ.get("ROUNDS") or 200),
        seed=seed,
        people=int(os.environ.get("PEOPLE") or 12),
        patients=200,
        twins=True,
        outage=float(os.environ.get("OUTAGE") or 60),
        hurry=not os.environ.get("WAIT"),
        say=lambda line: print(line, flush=True),
    )
    print(f"SEED={seed}", flush=True)
    started = time.monotonic()
    report = storm(weather)
    print(f"{report}\nSEED={seed}, {weather.rounds} rounds, {time.monotonic() - started:.0f} s")
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
