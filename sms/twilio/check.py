"""What an operator should know about this Twilio account. Asks Twilio, sends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from twilio.rest import Client  # type: ignore[import-untyped]

from core.messaging.channel import SendError
from core.messaging.ports import Finding, Level, Tools
from sms.twilio.client import TwilioHttp, judged
from sms.twilio.config import INBOUND, TwilioConfig

_PATIENCE: Final = 10.0  # seconds
_AGAIN: Final = "#rc=3&rp=all"
"""Behind the webhook's address: Twilio tries three times more, also after an error of ours. Without it a message is
lost while we are away for a moment (twilio.com/docs/usage/webhooks/webhooks-connection-overrides)."""


async def check(config: TwilioConfig, tools: Tools) -> Sequence[Finding]:
    """Whether the account works, may send as it is told to, and brings us what people write."""
    http = TwilioHttp(config.api_url, _PATIENCE)
    client = Client(config.account_sid, config.auth_token, http_client=http)
    try:
        account = await _account(client, config)
        if account.level is Level.BAD:
            return (account, *_reachable(config))
        return (account, *await _sender(client, config), *_reachable(config))
    finally:
        await http.close()


async def _account(client: Any, config: TwilioConfig) -> Finding:
    try:
        found = await judged(client.api.v2010.accounts(config.account_sid).fetch_async())
    except SendError as fault:
        if fault.code in {"20003", "20404", "401", "403", "404"}:
            hint = "copy both from Twilio's console"
            return Finding(Level.BAD, f"TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN: Twilio refuses them: {hint}")
        return Finding(Level.BAD, f"Twilio does not answer ({fault.code}): look at the way out, and at TWILIO_API_URL")
    if found.status != "active":
        return Finding(Level.BAD, f"The account is {found.status}: Twilio sends nothing; look into its console")
    if found.type == "Trial":
        return Finding(Level.WARNING, "A trial account: it reaches only numbers that were verified in Twilio's console")
    return Finding(Level.GOOD, "The account is active")


async def _sender(client: Any, config: TwilioConfig) -> Sequence[Finding]:
    try:
        if config.messaging_service_sid:
            return (await _service(client, config),)
        if config.sender.startswith("+"):
            return await _number(client, config)
    except SendError as fault:
        return (Finding(Level.BAD, f"Twilio does not say whether we may send ({fault.code}): try again"),)
    return (Finding(Level.WARNING, "TWILIO_FROM is no telephone number: people may be unable to answer it"),)


async def _service(client: Any, config: TwilioConfig) -> Finding:
    try:
        found = await judged(client.messaging.v1.services(config.messaging_service_sid).fetch_async())
    except SendError as fault:
        if fault.code not in {"20404", "404"}:
            raise
        return Finding(
            Level.BAD, "TWILIO_MESSAGING_SERVICE_SID: there is no such service in this account: copy it anew"
        )
    if found.use_inbound_webhook_on_number:
        hint = f"enter {_webhook(config)} at each of its numbers, or at the service"
        return Finding(Level.WARNING, f"The messaging service leaves messages from people to its numbers: {hint}")
    return _brought(config, found.inbound_request_url, "The messaging service")


async def _number(client: Any, config: TwilioConfig) -> Sequence[Finding]:
    found = await judged(client.incoming_phone_numbers.list_async(phone_number=config.sender, limit=1))
    if not found:
        return (Finding(Level.BAD, "TWILIO_FROM: this account has no such number: copy one from Twilio's console"),)
    if not (found[0].capabilities or {}).get("sms"):
        return (Finding(Level.BAD, "TWILIO_FROM: this number carries no SMS: take another one"),)
    taken_by_another = found[0].sms_application_sid  # which Twilio calls instead
    return (_brought(config, "" if taken_by_another else found[0].sms_url, "The number"),)


def _brought(config: TwilioConfig, given: str | None, who: str) -> Finding:
    """Whether what people write comes to us, and again when we were away."""
    address, _, behind = (given or "").partition("#")
    if not config.public_url:
        return Finding(Level.GOOD, f"{who} may send")
    if address != f"{config.public_url}{INBOUND}":
        hint = f"enter {_webhook(config)} for incoming messages in Twilio's console"
        return Finding(Level.BAD, f"{who} brings messages from people elsewhere: {hint}")
    if "rp=all" not in behind:
        return Finding(Level.WARNING, f"{who} does not try again when we were away: enter {_webhook(config)}")
    return Finding(Level.GOOD, f"{who} may send, and brings us what people write")


def _reachable(config: TwilioConfig) -> Sequence[Finding]:
    if not config.public_url:
        hint = "set it to hear from people and of deliveries"
        return (Finding(Level.BAD, f"PUBLIC_URL is not set: {hint}"),)
    if not config.public_url.startswith("https://"):
        return (Finding(Level.WARNING, f"{_webhook(config)} is not encrypted: give PUBLIC_URL as https://"),)
    return (Finding(Level.GOOD, f"The webhook for incoming messages is {_webhook(config)}"),)


def _webhook(config: TwilioConfig) -> str:
    return f"{config.public_url}{INBOUND}{_AGAIN}"
