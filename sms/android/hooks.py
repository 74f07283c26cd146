"""What the gateway is asked to tell us: one registration an event. Doing it again changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from core.messaging.channel import TryLater
from core.messaging.http import ProviderClient, by_status
from sms.android.receive import EVENTS


async def missing(client: ProviderClient, hook: str) -> tuple[str, ...]:
    """The events that are not told to `hook`. Raises SendError if the gateway does not say."""
    response = await client.request("GET", "/webhooks")
    if refusal := by_status(response):
        raise refusal
    told = {event for event, url in _listed(response).items() if url == hook}
    return tuple(event for event in EVENTS if event not in told)


async def register(client: ProviderClient, hook: str) -> tuple[str, ...]:
    """Ask for the events that are missing, under names of ours, which replace an older address. Returns them.

    Raises SendError if the gateway refuses.
    """
    added = await missing(client, hook)
    for event in added:
        asked = {"id": _name(event), "url": hook, "event": event}
        response = await client.request("POST", "/webhooks", json=asked)
        if refusal := by_status(response):
            raise refusal
    return added


def _name(event: str) -> str:
    return f"khaibao-{event.replace(':', '-')}"


def _listed(response: httpx.Response) -> Mapping[str, str]:
    """Addresses by event, of our names alone: others may listen to the same phone."""
    try:
        listed: Any = response.json()
    except ValueError:
        listed = None
    if not isinstance(listed, list):
        raise TryLater("answer")
    ours = [each for each in listed if isinstance(each, dict) and str(each.get("id", "")).startswith("khaibao-")]
    return {str(each.get("event", "")): str(each.get("url", "")) for each in ours}
