"""What providers say of addresses."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from core.messaging.channel import MessageKind
from core.messaging.notices import apply
from core.messaging.ports import Change, Notice
from tests.core.messaging.line import HOA, LAN, NOW, Line


@pytest.fixture
def line(engine: Engine) -> Line:
    return Line(engine)


def say(line: Line, change: Change, to: str = LAN) -> None:
    with line.engine.begin() as connection:
        apply(connection, [Notice("phone", to, change)], NOW)


def test_a_stop_marks_the_address_and_withdraws_what_would_be_refused(line: Line) -> None:
    reply, reminder = line.put(MessageKind.INFO), line.put(MessageKind.REMINDER, due_at=NOW + timedelta(hours=1))
    warning, sent = line.put(MessageKind.DANGER), line.put(status="sent")
    in_doubt, another = line.put(lease=uuid4()), line.put(to=HOA)
    for _ in range(2):
        say(line, Change.STOPPED)
    assert line.address()["stopped_at"] == NOW
    assert (line.address()["unreachable_at"], line.address(HOA)["stopped_at"]) == (None, None)
    assert [line.status(each) for each in (reply, reminder)] == ["withdrawn", "withdrawn"]
    assert [line.status(each) for each in (warning, sent, in_doubt, another)] == ["queued", "sent", "queued", "queued"]


def test_an_earlier_stop_keeps_its_time_and_a_start_ends_it(line: Line) -> None:
    line.contact(LAN)
    line.stop()
    say(line, Change.STOPPED)
    assert line.address()["stopped_at"] == NOW
    say(line, Change.RESUMED)
    assert line.address()["stopped_at"] is None


@pytest.mark.parametrize("change", [Change.STOPPED, Change.RESUMED])
def test_an_address_that_nobody_knows(line: Line, change: Change) -> None:
    line.contact(HOA)
    say(line, change)
    assert line.address(HOA)["stopped_at"] is None
