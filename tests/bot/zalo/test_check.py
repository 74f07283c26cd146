from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine

from bot.zalo.check import check
from bot.zalo.config import ZaloConfig
from core.messaging import tokens
from core.messaging.ports import Finding, Level, Tools
from core.secrets import Vault
from tests.fakes.zalo import APP, APP_SECRET, OA, OA_SECRET, SEED, FakeZalo, breaks, fake_zalo

VAULT = Vault([Fernet.generate_key().decode()])


@pytest.fixture
def zalo() -> Iterator[FakeZalo]:
    with fake_zalo() as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_WAIT", 0.4)


def found(zalo: FakeZalo, engine: Engine, vault: Vault = VAULT, **settings: Any) -> list[Finding]:
    url = zalo.url
    whole = ZaloConfig(
        APP, APP_SECRET, OA_SECRET, SEED, oa_id=OA, template_reminder="4711",
        api_url=url, oauth_url=url, business_url=url, public_url="https://khaibao.example",
    )  # fmt: skip
    given = Tools(engine, vault, lambda: datetime.now(UTC))
    return list(asyncio.run(check(replace(whole, **settings), given)))


def told(findings: list[Finding], level: Level) -> str:
    return "\n".join(finding.text for finding in findings if finding.level is level)


def test_all_is_well(zalo: FakeZalo, engine: Engine) -> None:
    findings = found(zalo, engine)
    assert {finding.level for finding in findings} == {Level.GOOD}
    text = told(findings, Level.GOOD)
    for part in ("https://khaibao.example/bot/zalo", "good until", "Trạm y tế thử", "499 of 500"):
        assert part in text
    assert zalo.taken == []


@pytest.mark.parametrize("public_url", ["", "http://khaibao.example"])
def test_where_zalo_cannot_reach_us(zalo: FakeZalo, engine: Engine, public_url: str) -> None:
    assert "PUBLIC_URL" in told(found(zalo, engine, public_url=public_url), Level.BAD)


def test_a_token_that_is_refused_says_what_to_do(zalo: FakeZalo, engine: Engine) -> None:
    zalo.refresh = "another one"
    text = told(found(zalo, engine), Level.BAD)
    assert "-14014" in text
    assert "ZALO_REFRESH_TOKEN" in text


def test_a_token_that_cannot_be_renewed_any_more_is_told_ahead_of_its_end(
    zalo: FakeZalo, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(zalo, engine)
    monkeypatch.setattr(tokens, "AHEAD", tokens.AHEAD * 10)
    zalo.refresh = "another one"
    found(zalo, engine)
    findings = found(zalo, engine)
    assert "sending goes on" in told(findings, Level.BAD)
    assert "good until" in told(findings, Level.GOOD)


def test_another_data_key(zalo: FakeZalo, engine: Engine) -> None:
    found(zalo, engine)
    assert "DATA_KEY" in told(found(zalo, engine, Vault([Fernet.generate_key().decode()])), Level.BAD)


@pytest.mark.usefixtures("impatient")
def test_an_oauth_server_that_is_away(zalo: FakeZalo, engine: Engine) -> None:
    zalo.oauth_faults = [breaks(503)]
    assert "ZALO_OAUTH_URL" in told(found(zalo, engine), Level.BAD)


def test_an_account_that_is_away(zalo: FakeZalo, engine: Engine) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        assert "cannot be asked" in told(found(zalo, engine, api_url=url), Level.BAD)


def test_a_token_for_another_account(zalo: FakeZalo, engine: Engine) -> None:
    assert "ZALO_OA_ID=9" in told(found(zalo, engine, oa_id="9"), Level.BAD)


def test_no_template_for_reminders(zalo: FakeZalo, engine: Engine) -> None:
    assert "ZALO_TEMPLATE_REMINDER" in told(found(zalo, engine, template_reminder=""), Level.WARNING)


def test_a_template_that_is_not_approved(zalo: FakeZalo, engine: Engine) -> None:
    zalo.template_status = "PENDING_REVIEW"
    assert "PENDING_REVIEW" in told(found(zalo, engine), Level.BAD)


def test_no_secret_is_shown(zalo: FakeZalo, engine: Engine) -> None:
    text = "\n".join(finding.text for finding in found(zalo, engine))
    secrets = (APP_SECRET, OA_SECRET, SEED, zalo.access, zalo.refresh)
    assert not [secret for secret in secrets if secret in text]
