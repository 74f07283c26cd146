"""The door of the console: nobody passes without a session, and no form without its token."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from core.access import passwords
from core.access import staff as accounts
from core.database.shared import staff
from tests.console.conftest import Browser, made, post
from tests.console.ward import NURSE, PASSWORD, Ward

HOME = "/console/"


def _filled(rule: str) -> str:
    """An address of that rule: the first of the words that it takes, an id for the rest."""
    return re.sub(r"<(?:uuid:)?\w+>", str(uuid4()), re.sub(r"<any\((\w+)[^>]*>", r"\1", rule))


def locations(app: Flask) -> list[tuple[str, str]]:
    """Every page of the console but its door, with the method that it answers."""
    doors = {"console.static", "console.sign_in"}
    return [
        (method, _filled(rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("console.") and rule.endpoint not in doors
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
    ]


def test_a_stranger_is_sent_to_the_door_from_every_page(app: Flask) -> None:
    client = app.test_client()
    pages = locations(app)

    assert len(pages) >= 9
    for method, path in pages:
        answer = client.open(path, method=method)
        if path.endswith(".fragment"):
            assert answer.status_code == 401
        else:
            assert (answer.status_code, "/console/sign-in" in answer.headers["Location"]) == (303, True), path


def test_every_post_without_its_token_is_refused(app: Flask, nurse: FlaskClient) -> None:
    posts = [path for method, path in locations(app) if method == "POST"]

    assert len(posts) >= 5
    for path in [*posts, "/console/sign-in"]:
        assert nurse.post(path, data={"csrf_token": "forged", "q": "x"}).status_code == 400, path
        assert nurse.post(path).status_code == 400, path
    assert nurse.get(HOME).status_code == 200


def test_another_browsers_token_is_none(app: Flask, nurse: FlaskClient) -> None:
    stranger = app.test_client()
    page = stranger.get("/console/sign-in").text
    stolen = page.split('name="csrf_token" value="')[1].split('"')[0]

    assert nurse.post("/console/sign-out", data={"csrf_token": stolen}).status_code == 400


@pytest.mark.parametrize(("login", "password"), [(NURSE, "wrong"), ("nobody", PASSWORD), ("", "")])
def test_whoever_is_not_let_in_is_told_the_same(app: Flask, login: str, password: str) -> None:
    client = app.test_client()

    answer = post(client, "/console/sign-in", login=login, password=password)

    assert answer.status_code == 401
    assert "Chưa vào được" in answer.text
    assert client.get(HOME).status_code == 303


def test_a_locked_account_is_told_no_more_than_a_wrong_password(app: Flask) -> None:
    client = app.test_client()
    for _ in range(5):
        wrong = post(client, "/console/sign-in", login=NURSE, password="wrong")

    locked = post(client, "/console/sign-in", login=NURSE, password=PASSWORD)

    assert locked.status_code == 401
    assert _without_tokens(locked.text) == _without_tokens(wrong.text)


def test_a_lock_opens_by_real_time(app: Flask, ward: Ward) -> None:
    client = app.test_client()
    for _ in range(5):
        post(client, "/console/sign-in", login=NURSE, password="wrong")
    ward.now += timedelta(days=2)
    assert post(client, "/console/sign-in", login=NURSE, password=PASSWORD).status_code == 401

    ward.wall += timedelta(minutes=15)
    assert post(client, "/console/sign-in", login=NURSE, password=PASSWORD).status_code == 303


def test_a_session_ends_after_twelve_hours_however_much_it_is_used(nurse: FlaskClient, ward: Ward) -> None:
    for _ in range(11):
        ward.wall += timedelta(hours=1)
        assert nurse.get(HOME).status_code == 200

    ward.wall += timedelta(hours=1)
    assert nurse.get(HOME).status_code == 303


def test_signing_out_keeps_the_language_and_nothing_else(nurse: FlaskClient) -> None:
    nurse.get(HOME + "?lang=en")
    assert post(nurse, "/console/sign-out").status_code == 303

    assert nurse.get(HOME).status_code == 303
    with nurse.session_transaction() as kept:
        assert set(kept) == {"language"}


def test_signing_out_everywhere_ends_the_other_browsers_of_one_person(browser: Browser) -> None:
    here, there, other = browser(NURSE), browser(NURSE), browser("hoa.cocsan")

    post(here, "/console/sign-out-everywhere")

    assert [client.get(HOME).status_code for client in (here, there, other)] == [303, 303, 200]


def test_an_account_that_is_closed_is_out_at_once(nurse: FlaskClient, ward: Ward) -> None:
    with ward.engine.begin() as connection:
        accounts.lock(connection, NURSE)

    assert nurse.get(HOME).status_code == 303


def test_a_nurse_who_changes_units_sees_the_new_one_at_once(nurse: FlaskClient, ward: Ward) -> None:
    with ward.engine.begin() as connection:
        connection.execute(update(staff).where(staff.c.login == NURSE).values(unit_code="TYT02686"))

    assert "Trạm Y tế xã Cốc San" in nurse.get(HOME).text


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/console/find", "/console/find"),
        ("", "/console/"),
        ("/phone", "/console/"),
        ("https://elsewhere.example/console/", "/console/"),
        ("//elsewhere.example", "/console/"),
        ("/console/\\elsewhere.example", "/console/"),
        ("/console//elsewhere.example", "/console/"),
    ],
)
def test_after_the_door_one_goes_where_one_wanted_but_never_out(app: Flask, wanted: str, leads_to: str) -> None:
    answer = post(app.test_client(), "/console/sign-in", login=NURSE, password=PASSWORD, next=wanted)

    assert answer.headers["Location"] == leads_to


def test_a_demo_offers_its_accounts_and_one_press_lets_in(ward: Ward) -> None:
    app = made(ward, offered=True)
    client = app.test_client()

    page = client.get("/console/sign-in").text

    assert f'name="login" value="{NURSE}"' in page
    assert f'name="password" value="{PASSWORD}"' in page


def test_without_a_demo_no_password_is_on_the_page(app: Flask) -> None:
    assert PASSWORD not in app.test_client().get("/console/sign-in").text


def test_a_nurse_comes_in_at_her_own_browser_though_strangers_locked_her_out(app: Flask, nurse: FlaskClient) -> None:
    post(nurse, "/console/sign-out")
    stranger = app.test_client()
    for _ in range(6):
        post(stranger, "/console/sign-in", login=NURSE, password="wrong")
    assert post(stranger, "/console/sign-in", login=NURSE, password=PASSWORD).status_code == 401

    assert post(nurse, "/console/sign-in", login=NURSE, password=PASSWORD).status_code == 303


def test_her_browser_has_five_tries_of_its_own(app: Flask, nurse: FlaskClient, ward: Ward) -> None:
    post(nurse, "/console/sign-out")
    stranger = app.test_client()
    for client in (stranger, nurse):
        for _ in range(5):
            post(client, "/console/sign-in", login=NURSE, password="wrong")
    assert post(nurse, "/console/sign-in", login=NURSE, password=PASSWORD).status_code == 401


@pytest.mark.parametrize("forged", ["", "x", "WyJhIixbXV0.aaaa.bbbb"])
def test_a_forged_mark_is_none(app: Flask, forged: str) -> None:
    client = app.test_client()
    for _ in range(5):
        post(client, "/console/sign-in", login=NURSE, password="wrong")
    client.set_cookie("khaibao_known", forged)

    assert post(client, "/console/sign-in", login=NURSE, password=PASSWORD).status_code == 401


def test_an_address_may_try_twenty_times_a_minute(app: Flask, ward: Ward) -> None:
    client = app.test_client()
    answers = [post(client, "/console/sign-in", login=f"nobody{n}", password="wrong") for n in range(21)]

    assert [answer.status_code for answer in answers] == [401] * 20 + [429]
    assert answers[-1].headers["Retry-After"] == "60"
    assert "Xin đợi một phút" in answers[-1].text
    ward.wall += timedelta(minutes=1)
    assert post(client, "/console/sign-in", login=NURSE, password=PASSWORD).status_code == 303


def test_one_address_does_not_shut_out_another(app: Flask) -> None:
    client = app.test_client()
    for n in range(21):
        post(client, "/console/sign-in", login=f"nobody{n}", password="wrong")
    other = app.test_client()
    other.environ_base["REMOTE_ADDR"] = "192.0.2.7"

    assert post(other, "/console/sign-in", login=NURSE, password=PASSWORD).status_code == 303


def test_a_flood_gets_a_page_and_no_thread(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_PATIENCE", 0.05)
    client = app.test_client()
    with passwords.room(), passwords.room():
        answer = post(client, "/console/sign-in", login=NURSE, password=PASSWORD)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "Xin đợi một phút" in answer.text


def _without_tokens(page: str) -> list[str]:
    return [line for line in page.splitlines() if "csrf_token" not in line]
