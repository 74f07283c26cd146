"""Saying something that we begin ourselves, to people whose conversation nobody else holds at the moment.

Only rows are written; the worker sends them. The caller marks what it tells of in the same transaction, so that a crash
leaves neither or both. Contacts that somebody else holds are left out: the caller takes them up the next time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from core.conversation.messages import Say
from core.conversation.understanding import Choice
from core.conversation.wording import word, word_choices
from core.messaging.buttons import stored
from core.messaging.channel import MessageKind
from core.messaging.route import Address, Barred, route
from core.people.addresses import by_contact
from core.people.lines import Line, count, hold
from core.pipeline.replies import OUTBOX, PRIORITY
from core.pipeline.services import Services


@dataclass(frozen=True, slots=True)
class Telling:
    """One message that we begin. `id` is derived from what it is about (`core.conversation.ids`), never made anew.

    `avoid`: addresses where it is not to go, since they did not answer there. A telling that is about a due check is
    withdrawn once that is answered.
    """

    id: UUID
    contact_id: UUID
    say: Say
    kind: MessageKind
    expires_at: datetime
    choices: tuple[Choice, ...] = ()
    due_check_id: UUID | None = None
    avoid: frozenset[tuple[str, str]] = frozenset()


def tell(
    connection: Connection, services: Services, tellings: Sequence[Telling], now: datetime
) -> Mapping[UUID, Address | Barred]:
    """Put these in line, in their order; where each goes, or why nowhere, by the telling's id.

    Those whose contact is held by somebody else are missing in the answer, and nothing was done about them.
    """
    if not tellings:
        return {}
    lines = hold(connection, {telling.contact_id for telling in tellings})
    held = [telling for telling in tellings if telling.contact_id in lines]
    ways = _ways(services, held, lines, by_contact(connection, lines), now)
    newest = {contact: line.seq for contact, line in lines.items()}
    rows = []
    for telling in held:
        to = ways[telling.id]
        if isinstance(to, Address):
            newest[telling.contact_id] += 1
            worded = _worded(services, telling, lines[telling.contact_id], to)
            rows.append({**worded, "seq": newest[telling.contact_id], "created_at": now, "due_at": now})
    OUTBOX.run(connection, rows)
    count(connection, {row["contact_id"]: newest[row["contact_id"]] for row in rows})
    return ways


def _ways(
    services: Services,
    tellings: Iterable[Telling],
    lines: Mapping[UUID, Line],
    known: Mapping[UUID, Sequence[Address]],
    now: datetime,
) -> dict[UUID, Address | Barred]:
    found: dict[UUID, Address | Barred] = {}
    for telling in tellings:
        line = lines[telling.contact_id]
        found[telling.id] = route(known.get(line.id, ()), (line.channel, line.address), services.on, now, telling.avoid)
    return found


def _worded(services: Services, telling: Telling, line: Line, to: Address) -> dict[str, Any]:
    """The row, but for its place in line."""
    words = services.words[line.language]
    choices = word_choices(telling.choices, words)
    carried = services.channels[to.channel].render(word(telling.say, words), choices, accents=line.accents)
    return {
        "id": telling.id,
        "contact_id": line.id,
        "inbound_id": None,
        "due_check_id": telling.due_check_id,
        "channel": to.channel,
        "address": to.address,
        "kind": telling.kind,
        "priority": PRIORITY[telling.kind],
        "text": carried.text,
        "choices": stored(carried.choices),
        "parts": carried.parts,
        "expires_at": telling.expires_at,
    }
