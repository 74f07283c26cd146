"""Entries: what was handed in comes back as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from core.messaging.channel import InboundMessage, Media, Status, StatusReport
from core.messaging.entries import Item, read, written
from core.messaging.ports import Change, Notice

AT = datetime(2026, 11, 21, 1, 2, 3, 456789, tzinfo=UTC)


@pytest.mark.parametrize(
    "item",
    [
        InboundMessage("kannel", "1", "+84900000001", "Tôi bị sốt 🤒 \u0000", AT, also=("0", "-1")),
        InboundMessage("zalo", "2", "77", "", AT, Media.VOICE, mark="ab12", phone="+84900000001", language="en"),
        StatusReport("twilio", "SM1", Status.FAILED, "30003", uuid4(), unreachable=True),
        StatusReport("twilio", "SM1", Status.DELIVERED),
        Notice("telegram", "5", Change.MOVED, moved_to="-1005", code="x"),
    ],
)
def test_it_comes_back_as_it_was(item: Item) -> None:
    assert read(written(item)) == item


def test_what_a_newer_program_wrote_is_read_as_far_as_it_is_known() -> None:
    text = written(InboundMessage("zalo", "2", "77", "", AT, Media.VOICE))
    newer = text.replace('"voice"', '"hologram"').replace('"text":', '"mood":"glad","text":')

    assert read(newer) == InboundMessage("zalo", "2", "77", "", AT, Media.FILE)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"kind":"song","item":{}}', '{"kind":"message","item":{}}', "null"])
def test_what_is_no_entry_is_none(text: str) -> None:
    assert read(text) is None
