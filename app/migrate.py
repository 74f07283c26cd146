"""Make a database ours and bring it up to date: `khaibao migrate`, and the first step of `khaibao run`.

Safe to run at every start and by two starts at once. A crash between its steps is mended by the next run.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from app.errors import DatabaseUnreachable, OtherInstallation
from app.settings import Settings
from core.database import shared
from core.database.batch import BatchInsert, BatchUpdate
from core.migrations.run import upgrade
from core.pipeline.library import publish
from core.places.admin import load
from core.places.order import sort_key
from core.places.units import Level, Unit, units
from core.words import languages, load_words

_LEVELS = {Level.COUNTRY: 1, Level.PROVINCE: 2, Level.COMMUNE: 3}
_NAMED = ("data_version", "type", "name", "short_name", "sort_key", "level", "parent", "province", "commune")
_INSERT = BatchInsert(shared.units, ["code", *_NAMED, "phone", "valid_from"])
_UPDATE = BatchUpdate(shared.units, "code", _NAMED)

Value = str | int | date | None


def migrate(engine: Engine, settings: Settings) -> None:
    """Raises OtherInstallation, having changed nothing, and DatabaseUnreachable."""
    try:
        with engine.begin() as connection:
            _refuse_other(connection, settings.demo)
    except OperationalError as error:
        reason = str(error.orig).splitlines()[0]
        raise DatabaseUnreachable(f"DATABASE_URL: the database does not answer: {reason}") from error
    upgrade(engine, settings.cell)
    with engine.begin() as connection:
        _claim(connection, settings.demo)
        store_units(connection, units(load()))
        publish(connection, [load_words(language) for language in languages()])


def store_units(connection: Connection, given: Iterable[Unit]) -> None:
    """Add new units and rename changed ones. A unit's phone is its own: what was entered later stays."""
    rows = {unit.code: _row(unit) for unit in given}
    columns = [shared.units.c[name] for name in ("code", *_NAMED)]
    stored = {row["code"]: dict(row) for row in connection.execute(select(*columns)).mappings()}
    _INSERT.run(connection, [row for code, row in rows.items() if code not in stored])
    _UPDATE.run(connection, [rows[code] for code, old in stored.items() if code in rows and _differs(rows[code], old)])


def _row(unit: Unit) -> dict[str, Value]:
    return {
        "code": unit.code,
        "data_version": unit.data_version,
        "type": unit.type,
        "name": unit.name,
        "short_name": unit.short_name,
        "sort_key": sort_key(unit.short_name),
        "level": _LEVELS[unit.level],
        "parent": unit.parent or None,
        "province": unit.province or None,
        "commune": unit.commune or None,
        "phone": unit.phone,
        "valid_from": unit.valid_from,
    }


def _differs(row: dict[str, Value], old: dict[str, Value]) -> bool:
    return any(row[name] != value for name, value in old.items())


def _refuse_other(connection: Connection, demo: bool) -> None:
    if connection.scalar(text("SELECT to_regclass('shared.installation')")) is None:
        if demo and _holds_tables(connection):
            raise OtherInstallation("DEMO: this database holds somebody's tables: give the demo an empty one")
        return
    _check(connection.scalar(select(shared.installation.c.demo)), demo)


def _holds_tables(connection: Connection) -> bool:
    found = connection.scalar(
        text("SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema'))")
    )
    return bool(found)


def _claim(connection: Connection, demo: bool) -> None:
    row = insert(shared.installation).values(id=1, demo=demo)
    connection.execute(row.on_conflict_do_nothing())
    _check(connection.scalar(select(shared.installation.c.demo)), demo)


def _check(held: bool | None, demo: bool) -> None:
    if held is None or held == demo:
        return
    if demo:
        raise OtherInstallation("DEMO: this database holds a real installation: unset DEMO or give another one")
    raise OtherInstallation("DATABASE_URL: this database was made by a demo: set DEMO=1 or give another one")
