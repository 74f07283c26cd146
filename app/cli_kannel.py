"""`khaibao kannel`: what Kannel has to know of this installation."""

from __future__ import annotations

import os
import secrets

import click

from app.logs import setup
from app.settings import load
from sms.kannel.conf import FILL_IN, Fake, Place, Smpp, conf
from sms.kannel.config import KannelConfig

_PORT = click.IntRange(1, 65535)


@click.group()
def kannel() -> None:
    """Set up Kannel, through which operators carry our SMS."""


@kannel.command()
@click.option("--smsc", type=click.Choice(["smpp", "fake"]), default="smpp", help="An operator, or fakesmsc.")
@click.option("--host", envvar="KANNEL_SMPP_HOST", default=FILL_IN, help="The operator's host.")
@click.option("--port", envvar="KANNEL_SMPP_PORT", type=_PORT, help="Its port; 2775, or 10000 for fakesmsc.")
@click.option("--system-id", envvar="KANNEL_SMPP_SYSTEM_ID", default=FILL_IN, help="Our name there.")
@click.option("--system-type", envvar="KANNEL_SMPP_SYSTEM_TYPE", default="", help="If the operator names one.")
@click.option("--per-second", envvar="KANNEL_SMPP_PER_SECOND", type=click.IntRange(1), help="Messages that it takes.")
@click.option("--tls", envvar="KANNEL_SMPP_TLS", is_flag=True, help="The operator's line is encrypted.")
@click.option("--folder", default="/var/log/kannel", show_default=True, help="For Kannel's queue and logs.")
@click.option("--box-port", type=_PORT, default=13001, show_default=True, help="Joins Kannel's two processes.")
@click.option("--allow", multiple=True, help="Address of a worker's machine, if Kannel runs on another.")
def config(  # noqa: PLR0913, PLR0917 - an option each
    smsc: str,
    host: str,
    port: int | None,
    system_id: str,
    system_type: str,
    per_second: int | None,
    tls: bool,
    folder: str,
    box_port: int,
    allow: tuple[str, ...],
) -> None:
    """Print kannel.conf. The operator's password comes from KANNEL_SMPP_PASSWORD alone: arguments are seen by all."""
    ours = _ours()
    password = os.environ.get("KANNEL_SMPP_PASSWORD", "") or FILL_IN
    operator = Smpp(host, port or 2775, system_id, password, system_type, per_second, tls)
    place = Place(folder.rstrip("/"), secrets.token_urlsafe(24), box_port, allow)
    try:
        click.echo(conf(ours, Fake(port or 10000) if smsc == "fake" else operator, place), nl=False)
    except ValueError as unfit:
        raise click.ClickException(f"{unfit}: holds a sign that kannel.conf cannot hold") from None


def _ours() -> KannelConfig:
    settings = load(os.environ)
    setup(settings, "kannel")
    found = settings.channel("kannel")
    if not isinstance(found, KannelConfig):
        raise click.ClickException(
            "the channel is off: set KANNEL_SEND_URL (http://127.0.0.1:13013/cgi-bin/sendsms), KANNEL_USER, "
            "KANNEL_PASSWORD, KANNEL_SECRET and KANNEL_FROM, then print this again"
        )
    return found
