"""Telegram: JSON with a secret in a header; buttons; closed chats are told; no reports of delivery."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from core.messaging.channel import Status
from tests.contract.kit import Arrived, Hook
from tests.fakes.telegram import LAN, TOKEN, FakeTelegram, buttons, fake_telegram, message, private, refuses, slow, tap

PATH, SECRET = "/bot/telegram", "a-made-up_secret"


@dataclass
class TelegramKit:
    provider: FakeTelegram
    name: str = "telegram"
    address: str = str(LAN)

    @property
    def environ(self) -> Mapping[str, str]:
        return {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_SECRET": SECRET, "TELEGRAM_API_URL": self.provider.url}

    def says(self, text: str, id: str) -> Hook:
        return _hook({"update_id": _number(id), "message": message(text)})

    def taps(self, payload: str, id: str) -> Hook | None:
        return _hook({"update_id": _number(id), "callback_query": tap(payload)})

    def forged(self) -> Sequence[Hook]:
        update = {"update_id": 1, "message": message("KHAI")}
        return (
            _hook(update, {}),
            _hook(update, {"X-Telegram-Bot-Api-Secret-Token": ""}),
            _hook(update, {"X-Telegram-Bot-Api-Secret-Token": SECRET[:-1]}),
            _hook(update, {"X-Telegram-Bot-Api-Secret-Token": "bí mật".encode().decode("latin-1")}),
            _hook(update, {"Authorization": SECRET}),
        )

    def replayed(self) -> Hook | None:
        return None

    def malformed(self) -> Sequence[Hook]:
        whole = message("KHAI")
        without = [{k: v for k, v in whole.items() if k != name} for name in ("chat", "date", "message_id")]
        odd = [whole | {"text": 7}, whole | {"chat": "Lan"}, whole | {"chat": private(LAN) | {"id": "Lan"}}]
        bodies = [{"update_id": n, "message": each} for n, each in enumerate([*without, *odd, "KHAI"])]
        return [*map(_hook, bodies), _hook({"message": whole}), _hook([whole]), _raw(b"{"), _raw(b"\xff"), _raw(b"")]

    def unknown(self) -> Sequence[Hook]:
        group = {"chat": {"id": -100123, "type": "supergroup", "title": "Thôn"}}
        return (
            _hook({"update_id": 31}),
            _hook({"update_id": 32, "a_new_kind": {"x": 1}}),
            _hook({"update_id": 33, "message": message("KHAI") | group}),
            _hook({"update_id": 34, "message": message(pinned_message=message("KHAI"))}),
            _hook({"update_id": 35, "callback_query": {"id": "1", "from": message()["from"], "chat_instance": "1"}}),
        )

    def blocked(self) -> Hook | None:
        return _hook({"update_id": 41, "my_chat_member": changed("kicked")})

    def arrived(self) -> Sequence[Arrived]:
        made = self.provider.created
        return [Arrived(str(m["chat"]["id"]), m["text"], tuple(buttons(m)), str(m["message_id"])) for m in made]

    def reports(self, message: Arrived) -> Mapping[Status, Hook]:
        return {}

    def refuses(self) -> None:
        self.provider.faults.append(refuses(403, "Forbidden: bot was blocked by the user"))

    def limits(self, seconds: int) -> None:
        words = f"Too Many Requests: retry after {seconds}"
        self.provider.faults.append(refuses(429, words, retry_after=seconds))

    def falls_silent(self) -> None:
        self.provider.faults.append(slow(2.0))


def changed(status: str, who: int = LAN) -> dict[str, Any]:
    """The person closes the chat (kicked) or opens it again (member)."""
    us = {"id": 700000001, "is_bot": True, "first_name": "Khai Bao"}
    return {
        "chat": private(who),
        "from": message(who=who)["from"],
        "date": 1795219200,
        "old_chat_member": {"status": "member", "user": us},
        "new_chat_member": {"status": status, "user": us, "until_date": 0},
    }


def _number(id: str) -> int:
    return crc32(id.encode())


def _hook(update: object, headers: Mapping[str, str] | None = None) -> Hook:
    return _raw(json.dumps(update).encode(), headers)


def _raw(body: bytes, headers: Mapping[str, str] | None = None) -> Hook:
    signed = {"X-Telegram-Bot-Api-Secret-Token": SECRET} if headers is None else headers
    return Hook(PATH, body, {"Content-Type": "application/json", **signed})


@contextmanager
def opened() -> Iterator[TelegramKit]:
    with fake_telegram() as provider:
        yield TelegramKit(provider)
