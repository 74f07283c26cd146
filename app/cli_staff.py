"""`khaibao staff`: who may sign in at the console."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from sqlalchemy import Connection

from app.database import opened
from app.logs import setup
from app.settings import load
from core.access import staff as accounts


@click.group()
def staff() -> None:
    """Make, list, lock and unlock the accounts of health units' staff."""


@staff.command()
@click.argument("login")
@click.option("--unit", required=True, help="Code of their health unit, for example TYT02671.")
@click.option("--name", required=True, help="What colleagues call them.")
def add(login: str, unit: str, name: str) -> None:
    """Make the account LOGIN. The password is asked for, or read as one line from stdin."""
    password = _password()
    with _connected() as connection:
        accounts.create(connection, login, name, unit, password)
    click.echo(f"{accounts.tidy(login)}: may sign in")


@staff.command("list")
def list_all() -> None:
    """Print login, unit, name and state, an account a line."""
    now = datetime.now(UTC)
    with _connected() as connection:
        for account in accounts.accounts(connection):
            click.echo("\t".join((account.login, account.unit_code, account.name, _state(account, now))))


@staff.command()
@click.argument("login")
def lock(login: str) -> None:
    """Close the account LOGIN and end its sessions."""
    with _connected() as connection:
        accounts.lock(connection, login)
    click.echo(f"{accounts.tidy(login)}: locked")


@staff.command()
@click.argument("login")
def unlock(login: str) -> None:
    """Open the account LOGIN again, also after wrong passwords."""
    with _connected() as connection:
        accounts.unlock(connection, login)
    click.echo(f"{accounts.tidy(login)}: may sign in")


def _password() -> str:
    """Never an argument: those are in the shell's history and in the list of processes."""
    if sys.stdin.isatty():
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")


def _state(account: accounts.Account, now: datetime) -> str:
    if not account.active:
        return "locked"
    if account.locked_until and account.locked_until > now:
        return f"locked until {account.locked_until:%Y-%m-%d %H:%M} UTC by wrong passwords"
    return "open"


@contextmanager
def _connected() -> Iterator[Connection]:
    settings = load(os.environ)
    setup(settings, "staff")
    try:
        with opened(settings, "khaibao staff") as engine, engine.begin() as connection:
            yield connection
    except accounts.StaffError as error:
        raise click.ClickException(str(error)) from None
