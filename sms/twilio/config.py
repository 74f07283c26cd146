"""What the channel needs to know, from the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from core.environment import ORIGIN, Reader, origin
from core.messaging.channel import ChannelProfile
from sms.twilio import PROFILE

INBOUND: Final = "/sms/twilio/inbound"
STATUS: Final = "/sms/twilio/status"

_API = "https://api.twilio.com"


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
    api_url: str = _API
    public_url: str = ""
    profile: ChannelProfile = PROFILE

    @property
    def outside(self) -> tuple[tuple[str, str], ...]:
        """Where messages are sent."""
        return (("TWILIO_API_URL", self.api_url),)


def load(reader: Reader, public_url: str) -> tuple[TwilioConfig, ...]:
    """The account of the TWILIO_ variables; empty when none is set. What is wrong is told to `reader`."""
    hint = "copy it from Twilio's console"
    group = reader.group(
        "TWILIO_", {"ACCOUNT_SID": hint, "AUTH_TOKEN": hint}, optional=("FROM", "MESSAGING_SERVICE_SID")
    )
    api_url = reader.read("TWILIO_API_URL", origin, _API, ORIGIN)
    if group is None:
        return ()
    sid, token, sender, service = group.values()
    if not (sender or service):
        reader.need("TWILIO_FROM", "give the number that sends, or TWILIO_MESSAGING_SERVICE_SID")
    return (TwilioConfig(sid, token, sender, service, api_url, public_url),)
