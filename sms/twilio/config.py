"""What the channel needs to know. Filled by the app from its settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

INBOUND: Final = "/sms/twilio/inbound"
STATUS: Final = "/sms/twilio/status"


@dataclass(frozen=True, slots=True)
class TwilioConfig:
    """One account. `sender` is a number or a registered name; a messaging service, if given, sends instead.

    `public_url` is how Twilio reaches us, without a slash at its end: signatures are made over it, whatever
    a proxy says of the host. Empty: nothing can be received, and no status is asked for.
    """

    account_sid: str
    auth_token: str = field(repr=False)
    sender: str = ""
    messaging_service_sid: str = ""
    api_url: str = "https://api.twilio.com"
    public_url: str = ""
