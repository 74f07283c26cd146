"""/metrics: what waits, in numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import Engine, insert

from app.settings import Settings
from app.web import create_app
from core.database.tables import contacts, inbox, outbox

NOW = datetime.now(UTC)


def test_what_waits_is_counted_and_aged_by_channel(engine: Engine, settings: Settings) -> None:
    begun = datetime.now(UTC)
    contact = uuid4()
    with engine.begin() as connection:
        address = {"channel": "phone", "address": "+84900000001"}
        connection.execute(insert(contacts).values(id=contact, seen_at=NOW, **address))
        for seq, status in enumerate(("queued", "queued", "sent"), start=1):
            row = {"id": uuid4(), "contact_id": contact, "seq": seq, "kind": "info", "priority": 1, "text": "?"}
            times = {"created_at": NOW - timedelta(minutes=seq), "due_at": NOW, "expires_at": NOW}
            connection.execute(insert(outbox).values(**row, **times, **address, parts=1, status=status))
    said = create_app(settings, engine).test_client().get("/metrics").get_data(as_text=True)
    lines = dict(line.rsplit(" ", 1) for line in said.splitlines() if not line.startswith("#"))
    assert lines['khaibao_outbox_waiting{of="phone"}'] == "2.0"
    oldest = begun - (NOW - timedelta(minutes=2))
    assert oldest.total_seconds() <= float(lines['khaibao_outbox_oldest_seconds{of="phone"}'])
    assert "0900" not in said
    assert "+84" not in said


def test_what_could_not_be_read_is_counted(engine: Engine, settings: Settings) -> None:
    contact, address = uuid4(), {"channel": "phone", "address": "+84900000001"}
    row = {"id": uuid4(), "external_id": "SM1", "text": "?", "received_at": NOW - timedelta(minutes=2)}
    with engine.begin() as connection:
        connection.execute(insert(contacts).values(id=contact, seen_at=NOW, **address))
        connection.execute(insert(inbox).values(**row, contact_id=contact, state="failed", **address))
    said = create_app(settings, engine).test_client().get("/metrics").get_data(as_text=True)

    assert 'khaibao_inbox_failed_waiting{of="phone"} 1.0' in said
