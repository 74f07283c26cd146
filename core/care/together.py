"""One text about several people of a phone, which was not sent yet when one of them answered, or is no longer followed:
it is withdrawn, since it names them. The others were asked by nothing then, and are asked anew, by a text of their own.

In the transaction that writes the answer or the end down: a crash leaves neither or both.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    DateTime,
    Select,
    Uuid,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    tuple_,
    union,
    update,
)

from core.care.standing import one_of
from core.database.due import due_checks, ladder_steps
from core.database.tables import outbox
from core.messaging.withdrawn import WITHDRAWN

_WORTH = timedelta(days=1)
"""A text about a check-in expires before the next day's."""

_GONE = bindparam("gone", type_=ARRAY(Uuid))
_waits = (one_of(outbox.c.status, "queued"), one_of(outbox.c.kind, "reminder"))


def _any(column: ColumnElement[Any], of: Select[Any]) -> ColumnElement[bool]:
    """As an array: found by the index, also while the statistics know nothing of a morning's texts in line."""
    return column == func.array(of.scalar_subquery(), type_=ARRAY(Uuid)).any_()


_asked = (
    select(due_checks.c.contact_id, due_checks.c.reminded_at)
    .where(due_checks.c.id == _GONE.any_(), due_checks.c.reminded_at.is_not(None))
    .cte("asked")
    .prefix_with("MATERIALIZED")
)
_mates = (
    select(due_checks.c.id, due_checks.c.reminded_at)
    .where(
        one_of(due_checks.c.status, "not_performed"),
        _any(due_checks.c.contact_id, select(_asked.c.contact_id)),
        tuple_(due_checks.c.contact_id, due_checks.c.reminded_at).in_(select(_asked)),
    )
    .cte("mates")
    .prefix_with("MATERIALIZED")
)
_about_first = select(outbox.c.id).where(outbox.c.due_check_id == _GONE.any_(), *_waits)
_about_mates = select(outbox.c.id).where(
    _any(outbox.c.due_check_id, select(_mates.c.id)),
    tuple_(outbox.c.due_check_id, outbox.c.created_at).in_(select(_mates)),
    *_waits,
)
_steps = select(ladder_steps.c.message_id).where(ladder_steps.c.due_check_id == _GONE.any_())
_about_silence = select(outbox.c.id).where(_any(outbox.c.id, _steps), *_waits)
_found = union(_about_first, _about_mates, _about_silence).subquery("found")
_text = (
    update(outbox)
    .where(outbox.c.id == _found.c.id, one_of(outbox.c.status, "queued"))
    .values(WITHDRAWN)
    .returning(outbox.c.id, outbox.c.contact_id, outbox.c.created_at)
    .cte("text")
)
_others = (
    due_checks.c.contact_id == _text.c.contact_id,
    one_of(due_checks.c.status, "not_performed"),
    due_checks.c.id != _GONE.all_(),
)
_unasked = update(due_checks).where(*_others, due_checks.c.reminded_at == _text.c.created_at).values(reminded_at=None)
_unclimbed = (
    delete(ladder_steps)
    .where(ladder_steps.c.message_id == _text.c.id, ladder_steps.c.due_check_id == due_checks.c.id, *_others)
    .returning(ladder_steps.c.due_check_id, ladder_steps.c.rung, ladder_steps.c.at)
    .cte("unclimbed")
)
_again = (
    update(due_checks)
    .where(due_checks.c.id == _unclimbed.c.due_check_id)
    .values(rung=_unclimbed.c.rung - literal_column("1"), climb_at=_unclimbed.c.at)
)
_PART: Select[Any] = select(literal_column("1")).add_cte(_unasked.cte("unasked"), _again.cte("again"))
_ASKED = select(due_checks.c.id).where(
    due_checks.c.follow_up_id == bindparam("ids", type_=ARRAY(Uuid)).any_(),
    due_checks.c.due_at > bindparam("since", type_=DateTime(timezone=True)),
    due_checks.c.reminded_at.is_not(None),
)


def part(connection: Connection, gone: Collection[UUID]) -> None:
    """These check-ins are asked about no more: texts that name their people are withdrawn, whoever stands first in
    them, and who stood there beside them is to be asked by another."""
    connection.execute(_PART, {"gone": list(gone)})


def part_ended(connection: Connection, follow_ups: Collection[UUID], now: datetime) -> None:
    """The same for all that these follow-ups were asked."""
    told = {"ids": list(follow_ups), "since": now - _WORTH}
    if asked := connection.scalars(_ASKED, told).all():
        part(connection, asked)
