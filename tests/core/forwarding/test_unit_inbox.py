"""The demo's made-up unit: what it takes, what it refuses, and what its page shows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.serving import make_server

from app import unit_inbox, web
from app.settings import Settings
from core.database.shared import demo_received
from core.forwarding.webhook import headers, new_secret
from core.secrets import Vault
from tests.core.forwarding.cast import STATION, Cast

URL = "http://127.0.0.1:8000/demo/unit"


@pytest.fixture
def app(cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Flask:
    cast.vault = Vault(settings.data_keys)
    monkeypatch.setattr(web, "BLUEPRINTS", (unit_inbox.blueprint,))
    made = web.create_app(settings, cast.engine)
    if "home" not in made.view_functions:
        made.add_url_rule("/", "home", lambda: "")
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def secret(cast: Cast, app: Flask) -> str:
    return cast.destination(STATION, URL)[1]


def test_what_is_forwarded_is_received_and_shown(cast: Cast, app: Flask, client: FlaskClient) -> None:
    with _serving(app) as url:
        cast.destination(STATION, url)
        cast.checkins(cast.person("Nguyễn Thị Mẫu"), 1)
        assert cast.deliver() == 1
    assert cast.statuses() == ["delivered"]
    shown = client.get("/demo/unit").text
    for said in ("Nguyễn Thị Mẫu (1948)", "Dấu hiệu: sốt", "38,2 °C", "Mã A7K2", "nhận 1 lần", "Đúng chữ ký"):
        assert said in shown


def test_the_same_id_twice_is_one_row_received_twice(client: FlaskClient, cast: Cast, secret: str) -> None:
    webhook_id = uuid4()
    assert [_post(client, secret, webhook_id), _post(client, secret, webhook_id)] == [204, 204]
    with cast.engine.connect() as connection:
        assert connection.scalars(select(demo_received.c.times)).all() == [2]
    assert "nhận 2 lần" in client.get("/demo/unit").text


def test_a_forged_old_or_broken_request_is_refused(client: FlaskClient, cast: Cast, secret: str) -> None:
    signed = headers(uuid4(), b"{}", [secret], datetime.now(UTC))
    refused = [
        _post(client, new_secret(), uuid4()),
        _post(client, secret, uuid4(), datetime.now(UTC) - timedelta(minutes=6)),
        client.post("/demo/unit", data=b"{}").status_code,
        client.post("/demo/unit", data=b"{ }", headers=signed).status_code,
        client.post("/demo/unit", data=b"\xff", headers=signed).status_code,
        client.post("/demo/unit", data=b"{}", headers=signed | {"webhook-signature": "v1"}).status_code,
        client.post("/demo/unit", data=b"{}", headers=signed | {"webhook-signature": "v1,$"}).status_code,
    ]
    assert refused == [403] * 7
    with cast.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(demo_received)) == 0


def test_switched_off_it_answers_503_in_every_worker(app: Flask, secret: str) -> None:
    one, other = app.test_client(), app.test_client()
    assert one.post("/demo/unit/switch", data={"down": "1"}).status_code == 303
    assert _post(other, secret, uuid4()) == 503
    assert "Đang tắt" in other.get("/demo/unit").text
    one.post("/demo/unit/switch", data={"down": "0"})
    one.post("/demo/unit/switch", data={"down": "0"})
    assert _post(other, secret, uuid4()) == 204


def test_what_waited_while_it_was_off_arrives(cast: Cast, app: Flask, client: FlaskClient) -> None:
    with _serving(app) as url:
        cast.destination(STATION, url)
        client.post("/demo/unit/switch", data={"down": "1"})
        cast.checkins(cast.person(), 2)
        cast.deliver()
        client.post("/demo/unit/switch", data={"down": "0"})
        cast.later(minutes=1)
        assert cast.deliver() == 2
    assert cast.statuses() == ["delivered"] * 2


def test_the_newest_is_first_and_the_list_can_be_fetched_alone(client: FlaskClient, secret: str) -> None:
    for code in ("EARLY", "LATE"):
        _post(client, secret, uuid4(), code=code)
    listed = client.get("/demo/unit?part=list").text
    assert 0 < listed.index("LATE") < listed.index("EARLY")
    assert "<html" not in listed


def test_what_people_type_is_only_text(client: FlaskClient, secret: str) -> None:
    _post(client, secret, uuid4(), code="<script>alert(1)</script>")
    shown = client.get("/demo/unit").text
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown


def test_an_empty_page_says_so(client: FlaskClient) -> None:
    assert "Chưa nhận bản nào." in client.get("/demo/unit").text


def test_outside_a_demo_there_is_no_such_unit(cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "BLUEPRINTS", (unit_inbox.blueprint,))
    real = web.create_app(replace(settings, demo=False), cast.engine).test_client()
    assert real.get("/demo/unit").status_code == 404
    assert real.post("/demo/unit", data=b"{}").status_code == 404


def _post(client: FlaskClient, secret: str, webhook_id: UUID, wall: datetime | None = None, code: str = "A7K2") -> int:
    data = {
        "form": "declaration",
        "level": "none",
        "confirmed": True,
        "code": code,
        "version": 1,
        "person": {"full_name": "Nguyễn Thị Mẫu", "year_of_birth": None},
        "signs": [],
        "temperature": None,
    }
    body = orjson.dumps({"type": "declaration.recorded", "data": data})
    signed = headers(webhook_id, body, [secret], wall or datetime.now(UTC))
    return client.post("/demo/unit", data=body, headers=signed).status_code


@contextmanager
def _serving(app: Flask) -> Iterator[str]:
    """The application behind a real socket."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/demo/unit"
    server.shutdown()
    server.server_close()
    thread.join()
