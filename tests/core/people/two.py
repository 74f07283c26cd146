"""A person with a telephone and a chat."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.render import renderer
from core.database.shared import directory
from core.database.tables import addresses
from core.messaging.channel import Channel, ChannelProfile, InboundMessage, Media
from core.pipeline.receive import receive
from core.pipeline.services import Services
from tests.cast import LAN, Cast

ZALO = Channel(ChannelProfile("zalo", sms=False, max_text=2000, buttons=5), renderer(5))
OTHER_SMS = Channel(ChannelProfile("esms", sms=True, max_text=1600), lambda *a, **k: pytest.fail("nothing is rendered"))
CHAT = "1234567890123456789"


def chats(cast: Cast, *texts: str, who: str = CHAT, phone: str = "", services: Services | None = None) -> None:
    for text in texts:
        media = Media.CONTACT if phone else None
        message = InboundMessage("zalo", f"Z{next(cast._ids)}", who, text, cast.clock.at, media, phone=phone)
        receive(services or cast.services, [message])
        cast.clock.at += timedelta(seconds=20)


def owner(cast: Cast, channel: str, address: str) -> object:
    """Whose it is, by the cell and by the directory, which agree."""
    with cast.engine.connect() as connection:
        found = {
            connection.scalar(select(t.c.contact_id).where(t.c.channel == channel, t.c.address == address))
            for t in (addresses, directory)
        }
    assert len(found) == 1
    return found.pop()


def code(text: str) -> str:
    found = re.search(r"LIEN KET (\d{4} \d{4})", text)
    assert found, text
    return found[1]


def linked(cast: Cast) -> bool:
    return owner(cast, "phone", LAN) == owner(cast, "zalo", CHAT)


def link(cast: Cast) -> None:
    cast.writes("LIEN KET")
    chats(cast, f"LIEN KET {code(cast.heard()[-1])}")
    assert linked(cast)
