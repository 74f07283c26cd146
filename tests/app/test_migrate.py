"""`migrate`: whose database it is, and the health units in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, func, inspect, select, text, update

from app.backup import _writable
from app.cli import main
from app.errors import DatabaseUnreachable, OtherInstallation
from app.migrate import migrate, store_units
from app.run import _prepare
from app.settings import Settings
from core.database.engine import _open, make_engine
from core.database.shared import installation, units
from core.migrations.run import _alone
from core.places import admin
from core.places.units import units as all_units
from tests.conftest import CELL


@pytest.fixture
def empty(empty_database: str) -> Iterator[Engine]:
    engine = make_engine(empty_database, CELL)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("demo", [True, False])
def test_it_makes_an_empty_database_ours_and_runs_again_without_a_change(
    empty: Engine, settings: Settings, demo: bool
) -> None:
    for _ in range(2):
        migrate(empty, replace(settings, demo=demo))

        with empty.connect() as connection:
            assert connection.execute(select(installation)).one()._tuple() == (1, demo, 0)
            assert connection.scalar(select(func.count()).select_from(units)) == 1 + 34 + 3321


def by_command(_settings: Settings, environ: dict[str, str]) -> None:
    result = CliRunner(env=environ).invoke(main, ["migrate"])
    assert result.exit_code == 0, result.exception


def by_run(settings: Settings, _environ: dict[str, str]) -> None:
    _prepare(settings)


def by_restore(settings: Settings, _environ: dict[str, str]) -> None:
    given = make_engine(settings.database_url, CELL)
    engine = _writable(given, settings)
    try:
        migrate(engine, settings)
    finally:
        engine.dispose()


@pytest.mark.parametrize("way", [by_command, by_run, by_restore])
def test_it_waits_longer_than_anybody_else_does(
    engine: Engine,
    settings: Settings,
    environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    way: Callable[[Settings, dict[str, str]], None],
) -> None:
    begun, open_ = Event(), _open

    def holds() -> None:
        with _alone(engine, CELL) as connection:
            begun.set()
            connection.execute(text("SELECT pg_sleep(1)"))

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(holds)
        assert begun.wait(10)
        hasty = lambda patience, args, options: open_(patience and 0.3, args, options)  # noqa: E731
        monkeypatch.setattr("core.database.engine._open", hasty)
        way(replace(settings, demo=way is not by_run), environ)
        held.result(10)


def test_a_demo_refuses_a_real_installation(empty: Engine, settings: Settings) -> None:
    migrate(empty, replace(settings, demo=False))

    with pytest.raises(OtherInstallation, match="DEMO: this database holds a real installation"):
        migrate(empty, settings)


def test_a_real_installation_refuses_a_demos_database(empty: Engine, settings: Settings) -> None:
    migrate(empty, settings)

    with pytest.raises(OtherInstallation, match="DATABASE_URL: this database was made by a demo"):
        migrate(empty, replace(settings, demo=False))


def test_a_demo_refuses_somebody_elses_tables_and_adds_none(empty: Engine, settings: Settings) -> None:
    with empty.begin() as connection:
        connection.execute(text("CREATE TABLE salaries ()"))

    with pytest.raises(OtherInstallation, match="somebody's tables"):
        migrate(empty, settings)

    with empty.connect() as connection:
        assert "shared" not in inspect(connection).get_schema_names()


def test_a_database_that_does_not_answer_is_named(settings: Settings) -> None:
    away = make_engine("postgresql://nurse:hidden-word@/khaibao?host=/nowhere", CELL)

    with pytest.raises(DatabaseUnreachable, match="DATABASE_URL: the database does not answer: ") as raised:
        migrate(away, settings)

    assert "hidden-word" not in str(raised.value)


def test_units_hang_together_and_are_sorted_in_vietnamese(engine: Engine) -> None:
    with engine.begin() as connection:
        store_units(connection, all_units(admin.load()))
        station = connection.execute(select(units).where(units.c.province == "15").limit(1)).one()
        roots = connection.scalars(select(units.c.code).where(units.c.parent.is_(None))).all()

    assert (station.parent, station.type, station.level) == ("CDC15", "commune_station", 3) or station.code == "CDC15"
    assert roots == ["BYT"]


def test_a_units_own_phone_stays_and_its_name_follows_the_list(engine: Engine) -> None:
    with engine.begin() as connection:
        store_units(connection, all_units(admin.load()))
        connection.execute(update(units).where(units.c.code == "CDC15").values(phone="0900000001", name="Tên cũ"))

        store_units(connection, all_units(admin.load()))

        kept = connection.execute(select(units.c.phone, units.c.name).where(units.c.code == "CDC15")).one()
    assert kept.phone == "0900000001"
    assert kept.name.startswith("Trung tâm Kiểm soát bệnh tật")
