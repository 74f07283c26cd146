"""What an operator should know of the account. Asks Zalo, exchanges a token if it is time, sends nothing to people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from bot.zalo.config import PATH, ZaloConfig
from bot.zalo.oauth import ZaloTokens, error_code
from core.clock import VIETNAM
from core.messaging.channel import SendError
from core.messaging.http import ProviderClient, by_status, json_object
from core.messaging.ports import Finding, Level, Tools

_TIMEOUT: Final = 10.0  # seconds
_ANEW: Final = "authorise the application for the account anew and set ZALO_REFRESH_TOKEN to the token that comes"


async def check(config: ZaloConfig, tools: Tools) -> Sequence[Finding]:
    """The webhook to enter, the token, the account, the template of reminders."""
    found = [_webhook(config), _mac(config)]
    tokens = ZaloTokens(config, tools)
    try:
        token = await tokens.current()
        stored = await tokens.stored()
        if stored.broken_at is not None:
            found.append(_bad(f"the refresh token is refused ({stored.error}); sending goes on until it ends: {_ANEW}"))
        until = (datetime.now(UTC) + stored.lasts).astimezone(VIETNAM)
        found.append(Finding(Level.GOOD, f"the access token is good until {until:%d/%m %H:%M}"))
    except SendError as error:
        return [*found, _no_token(error)]
    finally:
        await tokens.close()
    return [*found, await _account(config, token), *await _template(config, token)]


def _webhook(config: ZaloConfig) -> Finding:
    if not config.public_url:
        return _bad("PUBLIC_URL is not set: Zalo cannot reach us")
    if not config.public_url.startswith("https://"):
        return _bad("PUBLIC_URL is not https://: Zalo takes no other webhook")
    events = "follow, unfollow, user_send_*, user_submit_info, user_received_message, user_seen_message"
    return Finding(
        Level.GOOD,
        f"webhook to enter in the developer console: {config.public_url}{PATH}; its events: {events}; "
        "leave the syntax filter (Lọc cú pháp) off; after a long outage switch the webhook on again there",
    )


def _mac(config: ZaloConfig) -> Finding:
    names = f"ZALO_MAC_SECRET={config.mac.secret} ZALO_MAC_PREFIX={config.mac.prefix} ZALO_MAC_TIME={config.mac.time}"
    how = "if a live event is turned away, the log of web names the settings that fit"
    return Finding(Level.GOOD, f"events are verified by {names}; {how}")


def _no_token(error: SendError) -> Finding:
    """Why there is none. The code is Zalo's behind "token", or says what happened to our request."""
    _, _, code = error.code.partition("token ")
    if code == "sealed":
        return _bad("the token was stored under another DATA_KEY: put that key back, behind the new one")
    if code:
        return _bad(f"the refresh token is refused ({code}), nothing is sent: {_ANEW}")
    return _bad("no access token yet: ZALO_OAUTH_URL does not answer, or somebody exchanges it now: try in a minute")


async def _account(config: ZaloConfig, token: str) -> Finding:
    answer = await _asked(config.api_url, "/v2.0/oa/getoa", token)
    if error_code(answer):
        return _bad(f"the account cannot be asked: {_why(answer)}")
    data = _data(answer)
    named = f"the account {data.get('name', '')!s} ({data.get('oa_id', '')!s})"
    if config.oa_id and str(data.get("oa_id")) != config.oa_id:
        return _bad(f"the token is for {named}, not for ZALO_OA_ID={config.oa_id}")
    if data.get("is_verified") is False:
        return Finding(Level.WARNING, f"{named} is not verified: template messages are not allowed to it")
    return Finding(Level.GOOD, f"{named} answers")


async def _template(config: ZaloConfig, token: str) -> Sequence[Finding]:
    if not config.template_reminder:
        text = "no ZALO_TEMPLATE_REMINDER: who wrote over 7 days ago is reminded on another channel, or not at all"
        return [Finding(Level.WARNING, text)]
    id = config.template_reminder
    info = await _asked(config.business_url, "/template/info/v2", token, template_id=id)
    quota = await _asked(config.business_url, "/message/quota", token)
    if error_code(info):
        return [_bad(f"template {id} cannot be asked for: {_why(info)}")]
    status = str(_data(info).get("status", ""))
    left = f"{_data(quota).get('remainingQuota', '?')!s} of {_data(quota).get('dailyQuota', '?')!s} messages left today"
    if status != "ENABLE":
        return [_bad(f"template {id} is {status or 'unknown'}, not ENABLE: reminders go another way")]
    return [Finding(Level.GOOD, f"template {id} is approved; {left}")]


async def _asked(base_url: str, path: str, token: str, **params: str) -> dict[str, Any]:
    """The answer; {"error": ...} with the HTTP status, or the fault in `fault`, if there was none."""
    async with ProviderClient(base_url, _TIMEOUT) as http:
        try:
            response = await http.request("GET", path, params=params, headers={"access_token": token})
        except SendError as error:
            return {"error": -1, "fault": error.code}
    answer = json_object(response)
    return answer if not by_status(response) or error_code(answer) else {"error": response.status_code}


def _why(answer: dict[str, Any]) -> str:
    return str(answer.get("fault") or f"error {error_code(answer)}")


def _data(answer: dict[str, Any]) -> dict[str, Any]:
    data = answer.get("data")
    return data if isinstance(data, dict) else {}


def _bad(text: str) -> Finding:
    return Finding(Level.BAD, text)
