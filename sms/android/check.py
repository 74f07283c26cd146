"""What an operator should know of the phone: whether its gateway knows us and tells us all, and when it was heard."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from core.messaging.beats import silences
from core.messaging.channel import SendError
from core.messaging.ports import Finding, Level, Tools
from sms.android import PROFILE
from sms.android.client import opened
from sms.android.config import AndroidConfig
from sms.android.hooks import missing

SILENT: Final = timedelta(minutes=30)
"""Beyond this the phone is off, out of reach, or was told by Android to sleep."""

_PATIENCE: Final = 10.0  # seconds


async def check(config: AndroidConfig, tools: Tools) -> Sequence[Finding]:
    """Asks the gateway; sends nothing to people."""
    heard = await asyncio.to_thread(_silence, tools)
    return [*_reached(config), *(await _asked(config)), _beating(heard)]


def _reached(config: AndroidConfig) -> Iterator[Finding]:
    if not config.hook:
        yield Finding(Level.BAD, "PUBLIC_URL is not set: the phone cannot tell us what it received")
    elif not config.hook.startswith(("https://", "http://127.0.0.1")):
        yield Finding(Level.BAD, "PUBLIC_URL is no https address: the application refuses it, except for 127.0.0.1")


async def _asked(config: AndroidConfig) -> Sequence[Finding]:
    async with opened(config, _PATIENCE) as client:
        try:
            open_events = await missing(client, config.hook)
        except SendError as error:
            what = "ANDROID_USER or ANDROID_PASSWORD is wrong" if error.code in {"401", "403"} else "is it switched on?"
            return (Finding(Level.BAD, f"the gateway does not serve us ({error.code}): {what}"),)
    known = Finding(Level.GOOD, "the gateway knows our account")
    if open_events:
        names = ", ".join(open_events)
        return known, Finding(Level.BAD, f"the phone does not tell us of {names}: khaibao android setup asks it to")
    return known, Finding(Level.GOOD, "the phone is asked to tell us everything that we need")


def _silence(tools: Tools) -> timedelta | None:
    with tools.engine.connect() as connection:
        return silences(connection).get(PROFILE.name)


def _beating(silence: timedelta | None) -> Finding:
    if silence is None:
        return Finding(Level.WARNING, "the phone has never been heard: set its Ping to 300 seconds and wait for it")
    minutes = int(silence.total_seconds() // 60)
    if silence > SILENT:
        what = "look whether it is on, charged, online, and whether Android lets the application run in the background"
        return Finding(Level.WARNING, f"the phone has been silent for {minutes} minutes: {what}")
    return Finding(Level.GOOD, f"the phone was heard {minutes} minutes ago")
