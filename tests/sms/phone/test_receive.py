"""What the simulator's page may do: write as a made-up person, read a screen, move the clock forward."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from tests.sms.phone.desk import LAN, MAY, NOW, Desk, post

ID = "7b1f6d2e-8c1a-4d6b-9a55-0c9f6a1e2b3c"
HALF_A_SIGN = "\ud83d"


def message(**changes: object) -> dict[str, object]:
    return {"id": ID, "number": "0900 000 011", "text": "SK 37,5 ho"} | changes


def test_a_message_is_handed_over_as_a_provider_would(client: FlaskClient, desk: Desk) -> None:
    assert post(client, "/phone/messages", message()).status_code == 200

    (sent,) = desk.sent
    assert (sent.channel, sent.address, sent.text, sent.received_at) == ("phone", MAY, "SK 37,5 ho", NOW)
    assert UUID(sent.external_id) == UUID(ID)


def test_a_double_click_is_one_message_to_the_pipeline(client: FlaskClient, desk: Desk) -> None:
    post(client, "/phone/messages", message())
    post(client, "/phone/messages", message(id=ID.replace("-", "").upper()))

    assert desk.sent[0].external_id == desk.sent[1].external_id


@pytest.mark.parametrize("number", ["0912345678", "0900000111", "", None, 900000011, ["0900000011"]])
def test_a_number_that_may_be_somebody_s_is_refused_in_words(client: FlaskClient, desk: Desk, number: object) -> None:
    answer = post(client, "/phone/messages", message(number=number))

    assert answer.status_code == 400
    assert answer.get_json()["error"].startswith("Chỉ dùng được số bịa từ 0900 000 000 đến 0900 000 099")
    assert desk.sent == []
    assert client.get("/phone/messages", query_string={"number": str(number)}).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [{"text": ""}, {"text": "a" * 1601}, {"text": None}, {"text": 5}, {"text": HALF_A_SIGN}, {"id": "1"}, {"id": None}],
    ids=["empty", "too long", "no text", "a number", "half a sign", "no uuid", "no id"],
)
def test_what_is_no_message_is_refused(client: FlaskClient, desk: Desk, changes: dict[str, object]) -> None:
    assert post(client, "/phone/messages", message(**changes)).status_code == 400
    assert desk.sent == []


OURS: list[dict[str, str]] = [
    {},
    {"Sec_Fetch_Site": "", "Origin": "http://localhost"},
    {"Sec_Fetch_Site": ""},  # no browser: nothing it could misuse
]
STRANGERS: list[dict[str, str]] = [
    {"Sec_Fetch_Site": "cross-site", "Origin": "https://example.org"},
    {"Sec_Fetch_Site": "same-site", "Origin": "http://other.localhost"},
    {"Sec_Fetch_Site": "none"},
    {"Sec_Fetch_Site": "", "Origin": "https://example.org"},
    {"Sec_Fetch_Site": "", "Origin": "http://localhost:8001"},
    {"Sec_Fetch_Site": "", "Origin": "null"},
    {"Content_Type": "text/plain"},  # a form of another site can send this without asking
    {"Content_Type": "application/x-www-form-urlencoded"},
]


@pytest.mark.parametrize("headers", OURS)
def test_our_own_page_may_post(client: FlaskClient, desk: Desk, headers: dict[str, str]) -> None:
    assert post(client, "/phone/messages", message(), **headers).status_code == 200
    assert post(client, "/phone/clock", {"seconds": 60}, **headers).status_code == 200
    assert (len(desk.sent), desk.moved) == (1, [60])


@pytest.mark.parametrize("headers", STRANGERS)
def test_another_page_cannot_post(client: FlaskClient, desk: Desk, headers: dict[str, str]) -> None:
    assert post(client, "/phone/messages", message(), **headers).status_code == 403
    assert post(client, "/phone/clock", {"seconds": 60}, **headers).status_code == 403
    assert (desk.sent, desk.moved) == ([], [])


@pytest.mark.parametrize("body", [[], "SK OK", None, 5])
def test_json_that_is_no_object_is_refused(client: FlaskClient, desk: Desk, body: object) -> None:
    assert post(client, "/phone/messages", body).status_code == 403
    assert desk.sent == []


@pytest.mark.parametrize("seconds", [0, -1, -3600, 1.5, "60", None, True, 31 * 24 * 3600 + 1])
def test_the_clock_moves_only_forward(client: FlaskClient, desk: Desk, seconds: object) -> None:
    answer = post(client, "/phone/clock", {"seconds": seconds})

    assert (answer.status_code, desk.moved) == (400, [])
    assert answer.get_json()["error"].startswith("Đồng hồ chỉ đi tới")


def test_the_clock_says_how_far_it_is_to_the_morning(client: FlaskClient) -> None:
    clock = post(client, "/phone/clock", {"seconds": 600}).get_json()

    assert clock == {"now": "2026-11-21T00:30:00+00:00", "to_morning": 24 * 3600 + 30 * 60, "to_reminder": None}


def test_a_screen_tells_each_message_s_price(client: FlaskClient, desk: Desk) -> None:
    desk.wrote("KHAI", 1)
    desk.got("Bác có sốt không?", 2)
    screen = seen(client)["screen"]

    assert [line.pop("id") for line in screen["lines"]] != []
    assert screen == {
        "count": 2,
        "lines": [line("KHAI", True, 1, "GSM-7", 160), line("Bác có sốt không?", False, 2, "UCS-2", 70)],
        "by_person": {"messages": 1, "parts": 1, "cost": 350},
        "by_us": {"messages": 1, "parts": 1, "cost": 350},
    }


def line(text: str, sent: bool, minute: int, encoding: str, room: int) -> dict[str, object]:
    at = f"2026-11-21T00:{30 + minute}:00+00:00"
    price = {"encoding": encoding, "units": len(text), "room": room, "parts": 1, "cost": 350}
    return {"text": text, "sent": sent, "at": at} | price


def test_a_page_that_has_all_gets_no_screen(client: FlaskClient, desk: Desk) -> None:
    desk.wrote("KHAI")

    assert "screen" in seen(client, after=0)
    assert "screen" not in seen(client, after=1)
    desk.got("Bac co sot khong?")
    assert seen(client, after=1)["screen"]["count"] == 2


def test_a_page_hears_of_other_phones_too(client: FlaskClient, desk: Desk) -> None:
    desk.got("Bac co sot khong?", number=LAN)

    assert seen(client, also=["0900000012", "0900000013", "0912345678"])["received"] == {"0900000012": 1}


def seen(client: FlaskClient, **query: Any) -> dict[str, Any]:
    answer = client.get("/phone/messages", query_string={"number": "0900000011"} | query)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def test_the_page_opens_the_first_person_s_phone(client: FlaskClient) -> None:
    page = client.get("/phone").text

    assert 'data-number="0900000011" aria-current="page"' in page
    assert "Bà Mẩy (bịa)" in page
    assert "Chị Lan &lt;bịa&gt;" in page


def test_a_new_phone_gets_a_number_that_nobody_used(client: FlaskClient, desk: Desk) -> None:
    assert client.get("/phone?number=new").location == "/phone?number=0900000050"
    desk.wrote("KHAI", number="+84900000050")

    assert client.get("/phone?number=new").location == "/phone?number=0900000051"
    assert "0900 000 050" in client.get("/phone").text


def test_a_number_that_may_be_somebody_s_opens_no_phone(client: FlaskClient) -> None:
    page = client.get('/phone?number=0912345678"><script>').text

    assert "Chỉ dùng được số bịa" in page
    assert "0912345678" not in page.replace("number=0912345678", "")
    assert 'id="desk"\n  data-number="0900000011"' in page
    assert "<script>" not in page


def test_nothing_on_the_page_is_inline(client: FlaskClient) -> None:
    page = client.get("/phone").text

    assert page.count("<script") == page.count('<script type="module" src="/phone/static/') == 1
    assert not any(inline in page for inline in ("<style", " style=", " onclick="))
    for name in ("phone.js", "parts.js", "keypad.js", "screen.js", "phone.css"):
        with client.get(f"/phone/static/{name}") as answer:
            assert answer.status_code == 200
