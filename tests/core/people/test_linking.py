"""LIEN KET: a person who writes by SMS and in a chat becomes one, with everything that is to come."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, select

from app.settings import Settings
from bot.render import renderer
from core.database.shared import directory
from core.database.tables import (
    addresses,
    alerts,
    contacts,
    due_checks,
    inbox,
    members,
    outbox,
    persons,
    records,
    visits,
)
from core.messaging.channel import Channel, ChannelProfile, InboundMessage, Media
from core.people.directory import Directory
from core.pipeline.receive import receive
from core.pipeline.services import Services
from core.places.venues import NewVenue, VenueKind, add, add_guard
from core.reminders.visit_questions import ask_visitors
from tests.cast import DECLARED, HOA, LAN, STATION, Cast, settle

ZALO = Channel(ChannelProfile("zalo", sms=False, max_text=2000, buttons=5), renderer(5))
OTHER_SMS = Channel(ChannelProfile("esms", sms=True, max_text=1600), lambda *a, **k: pytest.fail("nothing is rendered"))
CHAT = "1234567890123456789"


@pytest.fixture
def cast(engine: Engine, settings: Settings) -> Cast:
    made = settle(engine, settings)
    more = {**made.services.channels, "zalo": ZALO, "esms": OTHER_SMS}
    where = Directory(engine, made.services.cell, ["phone", "esms"])
    made.services = replace(made.services, channels=more, directory=where)
    return made


def chats(cast: Cast, *texts: str, who: str = CHAT, phone: str = "", services: Services | None = None) -> None:
    for text in texts:
        media = Media.CONTACT if phone else None
        message = InboundMessage("zalo", f"Z{next(cast._ids)}", who, text, cast.clock.at, media, phone=phone)
        receive(services or cast.services, [message])
        cast.clock.at += timedelta(seconds=20)


def owner(cast: Cast, channel: str, address: str) -> object:
    """Whose it is, by the cell and by the directory, which agree."""
    with cast.engine.connect() as connection:
        found = {
            connection.scalar(select(t.c.contact_id).where(t.c.channel == channel, t.c.address == address))
            for t in (addresses, directory)
        }
    assert len(found) == 1
    return found.pop()


def code(text: str) -> str:
    found = re.search(r"LIEN KET (\d{4} \d{4})", text)
    assert found, text
    return found[1]


def linked(cast: Cast) -> bool:
    return owner(cast, "phone", LAN) == owner(cast, "zalo", CHAT)


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


def link(cast: Cast) -> None:
    cast.writes("LIEN KET")
    chats(cast, f"LIEN KET {code(cast.heard()[-1])}")
    assert linked(cast)


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


@pytest.mark.parametrize("by_phone", [True, False])
def test_a_link_is_undone_from_either_side(cast: Cast, by_phone: bool) -> None:
    """The other side was told how. The people stay with the phone."""
    cast.declares()
    link(cast)
    assert "HUY LIEN KET" in cast.heard()[-1]
    if by_phone:
        cast.writes("huy lien ket")
    else:
        chats(cast, "HUY LIEN KET")
    assert not linked(cast)
    assert len(cast.rows(members, contact_id=owner(cast, "phone", LAN))) == 1
    assert cast.rows(members, contact_id=owner(cast, "zalo", CHAT)) == []
    cast.writes("huy lien ket")
    assert "chua noi" in cast.heard()[-1]


def test_who_guesses_codes_is_stopped(cast: Cast) -> None:
    cast.writes("LIEN KET")
    good = code(cast.heard()[-1])
    chats(cast, *["LIEN KET 0000 0001"] * 5)
    chats(cast, f"LIEN KET {good}")
    assert "thử nhiều mã" in cast.heard(CHAT)[-1]
    assert not linked(cast)


def test_codes_are_not_texted_without_end_by_new_browsers(cast: Cast) -> None:
    for n in range(65):
        chats(cast, f"LIEN KET 09000000{n % 90 + 10:02d}", who=f"browser {n}")
    texted = [row for row in cast.rows(outbox) if row["channel"] == "phone"]
    assert len(texted) == 60
    assert {row["priority"] for row in texted} == {2}


def test_no_code_is_texted_to_who_said_stop(cast: Cast) -> None:
    cast.writes("STOP")
    before = len(cast.heard())
    chats(cast, "LIEN KET 0900000001")
    assert len(cast.heard()) == before


def test_somebody_new_in_an_open_form_is_not_taken_for_somebody_known(cast: Cast) -> None:
    cast.declares()
    chats(cast, *[text.replace("Nguyen Thi Lan", "Tran Van Bia") for text in DECLARED[:6]])
    chats(cast, "LIEN KET")
    cast.writes(f"LIEN KET {code(next(t for t in reversed(cast.heard(CHAT)) if 'Mã:' in t))}")
    cast.writes(*DECLARED[6:], "ok")
    with cast.engine.connect() as connection:
        of_members = select(persons.c.full_name).join(members, persons.c.id == members.c.person_id)
        assert sorted(connection.scalars(of_members)) == ["Nguyen Thi Lan", "Tran Van Bia"]


def test_the_form_of_whoever_writes_goes_on(cast: Cast) -> None:
    cast.writes(*DECLARED[:5])
    chats(cast, *DECLARED[:3])
    cast.writes("LIEN KET")
    chats(cast, f"LIEN KET {code(next(t for t in reversed(cast.heard()) if 'LIEN KET' in t))}")
    chats(cast, *DECLARED[3:], "ok")
    assert len({row["root"] for row in cast.rows(records)}) == 1


def test_alerts_of_one_text_move_with_their_letters(cast: Cast) -> None:
    cast.declares()
    chats(cast, *[text.replace("Nguyen Thi Lan", "Tran Thi Mot") for text in DECLARED], "ok")
    chats(cast, "KHAI HO", "co", *[text.replace("Nguyen Thi Lan", "Tran Thi Hai") for text in DECLARED[2:]], "ok")
    chats(cast, "A kho tho, B kho tho")
    before = len(cast.rows(alerts))
    link(cast)
    assert len(cast.rows(alerts)) == before
    assert {row["contact_id"] for row in cast.rows(alerts)} == {cast.contact()}


def test_a_code_made_before_a_join_is_still_its_owners(cast: Cast) -> None:
    chats(cast, "LIEN KET")
    early = code(cast.heard(CHAT)[-1])
    link(cast)
    chats(cast, f"LIEN KET {early}", who="third")
    assert owner(cast, "zalo", "third") == owner(cast, "phone", LAN) == owner(cast, "zalo", CHAT)
