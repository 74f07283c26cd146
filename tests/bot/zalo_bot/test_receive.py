from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.zalo_bot.config import ZaloBotConfig
from bot.zalo_bot.receive import blueprint
from core.messaging.channel import InboundMessage, Media
from tests.bot.core import NOW, Core
from tests.contract.kit import Hook
from tests.contract.kits.zalo_bot import PATH, event, hook
from tests.fakes.zalo_bot import SECRET, TOKEN

LAN = "6ede9afa66b88fe6d6a9"
CONFIG = ZaloBotConfig(TOKEN, SECRET)


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture
def web(core: Core) -> FlaskClient:
    return client(core, CONFIG)


def client(core: Core, config: ZaloBotConfig) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(blueprint(config, core.ports()))
    return app.test_client()


def post(web: FlaskClient, given: Hook) -> int:
    return web.post(given.path, data=given.body, headers=dict(given.headers)).status_code


def message(**more: Any) -> dict[str, Any]:
    chat = {"id": LAN, "chat_type": "PRIVATE"}
    return {"from": {"id": LAN, "is_bot": False}, "chat": chat, "message_id": "m1", "date": 1, **more}


def inbound(text: str, media: Media | None = None) -> InboundMessage:
    return InboundMessage("zalo_bot", "m1", LAN, text, NOW, media)


def test_a_text(web: FlaskClient, core: Core) -> None:
    assert post(web, hook(event(message(text="Em bị sốt 38,2 ho 🤒")))) == 200
    assert core.accepted == [inbound("Em bị sốt 38,2 ho 🤒")]


def test_the_chat_is_answered_not_the_sender(web: FlaskClient, core: Core) -> None:
    given = message(text="KHAI", chat={"id": "c9", "chat_type": "PRIVATE"})
    assert post(web, hook(event(given))) == 200
    assert [m.address for m in core.accepted] == ["c9"]


@pytest.mark.parametrize(
    ("kind", "media"),
    [
        ("image", Media.PHOTO),
        ("sticker", Media.STICKER),
        ("voice", Media.VOICE),
        ("unsupported", Media.FILE),
    ],
)
def test_what_is_no_text(web: FlaskClient, core: Core, kind: str, media: Media) -> None:
    name = f"message.{kind}.received"
    assert post(web, hook(event(message(photo="https://zalo.example"), name))) == 200
    assert post(web, hook(event(message(caption="con tôi bị sốt"), name))) == 200
    assert core.accepted == [inbound("", media), inbound("con tôi bị sốt", media)]


@pytest.mark.parametrize("more", [{"chat": {"id": "g1", "chat_type": "GROUP"}}, {"from": {"id": LAN, "is_bot": True}}])
def test_groups_and_machines_are_acknowledged_and_not_answered(
    web: FlaskClient, core: Core, caplog: pytest.LogCaptureFixture, more: dict[str, Any]
) -> None:
    with caplog.at_level("INFO"):
        assert post(web, hook(event(message(text="sốt", **more)))) == 200
    assert core.untouched
    assert "m1" in caplog.text


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x", SECRET.upper(), "bí-mật-này"])
def test_without_the_secret_it_is_forged(web: FlaskClient, core: Core, secret: str) -> None:
    given = secret.encode().decode("latin-1")
    assert post(web, hook(event(message(text="KHAI")), secret=given)) == 403
    assert core.untouched


def test_an_empty_secret_opens_nothing(core: Core) -> None:
    assert post(client(core, replace(CONFIG, secret="")), hook(event(message(text="KHAI")), secret="")) == 403


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null", b'{"result": []}', b'{"result": {"message": 1}}'])
def test_what_is_no_event_is_acknowledged(web: FlaskClient, core: Core, body: bytes) -> None:
    assert web.post(PATH, data=body, headers={"X-Bot-Api-Secret-Token": SECRET}).status_code == 200
    assert core.untouched


def test_a_strange_id_is_not_told(web: FlaskClient, core: Core, caplog: pytest.LogCaptureFixture) -> None:
    assert post(web, hook(event(message(text="KHAI", message_id="m1\nforged line")))) == 200
    assert core.untouched
    assert "forged line" not in caplog.text


def test_our_own_fault_is_told_so_that_zalo_repeats(web: FlaskClient, core: Core) -> None:
    given = hook(event(message(text="KHAI")))
    core.broken = True
    assert post(web, given) == 500
    core.broken = False
    assert post(web, given) == 200
    assert len(core.accepted) == 1
