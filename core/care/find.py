"""Finding a person by their receipt's code or by their name, within a scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Select, Text, bindparam, case, select

from core.access.scope import Scope
from core.care.receipt_code import is_receipt_code
from core.care.standing import UNITS
from core.conversation.fold import words
from core.database.tables import persons, records

MOST = 50
"""People shown; whoever has more hits types more of the name."""

_SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Found:
    """A person of the scope."""

    person_id: UUID
    name: str
    year_of_birth: int | None
    gender: str | None
    unit_code: str | None
    address: str


def find(connection: Connection, scope: Scope, asked: str) -> tuple[Found, ...]:
    """By code if it is one (digits in any grouping), else by words of the name in any spelling; at most MOST."""
    told: dict[str, Any] = {"units": list(scope.codes)}
    code = "".join(asked.split())
    if is_receipt_code(code):
        return tuple(Found(*row) for row in connection.execute(_BY_CODE, told | {"code": code}))
    folded = words(asked)
    if len(folded) < _SHORTEST:
        return ()
    patterns = [f"%{_escaped(word)}%" for word in folded.split()]
    return tuple(Found(*row) for row in connection.execute(_BY_NAME, told | {"patterns": patterns}))


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _people() -> Select[Any]:
    """The address is for the unit under which they live now."""
    shown = ("id", "full_name", "year_of_birth", "gender", "unit_code")
    address = case((persons.c.unit_code == UNITS.any_(), persons.c.address), else_="")
    return select(*(persons.c[name] for name in shown), address).limit(MOST)


_BY_CODE = (
    _people()
    .where(
        persons.c.id.in_(
            select(records.c.person_id).where(
                records.c.code == bindparam("code", type_=Text), records.c.unit_code == UNITS.any_()
            )
        )
    )
    .order_by(persons.c.sort_key, persons.c.id)
)
_BY_NAME = (
    _people()
    .where(
        persons.c.unit_code == UNITS.any_(),
        persons.c.folded_name.like(bindparam("patterns", type_=ARRAY(Text)).all_()),
    )
    .order_by(persons.c.sort_key, persons.c.id)
)
