"""The worst moment: the receiver said yes, and our commit never came. It is sent again, under the same id."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable

import pytest

from tests.chaos.processes import Cluster, Process
from tests.chaos.sink import Delivery, Send
from tests.chaos.weather import Scene, scene

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

_READ = 0.5  # seconds that a worker has to read an answer


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
        for text, wanted in (("kho tho", is_send("115 NGAY")), ("KHAI", is_send("dong y")), ("SK 37 ho", is_delivery)):
            caught = Caught(made, wanted, signal.SIGKILL)
            made.load.one(text)
            caught.waits()
            made.settle()
            assert len(arrivals(made, caught.id)) == 2, text
        receipt = Caught(made, is_send("Da nhan"), signal.SIGKILL)
        made.load.one("SK OK")
        receipt.waits()
        made.settle()
        _at_least_once(made, receipt.id)
        report = made.judged()
    assert report.passed, f"\n{report}"


def _at_least_once(made: Scene, id: str) -> None:
    """A receipt need not be said twice: then what became of it counts as unknown."""
    (status,) = made.running.values(f"SELECT status FROM outbox WHERE id = '{id}'")
    assert (status, len(arrivals(made, id))) in {("unknown", 1), ("sent", 2)}


def test_a_worker_that_stood_still_beyond_its_lease(template: Cluster) -> None:
    """The slow one is stopped in the middle of sending; the other sends; the slow one wakes up and settles nothing."""
    with scene(template, 2) as made:
        made.sink.reports = 0
        for text, wanted in (("kho tho", is_send("115 NGAY")), ("SK 37 ho", is_delivery)):
            caught = Caught(made, wanted, signal.SIGSTOP)
            made.load.one(text)
            caught.waits()
            _overtaken(made, caught.id)
        report = made.judged()
    assert report.passed, f"\n{report}"


def _overtaken(made: Scene, id: str) -> None:
    slow, other = made.running.processes["worker"], made.running.add("worker 2", "worker")
    _lease_ends(made, id)
    made.running.until(lambda: _has_ended(made, id), 90, "an end by the other worker")
    before = _settled(made, id)

    slow.signal(signal.SIGCONT)
    _alone(made, other)

    assert _settled(made, id) == before
    assert len(arrivals(made, id)) == 2


def _has_ended(made: Scene, id: str) -> bool:
    made.pass_time()
    return _settled(made, id) != []


def _lease_ends(made: Scene, id: str) -> None:
    with made.running.database() as connection:
        for table in ("outbox", "forwards"):
            connection.execute(f"UPDATE {table} SET lease_until = now() WHERE id = %s".encode(), (id,))


def _settled(made: Scene, id: str) -> list[str]:
    return made.running.values(f"""
        SELECT concat(status, attempts, error, sent_at) FROM outbox WHERE id = '{id}' AND status = 'sent'
        UNION ALL
        SELECT concat(status, attempts, error, delivered_at) FROM forwards WHERE id = '{id}' AND status = 'delivered'
    """)


def _alone(made: Scene, other: Process) -> None:
    """The one that woke up does all the work, so it must have settled what it held."""
    other.leave()
    made.load.one("SK 36,9 ho")
    made.settle(hurry=False)
