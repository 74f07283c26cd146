"""Telegram's webhook, beyond what every channel keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.telegram.config import TelegramConfig
from bot.telegram.receive import blueprint
from core.messaging.channel import InboundMessage
from core.messaging.ports import Change, Notice, Ports
from core.pipeline.receive import BatchRefused
from tests.contract.kits.telegram import SECRET, changed
from tests.fakes.telegram import LAN, TOKEN, message, tap

NOW = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
PUBLIC = "https://khaibao.example"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass
class Core:
    """What the pipeline was given; it may refuse."""

    accepted: list[InboundMessage] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    fault: Exception | None = None

    def accept(self, messages: Sequence[InboundMessage]) -> None:
        if self.fault:
            raise self.fault
        self.accepted += messages

    def notice(self, notices: Sequence[Notice]) -> None:
        if self.fault:
            raise self.fault
        self.notices += notices


@pytest.fixture
def core() -> Core:
    return Core()


def client(core: Core, secret: str = SECRET, public_url: str = PUBLIC) -> FlaskClient:
    app = Flask(__name__)
    config = TelegramConfig(TOKEN, secret, public_url=public_url)
    app.register_blueprint(blueprint(config, Ports(core.accept, lambda _: (), core.notice, lambda: NOW)))
    return app.test_client()


def post(web: FlaskClient, update: object, secret: str = SECRET) -> TestResponse:
    return web.post("/bot/telegram", json=update, headers={HEADER: secret})


def test_a_message_is_accepted_and_answered_by_nothing(core: Core) -> None:
    answer = post(client(core), {"update_id": 7, "message": message("KHAI")})
    assert (answer.status_code, answer.data) == (200, b"")
    assert core.accepted == [InboundMessage("telegram", "700000001:7", str(LAN), "KHAI", NOW)]


def test_a_tap_is_answered_in_the_response(core: Core) -> None:
    answer = post(client(core), {"update_id": 7, "callback_query": tap("kb:3f9a1c:yes")})
    assert answer.get_json() == {"method": "answerCallbackQuery", "callback_query_id": "tap-kb:3f9a1c:yes"}
    assert [(m.text, m.mark) for m in core.accepted] == [("yes", "3f9a1c")]


def test_a_closed_chat_is_a_notice(core: Core) -> None:
    assert post(client(core), {"update_id": 7, "my_chat_member": changed("kicked")}).status_code == 200
    assert core.notices == [Notice("telegram", str(LAN), Change.BLOCKED, code="kicked")]


@pytest.mark.parametrize(
    "update",
    [
        {"update_id": 7, "message": message("KHAI")},
        {"update_id": 7, "callback_query": tap("yes")},
        {"update_id": 7, "my_chat_member": changed("kicked")},
    ],
)
def test_our_own_fault_is_told_so_that_telegram_repeats(core: Core, update: object) -> None:
    core.fault = ConnectionError()
    web = client(core)
    assert post(web, update).status_code == 500
    core.fault = None
    assert post(web, update).status_code == 200
    assert len(core.accepted) + len(core.notices) == 1


def test_what_the_database_refuses_for_good_does_not_hold_up_the_chat(
    core: Core, caplog: pytest.LogCaptureFixture
) -> None:
    core.fault = BatchRefused(["700000001:7"])
    assert post(client(core), {"update_id": 7, "message": message("KHAI")}).status_code == 200
    assert "refuses updates: 700000001:7" in caplog.text


@pytest.mark.parametrize(("secret", "public_url"), [("", PUBLIC), ("", ""), (SECRET, "")])
def test_where_the_worker_asks_nothing_is_genuine(core: Core, secret: str, public_url: str) -> None:
    web = client(core, secret, public_url)
    assert post(web, {"update_id": 7, "message": message("KHAI")}, secret).status_code == 403
    assert core.accepted == []
