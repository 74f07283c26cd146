"""`khaibao outbox`: messages to people that did not leave, and sending them again. No address and no word is shown."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import click
from sqlalchemy import Connection

from app.database import opened
from app.settings import Settings, load
from core.clock import VIETNAM, Clock
from core.messaging.channel import Status
from core.messaging.history import steps
from core.messaging.staff import listed, made, retry

_STUCK = "stuck"
_WHOSE = {"row": "ours", "report": "provider"}


@dataclass(frozen=True, slots=True)
class Work:
    """One transaction, domain time, and the settings."""

    connection: Connection
    now: datetime
    settings: Settings


@click.group()
def outbox() -> None:
    """List and retry messages to people."""


@outbox.command("list")
@click.option("--status", type=click.Choice([*(s.value for s in Status), _STUCK]), default="failed", show_default=True)
@click.option("--limit", type=click.IntRange(1), default=1000, show_default=True)
def list_messages(status: str, limit: int) -> None:
    """Messages by status, oldest first, tab-separated: id, channel, kind, attempts, age, error.

    Stuck is what a worker took and did not settle in time: another one takes it up at its next look.
    """
    with working() as work:
        click.echo("id\tchannel\tkind\tattempts\tage\terror")
        for row in listed(work.connection, None if status == _STUCK else Status(status), limit):
            since = age(work.now - row.created_at)
            click.echo(f"{row.id}\t{row.channel}\t{row.kind}\t{row.attempts}\t{since}\t{row.error}")


@outbox.command()
@click.argument("message_id", metavar="ID", type=click.UUID)
def show(message_id: UUID) -> None:
    """What one message went through, tab-separated: time in Vietnam, status, whose word, attempts, error."""
    with working() as work:
        row = made(work.connection, message_id)
        if row is None:
            raise click.ClickException(f"no message {message_id}")
        click.echo(
            f"{message_id}\t{row.channel}\t{row.kind}\tmade {_told(row.created_at)}, good until {_told(row.expires_at)}"
        )
        for step in steps(work.connection, message_id):
            click.echo(f"{_told(step.at)}\t{step.status}\t{_WHOSE[step.source]}\t{step.attempts}\t{step.error}")


def _told(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%Y-%m-%d %H:%M:%S}"


@outbox.command("retry")
@click.argument("ids", metavar="[ID]...", nargs=-1, type=click.UUID)
@click.option("--failed", is_flag=True, help="All that failed and are not too late.")
def retry_messages(ids: tuple[UUID, ...], failed: bool) -> None:
    """Put failed or unknown messages in line again. What is too late, delivered or withdrawn is left alone.

    An unknown message may have arrived: it is sent again only when named by its id.
    """
    if bool(ids) == failed:
        raise click.UsageError("give ids, or --failed")
    with working() as work:
        count = retry(work.connection, work.now, None if failed else ids)
    click.echo(f"{count} due now")


@contextmanager
def working() -> Iterator[Work]:
    """Work in the database that the environment names."""
    settings = load(os.environ)
    with opened(settings, "khaibao outbox") as engine:
        now = Clock(engine, demo=settings.demo).now()
        with engine.begin() as connection:
            yield Work(connection, now, settings)


def age(span: timedelta) -> str:
    """As 3d 4h, 2h 5m, 45m or 10s."""
    minutes, seconds = divmod(max(0, int(span.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d {hours}h"
    if hours:
        return f"{hours}h {minutes}m"
    return f"{minutes}m" if minutes else f"{seconds}s"
