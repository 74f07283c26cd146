"""Statements over whole batches: one INSERT or UPDATE from arrays, however many rows.

The SQL text does not depend on the number of rows, so it is compiled once and prepared by the server. A bare
loop of single-row statements reaches a tenth of this (see `make bench`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import ARRAY, Column, Connection, Table, Text, bindparam, cast, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.sql.dml import Insert, Update
from sqlalchemy.sql.selectable import TableValuedAlias

Row = Mapping[str, Any]


class Batch:
    """Rows of one table by fixed columns, as parameters of one statement.

    Array columns travel as text in PostgreSQL's array form and JSON columns as JSON text, since an array of
    arrays would be flattened by `unnest`.
    """

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        self.columns = tuple(table.c[name] for name in columns)
        self.data = self._unnest()

    def _unnest(self) -> TableValuedAlias:
        arrays = [bindparam(_bound(c), type_=ARRAY(self._wire(c))) for c in self.columns]
        names = [Column(c.name, self._wire(c)) for c in self.columns]
        return func.unnest(*arrays).table_valued(*names).render_derived(name="data")

    @staticmethod
    def _wire(column: Column[Any]) -> Any:
        return Text() if isinstance(column.type, (ARRAY, JSONB)) else column.type

    def values(self) -> list[Any]:
        """The columns of the batch as SQL expressions of their own types."""
        return [
            cast(self.data.c[c.name], c.type).label(c.name)
            if isinstance(c.type, (ARRAY, JSONB))
            else self.data.c[c.name]
            for c in self.columns
        ]

    def parameters(self, rows: Iterable[Row]) -> dict[str, list[Any]]:
        """One array a column, in the order of `rows`."""
        held = list(rows)
        return {_bound(c): [_to_wire(c, row[c.name]) for row in held] for c in self.columns}


class BatchInsert(Batch):
    """INSERT ... SELECT FROM unnest(...) ON CONFLICT DO NOTHING."""

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        super().__init__(table, columns)
        statement = insert(table).from_select([c.name for c in self.columns], select(*self.values()))
        self.statement: Insert = statement.on_conflict_do_nothing()

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Insert all rows in one round trip; a row that is there already is left as it is."""
        if rows:
            connection.execute(self.statement, self.parameters(rows))


class BatchUpdate(Batch):
    """UPDATE ... FROM unnest(...), by the key column `key`."""

    def __init__(self, table: Table, key: str, columns: Sequence[str]) -> None:
        super().__init__(table, [key, *columns])
        values = {v.name: v for v in self.values() if v.name != key}
        self.statement: Update = update(table).values(values).where(table.c[key] == self.data.c[key])

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Change all rows in one round trip."""
        if rows:
            connection.execute(self.statement, self.parameters(rows))


def _bound(column: Column[Any]) -> str:
    """A parameter named as its column would be taken for a value of the SET clause itself."""
    return f"b_{column.name}"


def _to_wire(column: Column[Any], value: Any) -> Any:
    if isinstance(column.type, JSONB):
        return None if value is None else orjson.dumps(value).decode()
    if isinstance(column.type, ARRAY):
        return "{" + ",".join(_quoted(item) for item in value) + "}"
    return value


def _quoted(item: object) -> str:
    text = str(item).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
