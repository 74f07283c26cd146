"""What the channel needs to know, from the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.zalo import PROFILE
from core.environment import ORIGIN, Reader, origin
from core.messaging.channel import ChannelProfile

PATH: Final = "/bot/zalo"

_API = "https://openapi.zalo.me"
_OAUTH = "https://oauth.zaloapp.com"
_BUSINESS = "https://business.openapi.zalo.me"


class MacSecret(StrEnum):
    """What an event is signed with."""

    OA = "oa"  # the OA Secret Key of the console's webhook page
    APP = "app"  # the application's secret


class MacPrefix(StrEnum):
    """Whose id stands in front of what is signed."""

    APP_ID = "app_id"
    OA_ID = "oa_id"


class MacTime(StrEnum):
    """Which timestamp is signed."""

    BODY = "body"  # the event's own
    HEADER = "header"  # X-ZEvent-Timestamp


@dataclass(frozen=True, slots=True)
class MacScheme:
    """How Zalo signs. Its pages disagree on it: one live event shows what is true (`receive.py` says so in the log)."""

    secret: MacSecret = MacSecret.OA
    prefix: MacPrefix = MacPrefix.APP_ID
    time: MacTime = MacTime.BODY


@dataclass(frozen=True, slots=True)
class ZaloConfig:
    """One Official Account. `refresh_token` is the seed: the database holds newer ones after the first exchange.

    `template_reminder` is the id of an approved template that calls people back whose window is closed; empty: there
    is none. `template_parameter` is the name of its parameter that holds the reminder's words; empty: it has none.
    `oa_id`, if given, is the only account whose events are taken.
    """

    app_id: str
    app_secret: str = field(repr=False)
    oa_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    oa_id: str = ""
    template_reminder: str = ""
    template_parameter: str = ""
    mac: MacScheme = MacScheme()
    api_url: str = _API
    oauth_url: str = _OAUTH
    business_url: str = _BUSINESS
    public_url: str = ""
    profile: ChannelProfile = PROFILE

    @property
    def outside(self) -> tuple[tuple[str, str], ...]:
        """Where messages, and the secret that makes tokens, are sent."""
        return (
            ("ZALO_API_URL", self.api_url),
            ("ZALO_OAUTH_URL", self.oauth_url),
            ("ZALO_BUSINESS_URL", self.business_url),
        )


def load(reader: Reader, public_url: str) -> tuple[ZaloConfig, ...]:
    """The account of the ZALO_ variables; empty when none is set. What is wrong is told to `reader`."""
    mac, hint = _scheme(reader), "copy it from Zalo's developer console"
    needed = {"APP_ID": hint, "APP_SECRET": hint, "REFRESH_TOKEN": "authorise the application for the account"}
    if mac.secret is MacSecret.OA:
        needed |= {"OA_SECRET": "copy the OA Secret Key of the console's webhook page, or set ZALO_MAC_SECRET=app"}
    if mac.prefix is MacPrefix.OA_ID:
        needed |= {"OA_ID": "ZALO_MAC_PREFIX=oa_id signs with the account's id"}
    names = ("OA_SECRET", "OA_ID", "TEMPLATE_REMINDER", "TEMPLATE_PARAMETER")
    found = reader.group("ZALO_", needed, optional=tuple(name for name in names if name not in needed))
    api_url = reader.read("ZALO_API_URL", origin, _API, ORIGIN)
    oauth_url = reader.read("ZALO_OAUTH_URL", origin, _OAUTH, ORIGIN)
    business_url = reader.read("ZALO_BUSINESS_URL", origin, _BUSINESS, ORIGIN)
    if found is None:
        return ()
    return (
        ZaloConfig(
            app_id=found["APP_ID"],
            app_secret=found["APP_SECRET"],
            oa_secret=found["OA_SECRET"],
            refresh_token=found["REFRESH_TOKEN"],
            oa_id=found["OA_ID"],
            template_reminder=found["TEMPLATE_REMINDER"],
            template_parameter=found["TEMPLATE_PARAMETER"],
            mac=mac,
            api_url=api_url,
            oauth_url=oauth_url,
            business_url=business_url,
            public_url=public_url,
        ),
    )


def _scheme(reader: Reader) -> MacScheme:
    default = MacScheme()
    return MacScheme(
        reader.read("ZALO_MAC_SECRET", MacSecret, default.secret, "use oa or app"),
        reader.read("ZALO_MAC_PREFIX", MacPrefix, default.prefix, "use app_id or oa_id"),
        reader.read("ZALO_MAC_TIME", MacTime, default.time, "use body or header"),
    )
