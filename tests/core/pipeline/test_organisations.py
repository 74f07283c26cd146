"""Members join and leave an organisation by text, told first what it will see."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from core.access.scope import Scope
from core.conversation.parsers import organisation
from core.database.households import consents, organisation_members
from core.database.tables import persons
from core.people import merging, organisations
from core.people.organisations import Joining, Kind, NewOrganisation
from tests.cast import DECLARED, HOA, LAN, STATION, STRANGER, Cast


@pytest.fixture
def cast(cast: Cast) -> Cast:
    with cast.engine.begin() as connection:
        new = NewOrganisation("Đoàn xã Bát Xát (bịa)", Kind.UNION, STATION, "1234")
        assert organisations.add(connection, new, cast.clock.at) == "1234"
        assert organisations.add(connection, new, cast.clock.at) is None
    cast.declares()
    return cast


def members(cast: Cast) -> list[object]:
    here = select(organisation_members.c.person_id).where(organisation_members.c.left_at.is_(None))
    with cast.engine.connect() as connection:
        return list(connection.scalars(here))


def said(cast: Cast, *texts: str, who: str = LAN) -> list[str]:
    before = len(cast.heard(who))
    cast.writes(*texts, who=who)
    return cast.heard(who)[before:]


def test_it_works(cast: Cast) -> None:
    (asked,) = said(cast, "THAM GIA 1234")
    assert asked.startswith("Doan xa Bat Xat (bia) se chi biet co bao nhieu nguoi da khai, khong biet ai")
    assert members(cast) == []
    (joined,) = said(cast, "DONG Y")
    assert joined.startswith("Da tham gia Doan xa Bat Xat (bia).")
    assert len(members(cast)) == 1
    (agreed,) = cast.rows(consents, purpose="organisation")
    assert agreed["given_at"] is not None
    assert agreed["inbound_id"] is not None

    assert said(cast, "ROI")[0].startswith("Da roi Doan xa Bat Xat (bia)")
    assert members(cast) == []
    assert cast.rows(consents, purpose="organisation")[0]["withdrawn_at"] is not None
    said(cast, "tham gia ma 1234", "co")
    assert len(members(cast)) == 1
    said(cast, "RUT")
    assert members(cast) == []


def test_of_two_phones_of_a_merged_person_either_leaves(cast: Cast) -> None:
    said(cast, "THAM GIA 1234", "DONG Y")
    cast.declares(HOA)
    joined, other = (row["id"] for row in sorted(cast.rows(persons), key=lambda row: row["id"] not in members(cast)))
    with cast.engine.begin() as connection:
        assert merging.merge(connection, cast_scope(), (other, joined), uuid4(), cast.clock.at)

    assert said(cast, "ROI 1234", who=HOA)[0].startswith("Da roi")
    assert members(cast) == []


def test_silence_and_no_are_no_yes(cast: Cast) -> None:
    assert said(cast, "THAM GIA 1234", "khong")[-1] == "Da ghi: khong tham gia."
    said(cast, "DONG Y")
    said(cast, "THAM GIA 1234", "SK ho", "ok")
    assert members(cast) == []
    cast.later(days=2)
    said(cast, "DONG Y")
    assert members(cast) == []


def test_a_code_that_nobody_has_and_people_whom_nobody_knows(cast: Cast) -> None:
    assert said(cast, "THAM GIA 9999")[0].startswith("Khong co to chuc nao ma 9999.")
    said(cast, "DONG Y")
    assert said(cast, "THAM GIA 1234", who=STRANGER)[0].startswith("Chua biet bac la ai.")
    assert said(cast, "ROI 1234", who=STRANGER)[0].startswith("May nay khong co ai o to chuc do.")
    assert members(cast) == []


def test_one_of_several_on_a_phone_is_named(cast: Cast) -> None:
    cast.enrols(HOA, name="Sung Thi May")
    pao = cast.enrols(HOA, name="Sung A Pao")
    assert said(cast, "THAM GIA 1234", who=HOA)[0].startswith("Ai tham gia? May nay co A May, B Pao.")
    asked, _ = said(cast, "THAM GIA 1234 B", "DONG Y", who=HOA)
    assert "B Pao dong y tham gia khong?" in asked
    assert members(cast) == [pao]


def test_a_closed_one_takes_nobody(cast: Cast) -> None:
    said(cast, "THAM GIA 1234")
    with cast.engine.begin() as connection:
        assert organisations.close(connection, cast_scope(), "1234")
    said(cast, "DONG Y")
    assert members(cast) == []


def cast_scope() -> Scope:
    return Scope(STATION, (STATION,))


@pytest.mark.parametrize("text", ["roi", "Roi", "roi 375", "rồi", "roi a", "tham gia dam cuoi", "tham gia 12"])
def test_what_people_say_otherwise_is_no_command(text: str) -> None:
    assert organisation.leaves(text) is None
    assert organisation.joins(text) is None


def test_already_is_an_answer_and_no_leaving(cast: Cast) -> None:
    said(cast, "THAM GIA 1234", "DONG Y", "KHAI", "ROI")
    assert len(members(cast)) == 1


def declared_by_a_neighbour(cast: Cast) -> UUID:
    told = [text.replace("Lan", "Mai") for text in DECLARED[1:]]
    cast.writes("KHAI HO", *told, "KHONG", "ok", who=STRANGER)
    (mai,) = cast.rows(persons, full_name="Nguyen Thi Mai")
    return mai["id"]  # type: ignore[no-any-return]


def test_whom_somebody_declared_does_not_join_in_their_place(cast: Cast) -> None:
    mai = declared_by_a_neighbour(cast)
    assert said(cast, "THAM GIA 1234", who=STRANGER)[0].startswith("Chua biet")
    said(cast, "DONG Y", who=STRANGER)
    assert members(cast) == []
    (asked,) = said(cast, "THAM GIA 1234 A", who=STRANGER)
    assert "A Mai dong y tham gia khong?" in asked
    said(cast, "DONG Y", who=STRANGER)
    assert members(cast) == [mai]
    said(cast, "ROI 1234", who=STRANGER)
    assert members(cast) == []


def test_who_joined_on_their_own_phone_is_not_taken_out_on_a_neighbours(cast: Cast) -> None:
    mai = declared_by_a_neighbour(cast)
    with cast.engine.begin() as connection:
        found = organisations.of_code(connection, "1234")
        assert found is not None
        organisations.join(connection, Joining(found[0], mai, cast.contact(), uuid4()), cast.clock.at)
    assert said(cast, "ROI 1234", who=STRANGER)[0].startswith("May nay khong co ai o to chuc do.")
    assert members(cast) == [mai]
    assert cast.rows(consents, purpose="organisation")[0]["withdrawn_at"] is None
