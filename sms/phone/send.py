"""Sending to the simulator: there is nobody to hand the message to, its page reads the outbox."""

from __future__ import annotations

import asyncio

from core.messaging.channel import ChannelProfile, OutboundMessage, Sent, Status
from core.messaging.ports import Tools
from sms.phone import PROFILE
from sms.phone.config import PhoneConfig
from sms.phone.faults import error, fault_of


class PhoneSender:
    """Takes every message, which is on the page from then on; but as a phone that was told to fail does."""

    profile: ChannelProfile = PROFILE

    def __init__(self, tools: Tools) -> None:
        self._engine = tools.engine

    async def send(self, message: OutboundMessage) -> Sent:
        """Delivered at once, under our own id. Raises SendError if that phone fails."""
        if fault := await asyncio.to_thread(fault_of, self._engine, message.address):
            raise error(fault)
        return Sent(str(message.id), Status.DELIVERED)

    async def close(self) -> None:
        """Nothing is held."""


def sender(config: PhoneConfig, tools: Tools) -> PhoneSender:
    """The simulator's sender."""
    return PhoneSender(tools)
