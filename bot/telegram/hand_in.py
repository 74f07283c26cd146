"""From what was heard to the pipeline: the same for a webhook and for what the worker asked for."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot.telegram.updates import Heard
from core.messaging.ports import Ports
from core.pipeline.receive import BatchRefused

log = logging.getLogger(__name__)


def hand_in(ports: Ports, said: Sequence[Heard]) -> None:
    """Messages, then changes of addresses: the last change is right, whatever was written before it.

    When it returns, all of it is committed, but for what the database refuses for good: Telegram would hold up the
    chat for a day over a repeat that is as wrong.
    """
    messages = [each.message for each in said if each.message]
    notices = [each.notice for each in said if each.notice]
    if messages:
        try:
            ports.accept(messages)
        except BatchRefused as refused:
            log.error("telegram: the database refuses updates: %s", ", ".join(refused.external_ids))
    if notices:
        ports.notice(notices)
