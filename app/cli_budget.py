"""`khaibao budget`: what messages to a unit's people may cost a day, and what they cost today."""

from __future__ import annotations

import click

from app.cli_outbox import Work, working
from core.messaging import spending
from core.messaging.spending import Limits
from core.places import tree


@click.group()
def budget() -> None:
    """Set and list what units' messages may cost a day. Workers know within ten seconds."""


@budget.command("set")
@click.argument("unit")
@click.argument("amount")
def set_budget(unit: str, amount: str) -> None:
    """Let messages to the people of UNIT cost AMOUNT đồng a day; 0: no limit; default: as UNIT_BUDGET says.

    When it is spent, reminders wait for the next day or end; replies and warnings always leave.
    """
    if amount != "default" and not (amount.isascii() and amount.isdigit() and int(amount) <= 2_000_000_000):
        raise click.UsageError("AMOUNT is đồng a day, 0 for no limit, or: default")
    with working() as work:
        if unit not in tree.load(work.connection).facts:
            raise click.ClickException(f"no unit {unit}")
        spending.set_budget(work.connection, unit, None if amount == "default" else int(amount))
    click.echo(f"{unit}: {amount}")


@budget.command("list")
def list_all() -> None:
    """Units that spent something today or have a budget of their own: unit, budget, parts, dong, share."""
    with working() as work:
        given = _limits(work)
        click.echo("unit\tbudget\tparts\tdong\tshare")
        for unit, (parts, amount) in sorted(spending.listed(work.connection, given, work.now).items()):
            most = given.of(unit)
            click.echo(f"{unit}\t{most or 'none'}\t{parts}\t{amount}\t{f'{amount / most:.0%}' if most else '-'}")


def _limits(work: Work) -> Limits:
    centre = tree.load(work.connection).centres.get(work.settings.province, "")
    return spending.limits(work.connection, work.settings.unit_budget, centre)
