"""`khaibao gates`: where people who enter the country declare, and on which days."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import click
from sqlalchemy import Connection

from app.database import opened
from app.logs import setup
from app.settings import load
from core.clock import VIETNAM, Clock
from core.conversation.form import Gate
from core.places import gates as places

_DAY = click.DateTime(["%Y-%m-%d"])


@dataclass(frozen=True, slots=True)
class _Work:
    """One transaction, today in Vietnam, and the province of this installation."""

    connection: Connection
    today: date
    province: str


@click.group()
def gates() -> None:
    """Open, close and list the gates at which people who enter the country declare."""


@gates.command("open")
@click.argument("code")
@click.argument("name")
@click.option("--from", "first", type=_DAY, required=True, help="The first day.")
@click.option("--until", "last", type=_DAY, help="The last day; until further notice without it.")
@click.option("--province", help="Code of its province; this installation's own without it.")
def open_gate(code: str, name: str, first: datetime, last: datetime | None, province: str | None) -> None:
    """Open the gate CODE called NAME, or change its name and days. Running processes know within a minute."""
    gate = Gate(code.upper(), name.strip(), first.date(), last.date() if last else None)
    with _working() as work:
        places.open_gate(work.connection, gate, province or work.province)
    click.echo(f"{gate.code}: {_days(gate)}")


@gates.command()
@click.argument("code")
def close(code: str) -> None:
    """End declaring at the gate CODE: yesterday was its last day."""
    with _working() as work:
        places.close_gate(work.connection, code.upper(), work.today - timedelta(days=1))
    click.echo(f"{code.upper()}: closed")


@gates.command("list")
def list_all() -> None:
    """Print code, province, name, days and state, a gate a line."""
    with _working() as work:
        for each in places.listed(work.connection):
            state = "open" if each.gate.open(work.today) else "closed"
            click.echo("\t".join((each.gate.code, each.province, each.gate.name, _days(each.gate), state)))


def _days(gate: Gate) -> str:
    return f"from {gate.opens_on} until {gate.closes_on or 'further notice'}"


@contextmanager
def _working() -> Iterator[_Work]:
    settings = load(os.environ)
    setup(settings, "gates")
    try:
        with opened(settings, "khaibao gates") as engine:
            today = Clock(engine, demo=settings.demo).now().astimezone(VIETNAM).date()
            with engine.begin() as connection:
                yield _Work(connection, today, settings.province)
    except places.GateError as error:
        raise click.ClickException(str(error)) from None
