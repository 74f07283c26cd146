"""What providers bring, in every way that a file may describe."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time
from uuid import UUID
from xml.etree import ElementTree

import pytest

from core.messaging.channel import Status
from sms.aggregator.repeats import ids
from tests.sms.aggregator.desk import SECRETS, SEND, Desk, one, web

OURS = "01a1ff6a-f4ac-7405-8588-e566a651fee6"
WORD = SECRETS["MADE_UP_TOKEN"]
INBOUND = """
[a1.inbound]
method = "GET"
format = "query"
sender = "from"
text = "text"
id = "id"
"""
ALLOW = 'allow = "203.0.113.0/24"\n'
TOKEN = '[a1.inbound.token]\nin = "query:t"\nsecret = "{secret.word}"\n'
PLACE = "/sms/aggregator/a1/inbound"
QUERY = {"from": "84900000001", "text": "Em sốt 38,2", "id": "m1", "t": WORD}


@pytest.mark.parametrize(
    ("sender", "address"),
    [
        ("84900000001", "+84900000001"),
        ("0900000001", "+84900000001"),
        ("+84900000001", "+84900000001"),
        ("+12025550123", "+12025550123"),
        ("8041", None),
        ("KHAIBAO", None),
        ("", None),
        ("84", None),
        ("0900000001x", None),
    ],
)
def test_a_number_however_it_is_written(tmp_path: Path, sender: str, address: str | None) -> None:
    desk = Desk()
    answer = web(one(tmp_path, SEND + INBOUND + TOKEN), desk).get(PLACE, query_string={**QUERY, "from": sender})
    assert answer.status_code == 200
    assert [m.address for m in desk.messages] == ([address] if address else [])


def test_our_own_number_is_not_answered(tmp_path: Path) -> None:
    desk = Desk()
    ours = one(tmp_path, '[a1]\nfrom = "0900000001"\n' + SEND + INBOUND + TOKEN)
    assert web(ours, desk).get(PLACE, query_string=QUERY).status_code == 200
    assert desk.messages == []


@pytest.mark.parametrize("form", ["query", "form", "json"])
def test_fields_travel_in_three_ways(tmp_path: Path, form: str) -> None:
    desk = Desk()
    method = "GET" if form == "query" else "POST"
    text = INBOUND.replace('"GET"', f'"{method}"').replace('"query"', f'"{form}"', 1)
    client = web(one(tmp_path, SEND + text + TOKEN), desk)
    fields = {key: value for key, value in QUERY.items() if key != "t"}
    if form == "query":
        answer = client.get(PLACE, query_string=QUERY)
    elif form == "form":
        answer = client.post(f"{PLACE}?t={WORD}", data=fields)
    else:
        answer = client.post(f"{PLACE}?t={WORD}", json={**fields, "id": 7, "more": [1]})
    assert answer.status_code == 200
    assert [(m.text, m.external_id) for m in desk.messages] == [("Em sốt 38,2", "7" if form == "json" else "m1")]


def test_fields_may_lie_deeper(tmp_path: Path) -> None:
    desk = Desk()
    text = INBOUND.replace("GET", "POST").replace('"query"', '"json"').replace('"text"', '"data.0.words"')
    client = web(one(tmp_path, SEND + text + TOKEN), desk)
    client.post(f"{PLACE}?t={WORD}", json={**QUERY, "data": [{"words": "KHAI"}]})
    assert [m.text for m in desk.messages] == ["KHAI"]


@pytest.mark.parametrize(
    ("place", "path", "headers"),
    [
        ("path", f"{PLACE}/{WORD}", {}),
        ("query:t", f"{PLACE}?t={WORD}", {}),
        ("header:X-Word", PLACE, {"x-word": WORD}),
    ],
)
def test_a_shared_word_in_three_places(
    tmp_path: Path, place: str, path: str, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk()
    text = INBOUND.replace("GET", "POST").replace('"query"', '"form"')
    client = web(one(tmp_path, SEND + text + TOKEN.replace("query:t", place)), desk)
    fields = {"from": "84900000001", "text": "KHAI", "id": "m1"}
    with caplog.at_level(logging.DEBUG):
        assert client.post(path, data=fields, headers=headers).status_code == 200
        for wrong in (PLACE, f"{PLACE}/x", f"{PLACE}?t=x", f"{PLACE}/x{WORD}", f"{PLACE}?t=ký"):
            assert client.post(wrong, data=fields).status_code == 403
    assert len(desk.messages) == 1
    assert WORD not in caplog.text


def test_addresses_behind_a_proxy_and_without_one(tmp_path: Path) -> None:
    """Without PUBLIC_URL nobody is in front of us: a header claims what it likes."""
    desk = Desk()
    config = one(tmp_path, SEND + INBOUND + ALLOW)
    for proxy, peer, claimed, status in (
        (False, "203.0.113.7", "", 200),
        (False, "198.51.100.7", "203.0.113.7", 403),
        (True, "127.0.0.1", "203.0.113.7", 200),
        (True, "127.0.0.1", "203.0.113.7, 198.51.100.7", 403),
        (True, "127.0.0.1", "nobody", 403),
    ):
        answer = web(config, desk, proxy).get(
            PLACE,
            query_string=QUERY,
            headers={"X-Forwarded-For": claimed} if claimed else {},
            environ_overrides={"REMOTE_ADDR": peer},
        )
        assert answer.status_code == status, (proxy, peer, claimed)


def test_all_guards_that_are_set_have_to_hold(tmp_path: Path) -> None:
    client = web(one(tmp_path, SEND + INBOUND + ALLOW + TOKEN), Desk())
    here, elsewhere = {"REMOTE_ADDR": "203.0.113.7"}, {"REMOTE_ADDR": "198.51.100.7"}
    assert client.get(PLACE, query_string=QUERY, environ_overrides=here).status_code == 200
    assert client.get(PLACE, query_string=QUERY, environ_overrides=elsewhere).status_code == 403
    assert client.get(PLACE, query_string={**QUERY, "t": ""}, environ_overrides=here).status_code == 403


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _vietnam(seconds: float) -> str:
    return (datetime.fromtimestamp(seconds, UTC) + timedelta(hours=7)).strftime("%Y%m%d%H%M%S")


@pytest.mark.parametrize(
    ("form", "write", "fresh", "stale"),
    [
        ("unix", str, 30, 90),
        ("unix_ms", lambda seconds: str(int(seconds * 1000)), 30, 90),
        ("iso", _iso, 30, 90),
        ("%Y%m%d%H%M%S", _vietnam, 30, 90),
    ],
)
def test_old_requests_are_refused(tmp_path: Path, form: str, write: object, fresh: int, stale: int) -> None:
    assert callable(write)
    text = f'{INBOUND}time = "at"\ntime_format = "{form}"\nmax_age = 60\n{TOKEN}'
    client = web(one(tmp_path, SEND + text), Desk())
    for age, status in ((fresh, 200), (stale, 403), (-60, 200), (-3600, 403)):
        assert client.get(PLACE, query_string={**QUERY, "at": write(time() - age)}).status_code == status, age
    for odd in ("", "noon", "1" * 400, "20261321130101"):
        assert client.get(PLACE, query_string={**QUERY, "at": odd}).status_code == 403


def test_a_signature_in_a_header_over_the_body(tmp_path: Path) -> None:
    signed = (
        '[a1.inbound.signature]\nfield = "header:X-Sign"\ndigest = "hmac-sha256"\nencoding = "base64"\n'
        'over = "{request.body}{header.X-Time}"\nkey = "{secret.key}"\n'
    )
    desk = Desk()
    client = web(one(tmp_path, SEND + INBOUND.replace("GET", "POST").replace('"query"', '"json"') + signed), desk)
    body = json.dumps({"from": "84900000001", "text": "KHAI", "id": "m1"}).encode()
    sign = base64.b64encode(hmac.digest(b"k1", body + b"17", hashlib.sha256)).decode()
    assert client.post(PLACE, data=body, headers={"X-Sign": sign, "X-Time": "17"}).status_code == 200
    assert client.post(PLACE, data=body, headers={"X-Sign": sign, "X-Time": "18"}).status_code == 403
    assert client.post(PLACE, data=body + b" ", headers={"X-Sign": sign, "X-Time": "17"}).status_code == 403
    assert client.post(PLACE, data=b"\xff", headers={"X-Sign": sign}).status_code == 403
    assert len(desk.messages) == 1


@pytest.mark.parametrize(
    ("keyword", "text", "words"),
    [
        ("KB", "KB SK OK", "SK OK"),
        ("KB", "kb  khong", " khong"),
        ("KB", "KB", "KB"),
        ("KB", "KBYT", "KBYT"),
        ("", "OK a", "OK a"),
    ],
)
def test_the_keyword_of_a_shared_short_code_is_dropped(tmp_path: Path, keyword: str, text: str, words: str) -> None:
    desk = Desk()
    client = web(one(tmp_path, f'{SEND}{INBOUND}keyword = "kw"\n{TOKEN}'), desk)
    client.get(PLACE, query_string={**QUERY, "kw": keyword, "text": text})
    assert [m.text for m in desk.messages] == [words]


def test_what_is_for_another_number_is_left_alone(tmp_path: Path) -> None:
    desk = Desk()
    client = web(one(tmp_path, f'{SEND}{INBOUND}recipient = "to"\nrecipients = ["8041", "8141"]\n{TOKEN}'), desk)
    for to in ("8041", "8141", "9999", ""):
        assert client.get(PLACE, query_string={**QUERY, "to": to}).status_code == 200
    assert len(desk.messages) == 2


def test_the_acknowledgement_is_escaped_for_its_format(tmp_path: Path) -> None:
    """The reply itself is a message of its own: the acknowledgement only says that it came."""
    xml = '[a1.inbound.ack]\nformat = "xml"\nstatus = 202\nbody = "<R a=\\"{id}\\"><T>{text}</T></R>"\n'
    answer = web(one(tmp_path, SEND + INBOUND + TOKEN + xml), Desk()).get(
        PLACE, query_string={**QUERY, "text": "</T><Message>x</Message>", "id": 'a"b'}
    )
    assert (answer.status_code, answer.content_type) == (202, "text/xml; charset=utf-8")
    root = ElementTree.fromstring(answer.text)
    assert [child.tag for child in root] == ["T"]
    assert (root.get("a"), root.findtext("T")) == ('a"b', "</T><Message>x</Message>")
    for body in ('{ ok = 1, id = "{id}" }', '\'{"ok": 1, "id": "{id}"}\''):
        table = f'[a1.inbound.ack]\nformat = "json"\nbody = {body}\n'
        answer = web(one(tmp_path, SEND + INBOUND + TOKEN + table), Desk()).get(
            PLACE, query_string={**QUERY, "id": '"},'}
        )
        assert json.loads(answer.text) == {"ok": 1, "id": '"},'}


def test_without_an_id_the_same_request_is_a_repeat_for_a_while() -> None:
    """Whichever process takes it: ids are of the request and the time alone."""

    def is_repeat(first: float, second: float, words: bytes = b"a") -> bool:
        known = ids(b"a", first, 10)[0] in ids(words, second, 10)
        assert known is (ids(words, second, 10)[0] in ids(b"a", first, 10)), "whichever is stored first"
        return known

    assert all(is_repeat(1009.9 + n / 10, 1009.9 + n / 10 + later) for n in range(40) for later in (0, 0.1, 5, 9.9))
    assert not any(is_repeat(1009.9 + n / 10, 1009.9 + n / 10 + 12.1) for n in range(40))
    assert not is_repeat(1009.9, 1010.1, b"b")


def test_without_an_id_two_requests_with_the_same_words_are_two(tmp_path: Path) -> None:
    desk = Desk()
    client = web(one(tmp_path, SEND + INBOUND.replace('id = "id"\n', "") + TOKEN), desk)
    for n in ("1", "1", "2"):
        client.get(PLACE, query_string={**QUERY, "text": "khong", "n": n})
    assert len(desk.messages) == 3
    assert len({m.external_id for m in desk.messages}) == 2


STATUS = """
[a1.status]
method = "GET"
format = "query"
id = "sid"
ours = "rid"
status = "{state}:{why}"
error = "why"
states = { "ok:" = "delivered", "bad:7" = "unreachable", "bad:8" = "opted_out", "bad:*" = "failed", "on:" = "sent" }
[a1.status.token]
in = "query:t"
secret = "{secret.word}"
"""


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"sid": "s1", "state": "ok"}, ("s1", Status.DELIVERED, None, "", False, False)),
        ({"sid": "s1", "rid": OURS, "state": "on"}, ("s1", Status.SENT, UUID(OURS), "", False, False)),
        ({"rid": UUID(OURS).hex, "state": "ok"}, (OURS, Status.DELIVERED, UUID(OURS), "", False, False)),
        ({"sid": "s1", "state": "bad", "why": "7"}, ("s1", Status.FAILED, None, "7", True, False)),
        ({"sid": "s1", "state": "bad", "why": "8"}, ("s1", Status.FAILED, None, "8", False, True)),
        ({"sid": "s1", "state": "bad", "why": "call 0900"}, ("s1", Status.FAILED, None, "", False, False)),
        ({"sid": "s1", "state": "pondering"}, None),
        ({"state": "ok"}, None),
        ({"sid": "x" * 200, "rid": "no id", "state": "ok"}, None),
    ],
)
def test_reports(tmp_path: Path, query: dict[str, str], expected: tuple[object, ...] | None) -> None:
    desk = Desk()
    client = web(one(tmp_path, SEND + STATUS), desk)
    answer = client.get("/sms/aggregator/a1/status", query_string={**query, "t": WORD})
    assert (answer.status_code, answer.text) == (200, "")
    found = [(r.provider_id, r.status, r.message_id, r.error, r.unreachable, r.opted_out) for r in desk.reports]
    assert found == ([expected] if expected else [])


def test_a_report_of_no_message_of_ours_is_logged_by_its_id(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    client = web(one(tmp_path, SEND + STATUS), Desk(unknown=frozenset({"s1", "84900000001-7"})))
    for sid in ("s1", "84900000001-7"):
        assert (
            client.get("/sms/aggregator/a1/status", query_string={"sid": sid, "state": "ok", "t": WORD}).status_code
            == 200
        )
    assert "a report of no message of ours: s1" in caplog.text
    assert "84900000001" not in caplog.text


def test_a_provider_without_reports_has_no_route_for_them(tmp_path: Path) -> None:
    client = web(one(tmp_path, SEND + INBOUND + TOKEN), Desk())
    assert client.get("/sms/aggregator/a1/status").status_code == 404
    assert client.post(PLACE, data=QUERY).status_code == 405
