"""Zalo's Official Account: events signed with a plain SHA-256 over id, body, time and secret."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from core.messaging.channel import Status
from tests.contract.kit import Arrived, Hook
from tests.fakes.zalo import APP, APP_SECRET, OA, OA_SECRET, SEED, FakeZalo, fake_zalo, refuses, slow

PATH = "/bot/zalo"
LONG_AGO = 4 * 3600  # seconds


@dataclass
class ZaloKit:
    provider: FakeZalo
    name: str = "zalo"
    address: str = "7100000000000000001"

    @property
    def environ(self) -> Mapping[str, str]:
        return {
            "ZALO_APP_ID": APP,
            "ZALO_APP_SECRET": APP_SECRET,
            "ZALO_OA_SECRET": OA_SECRET,
            "ZALO_REFRESH_TOKEN": SEED,
            "ZALO_API_URL": self.provider.url,
            "ZALO_OAUTH_URL": self.provider.url,
            "ZALO_BUSINESS_URL": self.provider.url,
        }

    def says(self, text: str, id: str) -> Hook:
        return signed(self._text(text, id))

    def taps(self, payload: str, id: str) -> Hook | None:
        return signed(self._text(payload, id))

    def forged(self) -> Sequence[Hook]:
        event = self._text("KHAI", "1")
        genuine = signed(event)
        return (
            Hook(PATH, genuine.body, {"Content-Type": "application/json"}),
            Hook(PATH, genuine.body, {"X-ZEvent-Signature": "mac="}),
            Hook(PATH, genuine.body.replace(b"KHAI", b"STOP"), genuine.headers),
            signed(event, secret="another secret"),
            signed(event, app="4110000000000000002"),
            Hook(PATH, b"{} ", {"X-ZEvent-Signature": "mac=" + "0" * 64}),
            Hook(PATH, b"", {}),
        )

    def replayed(self) -> Hook | None:
        return signed(self._text("KHAI", "1") | {"timestamp": milliseconds(-LONG_AGO)})

    def malformed(self) -> Sequence[Hook]:
        whole = self._text("KHAI", "1")
        without = [{k: v for k, v in whole.items() if k != name} for name in ("event_name", "sender", "message")]
        odd: list[dict[str, Any]] = [
            whole | {"sender": {"id": 7100000000000000001}},
            whole | {"sender": "somebody"},
            whole | {"message": {"text": 38.2, "msg_id": "1"}},
            whole | {"message": {"text": "KHAI"}},
            whole | {"message": ["KHAI"]},
            whole | {"event_name": ["user_send_text"]},
            whole | {"event_name": "follow", "sender": None},
        ]
        return [*(signed(event) for event in (*without, *odd)), Hook(PATH, b"{}", {})]

    def unknown(self) -> Sequence[Hook]:
        names = ("user_pondered", "oa_send_text", "anonymous_send_text", "user_pdl_revoke", "user_click_chatnow")
        return [signed(self._text("KHAI", "1") | {"event_name": name}) for name in names]

    def blocked(self) -> Hook | None:
        return signed(self.event("unfollow", follower={"id": self.address}, oa_id=OA))

    def arrived(self) -> Sequence[Arrived]:
        return [
            Arrived(m.to, m.text, tuple((b["title"], b["payload"]) for b in m.buttons), m.id)
            for m in self.provider.taken
        ]

    def reports(self, message: Arrived) -> Mapping[Status, Hook]:
        told = self.event("user_received_message", message={"msg_id": message.id}, sender={"id": message.address})
        return {Status.DELIVERED: signed(told)}

    def refuses(self) -> None:
        self.provider.faults.append(refuses(-213))

    def limits(self, seconds: int) -> None:
        self.provider.faults.append(refuses(-32))

    def falls_silent(self) -> None:
        self.provider.faults.append(slow(2.0))

    def _text(self, text: str, id: str) -> dict[str, Any]:
        message = {"text": text, "msg_id": id.replace(" ", "")}
        return self.event("user_send_text", sender={"id": self.address}, recipient={"id": OA}, message=message)

    def event(self, name: str, **more: Any) -> dict[str, Any]:
        """As Zalo words it, unsigned."""
        return {"app_id": APP, "user_id_by_app": "1", "event_name": name, "timestamp": milliseconds(), **more}


def milliseconds(seconds: float = 0.0) -> str:
    """The time in so many seconds, as Zalo writes it."""
    return str(int((time.time() + seconds) * 1000))


def signed(event: Mapping[str, Any], app: str = APP, secret: str = OA_SECRET) -> Hook:
    """As Zalo posts it: signed over the id, the raw body, the event's own time and the account's secret."""
    body = json.dumps(event, ensure_ascii=False).encode()
    mac = hashlib.sha256(app.encode() + body + str(event.get("timestamp", "")).encode() + secret.encode()).hexdigest()
    return Hook(PATH, body, {"Content-Type": "application/json", "X-ZEvent-Signature": f"mac={mac}"})


@contextmanager
def opened() -> Iterator[ZaloKit]:
    with fake_zalo() as provider:
        yield ZaloKit(provider)
