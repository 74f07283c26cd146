"""The console over a ward, and its staff's browsers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from werkzeug.test import TestResponse

from app import home, i18n, wiring
from app.settings import Settings
from console import Console, blueprint
from core.access import passwords
from tests.conftest import CELL
from tests.console.ward import HERE, NURSE, PASSWORD, Ward

Browser = Callable[[str], FlaskClient]

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def ward(engine: Engine) -> Ward:
    return Ward(engine).settle_in()


@pytest.fixture
def app(ward: Ward) -> Flask:
    return made(ward)


@pytest.fixture
def browser(app: Flask) -> Browser:
    """Signs somebody in; their browser."""

    def signed_in(login: str) -> FlaskClient:
        client = app.test_client()
        answer = post(client, "/console/sign-in", login=login, password=PASSWORD)
        assert answer.status_code == 303
        return client

    return signed_in


@pytest.fixture
def nurse(browser: Browser) -> FlaskClient:
    return browser(NURSE)


@pytest.fixture
def statements(ward: Ward) -> Iterator[Callable[[], int]]:
    """How many statements the database was sent since one last asked."""
    sent: list[str] = []

    def note(*told: Any) -> None:
        sent.append(str(told[2]))

    def count() -> int:
        number = len(sent)
        sent.clear()
        return number

    event.listen(ward.engine, "before_cursor_execute", note)
    yield count
    event.remove(ward.engine, "before_cursor_execute", note)


OFFERED = (home.SignIn(NURSE, PASSWORD, "Điều dưỡng", HERE),)


def made(ward: Ward, *, offered: bool = False) -> Flask:
    """An application with the console alone, and with accounts on its sign-in page or none."""
    app = Flask("app")
    app.secret_key = "made up"
    i18n.install(app, demo=False)
    home.install(app, ())
    tree = ward.tree()
    accounts = OFFERED if offered else ()
    services = wiring.services(Settings(secret_key="-", data_keys=(), cell=CELL), ward.engine)
    phone = replace(services, on={"phone": services.channels["phone"].profile})
    console = Console(ward.engine, lambda: ward.now, lambda: tree, accounts, lambda: ward.wall, lambda: phone)
    app.register_blueprint(blueprint(console))
    return app


def token(client: FlaskClient) -> str:
    """What a form on any page of this browser carries."""
    found = _TOKEN.search(client.get("/console/sign-in", follow_redirects=True).text)
    assert found is not None
    return found[1]


def post(client: FlaskClient, path: str, **fields: str | list[str]) -> TestResponse:
    """Send a form as a page of this browser would."""
    return client.post(path, data={"csrf_token": token(client), **fields})
