"""Asking Telegram for updates: nothing is lost, nothing is confirmed too early, one process at a time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text

from bot.telegram import poll
from bot.telegram.config import TelegramConfig
from bot.telegram.poll import Poller, poller
from core.messaging.channel import InboundMessage
from core.messaging.ports import Change, Notice, Ports, Tools
from core.pipeline.receive import BatchRefused
from core.secrets import Vault
from tests.contract.kits.telegram import changed
from tests.fakes.telegram import LAN, TOKEN, FakeTelegram, Fault, fake_telegram, message, nonsense, refuses, tap

NOW = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
KINDS = '["message", "edited_message", "callback_query", "my_chat_member"]'


@dataclass
class Core:
    """What the pipeline was given; `faults` are what it raises next."""

    accepted: list[InboundMessage] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)

    def accept(self, messages: Sequence[InboundMessage]) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.accepted += messages

    def texts(self) -> list[str]:
        return [m.text for m in self.accepted]


@dataclass
class Stage:
    """One bot and the workers that ask for it."""

    telegram: FakeTelegram
    engine: Engine
    core: Core

    def poller(self, core: Core | None = None) -> Poller:
        core = core or self.core
        ports = Ports(core.accept, lambda _: (), core.notices.extend, lambda: NOW)
        config = TelegramConfig(TOKEN, api_url=self.telegram.url)
        found = poller(config, ports, Tools(self.engine, Vault(("0" * 43 + "=",)), lambda: NOW))
        assert found is not None
        return found

    def play(self, scene: Callable[[Poller], Awaitable[None]]) -> None:
        """One worker's look after look, and its end."""

        async def whole() -> None:
            asks = self.poller()
            try:
                await asyncio.wait_for(scene(asks), 20)
            finally:
                await asks.finish(5)

        asyncio.run(whole())


@pytest.fixture
def stage(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr(poll, "_LOOK", 0.2)
    monkeypatch.setattr(poll, "_LONG", 1)
    monkeypatch.setattr(poll, "_LATER", 0.5)
    with fake_telegram() as telegram:
        yield Stage(telegram, engine, Core())


async def until(asks: Poller, condition: Callable[[], bool]) -> None:
    """Looks until it is so."""
    for _ in range(100):
        if condition():
            return
        if not await asks():
            await asyncio.sleep(0.05)
    raise AssertionError("it did not happen in time")


def test_what_people_write_is_handed_in_in_their_order(stage: Stage) -> None:
    stage.telegram.hears("KHAI")
    stage.telegram.hears("ho", LAN + 1)
    stage.telegram.brings(my_chat_member=changed("kicked", LAN + 2))

    async def scene(asks: Poller) -> None:
        await until(asks, lambda: len(stage.core.accepted) == 2)
        stage.telegram.hears("co")
        await until(asks, lambda: len(stage.core.accepted) == 3)

    stage.play(scene)
    assert stage.core.texts() == ["KHAI", "ho", "co"]
    assert [m.address for m in stage.core.accepted] == [str(LAN), str(LAN + 1), str(LAN)]
    assert stage.core.notices == [Notice("telegram", str(LAN + 2), Change.BLOCKED, code="kicked")]
    asked = stage.telegram.calls("getUpdates")
    assert [fields.get("offset") for fields in asked][:2] == [None, "5004"]
    assert {fields["allowed_updates"] for fields in asked} == {KINDS}


def test_nothing_is_confirmed_before_it_is_kept(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.telegram.hears("KHAI")
    stage.core.faults = [ConnectionError("the database is away")]

    async def scene(asks: Poller) -> None:
        with pytest.raises(ConnectionError):
            await until(asks, lambda: bool(stage.core.accepted))
        await until(asks, lambda: bool(stage.core.accepted))

    stage.play(scene)
    assert stage.core.texts() == ["KHAI"]
    assert [fields.get("offset") for fields in stage.telegram.calls("getUpdates")] == [None, None]
    assert len(stage.telegram.updates) == 1


def test_after_a_crash_it_comes_again_under_the_same_id(stage: Stage) -> None:
    stage.telegram.hears("KHAI")
    for _ in range(2):
        stage.play(lambda asks: until(asks, lambda: bool(stage.core.accepted)))
        stage.core.accepted, before = [], stage.core.accepted
    stage.play(lambda asks: until(asks, lambda: bool(stage.core.accepted)))
    assert stage.core.accepted == before


def test_what_cannot_be_read_or_kept_holds_up_nobody(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.telegram.brings(message={"text": "KHAI"})
    stage.telegram.brings(message=message("x"))
    stage.core.faults = [BatchRefused(["700000001:5002"])]

    async def scene(asks: Poller) -> None:
        await until(asks, lambda: not stage.core.faults)
        stage.telegram.hears("KHAI")
        await until(asks, lambda: bool(stage.core.accepted))

    stage.play(scene)
    assert stage.core.texts() == ["KHAI"]
    assert "update 5001 cannot be read" in caplog.text
    assert "refuses updates: 700000001:5002" in caplog.text


def test_a_tap_is_answered_also_when_telegram_finds_it_too_old(stage: Stage) -> None:
    stage.telegram.brings(callback_query=tap("kb:3f9a1c:yes"))
    words = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    stage.telegram.faulty["answercallbackquery"] = [refuses(400, words)]

    async def scene(asks: Poller) -> None:
        await until(asks, lambda: len(stage.core.accepted) == 1)
        stage.telegram.brings(callback_query=tap("kb:3f9a1c:no"))
        await until(asks, lambda: len(stage.core.accepted) == 2)

    stage.play(scene)
    assert [(m.text, m.mark) for m in stage.core.accepted] == [("yes", "3f9a1c"), ("no", "3f9a1c")]
    answered = [fields["callback_query_id"] for fields in stage.telegram.calls("answerCallbackQuery")]
    assert answered == ["tap-kb:3f9a1c:yes", "tap-kb:3f9a1c:no"]


def test_a_webhook_that_is_set_is_deleted_and_that_is_said(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.telegram.webhook = {"url": "https://elsewhere.example/bot"}
    stage.telegram.hears("KHAI")
    stage.play(lambda asks: until(asks, lambda: bool(stage.core.accepted)))
    assert stage.telegram.webhook == {}
    assert stage.telegram.calls("deleteWebhook") == [{}]
    assert "a webhook was set, and is deleted" in caplog.text


def test_trouble_is_said_once_and_so_is_its_end(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "bot.telegram")
    other = "Conflict: terminated by other getUpdates request"
    stage.telegram.faulty["getupdates"] = [
        *[refuses(502)] * 3,
        nonsense(b"<html>"),
        refuses(409, other),
        refuses(401, "Unauthorized"),
    ]
    stage.telegram.hears("KHAI")
    stage.play(lambda asks: until(asks, lambda: bool(stage.core.accepted)))
    assert [record.getMessage().removeprefix("telegram: ") for record in caplog.records] == [
        "Telegram cannot be asked (502)",
        "Telegram cannot be asked (answer)",
        "another program asks for this bot's updates: stop it, or give each its own bot",
        "TELEGRAM_TOKEN is not accepted, or something in between answers for Telegram",
        "Telegram answers again",
    ]


@pytest.mark.parametrize("fault", [refuses(401, "Unauthorized"), refuses(404), refuses(409, "Conflict: terminated")])
def test_what_somebody_has_to_mend_is_not_asked_about_again_and_again(
    stage: Stage, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poll, "_LOOK", 8.0)
    monkeypatch.setattr(poll, "_LATER", 60.0)
    stage.telegram.faulty["getupdates"] = [fault]

    async def scene(asks: Poller) -> None:
        assert [await asks() for _ in range(5)] == [False] * 5

    stage.play(scene)
    assert len(stage.telegram.calls("getUpdates")) == 1


def test_it_comes_again_when_telegram_says(stage: Stage) -> None:
    stage.telegram.faulty["getupdates"] = [refuses(429, "Too Many Requests: retry after 1", retry_after=1)]
    stage.telegram.hears("KHAI")
    started = time.monotonic()
    stage.play(lambda asks: until(asks, lambda: bool(stage.core.accepted)))
    assert time.monotonic() - started > 1
    assert len(stage.telegram.calls("getUpdates")) == 2


def test_an_empty_answer_at_once_is_not_asked_for_again_at_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poll, "_LOOK", 8.0)
    stage.telegram.faulty["getupdates"] = [nonsense(b'{"ok":true,"result":[]}'), nonsense(b'{"ok":true,"result":{}}')]

    async def scene(asks: Poller) -> None:
        assert [await asks(), await asks()] == [False, False]

    stage.play(scene)


def test_a_look_is_short_and_an_end_is_quick_while_telegram_says_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poll, "_LONG", 10)
    took: list[float] = []

    async def scene(asks: Poller) -> None:
        for _ in range(4):
            started = time.monotonic()
            assert await asks()
            took.append(time.monotonic() - started)

    started = time.monotonic()
    stage.play(scene)
    assert max(took) < 4
    assert time.monotonic() - started < 9
    assert len(stage.telegram.calls("getUpdates")) == 1, "one question stayed open over all looks"


def test_one_process_asks_and_another_takes_over(stage: Stage) -> None:
    """What the first had not confirmed comes to the second as well: the pipeline knows it by its id."""
    second_core = Core()

    async def scene(first: Poller) -> None:
        second = stage.poller(second_core)
        stage.telegram.hears("one")
        await until(first, lambda: stage.core.texts() == ["one"])
        assert [await second(), await second()] == [False, False]
        await first.finish(5)
        stage.telegram.hears("two")
        await until(second, lambda: second_core.texts() == ["one", "two"])
        await second.finish(5)

    stage.play(scene)
    assert second_core.accepted[0] == stage.core.accepted[0]


def test_who_loses_the_database_gives_up_the_right_to_ask(stage: Stage) -> None:
    async def scene(asks: Poller) -> None:
        assert await asks()
        with stage.engine.connect() as connection:
            held = "SELECT pg_terminate_backend(pid, 1000) FROM pg_locks WHERE locktype = 'advisory' AND classid = :key"
            assert connection.scalars(text(held), {"key": 0x74656C65}).all() == [True]
        with pytest.raises(Exception, match="terminat"):
            await asks()
        stage.telegram.hears("KHAI")
        await until(asks, lambda: bool(stage.core.accepted))

    stage.play(scene)


def test_where_telegram_calls_us_nobody_asks(engine: Engine) -> None:
    config = TelegramConfig(TOKEN, "secret", public_url="https://khaibao.example")
    core = Core()
    ports = Ports(core.accept, lambda _: (), lambda _: None, lambda: NOW)
    assert poller(config, ports, Tools(engine, Vault(("0" * 43 + "=",)), lambda: NOW)) is None
