"""`khaibao android`: setting up a commune's own phone."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from app.logs import setup as set_up_logs
from app.settings import Settings, load
from core.messaging.channel import SendError
from core.words import languages, load_words
from sms.android.client import opened
from sms.android.config import AndroidConfig
from sms.android.hooks import register
from sms.android.page import APPLICATION, page, terminal
from sms.android.receive import EVENTS

_PATIENCE = 15.0  # seconds
_STEPS = """
On the phone, once:
 1. Open {application} (the code above, and on the page for whoever keeps the phone), install the application.
 2. Allow it to send and receive SMS, and to run in the background; exempt it from battery saving.
 3. Switch on Cloud Server, press Offline until it says Online. Its first page has ANDROID_USER and ANDROID_PASSWORD.
 4. Settings, Webhooks, Signing Key: the same as ANDROID_SIGNING_KEY. Settings, Ping: 300 seconds.
 5. Keep it charged and online. Whatever comes to its SIM is read as written to the health station;
    with two SIMs name ours in ANDROID_SIM, so that the other one stays private.
"""


@click.group()
def android() -> None:
    """Set up a commune's own phone."""


@android.command()
@click.option("--page", "file", type=click.Path(dir_okay=False, path_type=Path), help="Where to write that page.")
@click.option("--language", default="vi", type=click.Choice(languages()), help="Language of that page.")
def setup(file: Path | None, language: str) -> None:
    """Print what to do on the phone, write a page with its QR code, and have the phone call us. Can be done again."""
    settings = load(os.environ)
    set_up_logs(settings, "android")
    config = _config(settings)
    click.echo(terminal())
    click.echo(_STEPS.format(application=APPLICATION).strip())
    file = file or settings.var_dir / "android.svg"
    _write(file, page(config.hook, load_words(language)))
    click.echo(f"\n{file}: the page for whoever keeps the phone")
    try:
        added = asyncio.run(_register(config))
    except SendError as error:
        told = f"the gateway does not take our address ({error.code}); do the steps above, then call this again"
        raise click.ClickException(told) from None
    click.echo(f"{config.hook}: the phone calls here for {', '.join(EVENTS)}")
    click.echo(f"added now: {', '.join(added)}" if added else "all were asked for before")


def _config(settings: Settings) -> AndroidConfig:
    config = settings.channel("android")
    if not isinstance(config, AndroidConfig):
        raise click.ClickException("ANDROID_SEND_URL is not set: see README.md for the ANDROID_ variables")
    if not config.hook:
        raise click.ClickException("PUBLIC_URL is not set: the phone has to know where to call")
    return config


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{file}: cannot be written ({error.strerror})") from None


async def _register(config: AndroidConfig) -> tuple[str, ...]:
    async with opened(config, _PATIENCE) as client:
        return await register(client, config.hook)
