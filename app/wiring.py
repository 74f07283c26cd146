"""What a process works with, made once from the settings. The only place where all rooms meet."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Generic, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from app.channels import by_name
from app.settings import Settings
from core.care.receipt_code import ReceiptCodes
from core.clock import Clock
from core.conversation.form import Form, Library
from core.forwarding.destinations import load_by_unit
from core.people.directory import Directory
from core.pipeline import library as versions
from core.pipeline.services import Services
from core.places import admin, gates, tree
from core.places.answer import unit_reader
from core.words import languages, load_words

T = TypeVar("T")

_UNITS_KEPT = 60.0  # seconds
_DESTINATIONS_KEPT = 10.0
_GATES_KEPT = 30.0


class Kept(Generic[T]):
    """Something read from the database and kept for a while: shared tables that change a few times a day."""

    def __init__(self, engine: Engine, read: Callable[[Connection], T], seconds: float) -> None:
        self._engine = engine
        self._read = read
        self._seconds = seconds
        self._lock = threading.Lock()
        self._value: T | None = None
        self._until = 0.0

    def __call__(self) -> T:
        """The value, at most `seconds` old. What was read last serves on while the database is away."""
        value = self._value
        if value is not None and time.monotonic() < self._until:
            return value
        with self._lock:
            if self._value is None or time.monotonic() >= self._until:
                self._renew()
            assert self._value is not None  # noqa: S101 - `_renew` read it or raised
            return self._value

    def _renew(self) -> None:
        try:
            with self._engine.connect() as connection:
                self._value = self._read(connection)
        except OperationalError:
            if self._value is None:
                raise
        self._until = time.monotonic() + self._seconds


def with_gates(engine: Engine, library: Library, province: str) -> Kept[Library]:
    """The library with the gates as they are now, those of the province first."""
    return Kept(engine, lambda connection: replace(library, gates=gates.load(connection, province)), _GATES_KEPT)


def services(
    settings: Settings, engine: Engine, clock: Clock | None = None, forms: Collection[Form] | None = None
) -> Services:
    """The pipeline's services for this process. Reads places, words, and the forms: our own, if none are given."""
    channels = by_name(settings.channels)
    read_unit = unit_reader(admin.load(), settings.province)
    with engine.connect() as connection:
        library = versions.library(connection, read_unit, forms)
        words = {language: versions.words(connection, load_words(language)) for language in languages()}
    return Services(
        engine=engine,
        cell=settings.cell,
        province=settings.province,
        clock=clock or Clock(engine, demo=settings.demo),
        forms=with_gates(engine, library, settings.province),
        words=words,
        channels=channels,
        on={config.profile.name: config.profile for config in settings.channels},
        directory=Directory(engine, settings.cell, [name for name, c in channels.items() if c.profile.sms]),
        codes=ReceiptCodes(engine),
        units=Kept(engine, tree.load, _UNITS_KEPT),
        destinations=Kept(engine, load_by_unit, _DESTINATIONS_KEPT),
        unit_budget=settings.unit_budget,
    )
