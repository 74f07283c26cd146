"""A declaration and the next day's check-in by SMS: signed posts to the real web application over a socket, the real
worker with Twilio's own client, Twilio and the unit's system on loopback."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_network
from itertools import count
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, func, select, update
from standardwebhooks import Webhook
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from werkzeug.serving import make_server

from app import wiring
from app.clock import run_due
from app.migrate import migrate
from app.settings import Settings
from app.web import create_app
from core.care.follow_up import Enrolment, Line, open_follow_up
from core.database.due import due_checks
from core.database.following import follow_ups
from core.database.shared import channel_states
from core.database.tables import forwards, inbox, outbox, records
from core.forwarding import destinations
from core.secrets import Vault
from sms.twilio import PROFILE
from sms.twilio.config import TwilioConfig
from tests.app.test_worker import wait_for, work
from tests.cast import HOA, LAN, STATION
from tests.core.forwarding.receiver import Receiver
from tests.core.forwarding.receiver import running as unit_system
from tests.fakes.twilio import ACCOUNT, TOKEN, FakeTwilio, fake_twilio, hangs_up, refuses

OURS = "+84900000099"
PUBLIC = "https://khaibao.example"
SAID = (
    ("KHAI", "CDC Lao Cai xin bac khai bao y te"),
    ("Đồng ý", "14 ngay qua bac co sot, ho"),
    ("ho, dau hong", "14 ngay qua bac co gap ai"),
    ("khong", "14 ngay qua bac co di khoi tinh"),
    ("khong", "Xin bac cho biet ho va ten"),
    ("Nguyễn Thị Lan", "Bac sinh nam nao?"),
    ("1984", "nam hay nu?"),
    ("2", "dang o xa, phuong nao"),
    ("xã Bát Xát, Lào Cai", "so nha, duong"),
    ("thôn Ná Ảng", "1 Dau hieu: ho, dau hong."),
    ("ok", "Da nhan to khai cua Nguyen Thi Lan. Ma:"),
)
"""What Lan writes, and how the answer begins or what it holds."""


@dataclass
class Town:
    """Everything that is running: our web application at `url`, Twilio, the unit's system with its `secret`."""

    settings: Settings
    engine: Engine
    url: str
    twilio: FakeTwilio
    unit: Receiver
    secret: str
    _sids: Iterator[int] = field(default_factory=lambda: count(1))

    def texts(self, text: str, who: str = LAN, times: int = 1) -> str:
        """A person's text as Twilio brings it, so many times; what it is answered by a message."""
        before = len(self.twilio.created)
        fields = {"MessageSid": f"SM{next(self._sids):032x}", "From": who, "To": OURS, "Body": text, "NumMedia": "0"}
        assert [self.post("/sms/twilio/inbound", fields).text for _ in range(times)] == ["<Response/>"] * times
        return self.hears(before)

    def hears(self, before: int) -> str:
        """The next message that Twilio takes, and reports as delivered to the address that came with it."""
        wait_for(lambda: len(self.twilio.created) > before)
        made = self.twilio.created[before]
        callback = self.twilio.requests[-1][2]["StatusCallback"]
        assert callback.startswith(f"{PUBLIC}/sms/twilio/status?id=")
        for status in ("delivered", "sent"):
            fields = {"MessageSid": made["sid"], "MessageStatus": status, "To": made["to"]}
            assert self.post(callback.removeprefix(PUBLIC), fields).status_code == 200
        return str(made["body"])

    def post(self, path: str, fields: dict[str, str], token: str = TOKEN) -> httpx.Response:
        signature = RequestValidator(token).compute_signature(PUBLIC + path, fields)
        proxied = {
            "X-Forwarded-For": "203.0.113.9",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "khaibao.example",
        }
        return httpx.post(self.url + path, data=fields, headers={"X-Twilio-Signature": signature, **proxied})

    def count(self, table: Any, **where: Any) -> int:
        wanted = select(func.count()).select_from(table).where(*(table.c[k] == v for k, v in where.items()))
        with self.engine.connect() as connection:
            return connection.execute(wanted).scalar_one()

    def set(self, table: Any, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(table).values(values))

    def delivered(self) -> list[dict[str, Any]]:
        """What the unit's system took, each checked with the receiver's own library."""
        return [dict(Webhook(self.secret).verify(r.body, dict(r.headers))) for r in self.unit.taken]


@contextmanager
def serving(settings: Settings, engine: Engine) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_app(settings, engine), threaded=True)
    thread = threading.Thread(target=partial(server.serve_forever, 0.02), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def town(settings: Settings, engine: Engine) -> Iterator[Town]:
    with fake_twilio() as twilio, unit_system() as unit:
        at_once = replace(PROFILE, spacing=0.0)
        account = TwilioConfig(ACCOUNT, TOKEN, sender=OURS, api_url=twilio.url, public_url=PUBLIC, profile=at_once)
        real = replace(
            settings,
            demo=False,
            channels=(account,),
            public_url=PUBLIC,
            forward_networks=(ip_network("127.0.0.0/8"),),
        )
        migrate(engine, real)
        with engine.begin() as connection:
            _, secret = destinations.register(connection, Vault(real.data_keys), STATION, unit.url)
        with serving(real, engine) as url:
            yield Town(real, engine, url, twilio, unit, secret)


def test_a_declaration_reaches_its_unit_once(town: Town) -> None:
    town.unit.says(503)

    def scene() -> None:
        for n, (text, expected) in enumerate(SAID):
            assert expected in town.texts(text, times=2 if n in {0, 2, 4, 10} else 1)
        wait_for(lambda: len(town.unit.asked) == 1)
        wait_for(lambda: town.count(forwards, status="pending", attempts=1, lease=None) == 1)
        town.set(forwards, due_at=datetime.now(UTC))
        wait_for(lambda: len(town.unit.asked) == 2)
        wait_for(lambda: town.count(forwards, status="pending", attempts=2, lease=None) == 1)
        town.unit.says(204)
        town.set(forwards, due_at=datetime.now(UTC))
        wait_for(lambda: town.count(forwards, status="delivered") == 1)

    work(town.settings, town.engine, scene, patience=60)

    (body,) = town.delivered()
    assert (body["type"], body["data"]["confirmed"]) == ("declaration.recorded", True)
    assert (body["data"]["person"]["full_name"], body["data"]["signs"]) == ("Nguyễn Thị Lan", ["cough", "sore_throat"])
    assert (body["data"]["version"], body["data"]["id"]) == (1, body["data"]["root"])
    assert len({received.webhook_id for received in town.unit.asked}) == 1
    assert len(town.unit.asked) == 3

    assert len(town.twilio.created) == len(SAID), "a repeat of Twilio's is answered by nothing"
    assert {m["to"] for m in town.twilio.created} == {LAN}
    assert (town.count(inbox), town.count(records)) == (len(SAID), 1)
    assert town.count(outbox, status="delivered") == len(SAID)


@pytest.mark.usefixtures("no_quiet_hours")
def test_a_reminder_and_its_answer(town: Town) -> None:
    services = wiring.services(town.settings, town.engine)
    contact = services.directory.contacts([("twilio", HOA)])["twilio", HOA]
    now = datetime.now(UTC)
    enrolled = Enrolment("Trần Thị Hoa", 1953, "female", STATION, "F1", (now + timedelta(days=9)).date(), (8,))
    with town.engine.begin() as connection:
        open_follow_up(connection, Line(contact, "twilio", HOA), enrolled, now)
        connection.execute(update(follow_ups).values(welcomed_at=now))
        first = connection.scalars(select(due_checks.c.id).order_by(due_checks.c.due_at).limit(1)).one()
        window = {
            "opens_at": now - timedelta(hours=1),
            "due_at": now,
            "remind_at": now,
            "closes_at": now + timedelta(hours=8),
        }
        connection.execute(update(due_checks).where(due_checks.c.id == first).values(window))

    def scene() -> None:
        for _ in range(2):
            run_due(services)
        assert "Tram Y te xa Bat Xat hoi tham" in town.hears(0)
        assert town.texts("37,8 HO", HOA, times=3).startswith("Da nhan: 37,8 do, ho. Ma:")
        wait_for(lambda: len(town.unit.taken) == 1)

    work(town.settings, town.engine, scene, patience=60)

    (body,) = town.delivered()
    assert (body["type"], body["data"]["temperature"], body["data"]["level"]) == ("checkin.recorded", 37.8, "signs")
    assert town.count(due_checks, status="seen_not_ok", id=first) == 1
    assert len(town.twilio.created) == 2


def test_two_posts_of_one_message_at_the_same_moment_are_one(town: Town) -> None:
    fields = {"MessageSid": "SM7", "From": LAN, "To": OURS, "Body": "38,1 ho"}
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(town.post("/sms/twilio/inbound", fields).status_code))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [200] * 4
    assert (town.count(records), town.count(outbox)) == (1, 1)


def test_who_is_not_twilio_reaches_nothing(town: Town) -> None:
    fields = {"MessageSid": "SM7", "From": LAN, "To": OURS, "Body": "38,1 ho"}

    assert town.post("/sms/twilio/inbound", fields, token="guessed").status_code == 403
    assert httpx.post(f"{town.url}/sms/twilio/inbound", data=fields).status_code == 403
    assert town.count(inbox) == 0


@pytest.mark.slow
def test_what_twilio_refuses_for_now_is_sent_in_its_order_later(town: Town) -> None:
    """Twilio takes the first answer and breaks the line: it is looked up, and not sent twice."""
    town.twilio.faults += [refuses(429, 20429), hangs_up]

    def scene() -> None:
        fields = {"MessageSid": "SM1", "From": LAN, "To": OURS, "Body": "KHAI"}
        town.post("/sms/twilio/inbound", fields)
        deadline = time.monotonic() + 30
        while town.count(outbox, status="sent") < 1:
            assert time.monotonic() < deadline
            town.set(outbox, due_at=datetime.now(UTC))
            town.set(channel_states, open_until=datetime.now(UTC))
            time.sleep(0.2)

    work(town.settings, town.engine, scene, patience=60)

    assert [m["body"].partition(" xin ")[0] for m in town.twilio.created] == ["CDC Lao Cai"]
