"""Kannel's longest request through the server that we really run."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import Engine, select

from app.migrate import migrate
from app.settings import load
from core.database.tables import inbox
from tests.sms.kannel.real import Ports, wait_for

pytestmark = pytest.mark.slow


def test_a_message_of_ten_parts_with_accents_is_taken_and_not_logged(engine: Engine, environ: dict[str, str]) -> None:
    ours = {**environ, **Ports.free().environ()}
    migrate(engine, load(ours))
    base, said = ours["KANNEL_CALLBACK_URL"], "ố" * 670
    fields = {"secret": ours["KANNEL_SECRET"], "from": "84900000001", "text": said, "charset": "UTF-8", "id": "1"}
    command = [sys.executable, "-m", "app.cli", "web"]
    with subprocess.Popen(command, env={**os.environ, **ours}, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_for(lambda: _answers(f"{base}/health/ready"), "the web process does not answer", patience=30)
            answer = httpx.get(f"{base}/sms/kannel/inbound?{urlencode(fields)}")
        finally:
            process.terminate()
            _, logged = process.communicate(timeout=20)
    assert (answer.status_code, answer.content) == (200, b"")
    with engine.connect() as connection:
        assert connection.scalars(select(inbox.c.text)).all() == [said]
    assert "/sms/kannel/inbound" in logged
    for secret in (ours["KANNEL_SECRET"], "84900000001", "%E1%BB%91", "ố"):
        assert secret not in logged


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).is_success
    except httpx.HTTPError:
        return False
