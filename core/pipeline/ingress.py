"""What channels hand in goes into the database, or into the spool while the database is away: either is an
acknowledgement. Only if neither takes it does a channel's caller get an error, and the provider repeats it.

Nobody waits in vain: once the database was found away everything goes into the spool at once, until whoever looks
after the spool finds it back. What is of an address with something in the spool goes behind it, so that each person's
messages are read in the order in which they came.

The spool is emptied by the host that wrote it, in order, by one process at a time. A crash after the commit and before
an entry is removed hands it in again, which changes nothing: a message is known by its id, a report moves only forward,
a change of an address is the same the second time. What can never be handed in is set aside, and blocks nobody.

A commit whose answer was lost counts as failed, and is handed in again from the spool. One thing is not in order: what
is on its way when the database begins to hang may be overtaken, once, by the same person's next message.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from sqlalchemy import Engine, text

from core.database.engine import is_away
from core.messaging.channel import InboundMessage, StatusReport
from core.messaging.entries import Item, read, written
from core.messaging.ports import Notice, Ports
from core.messaging.spool import Entry, Spool
from core.pipeline.arrival import clean
from core.pipeline.receive import BatchRefused

log = logging.getLogger(__name__)
_BATCH: Final = 200  # entries that are handed in at a time
_TRIES: Final = 8  # at one entry that is alone at fault, over some four minutes, before it is set aside
_EARLY: Final = 120.0  # seconds for which a report may be earlier than what it speaks of
_AGAIN: Final = 1.0  # seconds between two looks at the spool, and at a database that is away


@dataclass(frozen=True, slots=True)
class _Failed:
    """The entry of an address that could not be handed in, how often, and until when it is left alone."""

    id: str
    tries: int
    until: float


class Ingress:
    """The way in for one cell's webhooks and pages, on one host. Safe in threads.

    `database`: the ports that commit, or raise; `engine` is asked whether it is back.
    """

    def __init__(self, engine: Engine, database: Ports, spool: Spool) -> None:
        self.spool = spool
        self._engine = engine
        self._database = database
        self._is_away = False
        self._failed: dict[str, _Failed] = {}

    def ports(self) -> Ports:
        """Where channels hand in. When a call returns, what it was given is committed or in the spool."""
        return Ports(self.accept, self.report, self.notice, self._database.clock, self.alive)

    def accept(self, messages: Sequence[InboundMessage]) -> None:
        """Take messages. Raises SpoolFull if some could be kept nowhere."""
        behind = [m for m in messages if self._is_behind(m)]
        ahead = [m for m in messages if m not in behind]
        self._keep(behind)
        if ahead and (self._is_away or not self._did(lambda: self._receive(ahead))):
            self._keep(ahead)

    def report(self, reports: Sequence[StatusReport]) -> Sequence[StatusReport]:
        """Take reports; what speaks of no message of ours comes back, as far as that is known now."""
        unknown: list[StatusReport] = []
        if self._is_away or not self._did(lambda: unknown.extend(self._database.report(reports))):
            self._keep(reports)
        return unknown

    def notice(self, notices: Sequence[Notice]) -> None:
        """Take changes of addresses."""
        behind = any(self._is_behind(each) for each in notices)
        if behind or self._is_away or not self._did(lambda: self._database.notice(notices)):
            self._keep(notices)

    def alive(self, channel: str) -> None:
        """A sign of life; the next one counts if this one is lost."""
        if not self._is_away:
            self._did(lambda: self._database.alive(channel))

    # --- the database ---------------------------------------------------------------------------

    def _did(self, work: Callable[[], None]) -> bool:
        """Whether it was done and committed. A fault of ours is logged, and the work is not lost either."""
        try:
            work()
        except Exception as fault:
            self._tell(fault)
            return False
        if self._is_away:
            self._is_away = False
            log.info("ingress: the database answers again")
        return True

    def _tell(self, fault: Exception) -> None:
        if not is_away(fault):
            self._is_away = False
            log.error("ingress: a fault of ours: what came is in the spool", exc_info=fault)
            return
        if not self._is_away:
            self._is_away = True
            log.warning("ingress: the database is away: what comes goes into the spool")

    def _receive(self, messages: Sequence[InboundMessage]) -> None:
        """Messages that the database refuses for good are set aside: their provider could only repeat them."""
        try:
            self._database.accept(messages)
        except BatchRefused as refused:
            for message in messages:
                if message.external_id in refused.external_ids:
                    self.spool.set_aside(self._kept(message), "refused")

    def _ask(self) -> None:
        with self._engine.connect() as connection:
            connection.execute(
                text("UPDATE shared.installation SET demo = demo")
            )  # it may be there, and only for reading

    # --- the spool ------------------------------------------------------------------------------

    def _is_behind(self, item: InboundMessage | Notice) -> bool:
        """What cannot be looked up is not there: the database may take it all the same."""
        try:
            return self.spool.holds(self.spool.key(item.channel, item.address))
        except OSError as fault:
            log.error("ingress: the spool cannot be looked into: %s", type(fault).__name__)
            return False

    def _keep(self, items: Iterable[Item]) -> None:
        for item in items:
            self._kept(item)

    def _kept(self, item: Item) -> Entry:
        whose = item.provider_id if isinstance(item, StatusReport) else item.address
        safe = clean(item) if isinstance(item, InboundMessage) else item
        return self.spool.keep(self.spool.key(item.channel, whose), written(safe))

    def drain(self) -> int:
        """Hand in what the spool holds, oldest first; how many entries are gone from it. 0 while the database is away,
        or another process does that.
        """
        if self._is_away and not self._did(self._ask):
            return 0
        with self.spool.alone() as mine:
            if not mine:
                return 0
            self.spool.sweep()
            waiting, gone = self.spool.waiting(), 0
            held = {key for key, failed in self._failed.items() if time.monotonic() < failed.until}
            for start in range(0, len(waiting), _BATCH):
                gone += self._hand_in(waiting[start : start + _BATCH], held)
                if self._is_away:
                    break
            return gone

    def _hand_in(self, entries: Sequence[Entry], held: set[str]) -> int:
        """A batch at once; each entry alone, if the batch has one that cannot be handed in. Whose are `held` waits."""
        gone = 0
        for run in _runs(self._opened(entries, held)):
            ready = [(entry, item) for entry, item in run if entry.key not in held]
            done = self._all_at_once(ready)
            if done is None and not self._is_away:
                done = self._one_by_one(ready, held)
            gone += done or 0
            if self._is_away:
                break
        return gone

    def _opened(self, entries: Sequence[Entry], held: set[str]) -> Iterator[tuple[Entry, Item]]:
        for entry in entries:
            if entry.key in held:
                continue
            kept = self.spool.read(entry)
            item = read(kept) if kept is not None else None
            if item is not None:
                yield entry, item
            else:
                log.error("ingress: entry %s of the spool cannot be read: it is set aside", entry.id)
                self.spool.set_aside(entry, "unreadable")

    def _all_at_once(self, run: Sequence[tuple[Entry, Item]]) -> int | None:
        """How many are gone; None if it failed."""
        early: list[Entry] = []
        if not self._did(lambda: early.extend(self._do(run))):
            return None
        gone = [entry for entry, _ in run if entry not in early]
        self.spool.remove(gone)
        for entry in gone:
            self._failed.pop(entry.key, None)
        return len(gone)

    def _one_by_one(self, run: Sequence[tuple[Entry, Item]], held: set[str]) -> int:
        """Whoever has an entry that fails waits behind it, until it is set aside."""
        gone = 0
        for entry, item in run:
            if entry.key in held:
                continue
            done = self._all_at_once([(entry, item)])
            gone += done or 0
            if self._is_away:
                break
            if done is None and self._has_to_wait(entry):
                held.add(entry.key)
        return gone

    def _has_to_wait(self, entry: Entry) -> bool:
        """After it failed: or not, since that was the last attempt, and it is set aside."""
        before = self._failed.pop(entry.key, None)
        tries = before.tries + 1 if before and before.id == entry.id else 1
        if tries < _TRIES:
            self._failed[entry.key] = _Failed(entry.id, tries, time.monotonic() + _AGAIN * 2**tries)
            return True
        log.error("ingress: entry %s of the spool cannot be handed in: it is set aside", entry.id)
        self.spool.set_aside(entry, "failed")
        return False

    def _do(self, run: Sequence[tuple[Entry, Item]]) -> list[Entry]:
        """Hand in items of one kind; the entries that came too early, and stay."""
        items = [item for _, item in run]
        if messages := [item for item in items if isinstance(item, InboundMessage)]:
            self._receive(messages)
        elif notices := [item for item in items if isinstance(item, Notice)]:
            self._database.notice(notices)
        elif reports := [item for item in items if isinstance(item, StatusReport)]:
            unknown = self._database.report(reports)
            return [entry for entry, item in run if item in unknown and _may_be_early(entry, item)]
        return []

    def watch(self, stop: threading.Event) -> None:
        """Empty the spool again and again until told to stop."""
        while not stop.wait(_AGAIN):
            try:
                self.drain()
            except Exception:
                log.exception("ingress: the spool could not be emptied")


def _may_be_early(entry: Entry, item: Item) -> bool:
    """A report that knows only the provider's id, of a send whose answer the worker could not write down yet."""
    if isinstance(item, StatusReport) and item.message_id is None and entry.age < _EARLY:
        return True
    log.warning("%s: a report of no message of ours: entry %s", item.channel, entry.id)
    return False


def _runs(opened: Iterable[tuple[Entry, Item]]) -> Iterator[list[tuple[Entry, Item]]]:
    """Neighbours of one kind."""
    for _, run in groupby(opened, key=lambda each: type(each[1])):
        yield list(run)
