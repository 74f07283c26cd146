"""What reaches people and units, written down outside of everything that is killed: in memory and in a file.

One server plays both. Kannel's sendsms takes messages under our own id, which is in the URL of its reports, and reports
some of them as delivered: late, twice, in the wrong order. A unit's system checks the signature of what it is given.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
from standardwebhooks import Webhook, WebhookVerificationError

from tests.fakes.server import listening

PATH = "/cgi-bin/sendsms"
DELIVERED, ON_ITS_WAY = "1", "8"
_CALLERS = 4  # threads that bring reports


@dataclass(frozen=True, slots=True)
class Send:
    """A message that the provider took. `id` is ours."""

    id: str
    to: str
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class Delivery:
    """A record that a unit took. `signed`: with the secret that the unit was given."""

    id: str
    path: str
    body: str
    signed: bool
    at: float


Fault = Callable[[Send | Delivery], bool]
"""Called before the answer to what was taken; whether it is answered at all."""


def answered(_: Send | Delivery) -> bool:
    return True


def nothing(_: Send | Delivery) -> None:
    return


@dataclass
class Sink:
    """`sends` and `deliveries` are all that was taken. `fault` is asked about each before it is answered, `after` is
    told of each when its answer has left."""

    file: Path
    chance: Random = field(default_factory=Random)
    url: str = ""
    sends: list[Send] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)
    fault: Fault = answered
    after: Callable[[Send | Delivery], None] = nothing
    reports: float = 0.3  # of what is taken is reported on
    _reports: queue.Queue[list[str] | None] = field(default_factory=queue.Queue)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def provider(self) -> str:
        return f"{self.url}{PATH}"

    def unit(self, name: str) -> str:
        """Where a unit's system takes its records."""
        return f"{self.url}/unit/{name}"

    def take(self, thing: Send | Delivery) -> bool:
        """Write it down; whether to answer."""
        with self._lock, self.file.open("ab") as file:
            file.write(orjson.dumps(asdict(thing)) + b"\n")
            if isinstance(thing, Send):
                self.sends.append(thing)
            else:
                self.deliveries.append(thing)
        return self.fault(thing)

    def report(self, url: str) -> None:
        """Say later what became of it: as it should be, twice, or the last word first."""
        with self._lock:
            if self.chance.random() > self.reports:
                return
            said = self.chance.choice(
                [[DELIVERED], [ON_ITS_WAY, DELIVERED], [DELIVERED, DELIVERED], [DELIVERED, ON_ITS_WAY]]
            )
        self._reports.put([url.replace("%d", state).replace("%A", "") for state in said])

    def call(self) -> None:
        """Bring the reports, each until it is taken, as Kannel does."""
        with httpx.Client(timeout=10, trust_env=False) as client:
            while (urls := self._reports.get()) is not None:
                for url in urls:
                    _insist(client, url)
                self._reports.task_done()

    def all_reported(self) -> bool:
        """None waits, and none is being brought: a caller may be sitting out a web server that was killed."""
        return self._reports.unfinished_tasks == 0

    def stop(self) -> None:
        with suppress(queue.Empty):
            while True:
                self._reports.get_nowait()
        for _ in range(_CALLERS):
            self._reports.put(None)


def _insist(client: httpx.Client, url: str) -> None:
    for _ in range(60):
        try:
            if client.get(url).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    sink: Sink

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"] or 0)
        body = self.rfile.read(length)
        if len(body) < length:  # whoever sent it was killed in the middle: nothing was taken
            self.close_connection = True
        elif self.path == PATH:
            self._message(body.decode())
        else:
            self._record(body.decode())

    def _message(self, body: str) -> None:
        url = self.headers["X-Kannel-DLR-Url"]
        (id,) = parse_qs(urlsplit(url).query)["id"]
        self._take(
            Send(id, f"+{self.headers['X-Kannel-To']}", body, time.monotonic()), 202, b"0: Accepted for delivery"
        )
        self.sink.report(url)

    def _take(self, thing: Send | Delivery, status: int, answer: bytes) -> None:
        if self.sink.take(thing):
            self._answer(status, answer)
            self.sink.after(thing)
        else:
            self.close_connection = True

    def _record(self, body: str) -> None:
        secret, signed = self.sink.secrets.get(self.path), False
        if secret:
            try:
                Webhook(secret).verify(body, {name.lower(): value for name, value in self.headers.items()})
                signed = True
            except WebhookVerificationError:
                pass
        self._take(Delivery(self.headers["webhook-id"], self.path, body, signed, time.monotonic()), 204, b"")

    def _answer(self, status: int, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:  # whoever asked was killed meanwhile
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the judge reads `sends`."""


@contextmanager
def sink(folder: Path, seed: int = 1) -> Iterator[Sink]:
    """A running one, on a free port of 127.0.0.1."""
    made = Sink(folder / "sink.jsonl", Random(seed))
    callers = [threading.Thread(target=made.call, daemon=True) for _ in range(_CALLERS)]
    with listening(type("Handler", (_Handler,), {"sink": made})) as address:
        made.url = address
        for caller in callers:
            caller.start()
        try:
            yield made
        finally:
            made.stop()
            for caller in callers:
                caller.join(15)
