"""A message whose send was never answered is settled by Kannel's own report of it."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from core.messaging.channel import MessageKind, Status
from tests.contract.kits import kannel
from tests.contract.stage import QUICK, stage


@pytest.mark.parametrize("kind", [MessageKind.RECEIPT, MessageKind.DANGER])
@pytest.mark.parametrize("status", [Status.SENT, Status.DELIVERED])
def test_a_report_settles_a_message_in_doubt(
    engine: Engine, environ: dict[str, str], kind: MessageKind, status: Status
) -> None:
    """Also a warning that already waits to be repeated: it does not leave again."""
    with kannel.opened() as kit, stage(kit, engine, environ) as on:
        on.hears("KHAI")
        on.send()
        kit.falls_silent()
        message = on.put("Xin gọi 115", kind)
        on.send(timeout=QUICK)
        taken = kit.arrived()[-1]
        assert str(message) in taken.id
        assert on.post(kit.reports(taken)[status]).status_code == 200
        row = on.message(message)
        assert (row["status"], row["provider_id"]) == (status, str(message))
        on.later += row["expires_at"] - on.now()
        on.send()
        assert [m.text for m in kit.arrived()].count("Xin gọi 115") == 1
        assert on.message(message)["status"] == status
