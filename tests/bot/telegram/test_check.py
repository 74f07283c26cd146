"""What an operator is told of the bot, and the webhook that the command writes down at Telegram."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import create_engine

from bot.telegram.check import check
from bot.telegram.config import TelegramConfig
from core.messaging.ports import Level, Tools
from core.secrets import Vault
from tests.command import khaibao
from tests.contract.kits.telegram import SECRET
from tests.fakes.telegram import TOKEN, FakeTelegram, fake_telegram, nonsense, refuses

PUBLIC = "https://khaibao.example"
HOOK = f"{PUBLIC}/bot/telegram"
KINDS = ["message", "edited_message", "callback_query", "my_chat_member"]
RIGHT = {"url": HOOK, "allowed_updates": KINDS, "max_connections": 20, "secret_token": SECRET}


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    with fake_telegram() as running:
        yield running


def told(telegram: FakeTelegram, **more: Any) -> list[tuple[Level, str]]:
    config = replace(TelegramConfig(TOKEN, SECRET, telegram.url, PUBLIC), **more)
    nowhere = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    tools = Tools(nowhere, Vault(("0" * 43 + "=",)), lambda: pytest.fail("no time is needed"))
    return [(finding.level, finding.text) for finding in asyncio.run(check(config, tools))]


def register(telegram: FakeTelegram, **environ: str) -> tuple[int, str]:
    given: dict[str, Any] = {
        "SECRET_KEY": "made up for tests " * 2,
        "DATA_KEY": "0" * 43 + "=",
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_SECRET": SECRET,
        "TELEGRAM_API_URL": telegram.url,
        "PUBLIC_URL": PUBLIC,
    }
    result = khaibao("telegram", "register", **{**given, **environ})
    return result.returncode, (result.stdout + result.stderr).decode()


def test_all_is_well(telegram: FakeTelegram) -> None:
    telegram.webhook = dict(RIGHT)
    assert told(telegram) == [
        (Level.GOOD, "Telegram knows the bot as @khaibao_bot: people find it at https://t.me/khaibao_bot"),
        (Level.GOOD, f"Telegram calls {HOOK}"),
        (Level.GOOD, "updates that wait at Telegram: 0"),
    ]
    assert telegram.created == []


@pytest.mark.parametrize(
    ("differs", "said"),
    [
        ({"url": ""}, f"Telegram calls nobody, not {HOOK}"),
        ({"url": "https://elsewhere.example/a-secret"}, f"Telegram calls elsewhere.example, not {HOOK}"),
        ({"url": f"{PUBLIC}/a-secret"}, f"Telegram calls khaibao.example at another path, not {HOOK}"),
        ({"allowed_updates": ["message"]}, "Telegram brings other kinds of updates than we read"),
        ({"max_connections": 40}, "Telegram makes 40 connections at a time, not 20"),
    ],
)
def test_what_differs_says_what_to_do(telegram: FakeTelegram, differs: dict[str, Any], said: str) -> None:
    telegram.webhook = RIGHT | differs
    assert (Level.BAD, f"{said}: start khaibao telegram register") in told(telegram)


def test_what_telegram_could_not_bring(telegram: FakeTelegram) -> None:
    words = "Wrong response from the webhook: 403 FORBIDDEN"
    telegram.webhook = RIGHT | {"last_error_date": 1795219200, "last_error_message": words}
    telegram.updates = [{"update_id": n} for n in range(101)]
    assert told(telegram)[2:] == [
        (
            Level.WARNING,
            f"Telegram last failed to call us at 2026-11-21 00:00 UTC: {words}; if the secret was changed, start "
            "khaibao telegram register",
        ),
        (Level.WARNING, "updates that wait at Telegram: 101"),
    ]


def test_without_a_public_url_the_worker_asks(telegram: FakeTelegram) -> None:
    telegram.webhook = {"url": "https://elsewhere.example/a-secret"}
    assert told(telegram, public_url="")[1:3] == [
        (Level.GOOD, "PUBLIC_URL is not set: the worker asks Telegram for messages"),
        (Level.WARNING, "Telegram calls elsewhere.example: the worker deletes that when it first asks"),
    ]


def test_what_stands_in_the_way(telegram: FakeTelegram) -> None:
    ((level, said),) = told(telegram, token="700000002:another")
    assert (level, "does not accept TELEGRAM_TOKEN" in said) == (Level.BAD, True)
    for fault, code in ((refuses(502), "502"), (nonsense(b'{"ok":true,"result":7}'), "answer")):
        telegram.faulty["getme"] = [fault]
        ((level, said),) = told(telegram)
        assert (level, f"cannot be reached ({code})" in said) == (Level.BAD, True)
    ((level, said),) = told(telegram, api_url="http://127.0.0.1:1")
    assert (level, "TELEGRAM_API_URL" in said) == (Level.BAD, True)


def test_register_writes_it_down_so_that_the_check_is_content(telegram: FakeTelegram) -> None:
    assert register(telegram) == (0, f"{HOOK}: Telegram calls here from now on\n")
    assert telegram.webhook == RIGHT
    (called,) = telegram.calls("setWebhook")
    assert (called["secret_token"], json.loads(called["allowed_updates"])) == (SECRET, KINDS)
    assert {level for level, _ in told(telegram)} == {Level.GOOD}


@pytest.mark.slow
def test_register_says_what_is_missing_or_refused(telegram: FakeTelegram) -> None:
    code, said = register(telegram, PUBLIC_URL="")
    assert (code, "PUBLIC_URL is not set" in said) == (1, True)
    code, said = register(telegram, TELEGRAM_TOKEN="", TELEGRAM_SECRET="")
    assert (code, "TELEGRAM_TOKEN is not set" in said) == (1, True)
    telegram.faulty["setwebhook"] = [
        refuses(400, f"Bad Request: bad webhook: {TOKEN.upper()} An HTTPS URL must be provided")
    ]
    code, said = register(telegram)
    assert (code, "an https url must be provided" in said, TOKEN in said) == (1, True, False)
    assert telegram.webhook == {}
