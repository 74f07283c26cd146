"""`khaibao backup`, `khaibao restore`: everything into one encrypted file, and out of it. docs/runbook.md says when."""

from __future__ import annotations

import os
from pathlib import Path

import click

from app import backup as files
from app.database import opened
from app.metrics.process import begin
from app.settings import load
from core.metrics import BACKUP


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write the whole database into FILE, encrypted with DATA_KEY, while everything goes on.

    Without DATA_KEY nobody reads it again: keep that elsewhere. What the spool in VAR_DIR holds is not in it.
    """
    settings = load(os.environ)
    begin(settings.var_dir)
    with opened(settings, "khaibao backup") as engine:
        size = files.backup(engine, settings, file.absolute())
    BACKUP.labels("database").set_to_current_time()
    click.echo(f"{size} bytes in {file}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only read FILE: is it whole, and does DATA_KEY open it?")
@click.option(
    "--stood-still",
    is_flag=True,
    help="Nothing ran between the backup and now, as in a move to another machine: all that waits is sent.",
)
def restore(file: Path, check: bool, stood_still: bool) -> None:
    """Fill an empty database from FILE. Start nothing else before this has ended.

    The whole file is verified first. What waited to be sent when the backup was made was most likely sent since:
    warnings and open questions are sent again, everything else is left `unknown`.
    """
    settings = load(os.environ)
    if check:
        manifest = files.verify(file, settings)
        click.echo(f"whole; made {manifest.made_at:%Y-%m-%d %H:%M} UTC, {manifest.cell}, PostgreSQL {manifest.server}")
        return
    with opened(settings, "khaibao restore") as engine:
        found = files.restore(engine, settings, file, stood_still=stood_still)
    click.echo(f"restored as of {found.made_at:%Y-%m-%d %H:%M} UTC; what came in since is lost, but for the spool")
    click.echo(f"{found.again} messages to people will be sent")
    click.echo(f"{found.unknown} were perhaps sent since and are not sent again: khaibao outbox list --status unknown")
    click.echo(f"{found.forwards} records go to units again under their old ids; {found.inbox} messages are read again")
    click.echo("everybody signs in again; staff locked and STOPs said since the backup are to be repeated by hand")
