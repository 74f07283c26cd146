from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from core.messaging.channel import InboundMessage, Status, StatusReport
from core.messaging.ports import Change, Notice, Ports
from sms.twilio.config import TwilioConfig
from sms.twilio.receive import blueprint

NOW = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
PUBLIC = "https://khaibao.example"
TOKEN = "a made-up token"
CONFIG = TwilioConfig("AC1", TOKEN, sender="+84900000099", public_url=PUBLIC)
INBOUND, STATUS = "/sms/twilio/inbound", "/sms/twilio/status"
MESSAGE_ID = UUID("0193fd00-0000-7000-8000-000000000001")

TEXT = {
    "MessageSid": "SM1",
    "SmsStatus": "received",
    "From": "+84900000001",
    "To": "+84900000099",
    "Body": "Em bị sốt 38,2 ho",
    "NumMedia": "0",
    "ANewField": "x",
}
DELIVERED = {"MessageSid": "SM7", "MessageStatus": "delivered", "To": "+84900000001"}

Sign = Callable[[str, Mapping[str, str]], str]


@dataclass
class Core:
    """What the pipeline was given; it may refuse. `strange`: provider ids that it does not know."""

    accepted: list[InboundMessage] = field(default_factory=list)
    reported: list[StatusReport] = field(default_factory=list)
    noticed: list[Notice] = field(default_factory=list)
    strange: tuple[str, ...] = ()
    broken: bool = False

    def accept(self, messages: Sequence[InboundMessage]) -> None:
        if self.broken:
            raise ConnectionError
        self.accepted += messages

    def report(self, reports: Sequence[StatusReport]) -> Sequence[StatusReport]:
        if self.broken:
            raise ConnectionError
        self.reported += reports
        return [r for r in reports if r.provider_id in self.strange]

    def notice(self, notices: Sequence[Notice]) -> None:
        assert self.accepted, "an address becomes known by its first message"
        self.noticed += notices


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture
def web(core: Core) -> FlaskClient:
    return client(core, CONFIG)


def client(core: Core, config: TwilioConfig) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(blueprint(config, Ports(core.accept, core.report, core.notice, lambda: NOW)))
    return app.test_client()


def signature(url: str, fields: Mapping[str, str], token: str = TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(url, fields))


def post(web: FlaskClient, path: str, fields: Mapping[str, str], **headers: str) -> TestResponse:
    """As Twilio posts it; headers by name with _ for -."""
    signed = {"X-Twilio-Signature": signature(PUBLIC + path, fields)}
    own = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.post(path, data=fields, headers=signed | own)


def test_a_text_is_accepted_whole(web: FlaskClient, core: Core) -> None:
    answer = post(web, INBOUND, TEXT)
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "<Response/>", "text/xml")
    assert core.accepted == [InboundMessage("twilio", "SM1", "+84900000001", "Em bị sốt 38,2 ho", NOW)]


def test_a_repeat_is_passed_on_since_the_pipeline_knows_it(web: FlaskClient, core: Core) -> None:
    answers = [post(web, INBOUND, TEXT).text for _ in range(2)]
    assert answers == ["<Response/>"] * 2
    assert [m.external_id for m in core.accepted] == ["SM1", "SM1"]


def test_an_empty_text_is_a_text(web: FlaskClient, core: Core) -> None:
    post(web, INBOUND, TEXT | {"Body": ""})
    assert [m.text for m in core.accepted] == [""]


@pytest.mark.parametrize(
    ("said", "kind", "read", "change"),
    [
        ("STOP", "STOP", "STOP", Change.STOPPED),
        ("Huy", "STOP", "STOP", Change.STOPPED),
        ("START", "START", "START", Change.RESUMED),
        ("Dong y", "START", "Dong y", Change.RESUMED),
        ("HELP", "HELP", "HELP", None),
        ("STOP", None, "STOP", None),
        ("STOP", "", "STOP", None),
        ("STOP", "ANOTHER", "STOP", None),
    ],
)
def test_what_a_person_told_twilio_is_told_behind_the_text(
    web: FlaskClient, core: Core, said: str, kind: str | None, read: str, change: Change | None
) -> None:
    """Twilio's own words may be in any language; a stop is read as ours, so that nothing is asked back."""
    post(web, INBOUND, TEXT | {"Body": said} | ({} if kind is None else {"OptOutType": kind}))
    assert [m.text for m in core.accepted] == [read]
    assert core.noticed == ([Notice("twilio", TEXT["From"], change)] if change else [])


def test_a_machines_stop_is_no_persons(web: FlaskClient, core: Core) -> None:
    assert post(web, INBOUND, TEXT | {"From": "8088", "OptOutType": "STOP"}).status_code == 200
    assert (core.accepted, core.noticed) == ([], [])


@pytest.mark.parametrize(
    ("public", "signed", "status"),
    [
        ("https://khaibao.example", "https://khaibao.example:443", 200),
        ("https://khaibao.example:8443", "https://khaibao.example:8443", 200),
        ("https://khaibao.example:8443", "https://khaibao.example:9443", 403),
        ("https://khaibao.example", "https://khaibao.example:8443", 403),
        ("http://khaibao.example", "http://khaibao.example:80", 200),
        ("https://khaibao.example", "http://khaibao.example", 403),
        ("https://khaibao.example", "https://KHAIBAO.example", 403),
        ("https://khaibao.example", "https://user:word@khaibao.example", 403),
    ],
)
def test_the_port_and_the_scheme_are_those_of_our_public_url(core: Core, public: str, signed: str, status: int) -> None:
    """Behind a proxy, whatever it says in Host or X-Forwarded-*. Twilio writes the usual port or leaves it out."""
    web = client(core, replace(CONFIG, public_url=public))
    headers = {"Host": "10.0.0.7:8000", "X-Forwarded-Proto": "http", "X-Forwarded-Port": "8000"}
    headers["X-Twilio-Signature"] = signature(signed + INBOUND, TEXT)
    assert web.post(INBOUND, data=TEXT, headers=headers).status_code == status


def test_every_value_of_a_field_is_signed(web: FlaskClient, core: Core) -> None:
    """Also of a field that comes twice, and of one that Twilio did not send yesterday."""
    twice = MultiDict([*TEXT.items(), ("Tag", "b"), ("Tag", "a")])
    good = {"X-Twilio-Signature": signature(PUBLIC + INBOUND, twice)}
    assert web.post(INBOUND, data=twice, headers=good).status_code == 200
    once = MultiDict([*TEXT.items(), ("Tag", "b")])
    assert web.post(INBOUND, data=once, headers=good).status_code == 403


def forged_fields(_url: str, fields: Mapping[str, str]) -> str:
    return signature(PUBLIC + INBOUND, {**fields, "Body": "SK OK"})


def less_fields(_url: str, fields: Mapping[str, str]) -> str:
    return signature(PUBLIC + INBOUND, {k: v for k, v in fields.items() if k != "ANewField"})


@pytest.mark.parametrize(
    "sign",
    [
        lambda _url, _fields: "",
        lambda _url, _fields: "Zm9yZ2Vk",
        lambda _url, _fields: "chữ ký".encode().decode("latin-1"),
        lambda url, fields: signature(url, fields, token="another token"),
        lambda _url, fields: signature("https://elsewhere.example" + INBOUND, fields),
        lambda _url, fields: signature("http://khaibao.example" + INBOUND, fields),
        lambda _url, fields: signature(PUBLIC + STATUS, fields),
        lambda _url, fields: signature(PUBLIC + INBOUND + "?id=1", fields),
        lambda url, _fields: signature(url, {}),
        forged_fields,
        less_fields,
    ],
)
def test_a_forged_request_is_turned_away(web: FlaskClient, core: Core, sign: Sign) -> None:
    headers = {"X-Twilio-Signature": sign(PUBLIC + INBOUND, TEXT)}
    assert web.post(INBOUND, data=TEXT, headers=headers).status_code == 403
    assert core.accepted == []


def test_a_request_without_a_signature_is_turned_away(web: FlaskClient, core: Core) -> None:
    assert web.post(STATUS, data=DELIVERED).status_code == 403
    assert core.reported == []


def test_headers_cannot_name_another_host(web: FlaskClient, core: Core) -> None:
    elsewhere = "https://elsewhere.example"
    headers = {"X-Forwarded-Host": "elsewhere.example", "X-Forwarded-Proto": "https", "Host": "elsewhere.example"}
    signed = {"X-Twilio-Signature": signature(elsewhere + INBOUND, TEXT)}
    assert web.post(INBOUND, data=TEXT, headers=headers | signed).status_code == 403
    assert post(web, INBOUND, TEXT, X_Forwarded_Host="elsewhere.example").status_code == 200


def test_without_a_public_url_nothing_is_genuine(core: Core) -> None:
    config = TwilioConfig("AC1", TOKEN, sender="+84900000099")
    headers = {"X-Twilio-Signature": signature(INBOUND, TEXT)}
    assert client(core, config).post(INBOUND, data=TEXT, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "sender", ["8088", "VIETTEL", "+8088", "whatsapp:+84900000001", "", "+999123456789", "+84900000099"]
)
def test_senders_that_are_no_people_are_acknowledged_and_not_answered(
    web: FlaskClient, core: Core, sender: str
) -> None:
    answer = post(web, INBOUND, TEXT | {"From": sender})
    assert (answer.status_code, answer.text) == (200, "<Response/>")
    assert core.accepted == []


@pytest.mark.parametrize("missing", ["MessageSid", "From", "Body"])
def test_an_unusable_text_is_acknowledged_and_told_by_its_id(
    web: FlaskClient, core: Core, caplog: pytest.LogCaptureFixture, missing: str
) -> None:
    answer = post(web, INBOUND, {k: v for k, v in TEXT.items() if k != missing})
    assert (answer.status_code, core.accepted) == (200, [])
    assert ("SM1" if missing != "MessageSid" else "without an id") in caplog.text
    assert TEXT["From"] not in caplog.text
    assert TEXT["Body"] not in caplog.text


def test_a_strange_id_is_not_told(web: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    assert post(web, INBOUND, TEXT | {"MessageSid": "SM1\nforged line"}).status_code == 200
    assert "forged line" not in caplog.text


@pytest.mark.parametrize(("path", "fields"), [(INBOUND, TEXT), (STATUS, DELIVERED)])
def test_our_own_fault_is_told_so_that_twilio_repeats(
    web: FlaskClient, core: Core, path: str, fields: Mapping[str, str]
) -> None:
    core.broken = True
    assert post(web, path, fields).status_code == 500
    core.broken = False
    assert post(web, path, fields).status_code == 200
    assert len(core.accepted) + len(core.reported) == 1


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("accepted", Status.SENT),
        ("queued", Status.SENT),
        ("sending", Status.SENT),
        ("sent", Status.SENT),
        ("partially_delivered", Status.SENT),
        ("delivered", Status.DELIVERED),
        ("undelivered", Status.FAILED),
        ("failed", Status.FAILED),
        ("canceled", Status.FAILED),
    ],
)
def test_each_status(web: FlaskClient, core: Core, said: str, status: Status) -> None:
    assert post(web, STATUS, DELIVERED | {"MessageStatus": said}).status_code == 200
    assert core.reported == [StatusReport("twilio", "SM7", status)]


@pytest.mark.parametrize("fields", [{}, {"MessageStatus": "received"}, {"MessageStatus": "new"}, {"MessageSid": ""}])
def test_an_unusable_report_is_acknowledged(web: FlaskClient, core: Core, fields: Mapping[str, str]) -> None:
    assert post(web, STATUS, {**DELIVERED, **fields} if fields else {}).status_code == 200
    assert core.reported == []


def test_our_id_comes_back_in_the_url(web: FlaskClient, core: Core) -> None:
    assert post(web, f"{STATUS}?id={MESSAGE_ID}", DELIVERED).status_code == 200
    assert core.reported == [StatusReport("twilio", "SM7", Status.DELIVERED, message_id=MESSAGE_ID)]


def test_our_id_cannot_be_changed_on_the_way(web: FlaskClient, core: Core) -> None:
    headers = {"X-Twilio-Signature": signature(f"{PUBLIC}{STATUS}?id={MESSAGE_ID}", DELIVERED)}
    assert web.post(f"{STATUS}?id=another", data=DELIVERED, headers=headers).status_code == 403
    assert core.reported == []


@pytest.mark.parametrize(
    ("code", "unreachable", "opted_out"),
    [
        ("30003", False, False),
        ("30006", True, False),
        ("30005", True, False),
        ("21610", False, True),
        ("9", False, False),
    ],
)
def test_a_failure_tells_whether_the_address_is_at_fault(
    web: FlaskClient, core: Core, code: str, unreachable: bool, opted_out: bool
) -> None:
    post(web, STATUS, DELIVERED | {"MessageStatus": "undelivered", "ErrorCode": code})
    (said,) = core.reported
    assert (said.error, said.unreachable, said.opted_out) == (code, unreachable, opted_out)


def test_a_report_of_no_message_of_ours_is_told_by_its_id(
    web: FlaskClient, core: Core, caplog: pytest.LogCaptureFixture
) -> None:
    core.strange = ("SM7",)
    assert post(web, STATUS, DELIVERED).status_code == 200
    assert "SM7" in caplog.text
    assert DELIVERED["To"] not in caplog.text
