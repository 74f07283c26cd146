"""Sending to the simulator: there is nobody to hand the message to, its page reads the outbox."""

from __future__ import annotations

from core.messaging.channel import ChannelProfile, OutboundMessage, Sent, Status
from core.messaging.ports import Tools
from sms.phone import PROFILE
from sms.phone.config import PhoneConfig


def sender(config: PhoneConfig, tools: Tools) -> PhoneSender:
    """The simulator's sender."""
    return PhoneSender()


class PhoneSender:
    """Takes every message; it is on the page from then on."""

    profile: ChannelProfile = PROFILE

    async def send(self, message: OutboundMessage) -> Sent:
        """Delivered at once, under our own id."""
        return Sent(str(message.id), Status.DELIVERED)

    async def close(self) -> None:
        """Nothing is held."""
