"""Why rows are written."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from core.conversation.context import Context
from core.messaging.channel import InboundMessage


@dataclass(frozen=True, slots=True)
class Cause:
    """The message that a step was about, and what the step was told. `others`: see Session."""

    inbound_id: UUID
    message: InboundMessage
    context: Context
    others: tuple[str, ...] = ()
