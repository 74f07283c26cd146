"""What an operator should know about this Kannel. Asks it and sends nothing: a send without a receiver is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import httpx

from core.messaging.channel import SendError
from core.messaging.http import ProviderClient
from core.messaging.ports import Finding, Level, Tools
from sms.kannel.config import KannelConfig

_PATIENCE: Final = 5.0  # seconds
_LINE = re.compile(r"^\s+(\S+?)\[\S*\]\s+(\S+?):\S+ \(([a-z-]+)", re.MULTILINE)
"""An operator's line on Kannel's status page: "    OPERATOR[OPERATOR]    SMPP:10.0.0.1:2775/2775:us (online 46s, ..."""


async def check(config: KannelConfig, tools: Tools) -> Sequence[Finding]:
    """Whether Kannel takes our messages, reaches an operator, and reaches us."""
    return (await _sending(config), *await _lines(config), await _calling_back(config))


async def _sending(config: KannelConfig) -> Finding:
    headers = {
        "Content-Type": "text/plain",
        "X-Kannel-Username": config.user,
        "X-Kannel-Password": config.password,
        "X-Kannel-From": config.sender,
    }
    answer = await _asked("POST", config.send_url, content=b"check", headers=headers)
    if answer is None:
        return Finding(Level.BAD, "KANNEL_SEND_URL: nobody answers there: start smsbox, or mend the address")
    if answer.status_code == 400 and answer.text.startswith("Missing receiver"):
        return Finding(Level.GOOD, "Kannel takes our messages")
    if answer.status_code == 403:
        return Finding(
            Level.BAD, "KANNEL_USER, KANNEL_PASSWORD: Kannel refuses them: make its sendsms-user the same, restart it"
        )
    return Finding(Level.BAD, f"KANNEL_SEND_URL: it answers {answer.status_code}, as no sendsms does: mend the address")


async def _lines(config: KannelConfig) -> Sequence[Finding]:
    if not config.status_url:
        hint = "set it to see here whether the operators' lines are up"
        return (Finding(Level.WARNING, f"KANNEL_STATUS_URL is not set: {hint}"),)
    answer = await _asked("GET", config.status_url)
    if answer is None:
        return (Finding(Level.BAD, "KANNEL_STATUS_URL: nobody answers there: start bearerbox, or mend the address"),)
    if answer.status_code != 200 or "Status:" not in answer.text:
        return (Finding(Level.BAD, "KANNEL_STATUS_URL: no status page: give .../status.txt with its password"),)
    return tuple(_read(answer.text))


def _read(page: str) -> Iterator[Finding]:
    """What the page says of the bearerbox, its smsbox and each operator's line. Its addresses are left out."""
    if "Status: running" not in page:
        yield Finding(Level.BAD, "Kannel is not running: its bearerbox is stopping, suspended or full")
    if not re.search(r"smsbox:.*on-line", page):
        yield Finding(Level.BAD, "No smsbox is joined to Kannel: start it; messages from people wait until then")
    found = _LINE.findall(page)
    for name, kind, state in found:
        fake = "; it is fakesmsc, no operator" if kind == "FAKE" else ""
        if state == "online":
            yield Finding(Level.WARNING if fake else Level.GOOD, f"The line {name} is up{fake}")
        else:
            yield Finding(Level.BAD, f"The line {name} is {state}{fake}: look into bearerbox.log, call the operator")
    if not found:
        yield Finding(Level.BAD, "Kannel has no line to an operator: khaibao kannel config prints one")


async def _calling_back(config: KannelConfig) -> Finding:
    answer = await _asked("GET", f"{config.callback_url}/health/live")
    if answer is not None and answer.is_success:
        return Finding(Level.GOOD, f"We answer at {config.callback_url}, where Kannel brings messages from people")
    hint = "Kannel must reach it: start web, or set KANNEL_CALLBACK_URL"
    return Finding(Level.WARNING, f"Nobody answers at {config.callback_url} from here: {hint}")


async def _asked(method: str, url: str, **what: Any) -> httpx.Response | None:
    """The answer; None if there is none."""
    async with ProviderClient(url, _PATIENCE) as client:
        try:
            return await client.request(method, **what)
        except SendError:
            return None
