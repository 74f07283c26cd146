"""An update of the program while people are followed and alerts are open: nobody hears of it, and nothing stops it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, text

from core.database import cell as whole
from core.database.engine import make_engine
from core.migrations.run import downgrade, upgrade
from tests.core.migrations.test_migrations import CELL, definitions, differences

BEFORE = "0009"
_PERSON = (
    "INSERT INTO {0}.persons (id, full_name, folded_name, unit_code, created_at) VALUES (:id, 'A', 'a', 'T', now())"
)
_FOLLOW_UP = (
    'INSERT INTO {0}.follow_ups (id, person_id, unit_code, "group", place, start_on, end_on, hours, '
    "status) VALUES (:id, :id, 'T', 'F1', 'home', current_date + :begins, current_date + 9, '{{8,16}}', :status)"
)
_ALERT = (
    "INSERT INTO {0}.alerts (id, code, kind, unit_code, signs, inbound_id, status, raise_at) "
    "VALUES (:id, :code, 'danger', 'T', '{{}}', :id, :status, now())"
)
_NOTICE = "INSERT INTO {0}.alert_notices (alert_id, duty_id, tier, at) VALUES (:id, :id, 0, now())"
_CHECK = (
    "INSERT INTO {0}.presence_checks (id, person_id, follow_up_id, kind, asked_at, expires_at) "
    "VALUES (:id, :id, :id, 'call_back', now(), now())"
)


@pytest.fixture
def old(empty_database: str) -> Iterator[Engine]:
    engine = make_engine(empty_database, CELL)
    upgrade(engine, CELL, BEFORE)
    yield engine
    engine.dispose()


def put(connection: Connection, *statements: str, **values: object) -> UUID:
    made = uuid4()
    for statement in statements:
        wanted = text(statement.format(CELL))
        connection.execute(wanted, {"id": made} | {k: v for k, v in values.items() if f":{k}" in statement})
    return made


def follows(connection: Connection, status: str, begins: int) -> UUID:
    return put(connection, _PERSON, _FOLLOW_UP, status=status, begins=begins)


def test_nobody_is_welcomed_and_codes_that_came_twice_do_not_stop_it(old: Engine) -> None:
    with old.begin() as connection:
        since = follows(connection, "under_follow_up", -5)
        later = follows(connection, "under_follow_up", 3)
        waits = follows(connection, "to_verify", -1)
        put(connection, _CHECK.replace(":id, :id, :id", f":id, '{since}', '{since}'"))
        for status in ("closed", "closed", "open"):
            coded = put(connection, _ALERT, _NOTICE, code="4127", status=status)
        fresh = put(connection, _ALERT, code="", status="open")

    for again in (False, True):
        if again:
            downgrade(old, CELL, BEFORE)
        upgrade(old, CELL)

    with old.connect() as connection:
        rows = connection.execute(text(f"SELECT * FROM {CELL}.follow_ups")).all()
        assert {row.id for row in rows if row.welcomed_at} == {since}
        assert {row.id for row in rows if row.opened_at} == {since, later, waits}
        alerts = connection.execute(text(f"SELECT * FROM {CELL}.alerts WHERE status = 'open'")).all()
        assert {(row.id, row.code, row.told) for row in alerts} == {(coded, "4127", 1), (fresh, "", 0)}
        assert connection.scalar(text(f"SELECT count(*) FROM {CELL}.alerts WHERE code <> ''")) == 1
        assert connection.scalar(text(f"SELECT count(*) FROM {CELL}.presence_checks WHERE told_at IS NULL")) == 0


def test_the_database_is_then_what_the_tables_say(old: Engine) -> None:
    upgrade(old, CELL)
    names = {"shared": "by_metadata", "cell": "by_metadata"}

    with old.connect().execution_options(schema_translate_map=names) as connection, connection.begin():
        assert differences(connection, whole.cell, CELL) == []
        connection.execute(text("CREATE SCHEMA by_metadata"))
        whole.cell.create_all(connection)
        assert definitions(connection, CELL) == definitions(connection, "by_metadata")
