"""What is Zalo's own, through a whole installation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from core.database.tables import inbox
from core.messaging.channel import MessageKind, Status
from tests.contract.kits.zalo import ZaloKit, opened, signed
from tests.contract.stage import Stage, stage


@pytest.fixture
def kit() -> Iterator[ZaloKit]:
    with opened() as kit:
        yield kit


@pytest.fixture
def on(kit: ZaloKit, engine: Engine, environ: dict[str, str]) -> Iterator[Stage]:
    with stage(kit, engine, environ) as ready:
        yield ready


def test_a_follower_is_greeted_once_however_often_zalo_tells(on: Stage, kit: ZaloKit) -> None:
    hook = signed(kit.event("follow", follower={"id": kit.address}))
    assert [on.post(hook).status_code for _ in range(3)] == [200] * 3
    on.send()
    (greeting,) = kit.arrived()
    assert greeting.address == kit.address
    assert "KHAI" in greeting.text


def test_who_comes_back_can_be_written_to_again(on: Stage, kit: ZaloKit) -> None:
    on.hears("KHAI")
    on.post(signed(kit.event("unfollow", follower={"id": kit.address})))
    assert on.address()["unreachable_code"] == "unfollow"
    on.post(signed(kit.event("follow", follower={"id": kit.address})))
    assert on.address()["unreachable_at"] is None


@pytest.mark.parametrize("name", ["user_send_image", "user_send_audio", "user_send_location", "user_submit_info"])
def test_what_is_no_text_gets_an_answer(on: Stage, kit: ZaloKit, name: str) -> None:
    info = {"name": "Nguyễn Văn Bịa", "phone": "84900000001"}
    on.post(signed(kit.event(name, sender={"id": kit.address}, message={"msg_id": "p1"}, info=info)))
    on.send()
    assert kit.arrived()
    assert [row["text"] for row in on.rows(inbox)] == [""]


def test_a_window_that_closed_is_known_before_anything_is_sent(on: Stage, kit: ZaloKit) -> None:
    on.hears("KHAI")
    on.send()
    asked = len(kit.provider.requests)
    on.later += timedelta(days=7, minutes=1)
    message = on.put("Xin chào", MessageKind.RECEIPT)
    on.send()
    assert on.message(message)["status"] == Status.FAILED
    assert on.message(message)["error"] == "window"
    assert len(kit.provider.requests) == asked
    assert on.address()["unreachable_at"] is None


def test_another_sender_goes_on_with_the_token_that_is_there(on: Stage, kit: ZaloKit) -> None:
    for word in ("KHAI", "co", "khong"):
        on.hears(word)
        on.send()
    assert len(kit.arrived()) >= 3
    assert kit.provider.exchanged == ["a made-up seed"]
