"""Zalo's bot platform: a fixed secret in a header, one message a call, and nothing told of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from core.messaging.channel import Status
from tests.contract.kit import Arrived, Hook
from tests.fakes.zalo_bot import SECRET, TOKEN, FakeZaloBot, fake_zalo_bot, refuses, slow

PATH = "/bot/zalo_bot"


@dataclass
class ZaloBotKit:
    provider: FakeZaloBot
    name: str = "zalo_bot"
    address: str = "6ede9afa66b88fe6d6a9"

    @property
    def environ(self) -> Mapping[str, str]:
        return {"ZALO_BOT_TOKEN": TOKEN, "ZALO_BOT_SECRET": SECRET, "ZALO_BOT_API_URL": self.provider.url}

    def says(self, text: str, id: str) -> Hook:
        return hook(event(self._text(text, id)))

    def taps(self, payload: str, id: str) -> Hook | None:
        return None

    def forged(self) -> Sequence[Hook]:
        whole = event(self._text("KHAI", "1"))
        return (
            hook(whole, headers={}),
            hook(whole, secret="another-secret"),
            hook(whole, secret=SECRET[:-1]),
            hook(whole, headers={"X-Telegram-Bot-Api-Secret-Token": SECRET}),
            hook({}, secret=""),
        )

    def replayed(self) -> Hook | None:
        return None

    def malformed(self) -> Sequence[Hook]:
        whole = self._text("KHAI", "1")
        without = [{k: v for k, v in whole.items() if k != name} for name in ("chat", "text", "message_id")]
        odd: list[dict[str, Any]] = [
            whole | {"chat": {"id": 17, "chat_type": "PRIVATE"}},
            whole | {"chat": self.address},
            whole | {"text": 38.2},
            whole | {"message_id": "x" * 200},
        ]
        broken = Hook(PATH, b'{"ok":true,', {"X-Bot-Api-Secret-Token": SECRET})
        return [*(hook(event(message)) for message in (*without, *odd)), hook([]), hook({"ok": True}), broken]

    def unknown(self) -> Sequence[Hook]:
        whole = self._text("KHAI", "1")
        group = whole | {"chat": {"id": "g1", "chat_type": "GROUP"}}
        robot = whole | {"from": {"id": self.address, "is_bot": True}}
        return (hook(event(whole, "message.pondered")), hook(event(group)), hook(event(robot)))

    def blocked(self) -> Hook | None:
        return None

    def arrived(self) -> Sequence[Arrived]:
        return [Arrived(m["chat_id"], m["text"], id=m["message_id"]) for m in self.provider.taken]

    def reports(self, message: Arrived) -> Mapping[Status, Hook]:
        return {}

    def refuses(self) -> None:
        self.provider.faults.append(refuses(403))

    def limits(self, seconds: int) -> None:
        self.provider.faults.append(refuses(429, 429, after=seconds))

    def falls_silent(self) -> None:
        self.provider.faults.append(slow(2.0))

    def _text(self, text: str, id: str) -> dict[str, Any]:
        return {
            "from": {"id": self.address, "display_name": "Nguyễn Văn Bịa", "is_bot": False},
            "chat": {"id": self.address, "chat_type": "PRIVATE"},
            "text": text,
            "message_id": id.replace(" ", ""),
            "date": 1795219200123,
        }


def event(message: Mapping[str, Any], name: str = "message.text.received") -> dict[str, Any]:
    """As Zalo words it."""
    return {"ok": True, "result": {"event_name": name, "message": message}}


def hook(body: object, secret: str = SECRET, headers: Mapping[str, str] | None = None) -> Hook:
    """As Zalo posts it."""
    known = {"X-Bot-Api-Secret-Token": secret} if headers is None else headers
    return Hook(PATH, json.dumps(body, ensure_ascii=False).encode(), {"Content-Type": "application/json", **known})


@contextmanager
def opened() -> Iterator[ZaloBotKit]:
    with fake_zalo_bot() as provider:
        yield ZaloBotKit(provider)
