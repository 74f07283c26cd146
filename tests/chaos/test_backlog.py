"""Ten times the load, and twenty thousand reminders in line: whoever writes is answered in time all the same."""

from __future__ import annotations

import time

import httpx
import pytest

from tests.chaos.load import percentile
from tests.chaos.processes import NOW, Cluster
from tests.chaos.weather import Scene, finish, scene

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

BACKLOG = 20_000
FEW, MANY = 3, 30  # people who write at the same time
IN_TIME = 10.0  # seconds from an acknowledgement to its answer

_FILL = """
WITH people AS (
    INSERT INTO contacts (id, channel, address, seen_at)
    SELECT gen_random_uuid(), 'kannel', '+849009' || lpad(n::text, 5, '0'), now() FROM generate_series(1, {n}) AS n
    RETURNING id, address
)
INSERT INTO outbox (id, contact_id, seq, channel, address, kind, priority, text, parts, created_at, due_at, expires_at)
SELECT gen_random_uuid(), id, 1, 'kannel', address, 'reminder', 2, 'Hom nay the nao?', 1,
       {now} - interval '1 hour', {now} - interval '1 hour', {now} + interval '20 hours'
FROM people
"""


def test_whoever_writes_is_answered_while_a_backlog_drains(
    template: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    with scene(template, 6, people=FEW, by_day=True) as made:
        with made.load.blowing():
            made.running.live_for(8)
            made.load.finish()
            made.running.until(made.load.done, 60, "an acknowledgement of everything")
        alone = _p99(made, 0)
        written = len(made.load.said)
        with made.running.database() as connection:
            connection.execute(_FILL.format(n=BACKLOG, now=NOW).encode())
        made.load.begin_again(MANY)
        with made.load.blowing():
            made.running.live_for(8)
            shown = httpx.get(f"{made.running.address}/metrics", timeout=20, trust_env=False).text
            phone, answered = made.load.one("SK 36,6"), time.monotonic()
            made.running.until(lambda: any(send.to == phone for send in made.sink.sends), 60, "an answer")
            answer = time.monotonic() - answered
            finish(made, settle=False)
        crowded = _p99(made, written)
    with capsys.disabled():
        print(
            f"\np99 of webhooks: {1000 * alone:.0f} ms, with a backlog and ten times the people "
            f"{1000 * crowded:.0f} ms ({crowded / alone:.1f} times); an answer after {answer:.1f} s"
        )
    assert crowded < 10 * max(alone, 0.1)
    assert answer < IN_TIME
    assert _metric(shown, "khaibao_outbox_waiting") > BACKLOG / 2
    assert _metric(shown, "khaibao_outbox_oldest_seconds") > 3600
    assert not any(said.took is None for said in made.load.said)


def _p99(made: Scene, since: int) -> float:
    return percentile([said.took for said in made.load.said[since:] if said.took is not None], 0.99)


def _metric(page: str, name: str) -> float:
    lines = (line for line in page.splitlines() if line.startswith(name) and "kannel" in line)
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)
