"""`khaibao forwarding`: what goes to health units, where it goes, and what did not arrive."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import click
import orjson
from sqlalchemy import Connection

from app.cli_export import Moment
from app.database import opened
from app.settings import Settings, load
from core.clock import VIETNAM, Clock
from core.forwarding import destinations, payload, replay
from core.forwarding.destinations import DestinationError
from core.places.tree import subtree
from core.secrets import Vault


@dataclass(frozen=True, slots=True)
class Work:
    """What a command works with: one transaction, and domain time."""

    settings: Settings
    connection: Connection
    now: datetime


@click.group()
def forwarding() -> None:
    """List, retry and preview what goes to health units."""


@forwarding.command("list")
@click.option("--status", type=click.Choice(["dead", "pending"]), default="dead", show_default=True)
@click.option("--limit", type=click.IntRange(1), default=1000, show_default=True)
def list_undelivered(status: str, limit: int) -> None:
    """Deliveries that were given up or still wait, oldest first, tab-separated."""
    with _working() as work:
        urls = {d.id: d.url for d in destinations.load(work.connection)}
        click.echo("id\tunit\trecord\tattempts\terror\tqueued\tdue\tdestination")
        for row in replay.undelivered(work.connection, status, limit):
            times = f"{_time(row.created_at)}\t{_time(row.due_at)}"
            url = urls.get(row.destination_id, "")
            click.echo(f"{row.id}\t{row.unit_code}\t{row.record_id}\t{row.attempts}\t{row.error}\t{times}\t{url}")


@forwarding.command()
@click.argument("ids", metavar="[ID]...", nargs=-1, type=click.UUID)
@click.option("--unit", metavar="CODE", help="All dead letters of this unit's records and of all units below.")
@click.option("--since", type=Moment(), help="With --unit: only those queued from here on.")
def retry(ids: tuple[UUID, ...], unit: str | None, since: datetime | None) -> None:
    """Send again, under the same ids, what was given up. What has arrived is left alone."""
    if bool(ids) == bool(unit) or (since and not unit):
        raise click.UsageError("give ids, or --unit and perhaps --since")
    with _working() as work:
        if unit:
            codes = subtree(unit, destinations.load_parents(work.connection))
            count = replay.retry_units(work.connection, codes, since, work.now)
        else:
            count = replay.retry(work.connection, ids, work.now)
    click.echo(f"{count} due now")


@forwarding.command()
@click.argument("record")
@click.option("--as", "form", type=click.Choice(["webhook", "json"]), default="webhook", show_default=True)
def preview(record: str, form: str) -> None:
    """Print the body that units get of RECORD, an id or a receipt's code: as sent, or indented (json)."""
    with _working() as work:
        body = payload.preview(work.connection, record)
    if body is None:
        raise click.ClickException("no such record")
    if form == "json":
        body = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2)
    click.echo(body.decode())


@forwarding.group()
def destination() -> None:
    """Where a unit's records go."""


@destination.command()
@click.argument("unit")
@click.argument("url")
def add(unit: str, url: str) -> None:
    """Send the records of UNIT, and of all units below it, to URL; print the signing secret, this once."""
    with _working() as work:
        made, secret = destinations.register(work.connection, Vault(work.settings.data_keys), unit, url)
    click.echo(f"{made}\n{secret}")


@destination.command("list")
def list_destinations() -> None:
    """All destinations, tab-separated."""
    with _working() as work:
        for held in destinations.load(work.connection):
            paused = f"paused {_time(held.paused_at)}" if held.paused_at else "on"
            rotating = "\ttwo secrets" if held.old_secret else ""
            click.echo(f"{held.id}\t{held.unit_code}\t{paused}\t{held.url}{rotating}")


@destination.command()
@click.argument("destination_id", metavar="ID", type=click.UUID)
@click.option("--end", is_flag=True, help="The receiver has the new secret: sign with it alone.")
def rotate(destination_id: UUID, end: bool) -> None:
    """Make and print a new secret; the one before signs beside it until --end."""
    with _working() as work:
        if end:
            destinations.end_rotation(work.connection, destination_id)
            return
        secret = destinations.rotate(work.connection, Vault(work.settings.data_keys), destination_id)
    click.echo(secret)


@destination.command()
@click.argument("destination_id", metavar="ID", type=click.UUID)
def resume(destination_id: UUID) -> None:
    """Deliver again to an endpoint that said it was gone (410)."""
    with _working() as work:
        destinations.resume(work.connection, destination_id)


@contextmanager
def _working() -> Iterator[Work]:
    """A transaction, committed unless something is wrong with the command."""
    settings = load(os.environ)
    with opened(settings, "khaibao forwarding") as engine:
        now = Clock(engine, demo=settings.demo).now()
        try:
            with engine.begin() as connection:
                yield Work(settings, connection, now)
        except DestinationError as error:
            raise click.ClickException(str(error)) from error


def _time(instant: datetime) -> str:
    return instant.astimezone(VIETNAM).isoformat(timespec="seconds")
