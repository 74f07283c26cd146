"""Statements over whole batches: one INSERT or UPDATE for however many rows.

The rows travel as one JSON parameter, which the server turns into a table (`json_to_recordset`). So the SQL text does
not depend on the number of rows: it is compiled once and prepared by the server. Arrays and `unnest` do the same at
about half the speed, since the driver quotes every value of every array in Python (see `make bench`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Column, ColumnElement, Connection, Table, Text, bindparam, cast, func, insert, select, update
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.sql.dml import Insert, Update

Row = Mapping[str, Any]

_ROWS = "b_rows"
"""The parameter. A parameter named as a column would be taken for a value of the SET clause itself."""


class Batch:
    """Rows of one table by fixed columns, as the parameter of one statement. `data` is the table they become."""

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        self.columns = tuple(table.c[name] for name in columns)
        names = [Column(c.name, c.type) for c in self.columns]
        rows = cast(bindparam(_ROWS, type_=Text), JSON)
        self.data = func.json_to_recordset(rows).table_valued(*names).render_derived(name="data", with_types=True)

    def values(self) -> list[ColumnElement[Any]]:
        """The columns of the batch, as SQL expressions."""
        return [self.data.c[c.name] for c in self.columns]

    def parameters(self, rows: Iterable[Row]) -> dict[str, Any]:
        """The statement's parameter, in the order of `rows`; keys that are no column are left out."""
        names = [str(c.name) for c in self.columns]  # a plain str: orjson takes no other key
        return {_ROWS: orjson.dumps([{name: row[name] for name in names} for row in rows]).decode()}


class BatchInsert(Batch):
    """INSERT ... SELECT ... ON CONFLICT.

    `update`: columns that a row which is there already takes from the new one; none, and it is left as it is.
    `forward`: those of which it keeps the greater value, besides. `strict`: only a row with the same key is there
    already; any other conflict is an error. The clause is written out: SQLAlchemy compiles an `on_conflict_...` anew at
    every call (0.8 ms).
    """

    def __init__(
        self,
        table: Table,
        columns: Sequence[str],
        update: Sequence[str] = (),
        *,
        forward: Sequence[str] = (),
        strict: bool = False,
    ) -> None:
        super().__init__(table, columns)
        key = f"({', '.join(c.name for c in table.primary_key)}) " if update or strict else ""
        taken = [f"{name} = excluded.{name}" for name in update]
        greater = [f"{name} = GREATEST({table.name}.{name}, excluded.{name})" for name in forward]
        changes = ", ".join(taken + greater)
        conflict = f"ON CONFLICT {key}DO " + (f"UPDATE SET {changes}" if update else "NOTHING")
        rows = select(*self.values()).suffix_with(conflict)
        made = insert(table).from_select([c.name for c in self.columns], rows)
        self.statement: Insert = made.execution_options(preserve_rowcount=True)

    def run(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Insert all rows in one round trip; how many were written."""
        return connection.execute(self.statement, self.parameters(rows)).rowcount if rows else 0


class BatchUpdate(Batch):
    """UPDATE ... FROM, by the key column `key`."""

    def __init__(self, table: Table, key: str, columns: Sequence[str]) -> None:
        super().__init__(table, [key, *columns])
        values = {name: self.data.c[name] for name in columns}
        self.statement: Update = update(table).values(values).where(table.c[key] == self.data.c[key])

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Change all rows in one round trip."""
        if rows:
            connection.execute(self.statement, self.parameters(rows))
