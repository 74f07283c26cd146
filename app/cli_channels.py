"""`khaibao channels`: which are on, and whether each works: set, reachable, verified, and what to do if not."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import click

from app.channels import CHANNELS, Plug
from app.cli_outbox import age
from app.database import opened
from app.ports import tools
from app.settings import Settings, load
from core.clock import Clock
from core.messaging.ports import Config, Finding, Level, Tools
from core.messaging.traffic import Traffic, traffic

_LONG = timedelta(minutes=10)
_PATIENCE = 20.0  # seconds that one channel's provider is asked
_SIGNS = {Level.GOOD: ("ok", "green"), Level.WARNING: ("!", "yellow"), Level.BAD: ("WRONG", "red")}


@click.group()
def channels() -> None:
    """List and check the channels."""


@channels.command("list")
def list_channels() -> None:
    """Every channel, tab-separated: name, on or off, what it is, and the variable that turns it on."""
    settings = load(os.environ)
    click.echo("name\tstate\twhat\tvariable")
    for plug in CHANNELS:
        for config in _of(plug, settings) or (None,):
            name = config.profile.name if config else plug.profile.name
            click.echo(f"{name}\t{'on' if config else 'off'}\t{plug.title}\t{plug.variable or '-'}")


@channels.command()
@click.argument("names", nargs=-1)
def check(names: tuple[str, ...]) -> None:
    """Ask each channel's provider, or those of the NAMES; say what is right, what is wrong and what to do.

    Sends nothing to people. Exit code 1 if something is wrong.
    """
    settings = load(os.environ)
    with opened(settings, "khaibao channels") as engine:
        clock = Clock(engine, demo=settings.demo)
        given, now = tools(settings, engine, clock.now), clock.now()
        with engine.connect() as connection:
            seen = traffic(connection, now)
        wrong = asyncio.run(_check_all(settings, given, seen, now, names))
    raise SystemExit(1 if wrong else 0)


async def _check_all(
    settings: Settings, given: Tools, seen: Mapping[str, Traffic], now: datetime, names: tuple[str, ...]
) -> bool:
    """Whether anything is wrong. An unknown name is."""
    wrong, met = False, set()
    for plug in CHANNELS:
        for config in _of(plug, settings):
            if not names or config.profile.name in names:
                met.add(config.profile.name)
                found = [*(await _asked(plug, config, given)), *_lately(seen.get(config.profile.name), now)]
                wrong |= _tell(f"{config.profile.name} ({plug.title})", found)
        if not _of(plug, settings) and plug.variable and (not names or plug.profile.name in names):
            met.add(plug.profile.name)
            click.echo(f"{plug.profile.name} ({plug.title}): off; {plug.variable} turns it on")
    for name in sorted(set(names) - met):
        wrong = _tell(name, [Finding(Level.BAD, "there is no such channel: see khaibao channels list")])
    return wrong


def _of(plug: Plug, settings: Settings) -> tuple[Config, ...]:
    return tuple(config for config in settings.channels if plug.owns(config))


async def _asked(plug: Plug, config: Config, given: Tools) -> tuple[Finding, ...]:
    """What the channel says of itself. A provider that does not answer, or a fault of ours, is a finding too."""
    try:
        async with asyncio.timeout(_PATIENCE):
            return tuple(await plug.check(config, given))
    except TimeoutError:
        return (Finding(Level.BAD, f"the provider does not answer within {_PATIENCE:.0f} s"),)
    except Exception as fault:  # what is wrong with one channel must not hide the others
        return (Finding(Level.BAD, f"cannot be checked: {type(fault).__name__}"),)


def _lately(seen: Traffic | None, now: datetime) -> Iterator[Finding]:
    """What the last day says of it."""
    if seen is None or seen.heard_at is None:
        yield Finding(Level.WARNING, "no message from a person has ever come through it: text KHAI and see")
    else:
        yield Finding(Level.GOOD, f"last message from a person {age(now - seen.heard_at)} ago")
    if seen and seen.waiting_since:
        level = Level.BAD if now - seen.waiting_since > _LONG else Level.GOOD
        yield Finding(level, f"{seen.waiting} messages wait to be sent, the oldest for {age(now - seen.waiting_since)}")
    if seen and seen.failed:
        what = f"{seen.failed} failed and {seen.sent} sent in a day, mostly by the code {seen.error or 'none'}"
        yield Finding(Level.WARNING, f"{what}: khaibao outbox list")


def _tell(name: str, found: list[Finding]) -> bool:
    """Print a channel's findings; whether one of them is bad."""
    click.echo(f"{name}:")
    for finding in found:
        sign, colour = _SIGNS[finding.level]
        click.echo(f"  {click.style(sign.ljust(5), fg=colour)} {finding.text}")
    return any(finding.level is Level.BAD for finding in found)
