"""The channels: one line each. Nothing else in the program names them all.

A channel is a folder of one shape, loaded when it is needed (a provider's library may take half a second):

    __init__.py  PROFILE: its name and its limits
    config.py    load(reader, public_url) -> configurations: none when it is off, several if it has several accounts
    receive.py   blueprint(config, ports) -> the routes that the provider calls
    render.py    render(text, choices, accents) -> what it carries
    send.py      sender(config, tools) -> what sends one message
    check.py     check(config, tools) -> what an operator should know; optional
    poll.py      poller(config, ports, tools) -> asks the provider where it cannot call us; optional
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, Protocol, cast, runtime_checkable

from flask import Blueprint

from core.environment import Reader
from core.messaging.channel import Channel, ChannelProfile, Render, Sender
from core.messaging.ports import Config, Finding, Ports, Tools

Poll = Callable[[], Awaitable[bool]]
"""One look at the provider; True if there was something, and so may be more. It takes a second or two at most: it may
be a `LongPoll`."""


@runtime_checkable
class LongPoll(Protocol):
    """A look that keeps a question open at the provider, and is to be told when no further look comes."""

    async def __call__(self) -> bool:
        """As `Poll`."""
        ...

    async def finish(self, seconds: float) -> None:
        """Break off what is open, within the seconds given, and close connections."""
        ...


@dataclass(frozen=True, slots=True)
class Plug:
    """A channel's folder, as the rest of the program plugs it in. `variable` turns it on; "" if nothing has to.

    `paged`: people use it on pages of ours, which `app.web` makes; no provider calls us. `named`: its configurations
    carry names that an operator chose.
    """

    package: str
    title: str
    variable: str
    paged: bool = False
    named: bool = False

    @property
    def profile(self) -> ChannelProfile:
        """Its limits, before settings."""
        return cast(ChannelProfile, self._part("").PROFILE)

    @property
    def render(self) -> Render:
        """How it carries words."""
        return cast(Render, self._part(".render").render)

    def load(self, reader: Reader, public_url: str) -> tuple[Config, ...]:
        """Its configurations in this installation; mistakes are told to `reader`."""
        return cast("tuple[Config, ...]", self._part(".config").load(reader, public_url))

    def blueprint(self, config: Config, ports: Ports) -> Blueprint:
        """The routes that its provider calls."""
        return cast(Blueprint, self._part(".receive").blueprint(config, ports))

    def sender(self, config: Config, tools: Tools) -> Sender:
        """What sends its messages. It lives on one event loop."""
        return cast(Sender, self._part(".send").sender(config, tools))

    def poll(self, config: Config, ports: Ports, tools: Tools) -> Poll | None:
        """What asks its provider for messages; None if the provider calls us."""
        poller = self._optional(".poll", "poller")
        return cast("Poll | None", poller(config, ports, tools)) if poller else None

    async def check(self, config: Config, tools: Tools) -> Sequence[Finding]:
        """What was found wrong or right about it. Asks the provider, sends nothing to people."""
        check = self._optional(".check", "check")
        return cast("Sequence[Finding]", await check(config, tools)) if check else ()

    def owns(self, config: Config) -> bool:
        """Whether that configuration is one of this channel's."""
        return type(config).__module__.startswith(f"{self.package}.")

    def _part(self, name: str) -> Any:
        return import_module(f"{self.package}{name}")

    def _optional(self, name: str, function: str) -> Any:
        return getattr(self._part(name), function) if find_spec(f"{self.package}{name}") else None


CHANNELS: Final = (
    Plug("sms.phone", "The SMS simulator", "", paged=True),
    Plug("bot.web", "The web chat", "WEB_CHAT", paged=True),
    Plug("sms.twilio", "SMS through Twilio", "TWILIO_ACCOUNT_SID"),
    Plug("sms.aggregator", "SMS through Vietnamese providers", "SMS_AGGREGATORS", named=True),
    Plug("sms.kannel", "SMS through operators, by Kannel", "KANNEL_SEND_URL"),
    Plug("sms.android", "SMS through a commune's own phone", "ANDROID_SEND_URL"),
    Plug("bot.telegram", "Telegram", "TELEGRAM_TOKEN"),
    Plug("bot.zalo", "Zalo Official Account", "ZALO_APP_ID"),
    Plug("bot.zalo_bot", "Zalo's bot platform", "ZALO_BOT_TOKEN"),
)


def plug_of(config: Config) -> Plug:
    """The channel that a configuration belongs to."""
    return next(plug for plug in CHANNELS if plug.owns(config))


def by_name(configs: Sequence[Config]) -> Mapping[str, Channel]:
    """Every channel, also those that are off: what came through them earlier may still have to be read."""
    found = _Known({plug.profile.name: Channel(plug.profile, plug.render) for plug in CHANNELS})
    found.update({c.profile.name: Channel(c.profile, plug_of(c).render) for c in configs})
    return found


class _Known(dict[str, Channel]):
    """By name. One that nobody has is of a provider that an operator took out of the file."""

    def __missing__(self, name: str) -> Channel:
        plug = next(plug for plug in CHANNELS if plug.named)
        return Channel(replace(plug.profile, name=name), plug.render)


def clashes(configs: Sequence[Config]) -> list[str]:
    """Chosen names that belong to another channel, a line each."""
    theirs = {plug.profile.name: plug for plug in CHANNELS}
    return [
        f"{plug_of(c).variable}: [{c.profile.name}] is the name of another channel: choose another one"
        for c in configs
        if theirs.get(c.profile.name, plug_of(c)) is not plug_of(c)
    ]


def off(configs: Sequence[Config]) -> Mapping[str, str]:
    """Channels without their settings, each with the variable that would turn it on."""
    on = {plug_of(config).package for config in configs}
    return {plug.title: plug.variable for plug in CHANNELS if plug.variable and plug.package not in on}
