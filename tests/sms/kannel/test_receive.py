from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urlencode
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.messaging.channel import InboundMessage, Media, Status, StatusReport
from core.messaging.ports import Ports
from sms.kannel.config import KannelConfig
from sms.kannel.receive import blueprint

NOW = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
SECRET = "a-made-up-secret"
CONFIG = KannelConfig("http://127.0.0.1:1/cgi-bin/sendsms", "u", "p", SECRET, "8000", "http://127.0.0.1:8000")
INBOUND, STATUS = "/sms/kannel/inbound", "/sms/kannel/status"
OURS = UUID("0193fd00-0000-7000-8000-000000000001")

TEXT = {
    "from": "84900000001",
    "to": "8000",
    "text": "Em bị sốt 38,2 ho",
    "coding": "0",
    "charset": "UTF-8",
    "id": "ae59495b-e9a4-4b0c-8c1c-2e743a28bb12",
}
REPORT = {"id": str(OURS), "status": "1", "answer": ""}


@dataclass
class Core:
    """What the pipeline was given; it may refuse."""

    accepted: list[InboundMessage] = field(default_factory=list)
    reported: list[StatusReport] = field(default_factory=list)
    strange: bool = False
    broken: bool = False

    def accept(self, messages: Sequence[InboundMessage]) -> None:
        if self.broken:
            raise ConnectionError
        self.accepted += messages

    def report(self, reports: Sequence[StatusReport]) -> Sequence[StatusReport]:
        if self.broken:
            raise ConnectionError
        self.reported += reports
        return reports if self.strange else ()


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture
def web(core: Core) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(blueprint(CONFIG, Ports(core.accept, core.report, lambda _: None, lambda: NOW)))
    return app.test_client()


def get(web: FlaskClient, path: str, fields: Mapping[str, str], secret: str = SECRET) -> TestResponse:
    return web.get(f"{path}?{urlencode({'secret': secret, **fields})}")


def test_a_text_is_accepted_whole_and_answered_with_nothing(web: FlaskClient, core: Core) -> None:
    answer = get(web, INBOUND, TEXT)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"", "text/plain")
    assert core.accepted == [InboundMessage("kannel", TEXT["id"], "+84900000001", "Em bị sốt 38,2 ho", NOW)]


def test_it_is_read_as_kannel_writes_it(web: FlaskClient, core: Core) -> None:
    """The request of Debian's 1.4.5 for "VN2 ốt" in UCS-2, with mo-recode."""
    seen = (
        "from=84900000001&to=8000&text=VN2+%E1%BB%91t&coding=0&charset=UTF-8&id=ae59495b-e9a4-4b0c-8c1c-2e743a28bb12"
        "&dcs=00&smsc=FAKE1&ts=1795285831&udh=&service=default&flags=-1"
    )
    assert web.get(f"{INBOUND}?secret={SECRET}&{seen}").status_code == 200
    assert [m.text for m in core.accepted] == ["VN2 ốt"]


@pytest.mark.parametrize(
    ("sender", "person"),
    [
        ("84900000001", "+84900000001"),
        ("+84900000001", "+84900000001"),
        ("0900000001", "+84900000001"),
        (" 84900000001", "+84900000001"),
        ("447400900000", "+447400900000"),
    ],
)
def test_each_form_of_a_number(web: FlaskClient, core: Core, sender: str, person: str) -> None:
    get(web, INBOUND, TEXT | {"from": sender})
    assert [m.address for m in core.accepted] == [person]


@pytest.mark.parametrize(
    "sender", ["8088", "VIETTEL", "+8088", "", "849", "18001234", "19001234", "8000", "84900000001x"]
)
def test_senders_that_are_no_people_are_acknowledged_and_not_answered(
    web: FlaskClient, core: Core, sender: str
) -> None:
    assert get(web, INBOUND, TEXT | {"from": sender}).status_code == 200
    assert core.accepted == []


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("UTF-8", "utf-8"), ("utf-16be", "utf-16-be"), ("UTF-16BE", "utf-16-be"), ("", "utf-8"), ("KOI8-X", "utf-8")],
)
def test_each_charset(web: FlaskClient, core: Core, charset: str, encoding: str) -> None:
    fields = {name: value for name, value in TEXT.items() if name not in {"text", "charset"}}
    written = quote("Sốt & ho + 38,5".encode(encoding), safe="")
    web.get(f"{INBOUND}?{urlencode({'secret': SECRET, **fields})}&charset={charset}&text={written}")
    assert [m.text for m in core.accepted] == ["Sốt & ho + 38,5"]


def test_latin_letters_and_broken_ones(web: FlaskClient, core: Core) -> None:
    fields = {name: value for name, value in TEXT.items() if name not in {"text", "charset"}}
    start = f"{INBOUND}?{urlencode({'secret': SECRET, **fields})}"
    web.get(f"{start}&charset=ISO-8859-1&text=%E0")
    web.get(f"{start}&charset=UTF-8&text=ho%FF")
    assert [m.text for m in core.accepted] == ["à", "ho\ufffd"]


@pytest.mark.parametrize(
    ("changed", "text", "media"),
    [
        ({"text": ""}, "", None),
        ({"coding": "1", "text": "\x05\x00"}, "", Media.FILE),
        ({"flags": "0"}, TEXT["text"], None),
        ({"udh": "\x05\x00\x03\x07\x03\x02"}, TEXT["text"], None),
    ],
)
def test_each_kind_of_sms(
    web: FlaskClient, core: Core, changed: dict[str, str], text: str, media: Media | None
) -> None:
    """Empty, of bytes, flashed on the screen, and a part whose others never came."""
    assert get(web, INBOUND, TEXT | changed).status_code == 200
    assert [(m.text, m.media) for m in core.accepted] == [(text, media)]


@pytest.mark.parametrize("path", [INBOUND, STATUS])
@pytest.mark.parametrize("secret", ["", "another", SECRET + "x", "bí mật", "\udcff"])
def test_who_does_not_know_the_secret_is_turned_away(
    web: FlaskClient, core: Core, caplog: pytest.LogCaptureFixture, path: str, secret: str
) -> None:
    fields = TEXT if path == INBOUND else REPORT
    written = quote(secret, errors="surrogateescape")
    assert web.get(f"{path}?secret={written}&{urlencode(fields)}").status_code == 403
    assert web.get(f"{path}?{urlencode(fields)}").status_code == 403
    assert web.get(f"{path}?secret={written}&secret={SECRET}&{urlencode(fields)}").status_code == 403
    assert (core.accepted, core.reported) == ([], [])
    assert SECRET not in caplog.text


@pytest.mark.parametrize("missing", ["id", "from", "text"])
def test_an_unusable_text_is_acknowledged_and_told_by_its_id(
    web: FlaskClient, core: Core, caplog: pytest.LogCaptureFixture, missing: str
) -> None:
    answer = get(web, INBOUND, {name: value for name, value in TEXT.items() if name != missing})
    assert (answer.status_code, core.accepted) == (200, [])
    assert (TEXT["id"] if missing != "id" else "without an id") in caplog.text
    assert TEXT["from"] not in caplog.text
    assert TEXT["text"] not in caplog.text


def test_a_strange_id_is_not_told(web: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    assert get(web, INBOUND, TEXT | {"id": "1\nforged line"}).status_code == 200
    assert "forged line" not in caplog.text


@pytest.mark.parametrize(("path", "fields"), [(INBOUND, TEXT), (STATUS, REPORT)])
def test_our_own_fault_is_told_so_that_kannel_repeats(
    web: FlaskClient, core: Core, path: str, fields: Mapping[str, str]
) -> None:
    core.broken = True
    assert get(web, path, fields).status_code == 500
    core.broken = False
    assert get(web, path, fields).status_code == 200
    assert len(core.accepted) + len(core.reported) == 1


@pytest.mark.parametrize(
    ("bit", "answer", "status", "error", "unreachable"),
    [
        ("1", "", Status.DELIVERED, "", False),
        ("1", "id:7 sub:001 dlvrd:001 stat:DELIVRD err:000 text:Bac", Status.DELIVERED, "", False),
        ("2", "", Status.FAILED, "", False),
        ("2", "id:7 sub:001 dlvrd:000 stat:UNDELIV err:012 text:stat:X", Status.FAILED, "UNDELIV 012", False),
        ("2", "id:7 stat:EXPIRED err:1A3", Status.FAILED, "EXPIRED 1A3", False),
        ("4", "", Status.SENT, "", False),
        ("8", "ACK/", Status.SENT, "", False),
        ("16", "NACK/11/Invalid Destination Address", Status.FAILED, "NACK 11", True),
        ("16", "NACK/69/Submit failed", Status.FAILED, "NACK 69", False),
        ("16", "NACK/", Status.FAILED, "", False),
        ("16", "NACK/validity expired", Status.EXPIRED, "", False),
        ("32", "", Status.SENT, "", False),
    ],
)
def test_each_report(
    web: FlaskClient, core: Core, bit: str, answer: str, status: Status, error: str, unreachable: bool
) -> None:
    assert get(web, STATUS, REPORT | {"status": bit, "answer": answer}).status_code == 200
    wanted = StatusReport("kannel", str(OURS), status, error=error, message_id=OURS, unreachable=unreachable)
    assert core.reported == [wanted]


@pytest.mark.parametrize("changed", [{"status": "0"}, {"status": "3"}, {"status": ""}, {"id": "7"}, {"id": ""}])
def test_an_unusable_report_is_acknowledged(web: FlaskClient, core: Core, changed: dict[str, str]) -> None:
    assert get(web, STATUS, REPORT | changed).status_code == 200
    assert core.reported == []


def test_a_report_of_no_message_of_ours_is_told_by_its_id(
    web: FlaskClient, core: Core, caplog: pytest.LogCaptureFixture
) -> None:
    core.strange = True
    assert get(web, STATUS, REPORT).status_code == 200
    assert str(OURS) in caplog.text
