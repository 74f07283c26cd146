"""`khaibao venues`: the places where people check in and out by text, and who may do it for others there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import click
from sqlalchemy import Connection

from app.database import opened
from app.logs import setup
from app.settings import load
from core.care.rules import in_force
from core.clock import VIETNAM, Clock
from core.conversation.messages import N_, Say
from core.conversation.wording import word
from core.places import venues as places
from core.places.venues import NewVenue, Venue, VenueKind
from core.words import languages, load_words
from sms.text import measure, unaccent

_POSTER = N_(
    "{venue}\nĐến: nhắn tin VAO {number}\nVề: nhắn tin RA {number}\nNhắn tin là đồng ý để trạm y tế giữ lượt đến này "
    "{kept} ngày, chỉ dùng để phòng dịch. Muốn xóa: nhắn DU LIEU."
)


@dataclass(frozen=True, slots=True)
class _Work:
    """One transaction, and domain time."""

    connection: Connection
    now: datetime


@click.group()
def venues() -> None:
    """Make, list and close the places where people check in and out by text, and name their guards."""


@venues.command()
@click.argument("name")
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in VenueKind]))
@click.option("--unit", required=True, help="Code of the health unit that looks after it, for example TYT02671.")
@click.option("--address", default="", help="Where it is.")
def add(name: str, kind: str, unit: str, address: str) -> None:
    """Give the place NAME a code, and print what its poster has to say: also what a text agrees to."""
    if measure(unaccent(name)).encoding != "GSM-7":
        raise click.ClickException("a name is sent by SMS: letters, digits and plain marks only")
    new = NewVenue(name.strip(), VenueKind(kind), unit, address.strip())
    with _working() as work:
        code = places.add(work.connection, new, work.now)
        kept = in_force(work.now.astimezone(VIETNAM).date()).visit_days
    click.echo(f"{code}: open")
    for language in languages():
        poster = Say(_POSTER, {"venue": new.name, "number": code, "kept": kept})
        click.echo(f"\n{word(poster, load_words(language))}")


@venues.command("list")
@click.option("--unit", help="Only those of the unit with this code.")
def list_all(unit: str | None) -> None:
    """Print code, kind, unit, name, state and number of guards, a place a line."""
    with _working() as work:
        for venue in places.listed(work.connection, unit):
            click.echo("\t".join(_columns(venue)))


@venues.command()
@click.argument("code")
def close(code: str) -> None:
    """Take nobody in at the place CODE any more. Nobody else gets its code."""
    with _working() as work:
        places.close(work.connection, code)
    click.echo(f"{code}: closed")


@venues.command()
@click.argument("code")
@click.argument("phone")
@click.option("--remove", is_flag=True, help="They are no guard there any more.")
def guard(code: str, phone: str, remove: bool) -> None:
    """Let PHONE check others in and out at the place CODE. It counts once they have confirmed it themselves."""
    with _working() as work:
        change = places.remove_guard if remove else places.add_guard
        change(work.connection, code, phone)
    click.echo(f"{code}: {'no guard any more' if remove else 'may check others in'}")


def _columns(venue: Venue) -> tuple[str, ...]:
    state = "open" if venue.active else "closed"
    return (venue.code, venue.kind, venue.unit_code, venue.name, state, str(len(venue.guards)))


@contextmanager
def _working() -> Iterator[_Work]:
    settings = load(os.environ)
    setup(settings, "venues")
    try:
        with opened(settings, "khaibao venues") as engine:
            now = Clock(engine, demo=settings.demo).now()
            with engine.begin() as connection:
                yield _Work(connection, now)
    except places.VenueError as error:
        raise click.ClickException(str(error)) from None
