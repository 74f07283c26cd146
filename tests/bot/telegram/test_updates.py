"""What each update of Telegram means to us."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.telegram.updates import Heard, heard, update_id
from core.messaging.channel import InboundMessage, Media
from core.messaging.ports import Change, Notice
from tests.contract.kits.telegram import changed
from tests.fakes.telegram import BOT, LAN, message, private, tap

NOW = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
GROUP = {"id": -100123, "type": "supergroup", "title": "Thôn Ná Ảng"}
FILE = {"file_id": "f", "file_unique_id": "u"}
POLL = {
    "id": "1",
    "question": "?",
    "options": [],
    "total_voter_count": 0,
    "is_closed": False,
    "is_anonymous": True,
    "type": "regular",
    "allows_multiple_answers": False,
    "allows_revoting": False,
    "members_only": False,
}
OTHER = {"id": 900000002, "is_bot": False, "first_name": "Hoa"}


def said(text: str, id: str = "7", **more: Any) -> Heard:
    return Heard(InboundMessage("telegram", f"{BOT}:{id}", str(LAN), text, NOW, **more))


def hear(**what: Any) -> Heard | None:
    return heard({"update_id": 7, **what}, BOT, NOW)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("Em bị sốt 38,2 ho 🤒", "Em bị sốt 38,2 ho 🤒"),
        ("  37,5\nho ", "  37,5\nho "),
        ("/khai", "khai"),
        ("/khai@khaibao_bot", "khai"),
        ("/KHAI ho", "KHAI ho"),
        ("/khai_ho", "khai ho"),
        ("/sk 37,5\nho", "sk 37,5\nho"),
        ("/start", "xin chao"),
        ("/start@khaibao_bot", "xin chao"),
        ("/start vao_2468102", "vao 2468102"),
        ("/start _", "xin chao"),
        ("/Start khai", "khai"),
        ("/", "/"),
        ("/ khai", "/ khai"),
        ("1/2", "1/2"),
        ("khai /start", "khai /start"),
    ],
)
def test_words(typed: str, text: str) -> None:
    assert hear(message=message(typed)) == said(text)


@pytest.mark.parametrize(
    ("content", "media"),
    [
        ({"voice": FILE | {"duration": 3}}, Media.VOICE),
        ({"audio": FILE | {"duration": 3}}, Media.VOICE),
        ({"video": FILE | {"duration": 3, "width": 1, "height": 1}}, Media.VIDEO),
        ({"video_note": FILE | {"duration": 3, "length": 1}}, Media.VIDEO),
        ({"animation": FILE | {"duration": 3, "width": 1, "height": 1}, "document": FILE}, Media.VIDEO),
        ({"photo": [FILE | {"width": 1, "height": 1}]}, Media.PHOTO),
        (
            {"sticker": FILE | {"width": 1, "height": 1, "is_animated": False, "is_video": False, "type": "regular"}},
            Media.STICKER,
        ),
        ({"dice": {"emoji": "🎲", "value": 3}}, Media.STICKER),
        ({"document": FILE}, Media.FILE),
        ({"poll": POLL}, Media.FILE),
        ({"contact": {"phone_number": "84900000002", "first_name": "Hoa", "user_id": 900000002}}, Media.CONTACT),
        ({"contact": {"phone_number": "84900000001", "first_name": "Lan"}}, Media.CONTACT),
        ({"contact": {"phone_number": "1", "first_name": "Lan", "user_id": LAN}}, Media.CONTACT),
    ],
)
def test_what_is_no_text(content: dict[str, Any], media: Media) -> None:
    assert hear(message=message(**content)) == said("", media=media)


def test_where_somebody_is_comes_with_its_point_and_a_place_that_was_looked_up_does_not() -> None:
    here: dict[str, Any] = {"location": {"latitude": 22.5, "longitude": 103.9}}
    assert hear(message=message(**here)) == said("", media=Media.LOCATION, point=(22.5, 103.9))
    venue: dict[str, Any] = {"title": "Chợ", "address": "Bát Xát", **here}
    assert hear(message=message(**here, venue=venue)) == said("", media=Media.LOCATION)


def test_a_picture_with_words_has_both() -> None:
    photo = [FILE | {"width": 1, "height": 1}]
    assert hear(message=message(photo=photo, caption="38,2 ho")) == said("38,2 ho", media=Media.PHOTO)


def test_the_photos_of_an_album_are_one_message_but_words_are_never_lost() -> None:
    photo: dict[str, Any] = {"photo": [FILE | {"width": 1, "height": 1}], "media_group_id": "13"}
    album = said("", id="album 13", media=Media.PHOTO)
    assert [heard({"update_id": n, "message": message(**photo)}, BOT, NOW) for n in (1, 2)] == [album, album]
    assert hear(message=message(**photo, caption="ho")) == said("ho", media=Media.PHOTO)


@pytest.mark.parametrize("given", ["84900000001", "+84900000001", "+84 900 000 001"])
def test_ones_own_contact_is_a_number_that_telegram_vouches_for(given: str) -> None:
    contact = {"phone_number": given, "first_name": "Lan", "user_id": LAN}
    assert hear(message=message(contact=contact)) == said("", phone="+84900000001")


def test_a_tap_is_the_answer_with_its_mark_and_wants_an_answer() -> None:
    heard_ = hear(callback_query=tap("kb:3f9a1c:yes"))
    assert heard_ == Heard(said("yes", mark="3f9a1c").message, callback="tap-kb:3f9a1c:yes")


def test_a_tap_on_a_message_that_telegram_no_longer_shows_counts() -> None:
    old = {"chat": private(LAN), "message_id": 5, "date": 0}
    found = hear(callback_query=tap("kb:3f9a1c:yes", on=old))
    assert found
    assert found.message == said("yes", mark="3f9a1c").message


@pytest.mark.parametrize(
    "query",
    [
        tap("yes", on=message("?") | {"chat": GROUP}),
        {k: v for k, v in tap("yes").items() if k != "message"} | {"inline_message_id": "9"},
        {k: v for k, v in tap("yes").items() if k != "data"} | {"game_short_name": "x"},
    ],
)
def test_a_strange_tap_is_answered_and_not_heard(query: dict[str, Any]) -> None:
    assert hear(callback_query=query) == Heard(callback="tap-yes")


@pytest.mark.parametrize(
    ("now_reads", "text"),
    [
        ("38,5", "nham, 38,5"),
        ("Nguyễn Thị Lan", "nham, Nguyễn Thị Lan"),
        ("KHAI", "KHAI"),
        ("/khai", "khai"),
        ("STOP", "STOP"),
    ],
)
def test_an_edit_takes_back_what_stood_there(now_reads: str, text: str) -> None:
    assert hear(edited_message=message(now_reads, edit_date=1795219260)) == said(text)


@pytest.mark.parametrize(
    "what",
    [
        {"edited_message": message(location={"latitude": 22.5, "longitude": 103.9, "live_period": 900})},
        {"edited_message": message("KHAI") | {"chat": GROUP}},
        {"message": message("KHAI") | {"chat": GROUP}},
        {"message": message("KHAI") | {"chat": {"id": -100124, "type": "channel"}}},
        {"message": message("KHAI") | {"from": OTHER | {"is_bot": True}}},
        {"message": {k: v for k, v in message("KHAI").items() if k != "from"}},
        {"message": message(pinned_message=message("KHAI"))},
        {"message": message()},
        {"my_chat_member": changed("kicked") | {"chat": GROUP}},
        {"my_chat_member": changed("left")},
        {"channel_post": message("KHAI")},
        {},
    ],
)
def test_what_concerns_nobody(what: dict[str, Any]) -> None:
    assert hear(**what) == Heard()


def test_a_chat_is_closed_opened_and_moved() -> None:
    assert hear(my_chat_member=changed("kicked")) == Heard(
        notice=Notice("telegram", str(LAN), Change.BLOCKED, code="kicked")
    )
    assert hear(my_chat_member=changed("member")) == Heard(notice=Notice("telegram", str(LAN), Change.OPENED))
    old = {"id": -123, "type": "group", "title": "Thôn"}
    moved = Notice("telegram", "-123", Change.MOVED, moved_to="-100123")
    assert hear(message=message(migrate_to_chat_id=-100123) | {"chat": old}) == Heard(notice=moved)


@pytest.mark.parametrize(
    "what",
    [
        {"message": "KHAI"},
        {"message": message("KHAI") | {"text": 7}},
        {"message": {k: v for k, v in message("KHAI").items() if k != "date"}},
        {"message": message("KHAI") | {"chat": private(LAN) | {"id": "900000001"}}},
        {"message": message("KHAI") | {"chat": private(LAN) | {"id": True}}},
        {"callback_query": tap("yes") | {"data": {"x": 1}}},
        {"callback_query": tap("yes") | {"id": 5}},
        {"my_chat_member": changed("kicked") | {"new_chat_member": {}}},
        {"my_chat_member": changed("unheard_of")},
    ],
)
def test_what_cannot_be_read_is_told_by_its_number(what: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    assert hear(**what) is None
    assert "update 7 cannot be read" in caplog.text
    assert "KHAI" not in caplog.text
    assert str(LAN) not in caplog.text


@pytest.mark.parametrize("data", [None, [], "x", 7, {}, {"update_id": "7"}, {"update_id": True}, {"message": {}}])
def test_what_is_no_update(data: object, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert heard(data, BOT, NOW) is None
    assert update_id(data) is None
    assert "update None cannot be read" in caplog.text
