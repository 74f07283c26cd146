"""What the phone tells: signatures, messages, reports, and that it is alive."""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.messaging.channel import InboundMessage, Media, Status, StatusReport
from core.messaging.ports import Ports
from sms.android import receive
from sms.android.config import AndroidConfig
from tests.contract.kits.android import signed
from tests.fakes.android import KEY, PASSWORD, USER

NOW = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
OURS = "01a1ff6a-f4ac-7405-8588-e566a651fee6"
HEARD = {
    "messageId": "abc",
    "message": "Em sốt 38,2",
    "sender": "0900000001",
    "recipient": "+84900000099",
    "simNumber": 1,
}


@dataclass
class Desk:
    """What was handed in."""

    sim: int | None = None
    messages: list[InboundMessage] = field(default_factory=list)
    reports: list[StatusReport] = field(default_factory=list)
    beats: list[str] = field(default_factory=list)
    strange: bool = False

    def web(self) -> FlaskClient:
        config = AndroidConfig("http://127.0.0.1:1", USER, PASSWORD, KEY, self.sim)
        ports = Ports(self.messages.extend, self._report, lambda notices: None, lambda: NOW, self.beats.append)
        app = Flask("test")
        app.register_blueprint(receive.blueprint(config, ports))
        return app.test_client()

    def _report(self, reports: Sequence[StatusReport]) -> Sequence[StatusReport]:
        self.reports.extend(reports)
        return reports if self.strange else ()


def tell(desk: Desk, event: str, payload: object, id: str = "Ey6ECgOkVVFjz3CL48B8C") -> int:
    hook = signed({"deviceId": "d", "webhookId": "w", "event": event, "id": id, "payload": payload})
    return desk.web().post(hook.path, data=hook.body, headers=dict(hook.headers)).status_code


def test_the_signature_is_the_makers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The digest was made by openssl over {"a":1}1795245781."""
    monkeypatch.setattr("sms.android.receive.time.time", lambda: 1795245781.0)
    theirs = "ffdb93bd7f266fd4e6bd2e3facff23b2f1c4521373a8c96e47cdb3560d8af845"
    assert hmac.digest(KEY.encode(), b'{"a":1}1795245781', "sha256").hex() == theirs
    headers = {"X-Timestamp": "1795245781", "X-Signature": theirs}
    web = Desk().web()
    assert web.post("/sms/android/inbound", data=b'{"a":1}', headers=headers).status_code == 200
    upper = {**headers, "X-Signature": theirs.upper()}
    assert web.post("/sms/android/inbound", data=b'{"a":1}', headers=upper).status_code == 200
    assert web.post("/sms/android/inbound", data=b'{"a":2}', headers=headers).status_code == 403


@pytest.mark.parametrize(("age", "status"), [(0, 200), (290, 200), (-290, 200), (320, 403), (-320, 403), (10**7, 403)])
def test_five_minutes_both_ways(age: int, status: int) -> None:
    hook = signed({"id": "1", "event": "system:ping", "payload": {}}, at=time.time() - age)
    assert Desk().web().post(hook.path, data=hook.body, headers=dict(hook.headers)).status_code == status


@pytest.mark.parametrize("made", ["", "noon", "1.5", "-1", "1" * 40])
def test_a_time_that_is_none_is_forged(made: str) -> None:
    hook = signed({"id": "1"})
    headers = {**hook.headers, "X-Timestamp": made}
    assert Desk().web().post(hook.path, data=hook.body, headers=headers).status_code == 403


def test_a_message_is_handed_in_under_the_envelopes_id() -> None:
    """The message's own id is made of its words: two the same words have it too."""
    desk = Desk()
    assert [tell(desk, "sms:received", HEARD, id) for id in ("e1", "e2")] == [200, 200]
    assert [(m.external_id, m.address, m.text, m.media) for m in desk.messages] == [
        ("e1", "+84900000001", "Em sốt 38,2", None),
        ("e2", "+84900000001", "Em sốt 38,2", None),
    ]
    assert desk.messages[0].received_at == NOW


def test_older_applications_call_the_sender_otherwise() -> None:
    desk = Desk()
    tell(desk, "sms:received", {"message": "OK", "phoneNumber": "+84900000001", "simNumber": None})
    assert [m.address for m in desk.messages] == ["+84900000001"]


def test_a_picture_is_told_and_not_fetched() -> None:
    desk = Desk()
    tell(desk, "mms:received", {"sender": "+84900000001", "subject": None, "size": 125684})
    tell(desk, "mms:downloaded", {"sender": "+84900000001", "body": "x", "attachments": [{"data": "AAAA"}]})
    assert [(m.text, m.media) for m in desk.messages] == [("", Media.PHOTO)]


@pytest.mark.parametrize(("sim", "came_to", "taken"), [(1, 1, True), (1, 2, False), (1, None, True), (None, 2, True)])
def test_the_keepers_own_sim_stays_private(sim: int | None, came_to: int | None, taken: bool) -> None:
    desk = Desk(sim)
    tell(desk, "sms:received", HEARD | {"simNumber": came_to})
    assert len(desk.messages) == taken


def test_what_the_phone_writes_to_itself_is_not_answered() -> None:
    desk = Desk()
    tell(desk, "sms:received", HEARD | {"sender": "+84900000099"})
    assert desk.messages == []


@pytest.mark.parametrize(
    ("event", "more", "status", "code"),
    [
        ("sms:sent", {"partsCount": 2}, Status.SENT, ""),
        ("sms:delivered", {}, Status.DELIVERED, ""),
        ("sms:cancelled", {}, Status.FAILED, "cancelled"),
        (
            "sms:failed",
            {"reason": "Send result: RESULT_ERROR_GENERIC_FAILURE"},
            Status.FAILED,
            "RESULT_ERROR_GENERIC_FAILURE",
        ),
        ("sms:failed", {"reason": "Delivery result from SC +84980200030: 67"}, Status.FAILED, "delivery 67"),
        ("sms:failed", {"reason": "TTL expired"}, Status.EXPIRED, "too late"),
        ("sms:failed", {"reason": "Can't send message: Invalid number 0900000001"}, Status.FAILED, "phone"),
        ("sms:failed", {}, Status.FAILED, "phone"),
    ],
)
def test_reports(event: str, more: dict[str, Any], status: Status, code: str) -> None:
    desk = Desk()
    assert tell(desk, event, {"messageId": OURS, "recipient": "+84900000001", **more}) == 200
    (said,) = desk.reports
    assert (said.provider_id, said.message_id, said.status, said.error) == (OURS, UUID(OURS), status, code)


def test_what_others_send_with_the_phone_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    with caplog.at_level(logging.INFO):
        assert tell(desk, "sms:delivered", {"messageId": "zXDYfTmTVf3iMd16zzdBj", "recipient": "+84900000001"}) == 200
    assert desk.reports == []
    assert "+84" not in caplog.text


def test_any_event_says_that_the_phone_is_alive_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("sms.android.receive.time.monotonic", lambda: clock[0])
    desk = Desk()
    web = desk.web()
    for at in (0, 30, 61, 62):
        clock[0] = 1000.0 + at
        hook = signed({"id": "1", "event": "system:ping", "payload": {"health": {}}})
        assert web.post(hook.path, data=hook.body, headers=dict(hook.headers)).status_code == 200
    assert desk.beats == ["android", "android"]


def test_a_forged_request_is_no_beat() -> None:
    desk = Desk()
    hook = signed({"id": "1", "event": "system:ping", "payload": {}}, key="another")
    assert desk.web().post(hook.path, data=hook.body, headers=dict(hook.headers)).status_code == 403
    assert desk.beats == []
