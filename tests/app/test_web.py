"""The web process: health, and what every answer carries."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask import Blueprint, Flask, request
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from app import web
from app.errors import SpoolError
from app.ports import spool
from app.settings import Settings
from tests.outage import away


@pytest.fixture
def app(settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Flask:
    return made(settings, engine, monkeypatch)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def made(settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application with one more blueprint, and one whose channel is off."""
    monkeypatch.setattr(web, "BLUEPRINTS", (mirror, lambda _services: None))
    return web.create_app(settings, engine)


def mirror(_services: web.Services) -> Blueprint:
    blueprint = Blueprint("mirror", __name__)

    @blueprint.post("/mirror")
    def answer() -> str:
        return f"{request.remote_addr} {request.url} {len(request.get_data())}"

    return blueprint


def test_it_lives_and_is_ready(client: FlaskClient) -> None:
    assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready").status_code == 200


def test_without_its_tables_it_lives_and_is_not_ready(client: FlaskClient, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA shared CASCADE"))

    assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready").status_code == 503


def test_while_the_database_is_away_it_is_ready_as_long_as_the_spool_accepts(
    client: FlaskClient, settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = made(replace(settings, spool_limit=1), engine, monkeypatch).test_client()
    with away(settings.database_url):
        ready, not_ready = client.get("/health/ready"), full.get("/health/ready")

    assert (ready.status_code, not_ready.status_code) == (200, 503)
    assert "spool" in ready.text
    assert client.get("/health/ready").text == "ok\n"


def test_a_page_that_needs_the_database_says_in_words_that_it_has_to_wait(
    settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "BLUEPRINTS", (asking, lambda _services: None))
    client = web.create_app(settings, engine).test_client()
    with away(settings.database_url):
        answer = client.get("/asks")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "115" in answer.text
    assert client.get("/asks").text == "1"


def asking(services: web.Services) -> Blueprint:
    blueprint = Blueprint("asking", __name__)

    @blueprint.get("/asks")
    def ask() -> str:
        with services.engine.connect() as connection:
            return str(connection.scalar(text("SELECT 1")))

    return blueprint


def test_a_spool_that_cannot_be_used_stops_the_start_and_names_the_variable(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SpoolError, match="VAR_DIR"):
        spool(replace(settings, var_dir=tmp_path / "file"))
    spool(settings)
    with pytest.raises(SpoolError, match="DATA_KEY"):
        spool(replace(settings, data_keys=(Fernet.generate_key().decode(),)))


@pytest.mark.parametrize("path", ["/health/live", "/no/such/page"])
def test_every_answer_is_guarded(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers

    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


def test_a_body_above_a_megabyte_is_refused(client: FlaskClient) -> None:
    assert client.post("/mirror", data=b"x" * 1_000_000).status_code == 200
    assert client.post("/mirror", data=b"x" * 1_000_001).status_code == 413


FORWARDED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "khaibao.example"}


def test_a_proxys_word_counts_only_when_there_is_a_proxy(
    settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = replace(settings, public_url="https://khaibao.example")
    alone = made(settings, engine, monkeypatch).test_client()
    behind = made(public, engine, monkeypatch).test_client()

    assert alone.post("/mirror", headers=FORWARDED).text == "127.0.0.1 http://localhost/mirror 0"
    assert behind.post("/mirror", headers=FORWARDED).text == "203.0.113.9 https://khaibao.example/mirror 0"


def test_over_https_cookies_and_browsers_are_told_so(
    settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = made(replace(settings, public_url="https://khaibao.example"), engine, monkeypatch)

    assert app.config["SESSION_COOKIE_SECURE"] is True
    assert "max-age" in app.test_client().get("/health/live").headers["Strict-Transport-Security"]
