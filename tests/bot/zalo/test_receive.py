from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.zalo.config import MacScheme, MacSecret, MacTime, ZaloConfig
from bot.zalo.receive import blueprint
from bot.zalo.signature import mac
from core.messaging.channel import InboundMessage, Media, Status, StatusReport
from core.messaging.ports import Change, Notice
from tests.bot.core import NOW, Core
from tests.contract.kit import Hook
from tests.contract.kits.zalo import PATH, milliseconds, signed
from tests.fakes.zalo import APP, APP_SECRET, OA, OA_SECRET, SEED

LAN = "7100000000000000001"
CONFIG = ZaloConfig(APP, APP_SECRET, OA_SECRET, SEED)
MESSAGE_ID = UUID("0193fd00-0000-7000-8000-000000000001")


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture
def web(core: Core) -> FlaskClient:
    return client(core, CONFIG)


def client(core: Core, config: ZaloConfig) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(blueprint(config, core.ports()))
    return app.test_client()


def post(web: FlaskClient, hook: Hook) -> TestResponse:
    return web.post(hook.path, data=hook.body, headers=dict(hook.headers))


def event(name: str, **more: Any) -> dict[str, Any]:
    parts = {"sender": {"id": LAN}, "recipient": {"id": OA}, "app_id": APP, "user_id_by_app": "17"}
    return {**parts, "event_name": name, "timestamp": milliseconds(), **more}


def tell(web: FlaskClient, name: str, **more: Any) -> None:
    """Zalo tells of it, and is answered at once."""
    assert post(web, signed(event(name, **more))).status_code == 200


def said(text: str | None, id: str = "m1", **more: Any) -> dict[str, Any]:
    return {"message": {"msg_id": id, **({} if text is None else {"text": text}), **more}}


def inbound(text: str, media: Media | None = None, id: str = "m1", mark: str = "") -> InboundMessage:
    return InboundMessage("zalo", id, LAN, text, NOW, media, mark)


def test_a_text(web: FlaskClient, core: Core) -> None:
    tell(web, "user_send_text", **said("Em bị sốt 38,2 ho 🤒"))
    assert core.accepted == [inbound("Em bị sốt 38,2 ho 🤒")]


def test_a_tap_is_the_answer_with_the_mark_of_its_question(web: FlaskClient, core: Core) -> None:
    tell(web, "user_send_text", **said("kb:3f9a1c:yes"))
    assert core.accepted == [inbound("yes", mark="3f9a1c")]


def test_a_repeat_has_the_same_id(web: FlaskClient, core: Core) -> None:
    hook = signed(event("user_send_text", **said("KHAI")))
    repeat = replace(hook, headers={**hook.headers, "num_retry": "2"})
    assert [post(web, each).status_code for each in (hook, repeat)] == [200, 200]
    assert [m.external_id for m in core.accepted] == ["m1", "m1"]


@pytest.mark.parametrize(
    ("name", "media"),
    [
        ("user_send_image", Media.PHOTO),
        ("user_send_gif", Media.PHOTO),
        ("user_send_audio", Media.VOICE),
        ("user_send_video", Media.VIDEO),
        ("user_send_file", Media.FILE),
        ("user_send_link", Media.FILE),
        ("user_send_sticker", Media.STICKER),
        ("user_send_location", Media.LOCATION),
        ("user_send_business_card", Media.CONTACT),
    ],
)
def test_what_is_no_text(web: FlaskClient, core: Core, name: str, media: Media) -> None:
    tell(web, name, **said(None, attachments=[{"type": "x", "payload": {"url": "https://zalo.example"}}]))
    tell(web, name, **said("con tôi bị sốt", id="m2"))
    assert core.accepted == [inbound("", media), inbound("con tôi bị sốt", media, "m2")]


@pytest.mark.parametrize(
    ("given", "point"),
    [
        ({"latitude": "22.5", "longitude": "103.9"}, (22.5, 103.9)),
        ({"latitude": 22.5, "longitude": 103.9}, (22.5, 103.9)),
        ({"latitude": "north", "longitude": "103.9"}, None),
        ({"latitude": 122.5, "longitude": 103.9}, None),
        ("22.5,103.9", None),
    ],
)
def test_where_somebody_is(web: FlaskClient, core: Core, given: object, point: tuple[float, float] | None) -> None:
    where = [{"type": "location", "payload": {"coordinates": given}}]
    tell(web, "user_send_location", **said(None, attachments=where))
    assert core.accepted == [replace(inbound("", Media.LOCATION), point=point)]


def test_a_follower_may_be_written_to_and_is_greeted(web: FlaskClient, core: Core) -> None:
    told = event("follow", follower={"id": LAN}, oa_id=OA, timestamp=(when := milliseconds()))
    del told["sender"], told["recipient"]
    assert [post(web, signed(told)).status_code for _ in range(2)] == [200, 200]
    assert core.order == ["notice", "message"] * 2
    assert core.noticed[0] == Notice("zalo", LAN, Change.OPENED)
    assert core.accepted[0] == inbound("xin chao", id=f"follow:{LAN}:{when}")
    assert core.accepted[0] == core.accepted[1]


def test_who_follows_again_is_greeted_again(web: FlaskClient, core: Core) -> None:
    tell(web, "follow", follower={"id": LAN})
    tell(web, "follow", follower={"id": LAN}, timestamp=milliseconds(1))
    assert len({m.external_id for m in core.accepted}) == 2


def test_who_unfollows_cannot_be_written_to(web: FlaskClient, core: Core) -> None:
    tell(web, "unfollow", follower={"id": LAN}, oa_id=OA)
    assert (core.noticed, core.accepted) == ([Notice("zalo", LAN, Change.BLOCKED, code="unfollow")], [])


def test_a_number_that_was_typed_into_zalos_form_is_nobodys_proof(web: FlaskClient, core: Core) -> None:
    info = {"name": "Lan", "phone": "84900000001", "user_dob": "1955-01-01"}
    tell(web, "user_submit_info", info=info, timestamp=(when := milliseconds()))
    assert core.accepted == [inbound("", Media.CONTACT, f"user_submit_info:{LAN}:{when}")]
    assert core.accepted[0].phone == ""


def test_received_and_seen_is_delivered(web: FlaskClient, core: Core) -> None:
    tell(web, "user_received_message", message={"msg_id": "a"})
    tell(web, "user_seen_message", message={"msg_ids": ["b", "c", 4, "", "d e"]})
    assert core.reported == [StatusReport("zalo", id, Status.DELIVERED) for id in "abc"]


def test_a_template_messages_report_brings_our_id_back(web: FlaskClient, core: Core) -> None:
    hook = signed(
        event("user_received_message", message={"msg_id": "z", "delivery_time": "1", "tracking_id": MESSAGE_ID.hex})
    )
    assert post(web, replace(hook, headers={**hook.headers, "X-ZEvent-Server": "ZNS"})).status_code == 200
    assert core.reported == [StatusReport("zalo", "z", Status.DELIVERED, message_id=MESSAGE_ID)]


def test_a_report_of_no_message_of_ours_is_told_by_its_id(
    web: FlaskClient, core: Core, caplog: pytest.LogCaptureFixture
) -> None:
    core.strange = ("typed-by-staff",)
    with caplog.at_level("INFO"):
        tell(web, "user_seen_message", message={"msg_ids": ["typed-by-staff"]})
    assert "typed-by-staff" in caplog.text


@pytest.mark.parametrize(
    "name", ["oa_send_text", "anonymous_send_text", "user_click_chatnow", "change_template_status"]
)
def test_what_nobody_has_to_answer(web: FlaskClient, core: Core, name: str) -> None:
    tell(web, name, **said("KHAI"), anonymous_id="9", conversation_id="9")
    assert core.untouched


def test_who_uses_their_data_rights_is_brought_to_an_operator(
    web: FlaskClient, core: Core, caplog: pytest.LogCaptureFixture
) -> None:
    tell(web, "user_pdl_revoke", user_id=LAN)
    assert core.untouched
    (told,) = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert "data rights" in told
    assert LAN not in told


def test_the_consoles_probe_gets_its_answer(web: FlaskClient, core: Core) -> None:
    for body in (b"{}", b" {}\n"):
        assert web.post(PATH, data=body, content_type="application/json").status_code == 200
    assert core.untouched


@pytest.mark.parametrize("body", [b"", b"[]", b'{"event_name":"user_send_text"}', b'{"a":1}', b"{} {}"])
def test_anything_else_without_a_mac_is_forged(web: FlaskClient, core: Core, body: bytes) -> None:
    assert web.post(PATH, data=body).status_code == 403
    assert core.untouched


def test_a_scheme_that_would_fit_is_told_without_a_secret(core: Core, caplog: pytest.LogCaptureFixture) -> None:
    web = client(core, replace(CONFIG, mac=MacScheme(secret=MacSecret.APP)))
    assert post(web, signed(event("user_send_text", **said("KHAI")))).status_code == 403
    assert "ZALO_MAC_SECRET=oa ZALO_MAC_PREFIX=app_id ZALO_MAC_TIME=body: set these" in caplog.text
    assert OA_SECRET not in caplog.text
    assert core.untouched


def test_signing_by_the_header(core: Core) -> None:
    """The timestamp of the body does not count then: only what is signed does."""
    config = replace(CONFIG, mac=MacScheme(time=MacTime.HEADER))
    told = event("user_send_text", **said("KHAI"), timestamp=milliseconds(-99999))
    hook = signed(told)
    assert post(client(core, config), hook).status_code == 403
    at = milliseconds()
    headers = {"X-ZEvent-Signature": f"mac={mac(APP, hook.body, at, OA_SECRET)}", "X-ZEvent-Timestamp": at}
    assert post(client(core, config), Hook(PATH, hook.body, headers)).status_code == 200
    assert len(core.accepted) == 1


def test_another_accounts_events_are_left_alone(core: Core) -> None:
    web = client(core, replace(CONFIG, oa_id=OA))
    tell(web, "user_send_text", **said("KHAI"), recipient={"id": "2220000000000000002"})
    tell(web, "follow", follower={"id": LAN}, oa_id="2220000000000000002", recipient=None)
    assert core.untouched
    tell(web, "user_send_text", **said("KHAI"))
    assert len(core.accepted) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"sender": {"id": 7100000000000000001}, **said("KHAI")},
        {"sender": {"id": "71\nforged line"}, **said("KHAI")},
        {"sender": {}, **said("KHAI")},
        {"sender": [LAN], **said("KHAI")},
        said(None),
        said("KHAI", id=""),
        said("KHAI", id="x" * 200),
        {"message": {"text": {"a": 1}, "msg_id": "m1"}},
        {"message": None},
    ],
)
def test_an_unusable_message_is_acknowledged(
    web: FlaskClient, core: Core, caplog: pytest.LogCaptureFixture, more: dict[str, Any]
) -> None:
    tell(web, "user_send_text", **more)
    assert core.untouched
    assert "forged line" not in caplog.text


@pytest.mark.parametrize("name", ["follow", "unfollow", "user_submit_info", "user_seen_message"])
def test_events_without_anybody_are_acknowledged(web: FlaskClient, core: Core, name: str) -> None:
    tell(web, name, sender=None, follower={"id": 1}, message={"msg_ids": "m1"})
    assert core.untouched


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("user_send_text", said("KHAI")),
        ("follow", {"follower": {"id": LAN}}),
        ("unfollow", {"follower": {"id": LAN}}),
        ("user_seen_message", {"message": {"msg_ids": ["a"]}}),
    ],
)
def test_our_own_fault_is_told_so_that_zalo_repeats(
    web: FlaskClient, core: Core, name: str, more: dict[str, Any]
) -> None:
    hook = signed(event(name, **more))
    core.broken = True
    assert post(web, hook).status_code == 500
    core.broken = False
    assert post(web, hook).status_code == 200
    assert not core.untouched


def test_neither_people_nor_their_words_are_logged(
    web: FlaskClient, core: Core, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    for name in (
        "user_send_text",
        "follow",
        "user_submit_info",
        "user_pondered",
        "anonymous_send_text",
        "oa_send_text",
    ):
        tell(web, name, **said("sốt 39 độ"), follower={"id": LAN}, info={"phone": "84900000001"})
    tell(web, "user_send_text", **said("sốt 39 độ", id=""))
    assert not [secret for secret in (LAN, "39 độ", "84900000001") if secret in caplog.text]
