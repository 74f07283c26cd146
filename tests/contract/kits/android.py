"""A commune's phone: JSON events, signed over the body and the time."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from core.messaging.channel import Status
from tests.contract.kit import Arrived, Hook
from tests.fakes.android import KEY, PASSWORD, USER, FakeAndroid, Reply, fake_android

INBOUND = "/sms/android/inbound"
_EVENTS = {Status.SENT: "sms:sent", Status.DELIVERED: "sms:delivered", Status.FAILED: "sms:failed"}


@dataclass
class AndroidKit:
    gateway: FakeAndroid
    name: str = "android"
    address: str = "+84900000001"

    @property
    def environ(self) -> Mapping[str, str]:
        return {
            "ANDROID_SEND_URL": self.gateway.url,
            "ANDROID_USER": USER,
            "ANDROID_PASSWORD": PASSWORD,
            "ANDROID_SIGNING_KEY": KEY,
        }

    def says(self, text: str, id: str) -> Hook:
        return signed(self._heard(text, id))

    def taps(self, payload: str, id: str) -> Hook | None:
        return None

    def forged(self) -> Sequence[Hook]:
        genuine = signed(self._heard("KHAI", "1"))
        unsigned = {"Content-Type": "application/json"}
        later = str(int(time.time()) + 1)
        return (
            Hook(INBOUND, genuine.body, unsigned),
            signed(self._heard("KHAI", "1"), key="another key"),
            Hook(INBOUND, genuine.body.replace(b"KHAI", b"STOP"), genuine.headers),
            Hook(INBOUND, genuine.body, {**genuine.headers, "X-Timestamp": later}),
            Hook(INBOUND, genuine.body, {**genuine.headers, "X-Timestamp": "noon"}),
            signed(self._heard("KHAI", "1"), at=time.time() + 900),
        )

    def replayed(self) -> Hook | None:
        return signed(self._heard("KHAI", "1"), at=time.time() - 360)

    def malformed(self) -> Sequence[Hook]:
        whole = self._heard("KHAI", "1")
        payload = whole["payload"]
        without = [whole | {"payload": {k: v for k, v in payload.items() if k != n}} for n in ("message", "sender")]
        odd = [whole | {"payload": payload | {"sender": name}} for name in ("VIETTEL", "195", None, 84900000001)]
        ids = [whole | {"id": id} for id in (None, "", "x" * 100)]
        bodies: list[Any] = [*without, *odd, *ids, whole | {"payload": None}, [], "KHAI"]
        return [*map(signed, bodies), signed(b"{")]

    def unknown(self) -> Sequence[Hook]:
        events: list[Any] = [
            "system:ping",
            "app:started",
            "sms:data-received",
            "mms:downloaded",
            "sms:pondered",
            None,
            7,
        ]
        return [signed({"id": uuid4().hex, "event": event, "payload": {"messageId": "other"}}) for event in events]

    def blocked(self) -> Hook | None:
        return None

    def arrived(self) -> Sequence[Arrived]:
        return [Arrived(m["phoneNumbers"][0], m["textMessage"]["text"], id=m["id"]) for m in self.gateway.taken]

    def reports(self, message: Arrived) -> Mapping[Status, Hook]:
        payload = {"messageId": message.id, "recipient": message.address, "reason": "Send result: RESULT_NO_DEFAULT"}
        return {
            status: signed({"id": uuid4().hex, "event": event, "payload": payload}) for status, event in _EVENTS.items()
        }

    def refuses(self) -> None:
        self.gateway.faults.append(Reply(400, {"message": f"invalid phone number: {self.address}"}))

    def limits(self, seconds: int) -> None:
        self.gateway.faults.append(Reply(429, {"message": "too many requests"}, {"Retry-After": str(seconds)}))

    def falls_silent(self) -> None:
        self.gateway.faults.append(Reply(202, after=2.0))

    def _heard(self, text: str, id: str) -> dict[str, Any]:
        payload = {
            "messageId": "abc123",
            "message": text,
            "sender": self.address,
            "recipient": "+84900000099",
            "simNumber": 1,
            "receivedAt": "2026-11-21T15:46:11.000+07:00",
        }
        return {"deviceId": "d1", "event": "sms:received", "id": id.replace(" ", "-"), "payload": payload}


def signed(body: object, key: str = KEY, at: float | None = None) -> Hook:
    """As the phone posts it."""
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    made = str(int(time.time() if at is None else at))
    signature = hmac.new(key.encode(), raw + made.encode(), hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Timestamp": made, "X-Signature": signature}
    return Hook(INBOUND, raw, headers)


@contextmanager
def opened() -> Iterator[AndroidKit]:
    with fake_android() as gateway:
        yield AndroidKit(gateway)
