"""What a no, a RUT and an open question mean, whoever else is on the phone, and whoever staff merged."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from sqlalchemy import RowMapping, select, update

from core.database.due import alerts
from core.database.households import consents as rows
from core.database.tables import persons
from core.people import consents, households
from core.people import volunteers as helpers
from core.reminders.volunteers import tell_of_volunteers
from tests.cast import DECLARED, HOA, LAN, STRANGER, TU, Cast
from tests.core.pipeline.test_volunteers import Village


@pytest.fixture
def village(cast: Cast) -> Village:
    return Village(cast)


def of(village: Village, person: UUID) -> Sequence[RowMapping]:
    return village.cast.rows(rows, person_id=person)


def says_no(village: Village, person: UUID) -> bool:
    with village.cast.engine.connect() as connection:
        return bool(connection.scalar(select(consents.refused(persons.c.id)).where(persons.c.id == person)))


@pytest.mark.parametrize("agreed_before", [False, True])
def test_rut_is_a_no_also_where_nothing_is_open(village: Village, agreed_before: bool) -> None:
    cast = village.cast
    if agreed_before:
        village.agree()
    with cast.engine.begin() as connection:
        helpers.unassign(connection, village.tu, village.home, cast.clock.at)
        helpers.assign(connection, village.tu, village.home, None, cast.clock.at)
    cast.writes("RUT", who=HOA)
    cast.writes("RUT", who=HOA)
    village.says("DANH SACH", "1", "DONG Y MIENG A", "A OK")
    assert village.of(village.may) == []
    assert len(of(village, village.may)) == 1


def test_rut_of_a_neighbour_is_no_word_of_theirs(village: Village) -> None:
    cast = village.cast
    cast.writes("KHAI HO", *(text.replace("Lan", "Mai") for text in DECLARED[1:]), "KHONG", "ok", who=STRANGER)
    (mai,) = cast.rows(persons, full_name="Nguyen Thi Mai")
    with cast.engine.begin() as connection:
        consents.spoken(connection, mai["id"], village.tu, mai["id"], cast.clock.at)
    cast.writes("RUT", who=STRANGER)
    assert [row["withdrawn_at"] for row in of(village, mai["id"])] == [None]
    assert not says_no(village, mai["id"])


def test_a_no_follows_a_merge(village: Village) -> None:
    cast = village.cast
    village.agree()
    with cast.engine.begin() as connection:
        connection.execute(update(persons).where(persons.c.id == village.may).values(merged_into=village.lan))
    assert not says_no(village, village.may)
    cast.writes("RUT", who=LAN)
    assert says_no(village, village.may)
    village.says("DANH SACH", "1", "DONG Y MIENG A", "A OK")
    assert village.of(village.may) == []


def test_a_yes_follows_a_merge(village: Village) -> None:
    cast = village.cast
    with cast.engine.begin() as connection:
        consents.spoken(connection, village.lan, village.tu, village.lan, cast.clock.at)
        connection.execute(update(persons).where(persons.c.id == village.may).values(merged_into=village.lan))
    village.says("DANH SACH", "1", "A OK")
    assert village.of(village.may) == [[]]


def test_who_was_asked_lately_is_not_said_to_be_asked_now(village: Village) -> None:
    said = village.says("DANH SACH", "1", "HOI DONG Y", "HOI DONG Y")
    assert said[-1].startswith("A May, B Pao duoc hoi gan day roi")


def test_an_own_question_is_answered_at_a_household(village: Village) -> None:
    cast = village.cast
    who = consents.Who(village.own, cast.contact(TU), guarded=False, asked=False)
    with cast.engine.begin() as connection:
        consents.ask(connection, village.own, village.tu, who, cast.clock.at)
        connection.execute(update(rows).values(told_at=cast.clock.at))
    village.says("DANH SACH", "1", "DONG Y")
    assert any(row["given_at"] for row in of(village, village.own))


def test_the_same_words_are_told_again_once_staff_are_done(village: Village) -> None:
    cast = village.cast
    village.says("DANH SACH", "1", "A SOT 38", "A SOT 38")
    assert len(cast.rows(alerts)) == 1
    with cast.engine.begin() as connection:
        connection.execute(update(alerts).values(status="done"))
    village.says("A SOT 38")
    assert [row["status"] for row in cast.rows(alerts)].count("open") == 1


@pytest.mark.parametrize(
    ("born", "lives_there", "guarded"),
    [("2018", True, True), ("2018", True, False), ("1984", True, False), ("2018", False, False)],
)
def test_a_parents_rut_ends_what_was_heard_for_their_children(
    village: Village, born: str, *, lives_there: bool, guarded: bool
) -> None:
    """Declared by KHAI HO on May's phone; nobody else's child, and no adult, is spoken for."""
    cast = village.cast
    told = [text.replace("Lan", "Mai").replace("1984", born) for text in DECLARED[1:]]
    cast.writes("KHAI HO", *told, "KHONG", "ok", who=HOA)
    (child,) = cast.rows(persons, full_name="Nguyen Thi Mai")
    with cast.engine.begin() as connection:
        households.join(connection, village.home if lives_there else village.other, [child["id"]], cast.clock.at)
        if guarded:
            assert households.guard(connection, village.home, child["id"], village.may, cast.clock.at)
        consents.spoken(connection, child["id"], village.tu, child["id"], cast.clock.at)
    cast.writes("RUT", "RUT", who=HOA)
    assert says_no(village, child["id"]) == (born == "2018" and lives_there)
    (row,) = of(village, child["id"])
    assert (row["withdrawn_at"] is not None) == (born == "2018" and lives_there)


@pytest.mark.parametrize("purpose", [consents.DECLARE, consents.TELL_VOLUNTEER])
def test_who_said_no_is_not_shown_as_silent(village: Village, purpose: str) -> None:
    """Lan lives alone: her household's state would be hers."""
    cast = village.cast
    assert village.says("DANH SACH")[0].startswith("Hom nay 2 nha: 2 chua tra loi (!)")
    no = {"person_id": village.lan, "purpose": purpose, "basis": "text", "volunteer_id": village.tu}
    when = {"asked_at": cast.clock.at, "told_at": cast.clock.at, "refused_at": cast.clock.at}
    with cast.engine.begin() as connection:
        connection.execute(rows.insert().values(id=village.lan, **no, **when))
    assert village.says("DANH SACH")[0].startswith("Hom nay 2 nha: 1 chua tra loi (!)")
    cast.writes("SK sot 39,8 kho tho", who=LAN)
    assert "0 can y te (!!)" in village.says("DANH SACH")[0]


def test_who_takes_back_a_rut_is_asked_anew_whether_silence_is_told(village: Village) -> None:
    cast = village.cast

    def agrees() -> None:
        with cast.engine.begin() as connection:
            (may,) = consents.to_ask(connection, village.home, village.tu, [village.may], cast.clock.at)
            consents.ask(connection, uuid4(), village.tu, may, cast.clock.at)
        for _ in range(2):
            tell_of_volunteers(cast.services)
            cast.writes("DONG Y", who=HOA)

    def is_silent() -> bool:
        with cast.engine.begin() as connection:
            households.leave(connection, village.home, village.pao, cast.clock.at)
        return village.says("DANH SACH")[0].startswith("Hom nay 2 nha: 2 chua tra loi (!)")

    agrees()
    assert is_silent()
    cast.writes("RUT", who=HOA)
    assert not is_silent()
    agrees()
    assert is_silent()
    asked = [row["given_at"] for row in of(village, village.may) if row["purpose"] == consents.TELL_VOLUNTEER]
    assert len(asked) == 2
