"""People who write, and the operator who brings what they wrote: again, under the same id, until it is acknowledged.

Each phone walks through a conversation, one message after the other was acknowledged. Some messages are brought
although they were acknowledged, at once or twice at the same time, as operators do.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

import httpx

from tests.chaos.processes import SECRET

SCRIPTS: tuple[tuple[str, ...], ...] = (
    (
        "KHAI Phan Van Toan 1984 nam, xa Bao Thang, Lao Cai, khong sot khong ho",
        "dong y",
        "khong",
        "khong",
        "thon Phu Long",
        "ok",
        "SK 37,5 ho",
        "SUA 36,8 ho",
    ),
    ("SK 37,5 ho dau hong", "SUA 38,2 ho", "kho tho qua", "XEM"),
    ("khai", "dong y, toi bi ho 3 ngay nay", "khong gap ai het", "khong", "Pham Thu Hang 1985 nu", "kho tho qua"),
    ("SK OK", "sot 39", "SUA 37,9", "GOI"),
    ("xin chao", "SK 36,5", "kho tho", "SK OK"),
)
"""Conversations: declarations, check-ins in one text, corrections, danger in the middle of something else."""

_PAUSE = 0.25  # seconds between two attempts to bring a message


def number(n: int) -> str:
    """A made-up phone, E.164."""
    return f"+849{n:08d}"


@dataclass(slots=True)
class Said:
    """One message of one phone. `took`: seconds of the attempt that was acknowledged; None: not yet."""

    id: str
    number: str
    text: str
    attempts: int = 0
    repeats: int = 0
    took: float | None = None


@dataclass
class Load:
    """Everybody who writes. `said` is in the order of writing for each phone."""

    address: str
    chance: Random
    width: int = 12
    pause: float = 0.15
    said: list[Said] = field(default_factory=list)
    walked: dict[str, int] = field(default_factory=dict)
    refusals: dict[int, int] = field(default_factory=dict)
    _next: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    def acknowledged(self) -> set[str]:
        return {said.id for said in self.said if said.took is not None}

    def calm(self) -> list[str]:
        """One phone walks through each conversation. Its number stands for how it ought to go."""
        return asyncio.run(self._calm())

    async def _calm(self) -> list[str]:
        async with self._client() as client:
            return await asyncio.gather(*(self._walk(client, n) for n in range(len(SCRIPTS))))

    def one(self, *texts: str) -> str:
        """Somebody new writes these, one after the other; their number."""
        phone = number(self._next)
        self._next += 1

        async def bring() -> None:
            async with self._client() as client:
                await self.write(client, phone, texts)

        asyncio.run(bring())
        return phone

    @contextmanager
    def blowing(self) -> Iterator[None]:
        """People write all the while; at the end everybody finishes their conversation."""
        thread = threading.Thread(target=lambda: asyncio.run(self._blow()), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join(120)

    def finish(self) -> None:
        """Nobody begins anew."""
        self._stop.set()

    def begin_again(self, width: int) -> None:
        """So many people write at a time from now on."""
        self.width = width
        self._stop.clear()

    def done(self) -> bool:
        """Whether all that was begun is acknowledged."""
        return self._stop.is_set() and all(said.took is not None for said in self.said) and not self._walking

    _walking: int = 0

    async def _blow(self) -> None:
        async with self._client() as client:
            await asyncio.gather(*(self._people(client) for _ in range(self.width)))

    async def _people(self, client: httpx.AsyncClient) -> None:
        while not self._stop.is_set():
            self._walking += 1
            await self._walk(client, self.chance.randrange(len(SCRIPTS)))
            self._walking -= 1

    async def _walk(self, client: httpx.AsyncClient, script: int) -> str:
        phone = number(self._next)
        self._next += 1
        self.walked[phone] = script
        await self.write(client, phone, SCRIPTS[script])
        return phone

    async def write(self, client: httpx.AsyncClient, phone: str, texts: Sequence[str]) -> None:
        """One after the other, each until it is acknowledged."""
        for text in texts:
            said = Said(str(UUID(int=self.chance.getrandbits(128), version=4)), phone, text)
            self.said.append(said)
            await self._bring(client, said)
            await asyncio.sleep(self.chance.uniform(0, 2 * self.pause))

    async def _bring(self, client: httpx.AsyncClient, said: Said) -> None:
        if self.chance.random() < 0.05:  # the operator lost patience
            await asyncio.gather(self._attempt(client, said), self._attempt(client, said))
        while said.took is None:
            await self._attempt(client, said)
            if said.took is None:
                await asyncio.sleep(_PAUSE)
        if self.chance.random() < 0.1:  # the operator did not hear our answer
            said.repeats += 1
            await self._attempt(client, said)

    async def _attempt(self, client: httpx.AsyncClient, said: Said) -> None:
        said.attempts += 1
        started = time.monotonic()
        question = {"from": said.number, "to": "8000", "text": said.text, "id": said.id}
        try:
            answer = await client.get("/sms/kannel/inbound", params={"secret": SECRET, "coding": "0", **question})
            status = answer.status_code
        except httpx.TransportError:
            status = 0
        if status == 200 and said.took is None:
            said.took = time.monotonic() - started
        elif status != 200:
            self.refusals[status] = self.refusals.get(status, 0) + 1

    def _client(self) -> httpx.AsyncClient:
        limits = httpx.Limits(max_connections=2 * self.width + 2)
        return httpx.AsyncClient(base_url=self.address, timeout=30, limits=limits, trust_env=False)


def percentile(took: Sequence[float], share: float) -> float:
    """Of the times in seconds; 0 if there are none."""
    ordered = sorted(took)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
