"""A message as it arrives: made fit for the database, and the rows of whoever it came from."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from core.conversation.session import Session
from core.messaging.channel import InboundMessage
from core.pipeline.inbox import Arrived
from core.pipeline.services import Services


def clean(message: InboundMessage) -> InboundMessage:
    """PostgreSQL stores no NUL, which some phones send as padding, and no half of a surrogate pair, which a smiley cut
    by a gateway leaves: it becomes U+FFFD, since "?" would make a question of the text."""
    text = message.text.replace("\x00", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return message if text == message.text else replace(message, text=text)


def contact_row(item: Arrived, now: datetime) -> dict[str, Any]:
    """For `contacts.ensure`."""
    message = item.message
    return {"id": item.contact_id, "channel": message.channel, "address": message.address, "seen_at": now}


def heard_row(item: Arrived, now: datetime) -> dict[str, Any]:
    """For `addresses.hear`. What is read late, from the spool, was heard when it came: reply windows begin then."""
    message = item.message
    return {
        "channel": message.channel,
        "address": message.address,
        "contact_id": item.contact_id,
        "heard_at": min(message.received_at, now),
    }


def spoken_to(services: Services, session: Session, message: InboundMessage) -> Session:
    """Who has said nothing yet is spoken to in the language of the page."""
    if message.language not in services.words or session != Session() or message.language == session.language:
        return session
    return Session(language=message.language, chosen=True)
