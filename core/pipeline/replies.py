"""Replies as outbox rows: worded in the person's language, carried as their channel does, in their order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, update

from core.conversation.engine import Step
from core.conversation.ids import derived
from core.conversation.messages import N_, Say
from core.conversation.wording import word, word_choices
from core.database.batch import Batch, BatchInsert
from core.database.tables import outbox
from core.messaging.buttons import payloads, stored
from core.messaging.channel import InboundMessage, MessageKind
from core.messaging.withdrawn import WITHDRAWN
from core.people.contacts import Locked
from core.pipeline.allowance import AHEAD, PAUSE, allowed
from core.pipeline.services import Services

PRIORITY: Mapping[MessageKind, int] = {
    MessageKind.DANGER: 0,
    MessageKind.QUESTION: 1,
    MessageKind.RECEIPT: 1,
    MessageKind.INFO: 1,
    MessageKind.REMINDER: 2,
    MessageKind.NEWS: 3,
}
_ASKED_FOR = 1  # a code, for example: STOP ends it like a reminder, but who asked for it waits for it, also at night
EXPIRES: Mapping[MessageKind, timedelta] = {
    MessageKind.DANGER: timedelta(hours=6),
    MessageKind.QUESTION: timedelta(hours=24),
    MessageKind.RECEIPT: timedelta(hours=48),
    MessageKind.INFO: timedelta(hours=24),
    MessageKind.REMINDER: timedelta(minutes=30),  # of what we begin at a reply, a code: as long as it is good
    MessageKind.NEWS: timedelta(hours=24),
}
"""How long a reply is worth sending. A reminder of a check-in ends with the day it asks about."""

OUTBOX = BatchInsert(
    outbox,
    [
        "id",
        "contact_id",
        "seq",
        "inbound_id",
        "due_check_id",
        "channel",
        "address",
        "kind",
        "priority",
        "text",
        "choices",
        "parts",
        "created_at",
        "due_at",
        "expires_at",
    ],
    strict=True,  # a number that is taken already must not make a message disappear
)
_PASSED = Batch(outbox, ["contact_id", "seq"])
_WITHDRAW = (
    update(outbox)
    .where(
        outbox.c.contact_id == _PASSED.data.c.contact_id,
        outbox.c.seq <= _PASSED.data.c.seq,
        outbox.c.kind == MessageKind.QUESTION,
        outbox.c.status == "queued",
    )
    .values(WITHDRAWN)
)


_SILENCE = N_(
    "Máy nhận nhiều tin từ số này quá nên tạm ngừng trả lời. Tin vẫn được ghi lại, cán bộ y tế sẽ xem. "
    "Nguy hiểm gọi 115 ngay."
)


class Replies:
    """The outgoing messages of one batch."""

    def __init__(self, services: Services, now: datetime) -> None:
        self._services = services
        self._now = now
        self._rows: list[dict[str, Any]] = []
        self._passed: dict[UUID, int] = {}
        self._answered: dict[UUID, datetime] = {}

    def word(self, inbound_id: UUID, message: InboundMessage, made: Step, held: Locked) -> list[dict[str, Any]]:
        """One step's replies as rows, to be added once all that the step led to is in order."""
        words = self._services.words[made.session.language]
        rows: list[dict[str, Any]] = []
        for n, reply in enumerate(made.replies, start=1):
            through, address = reply.to or (message.channel, message.address)
            channel = self._services.channels[through]
            choices = word_choices(reply.choices, words)
            if channel.profile.buttons and reply.to is None:
                choices = payloads(choices, made.session.mark)
            carried = channel.render(word(reply.say, words), choices, accents=made.session.accents)
            rows.append(
                {
                    "id": derived(inbound_id, f"reply:{n}"),
                    "contact_id": held.id,
                    "seq": held.seq + n,
                    "inbound_id": inbound_id,
                    "due_check_id": None,
                    "channel": through,
                    "address": address,
                    "kind": reply.kind,
                    "priority": min(PRIORITY[reply.kind], _ASKED_FOR),
                    "text": carried.text,
                    "choices": stored(carried.choices),
                    "parts": carried.parts,
                    "created_at": self._now,
                    "due_at": self._now,
                    "expires_at": self._now + EXPIRES[reply.kind],
                }
            )
        return rows

    def add(self, rows: list[dict[str, Any]], held: Locked) -> bool:
        """Put one step's replies in line; a question of ours that the session has passed is withdrawn. True if some are
        left out, since they were answered too much just now: they are told once that there is silence for a while.
        """
        before = self.answered_until(held)
        count, until = allowed(rows, before, self._now, self._services.sms)
        is_over = before is not None and before > self._now + AHEAD
        is_new = count < len(rows) and not is_over
        dropped = [row for row in rows[count:] if row["kind"] != MessageKind.DANGER]
        sent = [row for row in rows if row not in dropped]
        if is_new:
            sent.append(self._silence(dropped[0], held))
            until = self._now + AHEAD + PAUSE
        self._rows += sent
        if rows:
            self._answered[held.id] = until
        if held.session.newest.asked_at is not None and rows:
            self._passed[held.id] = held.seq
        return bool(dropped)

    def answered_until(self, held: Locked) -> datetime | None:
        """For `contacts.replies_at`."""
        return self._answered.get(held.id, held.replies_at)

    def _silence(self, row: dict[str, Any], held: Locked) -> dict[str, Any]:
        """In the place of a reply."""
        words = self._services.words[held.session.language]
        channel = self._services.channels[row["channel"]]
        told = channel.render(word(Say(_SILENCE), words), (), accents=held.session.accents)
        kind = MessageKind.INFO
        return {**row, "kind": kind, "text": told.text, "choices": stored(told.choices), "parts": told.parts}

    def write(self, connection: Connection) -> None:
        """Put all in line; withdraw what is passed and not sent yet, also if it was said to the same batch."""
        OUTBOX.run(connection, self._rows)
        if self._passed:
            passed = [{"contact_id": contact, "seq": seq} for contact, seq in sorted(self._passed.items())]
            connection.execute(_WITHDRAW, _PASSED.parameters(passed))
