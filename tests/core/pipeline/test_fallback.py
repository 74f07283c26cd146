"""A message that failed takes another way to the same person, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, select, update

from app.settings import Settings
from bot.render import renderer
from core.database.tables import addresses, contacts, outbox
from core.messaging.channel import Channel, ChannelProfile, InboundMessage, MessageKind, Refused
from core.messaging.outbox import Outcome, claim
from core.messaging.outbox import settle as settle_up
from core.people import join
from core.pipeline.fallback import fall_back
from core.pipeline.receive import receive
from core.reminders.enqueue import enqueue
from tests.cast import LAN, Cast, settle

CHAT = "1234567890123456789"
ZALO = ChannelProfile("zalo", sms=False, max_text=2000, buttons=5, window=timedelta(days=7))


@pytest.fixture
def cast(engine: Engine, settings: Settings) -> Cast:
    """Lan has a telephone and Zalo, and wrote on Zalo last."""
    made = settle(engine, settings)
    services = made.services
    channels = {**services.channels, "zalo": Channel(ZALO, renderer(5))}
    made.services = replace(services, channels=channels, on={**services.on, ZALO.name: ZALO})
    made.writes("xin chao")
    with engine.begin() as connection:
        join.add_phone(connection, made.contact(), "zalo", CHAT, services.cell)
    return made


def chats(cast: Cast, text: str) -> None:
    receive(cast.services, [InboundMessage("zalo", f"Z{next(cast._ids)}", CHAT, text, cast.clock.at)])


def fails(cast: Cast, address: str, kind: MessageKind | None = None, *, unreachable: bool = True) -> None:
    """What waits for that address is refused there."""
    with cast.engine.begin() as connection:
        values = {"status": "failed", "error": "-213"} | ({"kind": kind} if kind else {})
        here = (outbox.c.address == address, outbox.c.status == "queued")
        connection.execute(update(outbox).where(*here).values(values))
        if unreachable:
            marked = update(addresses).where(addresses.c.address == address)
            connection.execute(marked.values(unreachable_at=cast.clock.at))


def queued(cast: Cast, address: str) -> list[str]:
    return [row["text"] for row in cast.outbox(address) if row["status"] == "queued"]


def test_a_question_goes_by_sms_with_numbers_for_buttons(cast: Cast) -> None:
    before = len(queued(cast, LAN))
    chats(cast, "KHAI HO")
    chats(cast, "khong hieu")
    fails(cast, CHAT, MessageKind.QUESTION)
    assert fall_back(cast.services) > 0
    texts = queued(cast, LAN)[before:]
    assert texts
    assert all(text.isascii() for text in texts)
    assert any(" 1 " in text and " 2 " in text for text in texts)


def test_it_is_done_once(cast: Cast) -> None:
    chats(cast, "kho tho qua")
    fails(cast, CHAT)
    fall_back(cast.services)
    texts = queued(cast, LAN)
    assert "115" in texts[-1]
    assert fall_back(cast.services) == 0
    assert queued(cast, LAN) == texts


def test_two_workers_make_one_copy(cast: Cast) -> None:
    chats(cast, "kho tho qua")
    fails(cast, CHAT)
    together, before = Barrier(3), len(queued(cast, LAN))

    def work(_: int) -> None:
        together.wait()
        fall_back(cast.services)

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(work, range(3)))
    fall_back(cast.services)
    again = [row for row in cast.outbox(LAN) if row["fallback_of"]]
    assert len(again) == len(queued(cast, LAN)) - before == len({row["fallback_of"] for row in again})


def test_it_never_comes_back_to_where_it_failed(cast: Cast) -> None:
    """Refused on both, though neither address is at fault: then it has failed."""
    chats(cast, "kho tho qua")
    fails(cast, CHAT, unreachable=False)
    fall_back(cast.services)
    fails(cast, LAN, unreachable=False)
    assert fall_back(cast.services) > 0
    assert queued(cast, CHAT) == []
    assert queued(cast, LAN) == []


@pytest.mark.parametrize("kind", [MessageKind.RECEIPT, MessageKind.INFO])
def test_what_is_said_of_a_message_stays_with_it(cast: Cast, kind: MessageKind) -> None:
    chats(cast, "xin chao")
    fails(cast, CHAT, kind)
    before = queued(cast, LAN)
    assert fall_back(cast.services) == 0
    assert queued(cast, LAN) == before


def test_what_is_too_late_is_not_repeated(cast: Cast) -> None:
    chats(cast, "kho tho qua")
    fails(cast, CHAT)
    cast.later(hours=7)
    assert fall_back(cast.services) == 0


@pytest.mark.parametrize(("kind", "arrives"), [(MessageKind.DANGER, True), (MessageKind.REMINDER, False)])
def test_stop_ends_what_we_start_and_no_warning(cast: Cast, kind: MessageKind, arrives: bool) -> None:
    cast.writes("STOP")
    before = len(queued(cast, LAN))
    chats(cast, "kho tho qua")
    fails(cast, CHAT, kind)
    fall_back(cast.services)
    assert (len(queued(cast, LAN)) > before) is arrives


def test_a_phone_that_somebody_holds_is_left_for_the_next_time(cast: Cast) -> None:
    chats(cast, "kho tho qua")
    fails(cast, CHAT)
    before = queued(cast, LAN)
    with cast.engine.begin() as connection:
        connection.execute(select(contacts.c.id).where(contacts.c.id == cast.contact()).with_for_update())
        fall_back(cast.services)
        assert queued(cast, LAN) == before
    fall_back(cast.services)
    assert len(queued(cast, LAN)) > len(before)


def test_a_reminder_goes_where_it_can_arrive(cast: Cast) -> None:
    cast.enrols(LAN, 9)
    chats(cast, "xin chao")
    with cast.engine.begin() as connection:
        marked = update(addresses).where(addresses.c.address == CHAT)
        connection.execute(marked.values(unreachable_at=cast.clock.at))
    cast.clock.at = cast.local(9, 1)
    assert enqueue(cast.services) == 1
    assert [row["kind"] for row in cast.outbox(LAN)][-1] == "reminder"
    assert "reminder" not in [row["kind"] for row in cast.outbox(CHAT)]


def test_a_question_that_was_answered_meanwhile_is_not_asked_elsewhere(cast: Cast) -> None:
    """A late report of a failure: the answer there would be one to another question."""
    chats(cast, "KHAI")
    fails(cast, CHAT, MessageKind.QUESTION)
    cast.later(minutes=1)
    chats(cast, "khong hieu gi ca")
    before = queued(cast, LAN)
    fall_back(cast.services)
    assert queued(cast, LAN) == before


def test_a_warning_does_not_wait_for_a_channel_that_is_down(cast: Cast) -> None:
    chats(cast, "kho tho qua")
    before = len(queued(cast, LAN))
    fall_back(cast.services)
    assert len(queued(cast, LAN)) == before
    cast.later(minutes=1)
    fall_back(cast.services)
    assert len(queued(cast, LAN)) == before + 1
    cast.later(minutes=1)
    fall_back(cast.services)
    assert len(queued(cast, LAN)) == before + 1


def test_what_comes_later_is_not_lost_behind_two_that_fell_back(cast: Cast) -> None:
    chats(cast, "kho tho qua")
    chats(cast, "co giat")
    fails(cast, CHAT, MessageKind.DANGER)
    fall_back(cast.services)
    chats(cast, "lo mo")
    danger = [row for row in cast.outbox(CHAT) if row["kind"] == MessageKind.DANGER]
    assert len({row["inbound_id"] for row in danger}) == 3
    numbers = [row["seq"] for row in cast.rows(outbox, contact_id=cast.contact())]
    assert len(numbers) == len(set(numbers))


def test_after_three_refusals_what_we_start_takes_the_other_way(cast: Cast) -> None:
    chats(cast, "xin chao")
    fails(cast, CHAT, unreachable=False)
    with cast.engine.begin() as connection:
        connection.execute(update(outbox).values(status="withdrawn"))
    cast.enrols(LAN, 9, 12, 15)
    went = []
    for day, hour in ((0, 9), (0, 12), (0, 15), (1, 9)):
        cast.clock.at = cast.local(hour, days=day)
        enqueue(cast.services)
        with cast.engine.begin() as connection:
            for channel in ("zalo", "phone"):
                for leased in claim(connection, channel, cast.clock.at, 10, timedelta(minutes=1), bulk=10):
                    went.append(channel)
                    settle_up(connection, [Outcome(leased, Refused("-213"))], cast.clock.at)
    assert went == ["zalo", "zalo", "zalo", "phone"]
