"""What was acknowledged, what is stored and what arrived, compared: a line a rule.

Everything is read after the storm, from the database, from the operator (`load`) and from the sink. A line says how
many there were and which broke the rule; the storm passed if none did.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from core.messaging.channel import Status
from tests.chaos.load import SCRIPTS, Load
from tests.chaos.processes import NOW, System
from tests.chaos.sink import Send, Sink

Row = dict[str, Any]
_RANK = {status.value: rank for rank, status in enumerate(Status)}
_ENDED = _RANK[Status.UNKNOWN]
_OTHERS = re.compile(r"\d{3} \d{3} \d{3}|\d\d:\d\d \d\d/\d\d")
"""Receipt numbers and times: each person has others."""

_ARRIVED = (Status.SENT, Status.DELIVERED)


@dataclass(frozen=True, slots=True)
class Line:
    """One rule: how many things it speaks of, and which broke it."""

    rule: str
    count: int
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All rules, and figures that are no rules."""

    lines: tuple[Line, ...]
    figures: tuple[tuple[str, object], ...]

    @property
    def passed(self) -> bool:
        return not any(line.broken for line in self.lines)

    def __str__(self) -> str:
        table = [f"{'ok' if not l.broken else 'BROKEN':7}{l.count:7}  {l.rule}" for l in self.lines]  # noqa: E741
        table += [
            f"       {len(line.broken)} broke it: {', '.join(line.broken[:5])}" for line in self.lines if line.broken
        ]
        return "\n".join([*table, *(f"{'':7}{value!s:>7}  {name}" for name, value in self.figures)])


@dataclass(frozen=True, slots=True)
class Seen:
    """All there is to compare."""

    load: Load
    sink: Sink
    inbox: Sequence[Row]
    outbox: dict[str, Row]
    history: dict[str, list[Row]]
    records: Sequence[Row]
    alerts: Sequence[Row]
    forwards: Sequence[Row]
    checks: Sequence[Row]

    def sends(self) -> dict[str, list[Send]]:
        found: dict[str, list[Send]] = defaultdict(list)
        for send in self.sink.sends:
            found[send.id].append(send)
        return found


def judge(running: System, load: Load, sink: Sink, calm: Sequence[str]) -> Report:
    """`calm`: the phones that walked through each conversation before anything was killed."""
    with running.database() as connection, _one_moment(connection):
        seen = _seen(connection, load, sink)
    left = tuple(path.name for path in running.spooled())
    lines = (
        *_inbound(seen),
        Line("entries that are left in the spool, or set aside: none", len(left), left),
        *_conversations(seen, calm),
        *_outbound(seen),
        *_histories(seen),
        *_forwarded(seen),
        *_reminded(seen),
    )
    return Report(lines, tuple(_figures(seen, running)))


@contextmanager
def _one_moment(connection: Connection[Any]) -> Iterator[None]:
    """Tables are compared with each other, so all of them are read as they were at one time."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _seen(connection: Connection[Any], load: Load, sink: Sink) -> Seen:
    def rows(question: str) -> list[Row]:
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(question.encode()).fetchall()

    history: dict[str, list[Row]] = defaultdict(list)
    for row in rows("SELECT * FROM outbox_history WHERE source = 'row' ORDER BY number"):
        history[str(row["message_id"])].append(row)
    return Seen(
        load=load,
        sink=sink,
        inbox=rows("SELECT * FROM inbox ORDER BY id"),
        outbox={str(row["id"]): row for row in rows(f"SELECT *, due_at <= {NOW} AS due FROM outbox ORDER BY seq")},
        history=history,
        records=rows("SELECT * FROM records ORDER BY number"),
        alerts=rows("SELECT * FROM alerts ORDER BY id"),
        forwards=rows("SELECT * FROM forwards ORDER BY id"),
        checks=rows("SELECT * FROM due_checks"),
    )


def _inbound(seen: Seen) -> Iterator[Line]:
    """Accepted = stored."""
    accepted, stored = seen.load.acknowledged(), [row["external_id"] for row in seen.inbox]
    times = Counter(stored)
    yield Line("messages acknowledged: all are in the inbox", len(accepted), _names(accepted - times.keys()))
    yield Line("messages in the inbox: each once", len(times), _names(id for id, n in times.items() if n > 1))
    written = {said.id for said in seen.load.said}
    yield Line("messages in the inbox: somebody wrote them", len(times), _names(times.keys() - written))
    unread = [row["external_id"] for row in seen.inbox if row["state"] != "done"]
    yield Line("messages in the inbox: all are read", len(stored), _names(unread))
    of_phone, heard = defaultdict(list), defaultdict(list)
    for said in seen.load.said:
        of_phone[said.number].append(said.text)
    for row in seen.inbox:
        heard[row["address"]].append(row["text"])
    yield Line("phones: heard in their order", len(of_phone), _names(n for n, t in of_phone.items() if heard[n] != t))
    answered = {row["inbound_id"] for row in seen.outbox.values()}
    silent = (row["external_id"] for row in seen.inbox if row["id"] not in answered)
    yield Line("messages in the inbox: all are answered", len(stored), _names(silent))


def _conversations(seen: Seen, calm: Sequence[str]) -> Iterator[Line]:
    """What came of a conversation is the same as in calm weather: no record, alert or reply more or less."""
    model = dict(enumerate(_outcomes(seen, calm)))
    phones = [phone for phone in seen.load.walked if phone not in calm]
    found = dict(zip(phones, _outcomes(seen, phones), strict=True))
    walked = [(phone, found[phone], model[seen.load.walked[phone]]) for phone in phones]
    for n, what in enumerate(("records, each version once", "alerts, one for each danger", "replies, each once")):
        count = sum(len(got[n]) for _, got, _ in walked)
        yield Line(f"{what}, as in calm weather", count, _names(p for p, got, want in walked if got[n] != want[n]))
    ideal = sum(len(model[n][1]) > 0 for n in range(len(SCRIPTS)))
    yield Line("conversations with an alert in calm weather", ideal, () if ideal else ("none",))
    keys = Counter((row["inbound_id"], row["person_id"], row["form"]) for row in seen.records)
    yield Line("records: once for (message, person, form)", len(keys), _names(str(k) for k, n in keys.items() if n > 1))


def _outcomes(seen: Seen, phones: Sequence[str]) -> Iterator[tuple[list[Any], list[Any], list[Any]]]:
    """Of each phone: its records, its alerts and our words to it, without what differs between people."""
    place = {row["id"]: row["text"] for row in seen.inbox}
    whose = {row["contact_id"]: row["address"] for row in seen.inbox}
    records, alerts, words = defaultdict(list), defaultdict(list), defaultdict(list)
    for row in seen.records:
        facts = (row["form"], row["version"], row["level"], row["temperature"], json.dumps(row["answers"]))
        records[whose[row["contact_id"]]].append((*facts, place[row["inbound_id"]], row["confirmed_at"] is not None))
    for row in seen.alerts:
        alerts[whose[row["contact_id"]]].append(
            (row["kind"], row["status"], tuple(row["signs"]), place[row["inbound_id"]])
        )
    for row in seen.outbox.values():
        if row["inbound_id"] is not None:
            words[row["address"]].append((row["kind"], place[row["inbound_id"]], _OTHERS.sub("…", row["text"])))
    for phone in phones:
        yield records[phone], sorted(alerts[phone]), words[phone]


def _outbound(seen: Seen) -> Iterator[Line]:
    """Every reply that was written and is due reached the sink; what was withdrawn did not."""
    sends, outbox = seen.sends(), seen.outbox
    yield Line("sends at the sink: we wrote them", len(seen.sink.sends), _names(sends.keys() - outbox.keys()))
    wrong = (i for i, got in sends.items() if i in outbox and any(s.to != outbox[i]["address"] for s in got))
    yield Line("sends at the sink: to whom they were meant", len(seen.sink.sends), _names(wrong))
    arrived = [i for i, row in outbox.items() if row["status"] in _ARRIVED]
    yield Line("messages that count as sent: all reached the sink", len(arrived), _names(set(arrived) - sends.keys()))
    waiting = (i for i, row in outbox.items() if row["status"] in ("queued", "sending") and row["due"])
    yield Line("messages that are due: none is left", len(outbox), _names(waiting))
    lost = (i for i, row in outbox.items() if row["status"] in ("failed", "expired"))
    yield Line("messages: none failed, none was too late", len(outbox), _names(lost))
    withdrawn = [i for i, row in outbox.items() if row["status"] == Status.WITHDRAWN]
    yield Line("messages withdrawn: none reached the sink", len(withdrawn), _names(set(withdrawn) & sends.keys()))
    wrongly = (i for i in withdrawn if outbox[i]["kind"] not in ("question", "reminder"))
    yield Line("messages withdrawn: only questions that were passed", len(withdrawn), _names(wrongly))
    unknown = [i for i, row in outbox.items() if row["status"] == Status.UNKNOWN]
    yield Line("messages of unknown outcome: all reached the sink", len(unknown), _names(set(unknown) - sends.keys()))
    doubled = {i: len(got) for i, got in sends.items() if len(got) > 1 and i in outbox}
    unjust = (i for i, count in doubled.items() if count > 1 + _unanswered(seen.history[i]))
    yield Line("messages that arrived twice: under one id, in doubt", len(doubled), _names(unjust))
    yield _in_order(seen, sends)


def _unanswered(history: Sequence[Row]) -> int:
    """Attempts whose outcome was not known when the next one began."""
    following = [*history[1:], None]
    return sum(
        here["status"] == "sending" and (then is None or then["status"] in ("sending", "queued", "unknown"))
        for here, then in zip(history, following, strict=True)
    )


def _in_order(seen: Seen, sends: dict[str, list[Send]]) -> Line:
    """Of one priority, in the order in which they were written, by their first arrival."""
    lines = defaultdict(list)
    for id, got in sends.items():
        if row := seen.outbox.get(id):
            lines[row["address"], row["priority"]].append((min(send.at for send in got), row["seq"]))
    mixed = (f"{a} {p}" for (a, p), each in lines.items() if [s for _, s in sorted(each)] != sorted(s for _, s in each))
    return Line("phones: written to in the order of their conversation", len(lines), _names(mixed))


def _histories(seen: Seen) -> Iterator[Line]:
    """A status that was reached is never taken back."""
    back = (
        id
        for id, steps in seen.history.items()
        if any(_ENDED <= _RANK[a["status"]] > _RANK[b["status"]] for a, b in pairwise(steps))
    )
    yield Line("histories: no status went backwards", len(seen.history), _names(back))
    other = (
        i for i, steps in seen.history.items() if i in seen.outbox and steps[-1]["status"] != seen.outbox[i]["status"]
    )
    yield Line("histories: each ends as its message", len(seen.history), _names(other))


def _forwarded(seen: Seen) -> Iterator[Line]:
    """Stored = queued = distinct at the unit."""
    stored = {str(row["id"]) for row in seen.records if row["forwarded_at"] is not None}
    queued = {str(row["id"]): str(row["record_id"]) for row in seen.forwards}
    arrived, bodies = defaultdict(list), defaultdict(set)
    for delivery in seen.sink.deliveries:
        arrived[delivery.id].append(delivery)
        bodies[delivery.id].add(delivery.body)
    yield Line("records to be forwarded: all are queued", len(stored), _names(stored - set(queued.values())))
    left = (row for row in seen.forwards if row["status"] != "delivered")
    yield Line("deliveries: all are delivered", len(queued), _names(str(row["id"]) for row in left))
    yield Line("deliveries: all are at the unit, lost none", len(queued), _names(queued.keys() - arrived.keys()))
    yield Line("deliveries at the unit: we queued them", len(arrived), _names(arrived.keys() - queued.keys()))
    told = {id: json.loads(got[0].body)["data"]["id"] for id, got in arrived.items()}
    yield Line(
        "deliveries: of the record they are queued for", len(told), _names(i for i in told if told[i] != queued.get(i))
    )
    twice = Counter(
        (path, record) for (path, record), _ in {((d.path, told[d.id]), d.id): 0 for d in seen.sink.deliveries}
    )
    yield Line(
        "deliveries: one id for a record and a unit", len(twice), _names(str(k) for k, n in twice.items() if n > 1)
    )
    yield Line("deliveries sent again: the same bytes", len(bodies), _names(i for i, b in bodies.items() if len(b) > 1))
    forged = (delivery.id for delivery in seen.sink.deliveries if not delivery.signed)
    yield Line("deliveries: signed", len(seen.sink.deliveries), _names(forged))
    tries = {str(row["id"]): row["attempts"] for row in seen.forwards}
    often = (id for id, got in arrived.items() if len(got) > tries.get(id, 0))
    yield Line("deliveries: none without an attempt", len(arrived), _names(often))


def _reminded(seen: Seen) -> Iterator[Line]:
    """What was due is asked once."""
    due = [str(row["id"]) for row in seen.checks if row["reminded_at"] is not None]
    asked = Counter(str(row["due_check_id"]) for row in seen.outbox.values() if row["due_check_id"] is not None)
    yield Line("reminders: one for a check that is due", len(asked), _names(id for id, n in asked.items() if n > 1))
    yield Line("checks that were marked: asked or not to be asked", len(due), _names(asked.keys() - set(due)))


def _figures(seen: Seen, running: System) -> Iterator[tuple[str, object]]:
    said, sends = seen.load.said, seen.sends()
    yield (
        "kills: " + ", ".join(f"{name} {count}" for name, count in sorted(running.kills.items())),
        sum(running.kills.values()),
    )
    yield "attempts at bringing a message", sum(each.attempts for each in said)
    refused = ", ".join(f"{status or 'nobody'} {count}" for status, count in sorted(seen.load.refusals.items()))
    yield f"of them not acknowledged: {refused}", sum(seen.load.refusals.values())
    yield "messages brought again after they were acknowledged", sum(each.repeats for each in said)
    yield "messages that reached the sink more than once", sum(len(got) > 1 for got in sends.values())
    again = Counter(delivery.id for delivery in seen.sink.deliveries)
    yield "deliveries that reached the unit more than once", sum(count > 1 for count in again.values())


def _names(broken: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(broken))
