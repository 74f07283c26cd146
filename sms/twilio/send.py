"""Sending through Twilio's REST API, with Twilio's own client."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from twilio.rest import Client  # type: ignore[import-untyped]

from core.messaging.channel import ChannelProfile, OutboundMessage, OutcomeUnknown, Sent, Status
from core.messaging.ports import Tools
from sms.text import nfc
from sms.twilio.client import TwilioHttp, judged
from sms.twilio.config import STATUS, TwilioConfig
from sms.twilio.errors import error
from sms.twilio.render import body
from sms.twilio.status import STATUSES

_SKEW: Final = timedelta(minutes=2)
_LOOKED_AT: Final = 50
_SHORTEST, _LONGEST = 5, 36_000  # seconds that Twilio takes as ValidityPeriod; without one it is the longest
_TRIAL: Final = "Sent from your Twilio trial account - "
"""What Twilio puts before every text of an account that is not paid for."""


class TwilioSender:
    """Sends one message at a call. Its connections belong to the event loop of the first call."""

    profile: ChannelProfile

    def __init__(self, config: TwilioConfig, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.profile = config.profile
        self._config = config
        self._clock = clock
        self._http: TwilioHttp | None = None

    async def send(self, message: OutboundMessage) -> Sent:
        """Create the message. There is no idempotency key: an answer that does not come leaves it in doubt.

        Raises SendError by `errors.ERRORS`.
        """
        created = await judged(
            self._client().messages.create_async(
                to=message.address,
                body=body(message),
                **self._sender(),
                **self._callback(message.id),
                **self._until(message.expires_at),
            )
        )
        if not created.sid:
            raise OutcomeUnknown("answer")
        sent = _sent(created)
        if sent.status is Status.FAILED:
            raise error(created.error_code or 30008, 400)
        return sent

    async def find(self, message: OutboundMessage, since: datetime) -> Sequence[Sent]:
        """Messages to this number with these words that Twilio made since then, oldest first.

        By the time of making: DateSent, which Twilio can filter by, is empty until a message leaves. `since`
        is our database's time, so two minutes of difference are allowed for.
        """
        recent = await judged(self._client().messages.list_async(to=message.address, limit=_LOOKED_AT))
        wanted = body(message).strip()
        same = [m for m in reversed(recent) if m.direction != "inbound" and _words(m) == wanted]
        return [_sent(m) for m in sorted(same, key=_made_at) if _made_at(m) >= since - _SKEW]

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.close()

    def _client(self) -> Any:
        if self._http is None:
            self._http = TwilioHttp(self._config.api_url, self.profile.timeout)
        return Client(self._config.account_sid, self._config.auth_token, http_client=self._http)

    def _sender(self) -> dict[str, str]:
        if self._config.messaging_service_sid:
            return {"messaging_service_sid": self._config.messaging_service_sid}
        return {"from_": self._config.sender}

    def _callback(self, message_id: UUID) -> dict[str, str]:
        """Our id travels with the message, so that a report finds it even if Twilio's answer never came."""
        if not self._config.public_url:
            return {}
        return {"status_callback": f"{self._config.public_url}{STATUS}?id={message_id}"}

    def _until(self, late: datetime | None) -> dict[str, int]:
        """How long it may wait in Twilio's queue: yesterday's reminder is not sent today."""
        if late is None:
            return {}
        return {"validity_period": min(_LONGEST, max(_SHORTEST, int((late - self._clock()).total_seconds())))}


def sender(config: TwilioConfig, tools: Tools) -> TwilioSender:
    """The account's sender."""
    return TwilioSender(config, tools.clock)


def _words(message: Any) -> str:
    return nfc(message.body or "").removeprefix(_TRIAL).strip()


def _made_at(message: Any) -> datetime:
    made_at = message.date_created
    return made_at if isinstance(made_at, datetime) else datetime.min.replace(tzinfo=UTC)


def _sent(made: Any) -> Sent:
    return Sent(made.sid, STATUSES.get(made.status, Status.SENT))
