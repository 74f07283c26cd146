"""What is known of each contact when its first message of a batch is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from core.care.presence import load_asked as load_presence
from core.care.rules import in_force
from core.care.visits import load_asked
from core.conversation.context import Context
from core.conversation.parsers import presence as presence_words
from core.conversation.turn import VIETNAM
from core.messaging.channel import Media
from core.people.contacts import Locked
from core.pipeline.facts import load_alarmed, load_members
from core.pipeline.inbox import Arrived
from core.pipeline.services import Services
from core.pipeline.volunteers import who_helps


def load_contexts(
    connection: Connection, services: Services, arrived: Sequence[Arrived], held: Mapping[UUID, Locked], now: datetime
) -> dict[UUID, Context]:
    """One context for each contact that is `held` and has a message to read. Each takes a code of `services.codes`,
    which is to be given back.
    """
    read = [a for a in arrived if a.contact_id in held]
    if not read:
        return {}
    heard = {a.contact_id: a.message.received_at for a in reversed(read)}  # their first message's
    ids = sorted(heard)
    units = services.units()
    people = load_members(connection, {contact: heard[contact] for contact in ids}, units)
    alarmed = load_alarmed(connection, ids, now)
    visited = load_asked(connection, ids, now)
    helped = who_helps(connection, services, read, held, now)
    presence = load_presence(connection, asked_of(read), now)
    by_phone = {a.contact_id for a in read if a.message.channel in services.sms}
    rules = in_force(now.astimezone(VIETNAM).date()).told()
    found: dict[UUID, Context] = {}
    for contact in ids:
        members = people.get(contact, ())
        near = units.facts.get(held[contact].unit_code or "") or units.facts[units.centre(services.province)]
        facts = next((m.unit for m in members if m.unit), None) or near
        found[contact] = Context(
            contact,
            facts,
            services.codes.next(),
            rules,
            members,
            alarmed[contact],
            visited.get(contact),
            callable=contact in by_phone or bool(held[contact].phone),
            duty=helped.duties.get(contact),
            consent=helped.asked.get(contact),
            presence=presence.get(contact, ()),
        )
    return found


def asked_of(read: Sequence[Arrived]) -> list[UUID]:
    """Contacts with a message that may answer a question for a sign of presence: of nobody else it is looked up."""
    return sorted(
        {a.contact_id for a in read if a.message.media is Media.LOCATION or presence_words.may_be_one(a.message.text)}
    )
