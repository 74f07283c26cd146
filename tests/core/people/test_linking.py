"""LIEN KET: a person who writes by SMS and in a chat becomes one, with everything that is to come."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import delete, select

from core.database.due import alerts, due_checks
from core.database.shared import directory
from core.database.tables import addresses, contacts, inbox, members, outbox, records, visits
from core.messaging.channel import InboundMessage
from core.people.directory import Directory
from core.pipeline.receive import receive
from core.places.venues import NewVenue, VenueKind, add, add_guard
from core.reminders.visit_questions import ask_visitors
from tests.cast import DECLARED, HOA, LAN, STATION, Cast
from tests.core.people.two import CHAT, chats, code, link, linked, owner


def test_a_code_from_the_phone_is_typed_in_the_chat(cast: Cast) -> None:
    cast.declares()
    cast.writes("LIEN KET")
    chats(cast, f"lien ket {code(cast.heard()[-1])}")
    assert linked(cast)
    assert "nối làm một" in cast.heard(CHAT)[-1]
    assert owner(cast, "phone", LAN) == cast.contact()
    chats(cast, "XEM")
    assert "XEM" not in cast.heard(CHAT)[-1]
    assert "NGUYEN THI LAN" in " ".join(cast.heard(CHAT)).upper() or "mã" in cast.heard(CHAT)[-1].lower()


def test_a_code_from_the_chat_is_typed_on_the_phone_in_the_middle_of_a_form(cast: Cast) -> None:
    """What was begun on a page of the web goes on by SMS where it was."""
    chats(cast, *DECLARED[:5], "LIEN KET")
    found = next(text for text in reversed(cast.heard(CHAT)) if "LIEN KET" in text and "Mã:" in text)
    cast.writes(f"LIEN KET {code(found)}")
    assert linked(cast)
    cast.writes(*DECLARED[5:], "ok")
    (record,) = {row["code"]: row for row in cast.rows(records)}.values()
    assert record["answers"]["full_name"] == "Nguyen Thi Lan"
    assert record["contact_id"] == owner(cast, "phone", LAN)


def test_the_phone_gets_a_code_that_is_typed_where_it_was_asked_for(cast: Cast) -> None:
    chats(cast, "LIEN KET 0900 000 001")
    assert len(cast.heard(LAN)) == 1
    assert "Zalo" not in cast.heard(LAN)[0]
    assert cast.outbox(LAN)[0]["channel"] == "phone"
    assert cast.outbox(LAN)[0]["parts"] == 1
    chats(cast, f"LIEN KET {code(cast.heard(LAN)[0])}")
    assert linked(cast)
    cast.writes("KHAI")
    assert owner(cast, "phone", LAN) == owner(cast, "zalo", CHAT)


def test_a_texted_code_is_good_only_where_it_was_asked_for(cast: Cast) -> None:
    chats(cast, "LIEN KET 0900000001")
    texted = code(cast.heard(LAN)[0])
    chats(cast, f"LIEN KET {texted}", who="somebody else")
    assert "chưa đúng" in cast.heard("somebody else")[-1]
    with cast.engine.connect() as connection:
        assert connection.scalar(select(addresses.c.address).where(addresses.c.address == LAN)) is None


def test_a_shared_contact_that_is_known_is_proved_by_a_code(cast: Cast) -> None:
    """A chat's provider may remember a number that is somebody else's by now."""
    cast.declares()
    chats(cast, "", phone=LAN)
    assert owner(cast, "zalo", CHAT) != cast.contact()
    chats(cast, f"LIEN KET {code(next(text for text in cast.heard() if 'LIEN KET' in text))}")
    assert linked(cast)
    chats(cast, "", phone=LAN)
    assert "nối làm một" in cast.heard(CHAT)[-1]


def test_a_number_never_heard_of_is_kept_for_later(cast: Cast) -> None:
    chats(cast, "", phone=LAN)
    assert linked(cast)


@pytest.mark.parametrize("wrong", ["LIEN KET 0000 0000", "LIEN KET 12345", "LIEN KET abc"])
def test_what_is_no_code_is_answered(cast: Cast, wrong: str) -> None:
    cast.writes(wrong)
    assert "LIEN KET" in cast.heard()[-1]
    assert len(cast.rows(contacts)) == 1


def test_a_code_is_good_once_and_for_half_an_hour(cast: Cast) -> None:
    cast.writes("LIEN KET")
    first = code(cast.heard()[-1])
    cast.later(minutes=31)
    chats(cast, f"LIEN KET {first}")
    assert not linked(cast)
    cast.writes("LIEN KET")
    second = code(cast.heard()[-1])
    chats(cast, f"LIEN KET {second}")
    assert linked(cast)
    chats(cast, f"LIEN KET {second}", who="somebody else")
    assert "chua dung" in cast.heard("somebody else")[-1] or "chưa đúng" in cast.heard("somebody else")[-1]


def test_ones_own_code_links_nothing(cast: Cast) -> None:
    cast.writes("LIEN KET")
    cast.writes(f"LIEN KET {code(cast.heard()[-1])}")
    assert "noi kia" in cast.heard()[-1]


def test_texted_codes_are_few(cast: Cast) -> None:
    chats(cast, *["LIEN KET 0900000001"] * 5)
    assert len(cast.heard(LAN)) == 3
    chats(cast, "LIEN KET 0900000001", who="somebody else")
    assert len(cast.heard(LAN)) == 3


def test_people_of_both_answer_under_their_own_letters(cast: Cast) -> None:
    cast.declares()
    chats(cast, *[text.replace("Nguyen Thi Lan", "Tran Van Bia").replace("nu", "nam") for text in DECLARED], "ok")
    before = {row["person_id"] for row in cast.rows(members)}
    chats(cast, "LIEN KET")
    cast.writes(f"LIEN KET {code(cast.heard(CHAT)[-1])}")
    rows = cast.rows(members, contact_id=owner(cast, "phone", LAN))
    assert {row["person_id"] for row in rows} == before
    assert [row["letter"] for row in rows] == ["A", "B"]


def test_the_same_person_on_both_is_not_there_twice(cast: Cast) -> None:
    cast.declares()
    chats(cast, *DECLARED, "ok")
    chats(cast, "LIEN KET")
    cast.writes(f"LIEN KET {code(cast.heard(CHAT)[-1])}")
    assert [row["letter"] for row in cast.rows(members, contact_id=owner(cast, "phone", LAN))] == ["A"]


def test_what_is_to_come_moves(cast: Cast) -> None:
    """Due check-ins and open alerts of the chat: staff call the phone, and the answer by SMS counts."""
    cast.enrols(HOA, 8, 16)
    cast.writes("GOI", who=HOA)
    chats(cast, "LIEN KET")
    cast.writes(f"LIEN KET {code(cast.heard(CHAT)[-1])}", who=HOA)
    kept = owner(cast, "phone", HOA)
    assert owner(cast, "zalo", CHAT) == kept
    assert {row["contact_id"] for row in cast.rows(due_checks)} == {kept}
    assert {row["contact_id"] for row in cast.rows(alerts)} == {kept}
    cast.clock.at = cast.local(16, 5)
    chats(cast, "SK OK")
    assert "seen_ok" in {row["status"] for row in cast.rows(due_checks)}


def test_a_process_that_believes_the_old_directory_looks_again(cast: Cast) -> None:
    """Another worker's memory holds the contact that is gone."""
    chats(cast, "xin chao")
    other = replace(cast.services, directory=Directory(cast.engine, cast.services.cell))
    chats(cast, "xin chao", services=other)
    cast.declares()
    cast.writes("LIEN KET")
    chats(cast, f"LIEN KET {code(cast.heard()[-1])}")
    chats(cast, "XEM", services=other)
    (row,) = [row for row in cast.rows(inbox, address=CHAT) if row["text"] == "XEM"]
    assert row["contact_id"] == cast.contact()
    assert linked(cast)


def test_the_same_number_on_another_gateway_is_the_same_person(cast: Cast) -> None:
    cast.writes("xin chao")
    message = replace(cast.message("KHAI"), channel="esms")
    with pytest.raises(BaseException, match="nothing is rendered"):
        receive(cast.services, [message])
    with cast.engine.connect() as connection:
        found = connection.scalars(select(directory.c.contact_id).where(directory.c.address == LAN)).all()
    assert len(found) == 2
    assert len(set(found)) == 1


def test_a_wrong_number_is_that_of_one_address_only(cast: Cast) -> None:
    cast.declares()
    link(cast)
    chats(cast, "NHAM SO", "1")
    assert not linked(cast)
    assert len(cast.rows(members, contact_id=cast.contact())) == 1
    chats(cast, "XEM")
    assert "Lan" not in cast.heard(CHAT)[-1]


def test_two_codes_used_at_once_leave_one_contact_and_no_deadlock(cast: Cast) -> None:
    cast.writes("LIEN KET")
    chats(cast, "LIEN KET")
    of_phone = code(cast.heard()[-1])
    of_chat = code(cast.heard(CHAT)[-1])
    by_phone = cast.message(f"LIEN KET {of_chat}")
    by_chat = InboundMessage("zalo", "Z99", CHAT, f"LIEN KET {of_phone}", cast.clock.at)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda m: receive(cast.services, [m]), [by_phone, by_chat]))
    if not linked(cast):  # each found the other one held: both were told so
        assert "sau mot phut" in cast.heard()[-1]
        assert "sau một phút" in cast.heard(CHAT)[-1]
    with cast.engine.begin() as connection:
        connection.execute(delete(outbox))
        assert connection.scalar(select(contacts.c.id).limit(1)) is not None


def test_a_guard_may_write_from_a_chat_and_the_visitor_is_asked_by_sms(cast: Cast) -> None:
    with cast.engine.begin() as connection:
        venue = NewVenue("Chợ Bát Xát (bịa)", VenueKind.MARKET, STATION)
        add(connection, venue, cast.clock.at, "1234566")
        add_guard(connection, "1234566", LAN)
    chats(cast, "", phone=LAN)
    chats(cast, "VAO 1234566 0900000002")
    assert "hỏi lại số đó" in cast.heard(CHAT)[-1]
    (visit,) = cast.rows(visits)
    assert (visit["channel"], visit["address"]) == ("phone", HOA)
    ask_visitors(cast.services)
    assert len(cast.heard(HOA)) == 1
