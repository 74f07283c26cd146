"""`khaibao`: starts the processes and holds the operator's commands. Nothing is imported before it is needed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING

import click

from app.errors import StartError

if TYPE_CHECKING:
    from app.settings import Settings

_ELSEWHERE = {
    "android": ("app.cli_android:android", "Set up a commune's own phone."),
    "areas": ("app.cli_areas:areas", "Follow all who live in a commune or a hamlet, by one decision."),
    "backup": ("app.cli_backup:backup", "Write the whole database into one encrypted file."),
    "budget": ("app.cli_budget:budget", "What messages to a unit's people may cost a day."),
    "channels": ("app.cli_channels:channels", "List the channels and check whether each works."),
    "duty": ("app.cli_duty:duty", "Say which phones are told of a unit's alerts by text."),
    "export": ("app.cli_export:export", "Write declarations, check-ins, messages or forwards to a file."),
    "facilities": ("app.cli_facilities:facilities", "Make, list and close the places where people are quarantined."),
    "follow-ups": ("app.cli_follow_ups:follow_ups", "Take in lists of people to be followed."),
    "forms": ("app.cli_forms:forms", "Check the forms and show one as a tree."),
    "forwarding": ("app.cli_forwarding:forwarding", "List, retry and preview what goes to health units."),
    "gates": ("app.cli_gates:gates", "Open, close and list the gates where people who enter the country declare."),
    "inbox": ("app.cli_inbox:inbox", "List and retry messages from people that could not be read."),
    "kannel": ("app.cli_kannel:kannel", "Print kannel.conf for this installation."),
    "lists": ("app.cli_lists:lists", "Who of a unit is to be called, tried or looked at: the line lists."),
    "organisations": (
        "app.cli_organisations:organisations",
        "Schools, offices, teams and unions whose members declare.",
    ),
    "outbox": ("app.cli_outbox:outbox", "List and retry messages to people."),
    "play": ("app.cli_play:play", "Play a FILE.chat through the whole pipeline."),
    "presence": ("app.cli_presence:presence", "Where people may be asked for a sign of being at home. Off at first."),
    "progress": ("app.cli_progress:progress", "How many have declared in a unit: totals, no names."),
    "targets": ("app.cli_targets:targets", "How many are to have declared until when."),
    "restore": ("app.cli_backup:restore", "Fill an empty database from a backup."),
    "spool": ("app.cli_spool:spool", "What this host keeps while the database is away: list it, hand it in."),
    "telegram": ("app.cli_telegram:telegram", "Set up the Telegram bot."),
    "venues": ("app.cli_venues:venues", "Make, list and close the places where people check in by text."),
    "volunteers": ("app.cli_volunteers:volunteers", "List volunteers, let them help, give them households."),
    "zalo-bot": ("app.cli_zalo_bot:zalo_bot", "Set up the bot of Zalo's bot platform."),
    "staff": ("app.cli_staff:staff", "Make, list, lock and unlock the accounts of health units' staff."),
}
"""Commands that live in files of their own: where, and their line in `--help`."""


class LazyGroup(click.Group):
    """Loads a command of `_ELSEWHERE` when it is called, so that `--help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, _, name = _ELSEWHERE[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        here = {name: command.get_short_help_str(100) for name, command in self.commands.items()}
        rows = here | {name: line for name, (_, line) in _ELSEWHERE.items()}
        with formatter.section("Commands"):
            formatter.write_dl(sorted(rows.items()))

    def invoke(self, ctx: click.Context) -> object:
        """What stops a start is told in a line each, exit code 2. A fault of ours keeps its traceback."""
        try:
            return super().invoke(ctx)
        except StartError as error:
            for line in str(error).splitlines():
                click.echo(f"khaibao: {line}", err=True)
            sys.exit(2)


@click.group(cls=LazyGroup)
def main() -> None:
    """Health declarations and daily check-ins by SMS and chat.

    Settings come from the environment; README.md lists them.
    """


@main.command()
def run() -> None:
    """Start everything: database if none is given, migrations, web, worker and clock."""
    from app.run import run as run_all

    sys.exit(run_all(_settings("run")))


@main.command()
def web() -> None:
    """Answer webhooks and pages."""
    from app.gunicorn import serve

    with _with_database("web") as settings:
        serve(settings)


@main.command()
def worker() -> None:
    """Send messages and forward records."""
    _process("worker")


@main.command()
def clock() -> None:
    """Do what is due. A second one stands by."""
    _process("clock")


@main.command()
def migrate() -> None:
    """Bring the database up to date."""
    from app.database import opened
    from app.migrate import migrate as bring_up

    settings = _settings("migrate")
    with opened(settings, "khaibao migrate", patience=None) as engine:
        bring_up(engine, settings)


@main.command()
@click.argument("kind")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day by which ages and dates are read.")
def understand(kind: str, today: datetime | None) -> None:
    """Read replies from stdin, one a line; write what was understood, a JSON object a line."""
    from app.understand import read_lines
    from core.clock import VIETNAM
    from core.conversation.parsers.understand import KINDS

    if kind not in KINDS:
        raise click.BadParameter(f"no kind {kind!r}: there are {', '.join(KINDS)}", param_hint="KIND")
    day = (today or datetime.now(VIETNAM)).date()
    read_lines(kind, day, sys.stdin.buffer, sys.stdout.buffer)


def _process(name: str) -> None:
    from app.metrics.process import begin
    from app.metrics.serve import start

    with _with_database(name) as settings:
        begin(settings.var_dir)
        start(settings)
        import_module(f"app.{name}").main(settings)


@contextmanager
def _with_database(process: str) -> Iterator[Settings]:
    from app.database import provided

    settings = _settings(process)
    with provided(settings) as url:
        yield replace(settings, database_url=url)


def _settings(process: str) -> Settings:
    from app.logs import setup
    from app.settings import load

    settings = load(os.environ)
    setup(settings, process)
    return settings


if __name__ == "__main__":
    main()
