"""What channels are given in this installation: where they hand in what they received, and what they send with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Blueprint
from sqlalchemy import Engine

from app.channels import plug_of
from app.errors import SpoolError
from app.settings import Settings
from core.messaging.beats import beat
from core.messaging.channel import InboundMessage, StatusReport
from core.messaging.notices import apply
from core.messaging.ports import Notice, Ports, Tools
from core.messaging.reports import report
from core.messaging.spool import Spool
from core.pipeline.receive import receive
from core.pipeline.services import Services as Pipeline
from core.secrets import SealedError, Vault

if TYPE_CHECKING:
    from app.web import Services


def spool(settings: Settings) -> Spool:
    """This host's spool. Raises SpoolError."""
    folder = settings.var_dir / "spool" / settings.cell  # a host may serve several
    try:
        return Spool(folder, Vault(settings.data_keys), settings.spool_limit)
    except OSError as error:
        raise SpoolError(f"VAR_DIR: cannot write in {folder} ({error.strerror}): give a folder of yours") from error
    except SealedError as error:
        raise SpoolError(
            f"DATA_KEY: {folder} was written under another key: put that one behind the new one"
        ) from error


def ports(engine: Engine, clock: Callable[[], datetime], pipeline: Callable[[], Pipeline]) -> Ports:
    """Ports into the database alone, for who asks providers: what fails is asked for again. `pipeline` is asked for at
    the first message: it reads the database.
    """

    def accept(messages: Sequence[InboundMessage]) -> None:
        receive(pipeline(), messages)

    def move_on(reports: Sequence[StatusReport]) -> Sequence[StatusReport]:
        with engine.begin() as connection:
            return report(connection, reports, clock())

    def change(notices: Sequence[Notice]) -> None:
        with engine.begin() as connection:
            apply(connection, notices, clock())

    def alive(channel: str) -> None:
        with engine.begin() as connection:
            beat(connection, channel)

    return Ports(accept, move_on, change, clock, alive)


def tools(settings: Settings, engine: Engine, clock: Callable[[], datetime]) -> Tools:
    """What senders may use in this process."""
    return Tools(engine, Vault(settings.data_keys), clock)


def webhooks(services: Services) -> Iterator[Blueprint]:
    """The routes of every channel that is on and whose provider calls us."""
    given = services.ingress.ports()
    for config in services.settings.channels:
        plug = plug_of(config)
        if not plug.paged:
            yield plug.blueprint(config, given)
