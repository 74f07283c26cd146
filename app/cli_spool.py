"""`khaibao spool`: what this host keeps while the database is away. No address and no word is shown."""

from __future__ import annotations

import os
from datetime import timedelta
from functools import cache

import click

from app import wiring
from app.cli_outbox import age
from app.database import opened
from app.ports import ports
from app.ports import spool as spool_of
from app.settings import load
from core.clock import Clock
from core.messaging.spool import Spool
from core.pipeline.ingress import Ingress


@click.group()
def spool() -> None:
    """What this host keeps while the database is away: list it, hand it in."""


@spool.command("list")
def list_entries() -> None:
    """How much waits; then what was set aside, oldest first, tab-separated: id, why."""
    kept = _spool()
    size = kept.size()
    click.echo(
        f"{size.entries} waiting, {size.bytes / 1e6:.1f} MB, the oldest for {age(timedelta(seconds=size.oldest))}"
    )
    for entry, why in kept.aside():
        click.echo(f"{entry.id}\t{why}")


@spool.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "whole", is_flag=True, help="All that was set aside.")
def retry(ids: tuple[str, ...], whole: bool) -> None:
    """Have entries that were set aside handed in again; this host's web does it, or `khaibao spool drain`."""
    if bool(ids) == whole:
        raise click.UsageError("give ids, or --all")
    kept = _spool()
    found = [(entry, why) for entry, why in kept.aside() if whole or entry.id in ids]
    for entry, why in found:
        kept.take_back(entry, why)
    click.echo(f"{len(found)} waiting again")


@spool.command()
def drain() -> None:
    """Hand in what waits, on a host whose web does not run any more."""
    settings = load(os.environ)
    kept = spool_of(settings)
    with opened(settings, "khaibao spool") as engine:
        clock = Clock(engine, demo=settings.demo)
        given = ports(engine, clock.now, cache(lambda: wiring.services(settings, engine, clock)))
        count = Ingress(engine, given, kept).drain()
    click.echo(f"{count} handed in, {kept.size().entries} waiting")


def _spool() -> Spool:
    return spool_of(load(os.environ))
