""" "Their phone is now ..." on a person's page: shown first, then done, within the unit."""

from __future__ import annotations

import re
from uuid import UUID

from flask.testing import FlaskClient

from core.conversation.effects import AlertKind
from core.database.following import follow_up_events, follow_ups
from core.database.shared import directory
from core.database.tables import addresses, contacts, members
from tests.conftest import CELL
from tests.console.conftest import Browser, post
from tests.console.test_follow_ups import one, pipeline
from tests.console.test_today import words
from tests.console.ward import HERE, NEIGHBOUR, Ward, clock

__all__ = ["pipeline"]

TYPED = "số mới: 0900.000.077 nhé"


def follow(ward: Ward, name: str = "Sùng Thị Thử") -> tuple[UUID, UUID]:
    person = ward.person(name)
    return person, ward.follow(person, contact_id=None)


def path(person: UUID, follow_up: UUID, *, sure: bool = False) -> str:
    return f"/console/person/{person}/follow-up/{follow_up}/phone{'/sure' if sure else ''}"


def known(ward: Ward) -> UUID:
    """A phone that wrote before; its contact."""
    made = ward.phone("+84900000077")
    ward.add(directory, channel="phone", address="+84900000077", contact_id=made, cell=CELL)
    return made


def seen(page: str) -> dict[str, str]:
    """What the confirming form carries."""
    return {name: re.findall(f'name="{name}" value="([^"]*)"', page)[0] for name in ("phone", "seen")}


def test_it_works(nurse: FlaskClient, ward: Ward) -> None:
    person, follow_up = follow(ward)
    page = nurse.get(f"/console/person/{person}").text
    assert "Số điện thoại nay là…" in page

    shown = post(nurse, path(person, follow_up), phone=TYPED).text
    assert "Sùng Thị Thử nay dùng số 0900 000 077" in words(shown)
    assert one(ward, follow_up)["contact_id"] is None
    for _ in range(2):
        done = post(nurse, path(person, follow_up, sure=True), **seen(shown))
        assert done.status_code == 303
    told = words(nurse.get(f"/console/person/{person}").text)
    assert "Đã ghi số mới." in told
    assert told.count("đổi số điện thoại") == 1
    with ward.engine.connect() as connection:
        (contact,) = connection.execute(contacts.select().where(contacts.c.address == "+84900000077"))
        (event,) = connection.execute(follow_up_events.select())
    assert one(ward, follow_up)["contact_id"] == contact.id
    assert (event.kind, event.by, event.unit_code) == ("phone", ward.staff["nga.batxat"], HERE)


def test_what_the_number_is_is_shown_and_asked_again_if_it_changed(nurse: FlaskClient, ward: Ward) -> None:
    person, follow_up = follow(ward)
    phone = known(ward)
    shown = post(nurse, path(person, follow_up), phone="0900000077").text
    ward.person("<b>Lò Văn Nhà</b>", phone=phone)
    ward.person("Lò Xã Bên", "TYT02686", phone=phone)
    ward.alert(None, AlertKind.WRONG_NUMBER, contact_id=phone, status="closed", raise_at=clock("07:00"))

    again = post(nurse, path(person, follow_up, sure=True), **seen(shown))
    assert again.status_code == 200
    said = words(again.text)
    assert "đã có người nhắn NHAM SO" in said
    assert "&lt;b&gt;Lò Văn Nhà" in again.text
    assert "1 người khác" in said
    assert "Lò Xã Bên" not in said
    assert one(ward, follow_up)["contact_id"] is None
    assert post(nurse, path(person, follow_up, sure=True), **seen(again.text)).status_code == 303
    assert one(ward, follow_up)["contact_id"] == phone


def test_stop_is_said_and_kept(nurse: FlaskClient, ward: Ward) -> None:
    person, follow_up = follow(ward)
    known(ward)
    with ward.engine.begin() as connection:
        stopped = addresses.update().where(addresses.c.address == "+84900000077")
        connection.execute(stopped.values(stopped_at=clock("07:00")))
    shown = post(nurse, path(person, follow_up), phone="0900000077").text
    assert "đã nhắn STOP" in words(shown)
    post(nurse, path(person, follow_up, sure=True), **seen(shown))
    assert "phải gọi hoặc đến nhà" in words(nurse.get(f"/console/person/{person}").text)


def test_what_is_no_number_and_what_is_not_theirs(browser: Browser, nurse: FlaskClient, ward: Ward) -> None:
    person, follow_up = follow(ward)
    assert post(nurse, path(person, follow_up), phone="12345").status_code == 303
    assert "Số điện thoại chưa đúng" in words(nurse.get(f"/console/person/{person}").text)
    other = browser(NEIGHBOUR)
    for sure in (False, True):
        assert post(other, path(person, follow_up, sure=sure), phone="0900000077").status_code == 404
        assert nurse.post(path(person, follow_up, sure=sure), data={"phone": "0900000077"}).status_code == 400
    ward.change(follow_ups, follow_up, status="completed")
    assert post(nurse, path(person, follow_up, sure=True), phone="0900000077").status_code == 404
    with ward.engine.connect() as connection:
        assert len(connection.execute(members.select()).all()) == 1
