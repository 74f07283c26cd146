"""The first page: in a demo three doors, elsewhere what this is and nobody's account."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from app.cast import SIGN_INS
from app.settings import Settings
from app.web import create_app

DOORS = ('href="/phone"', 'href="/console"', 'href="/demo/unit"')


def home(settings: Settings, engine: Engine, path: str = "/") -> str:
    answer = create_app(settings, engine).test_client().get(path)
    assert answer.status_code == 200
    return answer.text


def test_a_demo_has_three_doors_and_shows_who_may_sign_in(settings: Settings, engine: Engine) -> None:
    page = home(settings, engine)

    assert [door in page for door in DOORS] == [True, True, True]
    assert all(f"<kbd>{one.login}</kbd>" in page and f"<kbd>{one.password}</kbd>" in page for one in SIGN_INS)


def test_a_real_installation_shows_no_account_and_no_phone(settings: Settings, engine: Engine) -> None:
    real = replace(settings, demo=False)
    page = home(real, engine)

    assert [door in page for door in DOORS] == [False, True, False]
    assert not any(secret in page for one in SIGN_INS for secret in (one.login, one.password))
    assert create_app(real, engine).test_client().get("/phone").status_code == 404


@pytest.mark.parametrize("demo", [True, False])
def test_it_links_to_the_machine_s_health(settings: Settings, engine: Engine, demo: bool) -> None:
    page = home(replace(settings, demo=demo), engine)

    assert 'href="/health/live"' in page
    assert 'href="/health/ready"' in page


def test_it_can_be_read_in_english(settings: Settings, engine: Engine) -> None:
    assert '<html lang="vi">' in home(settings, engine)
    assert 'href="/?lang=en"' in home(settings, engine)
    assert '<html lang="en">' in home(settings, engine, "/?lang=en")


def test_what_a_page_loads_is_ours_and_there(settings: Settings, engine: Engine) -> None:
    client = create_app(settings, engine).test_client()

    assert "<script" not in client.get("/").text
    assert "style=" not in client.get("/").text
    for name in ("home.css", "base.css", "icon.svg"):
        with client.get(f"/static/{name}") as answer:
            assert answer.status_code == 200
