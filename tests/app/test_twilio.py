"""From a text that Twilio brings to the reply that Twilio takes, and its report back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from app.migrate import migrate
from app.settings import Settings
from app.web import create_app
from core.database.tables import outbox
from sms.twilio.config import TwilioConfig
from tests.app.test_worker import wait_for, work
from tests.fakes.twilio import ACCOUNT, TOKEN, FakeTwilio, fake_twilio

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
