"""Which database a command works in: the given one, or our own, started for as long as it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from app.settings import Settings
from core.database.engine import PATIENCE, make_engine


@contextmanager
def provided(settings: Settings) -> Iterator[str]:
    """The URL of the database. Raises EmbeddedError."""
    if settings.database_url:
        yield settings.database_url
        return
    from app.embedded import embedded  # noqa: PLC0415 - not needed, and slow to load, when a database is given

    with embedded(settings.var_dir) as url:
        yield url


@contextmanager
def opened(settings: Settings, name: str = "khaibao", patience: float | None = PATIENCE) -> Iterator[Engine]:
    """An engine on it, for a command that reads or writes and ends."""
    with provided(settings) as url:
        engine = make_engine(url, settings.cell, pool_size=1, name=name, patience=patience)
        try:
            yield engine
        finally:
            engine.dispose()
