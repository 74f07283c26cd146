"""`khaibao inbox`: messages from people that could not be read, and reading them again. No address and no word is
shown."""

from __future__ import annotations

from uuid import UUID

import click

from app.cli_outbox import age, working
from core.messaging.unread import listed, retry


@click.group()
def inbox() -> None:
    """List and retry messages from people that could not be read."""


@inbox.command("list")
@click.option("--limit", type=click.IntRange(1), default=1000, show_default=True)
def list_messages(limit: int) -> None:
    """Messages that failed, oldest first, tab-separated: id, channel, attempts, age, error."""
    with working() as work:
        click.echo("id\tchannel\tattempts\tage\terror")
        for row in listed(work.connection, limit):
            click.echo(f"{row.id}\t{row.channel}\t{row.attempts}\t{age(work.now - row.received_at)}\t{row.error}")


@inbox.command("retry")
@click.argument("ids", metavar="[ID]...", nargs=-1, type=click.UUID)
@click.option("--failed", is_flag=True, help="All that failed.")
def retry_messages(ids: tuple[UUID, ...], failed: bool) -> None:
    """Have failed messages read again. Where a question of ours is open, a message is left alone: it would be taken
    for the answer.
    """
    if bool(ids) == failed:
        raise click.UsageError("give ids, or --failed")
    with working() as work:
        count = retry(work.connection, work.now, None if failed else ids)
    click.echo(f"{count} due now")
