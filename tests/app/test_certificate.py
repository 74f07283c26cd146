"""The public page: true, unknown and mistyped are told apart; nobody is named; it cannot be tried for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from app.certificate import BY_NETWORK
from app.settings import Settings
from app.web import create_app
from core.care import follow_up
from core.care.release_code import spoken
from core.database.following import follow_ups
from tests.cast import HOA, settle

Ask = Callable[[str], tuple[int, str]]


@pytest.fixture
def client(engine: Engine, settings: Settings) -> FlaskClient:
    return create_app(replace(settings, demo=False), engine).test_client()


@pytest.fixture
def code(engine: Engine, settings: Settings) -> str:
    cast = settle(engine, settings)
    cast.enrols(HOA, days=2, name="Sùng Thị May")
    with engine.begin() as connection:
        follow_up.complete(connection, cast.clock.at + timedelta(days=3))
    (row,) = cast.rows(follow_ups)
    return str(row["release_code"])


def test_it_says_what_is_true_and_names_nobody(client: FlaskClient, code: str) -> None:
    for written in (code, spoken(code), f" {code[:5]}-{code[5:]} "):
        answer = client.get("/certificate", query_string={"code": written})

        assert answer.status_code == 200
        for part in ("Giấy này là thật", spoken(code), "Trạm Y tế xã Bát Xát", "21/11/2026", "23/11/2026"):
            assert part in answer.text
        for private in ("May", "F1", "0900", "1953"):
            assert private not in answer.text


def test_a_slip_and_an_unknown_code_are_told_apart(client: FlaskClient, code: str) -> None:
    slip = client.get("/certificate", query_string={"code": code[:-1] + str((int(code[-1]) + 1) % 10)})
    unknown = client.get("/certificate", query_string={"code": "1234567894"})
    strange = client.get("/certificate", query_string={"code": "<script>" * 20})

    assert (slip.status_code, unknown.status_code, strange.status_code) == (404, 404, 404)
    assert "Mã chưa đúng" in slip.text
    assert "Chưa ai được cấp giấy mang mã 123 456 7894" in unknown.text
    assert "<script>" not in strange.text


def test_nobody_tries_all_codes(client: FlaskClient, code: str) -> None:
    answers = [client.get("/certificate", query_string={"code": "1"}) for _ in range(BY_NETWORK.amount + 1)]

    assert [answer.status_code for answer in answers] == [404] * BY_NETWORK.amount + [429]
    assert answers[-1].headers["Retry-After"] == "60"
    assert client.get("/certificate").status_code == 200


def test_in_english(client: FlaskClient, code: str) -> None:
    answer = client.get("/certificate", query_string={"code": code, "lang": "en"})

    assert "This paper is true" in answer.text
