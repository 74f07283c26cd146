"""`khaibao budget`: what messages to a unit's people may cost a day, and what they cost today."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import click
from sqlalchemy import Connection

from app.database import opened
from app.settings import load
from core.clock import Clock
from core.messaging import spending
from core.messaging.spending import Limits
from core.places import tree


@dataclass(frozen=True, slots=True)
class _Work:
    """One transaction, domain time, the units and the budgets."""

    connection: Connection
    now: datetime
    units: tree.UnitTree
    limits: Limits


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
    with _working() as work:
        if unit not in work.units.facts:
            raise click.ClickException(f"no unit {unit}")
        spending.set_budget(work.connection, unit, None if amount == "default" else int(amount))
    click.echo(f"{unit}: {amount}")


@budget.command("list")
def list_all() -> None:
    """Units that spent something today or have a budget of their own: unit, budget, parts, dong, share."""
    with _working() as work:
        click.echo("unit\tbudget\tparts\tdong\tshare")
        for unit, (parts, amount) in sorted(spending.listed(work.connection, work.limits, work.now).items()):
            most = work.limits.of(unit)
            click.echo(f"{unit}\t{most or 'none'}\t{parts}\t{amount}\t{f'{amount / most:.0%}' if most else '-'}")


@contextmanager
def _working() -> Iterator[_Work]:
    settings = load(os.environ)
    with opened(settings, "khaibao budget") as engine:
        now = Clock(engine, demo=settings.demo).now()
        with engine.begin() as connection:
            units = tree.load(connection)
            given = spending.limits(connection, settings.unit_budget, units.centres.get(settings.province, ""))
            yield _Work(connection, now, units, given)
