"""The batch path: `core.pipeline.receive.receive` alone, as a poll of a provider would call it."""

from __future__ import annotations

import time
from uuid import uuid4

from core.messaging.channel import InboundMessage
from core.pipeline.receive import receive
from core.pipeline.services import Services
from tests.benchmarks import people


def run(services: Services, channel: str, text: str, count: int, size: int, rounds: int) -> float:
    """Turns a second over `rounds` of `count` contacts, in batches of `size`."""
    started = time.perf_counter()
    for _ in range(rounds):
        for start in range(1, count + 1, size):
            receive(services, [message(services, channel, n, text) for n in range(start, start + size)])
    return rounds * count / (time.perf_counter() - started)


def message(services: Services, channel: str, n: int, text: str) -> InboundMessage:
    """Something that contact `n` wrote now."""
    return InboundMessage(channel, str(uuid4()), people.number(n), text, services.clock.now())
