"""`khaibao duty`: the phones that are told of a unit's alerts by text, and may take them by NHAN."""

from __future__ import annotations

import click

from app.cli_outbox import Work, working
from core.care import duty as phones
from core.care.duty import NewDuty
from core.conversation.parsers.phone import e164
from core.conversation.parsers.visit import is_mobile
from core.places import tree

_DAY = 24


@click.group()
def duty() -> None:
    """Say which phones are told when a unit's people need somebody. The clock knows at once."""


@duty.command()
@click.option("--unit", required=True, help="Code of the unit, TYT02683 for example.")
@click.option("--phone", required=True, help="A mobile number, or a user's id with --channel.")
@click.option("--name", required=True, help="Who holds it, as colleagues are told.")
@click.option("--hours", default="0-24", help="When it is told, in Vietnam: 18-6 is across midnight.")
@click.option(
    "--channel", default="", help="The channel by which it is told; the SMS channel that is on, if not given."
)
def add(unit: str, phone: str, name: str, hours: str, channel: str) -> None:
    """Tell this phone of the unit's alerts, or change its name and hours."""
    span = _hours(hours)
    with working() as work:
        _check(work, unit)
        through, sms = _channel(work, channel)
        address = _number(phone) if sms else phone.strip()
        phones.add(work.connection, NewDuty(unit, through, address, " ".join(name.split()), span), work.now)
    click.echo(f"{unit}: {address} by {through}, {span[0]}-{span[1]}")


@duty.command()
@click.option("--unit", required=True)
@click.option("--phone", required=True)
def remove(unit: str, phone: str) -> None:
    """Tell this phone no more, by any channel."""
    with working() as work:
        gone = sum(phones.remove(work.connection, unit, each) for each in {phone.strip(), e164(phone) or phone.strip()})
    if not gone:
        raise click.ClickException(f"{unit} has no such duty phone")
    click.echo(f"{unit}: removed")


@duty.command("list")
@click.option("--unit", help="One unit's alone.")
def list_all(unit: str | None) -> None:
    """Print unit, channel, phone, hours and name, a phone a line."""
    with working() as work:
        for each in phones.listed(work.connection, [unit] if unit else None):
            click.echo(
                "\t".join((each.unit_code, each.channel, each.address, f"{each.from_hour}-{each.to_hour}", each.name))
            )


def _check(work: Work, unit: str) -> None:
    if unit not in tree.load(work.connection).facts:
        raise click.ClickException(f"no unit {unit}")


def _hours(said: str) -> tuple[int, int]:
    first, mark, last = said.partition("-")
    if not (mark and first.isdecimal() and last.isdecimal()):
        raise click.UsageError("--hours are written like 18-6")
    span = int(first), int(last)
    if span[0] >= _DAY or span[1] > _DAY or span[0] == span[1]:
        raise click.UsageError("--hours go from 0-23 until 1-24")
    return span


def _number(said: str) -> str:
    number = e164(said)
    if number is None or not is_mobile(number):
        raise click.UsageError("--phone is a Vietnamese mobile number, such as 0900000041")
    return number


def _channel(work: Work, named: str) -> tuple[str, bool]:
    """The channel, and whether its addresses are telephone numbers."""
    on = {config.profile.name: config.profile for config in work.settings.channels}
    if named and named not in on:
        raise click.ClickException(f"channel {named} is not on: {', '.join(sorted(on)) or 'none is'}")
    sms = [profile for profile in on.values() if profile.sms]
    if not named and not sms:
        raise click.ClickException("no SMS channel is on: see khaibao channels check")
    chosen = on[named] if named else min(sms, key=lambda profile: profile.price)
    return chosen.name, chosen.sms
