"""The worst moment: the receiver said yes, and our commit never came. It is sent again, under the same id."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable

import pytest

from tests.chaos.processes import Cluster
from tests.chaos.sink import Delivery, Send
from tests.chaos.weather import Scene, scene

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

_READ = 0.5  # seconds that a worker has to read an answer
_WAKES = 3.0  # seconds that it has, when it goes on, to do what it was about to do


class Caught:
    """The worker is struck while it sends the first thing that is `wanted`: stopped before the answer, or killed half
    a second after it, while its row is held, so that nobody can have settled it."""

    def __init__(self, made: Scene, wanted: Callable[[Send | Delivery], bool], number: signal.Signals) -> None:
        self.made = made
        self.wanted = wanted
        self.number = number
        self.thing: Send | Delivery | None = None
        self.done = threading.Event()
        self._lock = threading.Lock()
        made.sink.fault, made.sink.after = self.before, self.after

    @property
    def id(self) -> str:
        assert self.thing is not None
        return self.thing.id

    def before(self, thing: Send | Delivery) -> bool:
        with self._lock:
            if self.thing is None and self.wanted(thing):
                self.thing = thing
                self._hold(thing) if self.number == signal.SIGKILL else self._strike()
        return True

    def after(self, thing: Send | Delivery) -> None:
        if thing is self.thing and self.number == signal.SIGKILL:
            time.sleep(_READ)
            self._strike()

    def waits(self) -> None:
        self.made.running.until(self.done.is_set, 30, "the answer")

    def _strike(self) -> None:
        self.made.running.processes["worker"].signal(self.number)
        self.done.set()

    def _hold(self, thing: Send | Delivery) -> None:
        held = threading.Event()
        threading.Thread(target=self._keep, args=(thing, held), daemon=True).start()
        held.wait(10)

    def _keep(self, thing: Send | Delivery, held: threading.Event) -> None:
        """Its row, locked until the worker is struck."""
        table = "outbox" if isinstance(thing, Send) else "forwards"
        with self.made.running.database() as connection, connection.transaction():
            connection.execute(f"SELECT FROM {table} WHERE id = %s FOR UPDATE".encode(), (thing.id,))
            held.set()
            self.done.wait(20)


def is_send(word: str) -> Callable[[Send | Delivery], bool]:
    return lambda thing: isinstance(thing, Send) and word in thing.text


def is_delivery(thing: Send | Delivery) -> bool:
    return isinstance(thing, Delivery)


def arrivals(made: Scene, id: str) -> list[Send | Delivery]:
    taken: list[Send | Delivery] = [*made.sink.sends, *made.sink.deliveries]
    return [thing for thing in taken if thing.id == id]


def test_killed_between_the_yes_and_our_commit(template: Cluster) -> None:
    with scene(template, 1) as made:
        made.sink.reports = 0
        for text, wanted in (
            ("kho tho", is_send("115 NGAY")),
            ("KHAI", is_send("dong y")),
            ("SK OK", is_send("Da nhan")),
            ("SK 37 ho", is_delivery),
        ):
            caught = Caught(made, wanted, signal.SIGKILL)
            made.load.one(text)
            caught.waits()
            made.settle()
            assert len(arrivals(made, caught.id)) == 2, text
        report = made.judged()
    assert report.passed, f"\n{report}"


class Overtaken(Caught):
    """As above, stopped before it heard that the line was cut. The second worker waits for its answer until `go`."""

    def __init__(self, made: Scene, wanted: Callable[[Send | Delivery], bool]) -> None:
        super().__init__(made, wanted, signal.SIGSTOP)
        self.go = threading.Event()

    def before(self, thing: Send | Delivery) -> bool:
        if self.thing is not None and thing.id == self.thing.id:
            return self.go.wait(12)
        super().before(thing)
        return thing is not self.thing


def test_a_worker_that_stood_still_beyond_its_lease(template: Cluster) -> None:
    """The slow one is stopped in the middle of sending; the other sends; the slow one wakes up and settles nothing."""
    with scene(template, 2) as made:
        made.sink.reports = 0
        for text, wanted in (("kho tho", is_send("115 NGAY")), ("SK 37 ho", is_delivery)):
            caught = Overtaken(made, wanted)
            made.load.one(text)
            caught.waits()
            _overtaken(made, caught)
        report = made.judged()
    assert report.passed, f"\n{report}"


def _overtaken(made: Scene, caught: Overtaken) -> None:
    slow, other = made.running.processes["worker"], made.running.add("worker 2", "worker")
    _lease_ends(made, caught.id)
    made.running.until(lambda: _again(made, caught.id), 90, "a second send by the other worker")
    before = _row(made, caught.id)

    slow.signal(signal.SIGCONT)
    made.running.live_for(_WAKES)
    assert _row(made, caught.id) == before

    caught.go.set()
    made.settle(hurry=False)
    assert len(arrivals(made, caught.id)) == 2
    other.leave()


def _again(made: Scene, id: str) -> bool:
    made.pass_time()
    return len(arrivals(made, id)) == 2


def _lease_ends(made: Scene, id: str) -> None:
    with made.running.database() as connection:
        for table in ("outbox", "forwards"):
            connection.execute(f"UPDATE {table} SET lease_until = now() WHERE id = %s".encode(), (id,))


def _row(made: Scene, id: str) -> list[str]:
    columns = "concat_ws(' ', status, lease, attempts, due_at, error)"
    return made.running.values(
        f"SELECT {columns} FROM outbox WHERE id = '{id}' UNION ALL SELECT {columns} FROM forwards WHERE id = '{id}'"
    )
