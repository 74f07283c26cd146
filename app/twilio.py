"""SMS through Twilio in this installation: on when its settings are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask import Blueprint

from app.settings import Settings
from core.messaging.channel import InboundMessage, StatusReport
from core.messaging.reports import report
from core.pipeline.receive import receive
from sms.twilio.config import TwilioConfig
from sms.twilio.receive import blueprint

if TYPE_CHECKING:
    from app.web import Services


def config(settings: Settings) -> TwilioConfig | None:
    """The account, or None when the channel is off."""
    given = settings.twilio
    if given is None:
        return None
    return TwilioConfig(
        account_sid=given.account_sid,
        auth_token=given.auth_token,
        sender=given.sender,
        messaging_service_sid=given.messaging_service_sid,
        api_url=given.api_url,
        public_url=settings.public_url,
    )


def twilio(services: Services) -> Blueprint | None:
    """Everything under /sms/twilio, or None when the channel is off."""
    account = config(services.settings)
    if account is None:
        return None

    def accept(messages: Sequence[InboundMessage]) -> None:
        receive(services.pipeline(), messages)

    def move_on(reports: Sequence[StatusReport]) -> Sequence[StatusReport]:
        with services.engine.begin() as connection:
            return report(connection, reports, services.clock.now())

    return blueprint(account, accept, move_on, services.clock.now)
