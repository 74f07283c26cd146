"""The demo: a commune of Lào Cai with its nurse and made-up people, so that everything can be tried at once.

Every name says that it is made up ("bịa"), and every number is of the range 0900 000 0xx, which nobody has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection, Engine, select, update

from app import wiring
from app.cast import CENTRE, DUTY, GUARD, SIGN_INS, STATION, VENUES, VOLUNTEER
from app.settings import Settings
from core.access import staff as accounts
from core.access.scope import Scope
from core.care import due, duty, facilities
from core.care.duty import NewDuty
from core.care.facilities import NewFacility
from core.care.follow_up import Enrolment, Line, open_follow_up
from core.care.follow_up_opening import Wanted, open_all
from core.care.follow_up_rows import NewPerson, Source
from core.care.follow_up_terms import Settled, Terms, settle
from core.care.handling import By
from core.clock import VIETNAM
from core.database.following import follow_ups
from core.database.shared import staff, units
from core.forwarding import destinations
from core.messaging.channel import InboundMessage
from core.people import contacts, households, volunteers
from core.pipeline.receive import receive
from core.pipeline.services import Services
from core.places import venues
from core.secrets import Vault

_PHONES = {STATION: "0900000098", CENTRE: "0900000099"}


@dataclass(frozen=True, slots=True)
class _Followed:
    """Somebody under follow-up when the demo begins, and what their phone wrote today."""

    address: str
    name: str
    born: int
    gender: str
    group: str
    days_left: int
    hamlet: str
    said: str = ""


_CHUNG = "+84900000012"
_FOLLOWED = (
    _Followed("+84900000011", "Sùng Thị Mẩy (bịa)", 1953, "female", "F1", 9, "thôn Bản Qua"),
    _Followed(_CHUNG, "Lù Văn Chung (bịa)", 1985, "male", "F1", 4, "thôn Bản Vai"),
    _Followed(_CHUNG, "Phàn Thị Mùi (bịa)", 1987, "female", "F2", 4, "thôn Bản Vai"),
    _Followed(_CHUNG, "Lù Thị Hoa (bịa)", 2012, "female", "F2", 4, "thôn Bản Vai"),
    _Followed(_CHUNG, "Lù Văn Páo (bịa)", 2016, "male", "F2", 4, "thôn Bản Vai"),
    _Followed("+84900000014", "Giàng A Tủa (bịa)", 1960, "male", "F1", 12, "thôn Châu Giàng", "SK 38,2 ho dau hong"),
    _Followed("+84900000015", "Vàng Thị Thử (bịa)", 1971, "female", "F1", 6, "thôn Bản Trang", "SK 36,6 khoe"),
    _Followed("+84900000016", "Lý Văn Giả Định (bịa)", 1975, "male", "F1", 1, "thôn Bản Trang"),
)
_SCHOOL = "Trường nội trú Bát Xát (bịa)"
_GUESTS = (
    ("Tẩn A Sinh (bịa)", 1999, "male", "101"),
    ("Chảo Láo Tả (bịa)", 2001, "male", "101"),
    ("Lý Mẩy Phàm (bịa)", 1994, "female", "102"),
)


def fill(engine: Engine, settings: Settings) -> None:
    """Make the demo's people and what two of them wrote today, unless somebody is there already."""
    with engine.connect() as connection:
        made = connection.scalar(select(staff.c.id).limit(1))
    if made:
        return
    services = wiring.services(settings, engine)
    with engine.begin() as connection:
        _follow(connection, services)
        _help(connection, services)
        _reach(connection, settings, services.clock.now())
        for code, venue in VENUES:
            venues.add(connection, venue, services.clock.now(), code)
            venues.add_guard(connection, code, GUARD)
        for account in SIGN_INS:
            accounts.create(connection, account.login, account.role, account.unit_code, account.password)
    receive(services, [_inbound(services, person) for person in _FOLLOWED if person.said])


def _follow(connection: Connection, services: Services) -> None:
    whose = services.directory.contacts(("phone", person.address) for person in _FOLLOWED)
    now = services.clock.now()
    today = now.astimezone(VIETNAM).date()
    for person in _FOLLOWED:
        key = ("phone", person.address)
        enrolled = Enrolment(
            full_name=person.name,
            year_of_birth=person.born,
            gender=person.gender,
            unit_code=STATION,
            group=person.group,
            until=today + timedelta(days=person.days_left),
            hours=(8, 16),
            address=person.hamlet,
        )
        open_follow_up(connection, Line(whose[key], *key), enrolled, now - timedelta(days=1))
    connection.execute(update(follow_ups).values(welcomed_at=now - timedelta(days=1)))
    _declare_a_risk(connection, services, today)
    _quarantine(connection, today, now - timedelta(days=1))
    due.plan(connection, now)  # enrolled yesterday, so that there is something to answer today


def _quarantine(connection: Connection, today: date, at: datetime) -> None:
    """A school that takes people in: three of them in two rooms, without a phone, looked after by staff's rounds."""
    here, by = Scope(STATION, (STATION,)), By(uuid4(), at)
    school = facilities.add(connection, here, NewFacility(_SCHOOL, "facility", STATION, "thôn Bản Qua", "", 20), at)
    settled = settle(Terms("F1", end_on=today + timedelta(days=8)), today)
    if isinstance(settled, Settled):
        people = [NewPerson(name, born, gender, STATION) for name, born, gender, _ in _GUESTS]
        wanted = [Wanted(person, None, settled, STATION) for person in people]
        opened = open_all(connection, wanted, Source("staff"), STATION, at)
        for one, (*_, room) in zip(opened, _GUESTS, strict=True):
            facilities.put(connection, here, one.person_id, (school, room), by)


def _help(connection: Connection, services: Services) -> None:
    """Anh Sang, who looks after two households, and was asked by nobody yet."""
    (contact,) = services.directory.contacts([("phone", VOLUNTEER)]).values()
    now = services.clock.now()
    contacts.ensure(connection, [{"id": contact, "channel": "phone", "address": VOLUNTEER, "seen_at": now}])
    helper = volunteers.make(connection, contact, "Hoàng Văn Sang", STATION, now)
    for address, label in ((_CHUNG, "nhà anh Chung"), ("+84900000011", "nhà bà Mẩy")):
        (phone,) = services.directory.contacts([("phone", address)]).values()
        home = households.make(connection, households.NewHome(STATION, label, contact_id=phone), None, now)
        households.join(connection, home, households.of_phone(connection, phone, STATION), now)
        volunteers.assign(connection, helper, home, None, now)


def _declare_a_risk(connection: Connection, services: Services, today: date) -> None:
    """Somebody who is to be verified, as if they had declared a risk an hour ago."""
    now = services.clock.now()
    key = ("phone", "+84900000018")
    settled = settle(Terms("F1", last_contact_on=today - timedelta(days=2), end_on=today + timedelta(days=12)), today)
    if isinstance(settled, Settled):
        who = NewPerson("Bàn Văn Ví Dụ (bịa)", 1990, "male", STATION, address="thôn Bản Qua")
        line = Line(services.directory.contacts([key])[key], *key)
        source = Source("risk", verify_by=now + timedelta(hours=23))
        open_all(connection, [Wanted(who, line, settled, STATION)], source, STATION, now - timedelta(hours=1))


def _reach(connection: Connection, settings: Settings, now: datetime) -> None:
    """Phones of the units, and the made-up system of the station, which receives what is forwarded."""
    for code, phone in _PHONES.items():
        connection.execute(update(units).where(units.c.code == code).values(phone=phone))
    duty.add(connection, NewDuty(STATION, "phone", DUTY, "Trực trạm (bịa)"), now)
    url = f"http://127.0.0.1:{settings.port}/demo/unit"
    destinations.register(connection, Vault(settings.data_keys), STATION, url)


def _inbound(services: Services, person: _Followed) -> InboundMessage:
    return InboundMessage("phone", str(uuid4()), person.address, person.said, services.clock.now())
