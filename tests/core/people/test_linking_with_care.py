"""LIEN KET: undone, guessed, abused; and both sides in the midst of something."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from core.care.forget import forget_words
from core.database.due import alerts
from core.database.following import follow_ups
from core.database.households import household_members, households
from core.database.tables import contacts, members, outbox, persons, records
from tests.cast import DECLARED, LAN, STATION, Cast
from tests.core.people.two import CHAT, chats, code, link, linked, owner


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
    assert {row["priority"] for row in texted} == {1}


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


@pytest.mark.parametrize("status", ["to_verify", "under_follow_up"])
def test_who_is_followed_is_not_taken_for_somebody_of_the_same_name(cast: Cast, status: str) -> None:
    """That both are one is for staff to say; and nobody stops being asked."""
    cast.declares()
    chats(cast, *DECLARED, "ok")
    theirs = cast.rows(members, contact_id=owner(cast, "zalo", CHAT))[0]["person_id"]
    with cast.engine.begin() as connection:
        unit = {"id": uuid4(), "person_id": theirs, "contact_id": owner(cast, "zalo", CHAT), "unit_code": STATION}
        terms = {"group": "F1", "place": "home", "status": status, "source": "risk", "hours": [8, 16]}
        days = {"start_on": cast.today(), "end_on": cast.today() + timedelta(days=7), "watch_from": cast.today()}
        connection.execute(follow_ups.insert().values({**unit, **terms, **days, "opened_at": cast.clock.at}))
    link(cast)

    kept = cast.rows(members, contact_id=cast.contact())
    assert theirs in {row["person_id"] for row in kept}
    assert [row["contact_id"] for row in cast.rows(follow_ups)] == [cast.contact()]


def test_on_whom_a_household_hangs_keeps_a_phone(cast: Cast) -> None:
    cast.declares()
    chats(cast, *DECLARED, "ok")
    theirs = cast.rows(members, contact_id=owner(cast, "zalo", CHAT))[0]["person_id"]
    with cast.engine.begin() as connection:
        home = {"id": uuid4(), "label": "Nhà Lan", "folded_label": "nha lan", "unit_code": STATION}
        connection.execute(households.insert().values({**home, "created_at": cast.clock.at}))
        lives = {"household_id": home["id"], "person_id": theirs, "joined_at": cast.clock.at}
        connection.execute(household_members.insert().values(lives))
    link(cast)

    assert theirs in {row["person_id"] for row in cast.rows(members, contact_id=cast.contact())}


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


def test_a_number_said_by_a_stranger_is_forgotten_once_nobody_has_to_call(cast: Cast) -> None:
    chats(cast, "GOI", "0900000034")
    contact = owner(cast, "zalo", CHAT)

    def number(days: int) -> str:
        with cast.engine.begin() as connection:
            forget_words(connection, cast.clock.at + timedelta(days=days))
        (row,) = cast.rows(contacts, id=contact)
        return str(row["phone"])

    assert number(2) == "+84900000034"
    with cast.engine.begin() as connection:
        connection.execute(update(alerts).values(status="closed"))
        connection.execute(update(contacts).values(forget_at=cast.clock.at))
    assert number(3) == ""
