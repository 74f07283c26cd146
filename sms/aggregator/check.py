"""What an operator should know of a provider: what is set, who may write in its name, and whether it answers.

Asks for the balance, or whatever `[NAME.check]` says; without it, only whether the address answers at all.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from core.messaging.channel import SendError
from core.messaging.http import ProviderClient
from core.messaging.ports import Finding, Level, Tools
from sms.aggregator.access import Access
from sms.aggregator.config import AggregatorConfig
from sms.aggregator.judge import judged
from sms.aggregator.request import address, authorised, prepared
from sms.aggregator.schema_requests import asks
from sms.aggregator.settings import Check, Inbound, Reports
from sms.aggregator.template import Values

_PATIENCE = 10.0  # seconds


async def check(config: AggregatorConfig, tools: Tools) -> Sequence[Finding]:
    """What is set, then what the provider says. Sends nothing to people."""
    return [*_set(config), await _asked(config)]


def _set(config: AggregatorConfig) -> Iterator[Finding]:
    provider = config.provider
    if not config.public_url:
        yield Finding(Level.BAD, "PUBLIC_URL is not set: the provider cannot reach us")
    if provider.inbound is None:
        yield Finding(Level.WARNING, f"messages from people are off: add [{provider.name}.inbound] if it has any")
    for path, part in ((config.inbound, provider.inbound), (config.status, provider.reports)):
        if part is not None:
            yield Finding(Level.GOOD, f"give the provider {part.hook.method} {config.public_url}{path}{_rest(part)}")
    if provider.inbound is not None and (open_fields := _unsigned(provider.inbound)):
        where = f"its addresses in allow of [{provider.name}.inbound]"
        yield Finding(Level.WARNING, f"its signature does not cover {' and '.join(open_fields)}: put {where}")


def _rest(part: Inbound | Reports) -> str:
    """Where the token goes; never the token."""
    token = part.hook.guard.token
    if token is None:
        return ""
    places = {"path": "/TOKEN", "query": f"?{token.name}=TOKEN", "header": f" with the header {token.name}"}
    return places[token.place]


def _unsigned(part: Inbound) -> list[str]:
    """What somebody who sees one genuine request could change in it."""
    guard = part.hook.guard
    if guard.allow or guard.token or guard.signature is None or "request.body" in guard.signature.over.names:
        return []
    return [name for name in (part.sender, part.text) if name not in guard.signature.over.names]


async def _asked(config: AggregatorConfig) -> Finding:
    async with ProviderClient("", _PATIENCE) as client:
        try:
            asked = config.provider.check
            return await (_answered(config, asked, client) if asked else _reached(config, client))
        except SendError as error:
            return Finding(Level.BAD, f"the provider refuses or does not answer ({error.code}): look at the account")


async def _answered(config: AggregatorConfig, asked: Check, client: ProviderClient) -> Finding:
    auth, secrets = config.provider.send.auth, config.provider.secrets
    token = await Access(auth, client, secrets).token()
    values: Values = {**secrets, "token": token, "from": config.provider.sender, "time": str(int(time.time()))}
    what = prepared(asked.request, values)
    who = authorised(auth, values, "token" in asks(asked.request))
    headers = {**what.get("headers", {}), **who.get("headers", {})}
    response = await client.request(
        asked.request.method, address(asked.request, values), **{**what, **who, "headers": headers}
    )
    judged(asked.answer, response, time.time())
    return Finding(Level.GOOD, "the provider knows our account")


async def _reached(config: AggregatorConfig, client: ProviderClient) -> Finding:
    parts = urlsplit(config.provider.send.request.url.text)
    await client.request("HEAD", f"{parts.scheme}://{parts.netloc}/")
    return Finding(Level.GOOD, "the provider's address answers; whether it knows our account is not asked")
