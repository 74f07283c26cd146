"""What an operator is told, and the command that has Zalo call us."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet
from sqlalchemy import Engine

from app import cli_zalo_bot
from app.cli import main
from bot.zalo_bot.check import check
from bot.zalo_bot.config import ZaloBotConfig
from core.messaging.ports import Finding, Level, Tools
from core.secrets import Vault
from tests.fakes.zalo_bot import SECRET, TOKEN, FakeZaloBot, breaks, fake_zalo_bot

HOOK = "http://127.0.0.1:8000/bot/zalo_bot"


@pytest.fixture
def bot() -> Iterator[FakeZaloBot]:
    with fake_zalo_bot() as running:
        running.hook = HOOK
        yield running


def found(
    bot: FakeZaloBot, engine: Engine, token: str = TOKEN, public_url: str = "http://127.0.0.1:8000"
) -> list[Finding]:
    given = Tools(engine, Vault([Fernet.generate_key().decode()]), lambda: datetime.now(UTC))
    return list(asyncio.run(check(ZaloBotConfig(token, SECRET, bot.url, public_url), given)))


def told(findings: list[Finding], level: Level) -> str:
    return "\n".join(finding.text for finding in findings if finding.level is level)


def test_all_is_well(bot: FakeZaloBot, engine: Engine) -> None:
    findings = found(bot, engine)
    assert {finding.level for finding in findings} == {Level.GOOD}
    assert "bot.TramYTeThu" in told(findings, Level.GOOD)
    assert HOOK in told(findings, Level.GOOD)
    assert bot.taken == []


@pytest.mark.parametrize(("hook", "instead"), [("", "nobody"), ("https://elsewhere.example/secret", "another address")])
def test_a_webhook_that_is_not_ours(bot: FakeZaloBot, engine: Engine, hook: str, instead: str) -> None:
    bot.hook = hook
    text = told(found(bot, engine), Level.BAD)
    assert instead in text
    assert "khaibao zalo-bot register" in text
    assert "secret" not in text


def test_without_a_public_url(bot: FakeZaloBot, engine: Engine) -> None:
    assert "PUBLIC_URL" in told(found(bot, engine, public_url=""), Level.BAD)


def test_a_wrong_token(bot: FakeZaloBot, engine: Engine) -> None:
    assert "ZALO_BOT_TOKEN" in told(found(bot, engine, token="wrong"), Level.BAD)


def test_a_platform_that_is_away(bot: FakeZaloBot, engine: Engine) -> None:
    bot.faults = [breaks(503)]
    assert "503" in told(found(bot, engine), Level.BAD)


def test_no_secret_is_shown(bot: FakeZaloBot, engine: Engine) -> None:
    text = "\n".join(finding.text for finding in [*found(bot, engine), *found(bot, engine, token="wrong")])
    assert TOKEN not in text
    assert SECRET not in text


def register(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(cli_zalo_bot, "setup", lambda *_: None)  # it would take the test's own log away
    result = CliRunner().invoke(main, ["zalo-bot", "register"])
    return result.exit_code, result.output


def test_zalo_is_told_whom_to_call(bot: FakeZaloBot, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    bot.hook = ""
    given = {"ZALO_BOT_TOKEN": TOKEN, "ZALO_BOT_SECRET": SECRET, "ZALO_BOT_API_URL": bot.url}
    code, output = register({**environ, **given, "PUBLIC_URL": "http://127.0.0.1:8000"}, monkeypatch)
    assert (code, bot.hook, bot.secret) == (0, HOOK, SECRET)
    assert HOOK in output
    assert SECRET not in output


@pytest.mark.parametrize("missing", ["ZALO_BOT_", "PUBLIC_URL"])
def test_what_is_missing_is_named(
    bot: FakeZaloBot, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    given = {
        "ZALO_BOT_TOKEN": TOKEN,
        "ZALO_BOT_SECRET": SECRET,
        "ZALO_BOT_API_URL": bot.url,
        "PUBLIC_URL": "http://127.0.0.1:8000",
    }
    left = {name: value for name, value in given.items() if not name.startswith(missing)}
    code, output = register({**environ, **left}, monkeypatch)
    assert code == 1
    assert missing in output


def test_a_refusal_is_told_without_the_token(
    bot: FakeZaloBot, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bot.faults = [breaks(500)]
    given = {"ZALO_BOT_TOKEN": TOKEN, "ZALO_BOT_SECRET": SECRET, "ZALO_BOT_API_URL": bot.url}
    code, output = register({**environ, **given, "PUBLIC_URL": "http://127.0.0.1:8000"}, monkeypatch)
    assert (code, "500" in output, TOKEN in output) == (1, True, False)
