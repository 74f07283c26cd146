"""A migrated database is what `core.database` says, however often and from wherever it is migrated."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData, inspect, text

from core.database import cell as whole
from core.database import shared
from core.database.engine import make_engine
from core.migrations.run import downgrade, downgrade_shared, upgrade

CELL = "cell_of_another_name"


@pytest.fixture
def empty(empty_database: str) -> Iterator[Engine]:
    engine = make_engine(empty_database, CELL)
    yield engine
    engine.dispose()


def differences(connection: Connection, metadata: MetaData, schema: str) -> list[object]:
    """What alembic would change. The metadata's token is renamed first, since it compares real names."""
    named = MetaData(schema=schema, naming_convention=metadata.naming_convention)
    for table in metadata.tables.values():
        table.to_metadata(named, schema=schema)
    options = {
        "include_schemas": True,
        "include_name": lambda name, kind, _parents: kind != "schema" or name == schema,
        "include_object": lambda _object, name, kind, *_: not (kind == "table" and name == "alembic_version"),
        "compare_server_default": True,
    }
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), named))


def settings_of(connection: Connection, name: str) -> list[str] | None:
    found = connection.execute(text("SELECT reloptions FROM pg_class WHERE oid = to_regclass(:name)"), {"name": name})
    options: list[str] | None = found.scalar_one()
    return options


def definitions(connection: Connection, schema: str) -> set[str]:
    """What PostgreSQL says of each index and constraint, in words that do not name the schema."""
    found = connection.scalars(
        text(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = :schema AND tablename <> 'alembic_version' "
            "UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) "
            "FROM pg_constraint WHERE connamespace = CAST(:schema AS regnamespace) "
            "AND conname NOT LIKE 'alembic%'"
        ),
        {"schema": schema},
    )
    return {definition.replace(f"{schema}.", "") for definition in found}


@pytest.mark.parametrize(("metadata", "schema"), [(shared.shared, "shared"), (whole.cell, CELL)])
def test_the_migrated_database_equals_the_metadata(empty: Engine, metadata: MetaData, schema: str) -> None:
    upgrade(empty, CELL)

    with empty.connect() as connection:
        assert differences(connection, metadata, schema) == []
        assert inspect(connection).get_table_names(schema) != []


def test_the_comparison_notices_a_missing_column_and_a_missing_index(empty: Engine) -> None:
    upgrade(empty, CELL)

    with empty.connect() as connection:
        connection.execute(text(f"ALTER TABLE {CELL}.contacts DROP COLUMN seen_at"))
        connection.execute(text(f"DROP INDEX {CELL}.records_code_idx"))

        assert len(differences(connection, whole.cell, CELL)) == 2


@pytest.mark.parametrize(("metadata", "schema"), [(shared.shared, "shared"), (whole.cell, CELL)])
def test_indexes_and_constraints_are_those_that_the_metadata_would_make(
    empty: Engine, metadata: MetaData, schema: str
) -> None:
    """alembic compares neither check constraints nor the conditions of partial indexes."""
    upgrade(empty, CELL)
    by_metadata = {"shared": "by_metadata", "cell": "by_metadata"}

    with empty.connect().execution_options(schema_translate_map=by_metadata) as connection, connection.begin():
        connection.execute(text("CREATE SCHEMA by_metadata"))
        metadata.create_all(connection)
        assert definitions(connection, schema) == definitions(connection, "by_metadata")


def test_a_second_upgrade_changes_nothing(empty: Engine) -> None:
    upgrade(empty, CELL)
    with empty.begin() as connection:
        before = connection.scalar(text("SELECT max(oid) FROM pg_class"))

    upgrade(empty, CELL)

    with empty.begin() as connection:
        assert connection.scalar(text("SELECT max(oid) FROM pg_class")) == before


def test_two_starts_at_once_migrate_once(empty: Engine) -> None:
    with ThreadPoolExecutor(2) as pool:
        for start in [pool.submit(upgrade, empty, CELL) for _ in range(2)]:
            start.result()

    with empty.connect() as connection:
        assert connection.scalar(text(f"SELECT count(*) FROM {CELL}.alembic_version")) == 1


def test_a_failing_migration_leaves_the_database_as_it_was(empty: Engine) -> None:
    with empty.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {CELL}"))
        connection.execute(text(f"CREATE TABLE {CELL}.outbox ()"))

    with pytest.raises(Exception, match="outbox"):
        upgrade(empty, CELL)

    with empty.connect() as connection:
        assert inspect(connection).get_table_names("shared") == []


def test_down_to_base_and_up_again(empty: Engine) -> None:
    upgrade(empty, CELL)
    downgrade(empty, CELL)
    with empty.connect() as connection:
        assert CELL not in inspect(connection).get_schema_names()
        assert inspect(connection).get_table_names("shared") != []

    downgrade_shared(empty, CELL)
    with empty.connect() as connection:
        assert set(inspect(connection).get_schema_names()) == {"information_schema", "public"}

    upgrade(empty, CELL)


def test_each_revision_of_a_cell_can_be_taken_back(empty: Engine) -> None:
    upgrade(empty, CELL)
    downgrade(empty, CELL, "-1")
    upgrade(empty, CELL)

    with empty.connect() as connection:
        assert differences(connection, whole.cell, CELL) == []


def test_while_an_index_waits_and_is_built_people_are_answered(empty: Engine) -> None:
    upgrade(empty, CELL)
    downgrade(empty, CELL, "0003")
    asked = text("SELECT EXISTS (SELECT FROM pg_locks WHERE relation = CAST(:name AS regclass) AND NOT granted)")
    with ThreadPoolExecutor(1) as pool, empty.connect() as writer, empty.connect() as person:
        writer.execute(text(f"LOCK TABLE {CELL}.forwards IN ROW EXCLUSIVE MODE"))
        done = pool.submit(upgrade, empty, CELL)
        while not done.done() and not writer.scalar(asked, {"name": f"{CELL}.forwards"}):
            pass
        try:
            for table in ("contacts", "addresses", "outbox"):
                person.execute(text(f"LOCK TABLE {CELL}.{table} IN ROW EXCLUSIVE MODE NOWAIT"))
        finally:
            person.rollback()
            writer.rollback()
        done.result()


def test_a_second_cell_stands_beside_the_first(empty: Engine) -> None:
    upgrade(empty, CELL)
    upgrade(empty, "cell_second")
    downgrade(empty, CELL)

    with empty.connect() as connection:
        assert differences(connection, whole.cell, "cell_second") == []


def test_contacts_leave_room_on_their_pages_and_receipts_come_by_the_thousand(empty: Engine) -> None:
    upgrade(empty, CELL)

    with empty.begin() as connection:
        assert settings_of(connection, f"{CELL}.contacts") == ["fillfactor=70"]
        numbers = [connection.scalar(text(f"SELECT nextval('{CELL}.receipt_numbers')")) for _ in range(2)]
    assert numbers == [1, 1001]
