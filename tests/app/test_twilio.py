"""From a text that Twilio brings to the reply that Twilio takes, and its report back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from app.migrate import migrate
from app.settings import Settings
from app.web import create_app
from core.database.tables import addresses, outbox
from sms.twilio.config import TwilioConfig
from tests.app.test_worker import wait_for, work
from tests.fakes.twilio import ACCOUNT, TOKEN, FakeTwilio, fake_twilio, refuses

PUBLIC = "https://khaibao.example"
LAN = "+84900000001"
TEXT = {"MessageSid": "SM1", "From": LAN, "To": "+84900000099", "Body": "KHAI"}


def post(web: FlaskClient, url: str, fields: Mapping[str, str]) -> int:
    """As Twilio posts to `url`, from whatever host it reached us."""
    signature = RequestValidator(TOKEN).compute_signature(url, fields)
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return web.post(path, data=fields, headers={"X-Twilio-Signature": signature}).status_code


def statuses(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(select(outbox.c.status).order_by(outbox.c.seq)))


def report(web: FlaskClient, twilio: FakeTwilio, status: str) -> int:
    """Twilio's word on the last message, at the address that we gave with it."""
    callback = twilio.requests[-1][2]["StatusCallback"]
    fields = {"MessageSid": twilio.created[-1]["sid"], "MessageStatus": status, "To": LAN}
    return post(web, callback, fields)


@pytest.mark.parametrize("times", [1, 2])
def test_a_text_is_answered_once_and_the_report_of_the_answer_is_heard(
    settings: Settings, engine: Engine, times: int
) -> None:
    migrate(engine, settings)
    with fake_twilio() as twilio:
        account = TwilioConfig(ACCOUNT, TOKEN, sender="+84900000099", api_url=twilio.url, public_url=PUBLIC)
        ours = replace(settings, channels=(account,), public_url=PUBLIC)
        web = create_app(ours, engine).test_client()
        assert [post(web, f"{PUBLIC}/sms/twilio/inbound", TEXT) for _ in range(times)] == [200] * times
        assert statuses(engine) == ["queued"]
        work(ours, engine, lambda: wait_for(lambda: statuses(engine) == ["sent"]))
        assert [m["to"] for m in twilio.created] == [LAN]
        assert [report(web, twilio, status) for status in ("delivered", "sent")] == [200, 200]
    assert statuses(engine) == ["delivered"]


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with fake_twilio() as running:
        yield running


@pytest.fixture
def ours(settings: Settings, engine: Engine, twilio: FakeTwilio) -> Settings:
    migrate(engine, settings)
    account = TwilioConfig(ACCOUNT, TOKEN, sender="+84900000099", api_url=twilio.url, public_url=PUBLIC)
    return replace(settings, channels=(account,), public_url=PUBLIC)


def says(ours: Settings, engine: Engine, text: str, **fields: str) -> None:
    """Lan writes; what is to leave leaves."""
    web = create_app(ours, engine).test_client()
    sid = f"SM{len(statuses(engine))}{text}".replace(" ", "")
    assert post(web, f"{PUBLIC}/sms/twilio/inbound", TEXT | {"MessageSid": sid, "Body": text} | fields) == 200
    work(ours, engine, lambda: wait_for(lambda: not {"queued", "sending"} & set(statuses(engine))))


def stopped(engine: Engine) -> bool:
    with engine.connect() as connection:
        return connection.scalars(select(addresses.c.stopped_at)).one() is not None


@pytest.mark.parametrize("word", ["STOP", "HUY", "CANCEL"])
def test_after_a_stop_that_twilio_answered_nothing_leaves_until_a_start(
    ours: Settings, engine: Engine, twilio: FakeTwilio, word: str
) -> None:
    says(ours, engine, word, OptOutType="STOP")
    assert (stopped(engine), statuses(engine), twilio.created) == (True, ["withdrawn"], [])
    says(ours, engine, "DONG Y", OptOutType="START")
    assert (stopped(engine), statuses(engine)) == (False, ["withdrawn", "sent"])


def test_a_stop_that_twilio_did_not_name_is_learned_by_its_refusal(
    ours: Settings, engine: Engine, twilio: FakeTwilio
) -> None:
    """An account without Advanced Opt-Out, and a word that is not ours."""
    twilio.faults.append(refuses(400, 21610))
    says(ours, engine, "QUIT")
    assert (stopped(engine), statuses(engine), twilio.created) == (True, ["failed"], [])
    says(ours, engine, "START")
    assert (stopped(engine), statuses(engine)) == (False, ["failed", "sent"])


def test_a_report_that_the_person_stopped_marks_them(ours: Settings, engine: Engine, twilio: FakeTwilio) -> None:
    says(ours, engine, "KHAI")
    web = create_app(ours, engine).test_client()
    callback = twilio.requests[-1][2]["StatusCallback"]
    fields = {"MessageSid": twilio.created[-1]["sid"], "MessageStatus": "undelivered", "ErrorCode": "21610"}
    assert post(web, callback, fields) == 200
    assert (stopped(engine), statuses(engine)) == (True, ["failed"])
