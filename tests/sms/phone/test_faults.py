"""A simulated phone that does not take its messages."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from app.settings import Settings
from core.messaging.channel import OutboundMessage, OutcomeUnknown, SendError, Status, TryLater, Unreachable
from core.messaging.ports import Tools
from core.secrets import Vault
from sms.phone.faults import Fault, set_fault
from sms.phone.send import PhoneSender
from tests.sms.phone.desk import LAN, MAY, Desk


def send(engine: Engine, settings: Settings, to: str) -> Status | type[SendError]:
    sender = PhoneSender(Tools(engine, Vault(settings.data_keys), lambda: datetime.now(UTC)))
    try:
        return asyncio.run(sender.send(OutboundMessage(uuid4(), "phone", to, "Xin chao"))).status
    except SendError as error:
        return type(error)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (None, Status.DELIVERED),
        (Fault.OFF, TryLater),
        (Fault.GONE, Unreachable),
        (Fault.SILENT, OutcomeUnknown),
    ],
)
def test_how_it_ends(
    engine: Engine, settings: Settings, fault: Fault | None, expected: Status | type[SendError]
) -> None:
    set_fault(engine, MAY, fault)
    assert send(engine, settings, MAY) == expected
    assert send(engine, settings, LAN) == Status.DELIVERED


def test_the_page_sets_it_and_shows_it(engine: Engine, settings: Settings) -> None:
    web = Desk(engine).client()
    assert web.post("/phone/fault", json={"number": MAY, "fault": "gone"}).status_code == 200
    assert 'value="gone" selected' in web.get(f"/phone?number={MAY}").text
    assert send(engine, settings, MAY) is Unreachable
    assert web.post("/phone/fault", json={"number": MAY, "fault": ""}).status_code == 200
    assert send(engine, settings, MAY) == Status.DELIVERED


@pytest.mark.parametrize("body", [{"number": MAY, "fault": "eaten"}, {"number": "+84912345678", "fault": "gone"}, {}])
def test_anything_else_is_refused(engine: Engine, body: dict[str, str]) -> None:
    assert Desk(engine).client().post("/phone/fault", json=body).status_code in {400, 403}
