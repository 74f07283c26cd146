"""The demo: a commune of Lào Cai with its nurse and made-up people, so that everything can be tried at once.

Every name says that it is made up (Thử, Mẫu, Ví Dụ, Giả Định: trial, sample, example, assumption), and every number
is of the range 0900 000 0xx, which nobody has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import Connection, Engine, select, update

from app import wiring
from app.settings import Settings
from core.access import staff as accounts
from core.care import due
from core.care.follow_up import Enrolment, Line, open_follow_up
from core.clock import VIETNAM
from core.database.tables import staff, units
from core.forwarding import destinations
from core.messaging.channel import InboundMessage
from core.pipeline.receive import receive
from core.pipeline.services import Services
from core.secrets import Vault

STATION = "TYT02683"
"""Trạm Y tế xã Bát Xát, Lào Cai."""

CENTRE = "CDC15"
_PHONES = {STATION: "0900000098", CENTRE: "0900000099"}


@dataclass(frozen=True, slots=True)
class Account:
    """A sign-in that the demo shows to everybody."""

    login: str
    password: str
    name: str
    unit_code: str


ACCOUNTS = (
    Account("yta", "batxat-demo", "Y tá Lò Thị Mẫu", STATION),
    Account("cdc", "laocai-demo", "Cán bộ Trần Văn Thử", CENTRE),
)


@dataclass(frozen=True, slots=True)
class Phone:
    """A made-up phone of the simulator: whose it is, in a line."""

    number: str
    owner: str
    story: str


@dataclass(frozen=True, slots=True)
class _Followed:
    """Somebody under follow-up when the demo begins, and what they wrote today."""

    number: str
    name: str
    born: int
    gender: str
    group: str
    days_left: int
    address: str
    said: str = ""


_FOLLOWED = (
    _Followed("0900000001", "Sùng Thị Thử", 1953, "female", "F1", 9, "thôn Bản Qua"),
    _Followed("0900000002", "Vàng A Mẫu", 1961, "male", "F1", 4, "thôn Bản Vai", "SK 36,6 khoe"),
    _Followed("0900000003", "Giàng Thị Ví Dụ", 1988, "female", "F2", 12, "thôn Châu Giàng", "SK 38,2 ho dau hong"),
    _Followed("0900000004", "Lý Văn Giả Định", 1975, "male", "F1", 1, "thôn Bản Trang"),
)

PHONES = (
    Phone("0900000001", "Sùng Thị Thử (bịa)", "73 tuổi, máy phím bấm, đang theo dõi"),
    Phone("0900000002", "Vàng A Mẫu (bịa)", "65 tuổi, hôm nay đã báo khỏe"),
    Phone("0900000003", "Giàng Thị Ví Dụ (bịa)", "38 tuổi, hôm nay sốt và ho"),
    Phone("0900000004", "Lý Văn Giả Định (bịa)", "51 tuổi, hay quên trả lời"),
    Phone("0900000010", "Số mới", "chưa từng nhắn"),
)


def fill(engine: Engine, settings: Settings) -> None:
    """Make the demo's people, once. A start that was cut off is completed by the next one."""
    with engine.connect() as connection:
        made = connection.scalar(select(staff.c.id).limit(1))
    if made:
        return
    services = wiring.services(settings, engine)
    with engine.begin() as connection:
        _follow(connection, services)
        _reach(connection, settings)
        for account in ACCOUNTS:
            accounts.create(connection, account.login, account.name, account.unit_code, account.password)
    receive(services, [_inbound(services, person) for person in _FOLLOWED if person.said])


def _follow(connection: Connection, services: Services) -> None:
    whose = services.directory.contacts(("phone", _e164(person.number)) for person in _FOLLOWED)
    now = services.clock.now()
    today = now.astimezone(VIETNAM).date()
    for person in _FOLLOWED:
        key = ("phone", _e164(person.number))
        enrolled = Enrolment(
            full_name=person.name,
            year_of_birth=person.born,
            gender=person.gender,
            unit_code=STATION,
            group=person.group,
            until=today + timedelta(days=person.days_left),
            hours=(8, 16),
            address=person.address,
        )
        open_follow_up(connection, Line(whose[key], *key), enrolled, now - timedelta(days=1))
    due.plan(connection, now)  # enrolled yesterday, so that there is something to answer today


def _reach(connection: Connection, settings: Settings) -> None:
    """Phones of the units, and the made-up system of the station, which receives what is forwarded."""
    for code, phone in _PHONES.items():
        connection.execute(update(units).where(units.c.code == code).values(phone=phone))
    url = f"http://127.0.0.1:{settings.port}/demo/unit"
    destinations.register(connection, Vault(settings.data_keys), STATION, url)


def _inbound(services: Services, person: _Followed) -> InboundMessage:
    return InboundMessage("phone", str(uuid4()), _e164(person.number), person.said, services.clock.now())


def _e164(number: str) -> str:
    return "+84" + number[1:]
