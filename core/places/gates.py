"""Gates: where people enter the country, and on which days they declare there. Off unless somebody opens one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, case, select, update
from sqlalchemy.dialects.postgresql import insert

from core.conversation.form import Gate
from core.database.shared import gates
from core.places import admin

NAME_MOST = 40
"""Letters of a name: nine gates to choose from then fit into three SMS."""

_CODE = re.compile(r"[A-Z0-9]{2,12}")


class GateError(Exception):
    """The gate cannot be opened or closed. The message says why."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A gate with the code of its province."""

    gate: Gate
    province: str


def open_gate(connection: Connection, gate: Gate, province: str) -> None:
    """Open a gate, or change one that is there. Raises GateError."""
    if not _CODE.fullmatch(gate.code):
        raise GateError("a gate's code has 2 to 12 capitals without accents or digits")
    if not 2 <= len(gate.name) <= NAME_MOST:
        raise GateError(f"a gate's name has 2 to {NAME_MOST} letters")
    if province not in {each.code for each in admin.load().provinces}:
        raise GateError(f"no province {province}")
    if gate.closes_on is not None and gate.closes_on < gate.opens_on:
        raise GateError("a gate does not close before it opens")
    said = {"name": gate.name, "province": province, "opens_on": gate.opens_on, "closes_on": gate.closes_on}
    row = insert(gates).values(code=gate.code, **said)
    connection.execute(row.on_conflict_do_update(index_elements=["code"], set_=said))


def close_gate(connection: Connection, code: str, last: date) -> None:
    """End declaring at a gate with that day. One that was to open later never does. Raises GateError."""
    changed = update(gates).where(gates.c.code == code).values(closes_on=last).returning(gates.c.code)
    if connection.scalar(changed) is None:
        raise GateError(f"no gate {code}")


def listed(connection: Connection) -> tuple[Listed, ...]:
    """Every gate that was ever opened, by code."""
    rows = connection.execute(select(gates).order_by(gates.c.code))
    return tuple(Listed(Gate(r.code, r.name, r.opens_on, r.closes_on), r.province) for r in rows)


def load(connection: Connection, province: str) -> tuple[Gate, ...]:
    """Every gate, those of that province first: somebody who lives there may enter the country anywhere."""
    near = case((gates.c.province == province, 0), else_=1)
    rows = connection.execute(select(gates).order_by(near, gates.c.name))
    return tuple(Gate(r.code, r.name, r.opens_on, r.closes_on) for r in rows)
