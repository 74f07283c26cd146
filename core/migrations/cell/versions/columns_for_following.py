"""Columns for following people, and people without a phone of their own.

Indexes are built inside the migration and block who writes these tables meanwhile: a station's rows are few. Going down
is refused while somebody without a phone is followed: nothing of theirs is thrown away.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context, op

revision = "0009"
down_revision = "0008"

_WITHOUT_PHONE = ("follow_ups", "due_checks", "records", "alerts")
_FOLLOWED = "status = 'under_follow_up'"
_INDEXES = (
    ("alerts_code_idx", "alerts", ["code"], "status IN ('open', 'taken') AND code <> ''"),
    ("alerts_escalate_idx", "alerts", ["escalate_at"], "status = 'open' AND escalate_at IS NOT NULL"),
    ("alerts_person_idx", "alerts", ["person_id"], "status IN ('waiting', 'open', 'taken')"),
    ("alerts_uncoded_idx", "alerts", ["raise_at"], "status = 'open' AND code = ''"),
    ("due_checks_climb_idx", "due_checks", ["climb_at"], "climb_at IS NOT NULL"),
    ("due_checks_follow_up_idx", "due_checks", ["follow_up_id", "due_at"], None),
    (
        "due_checks_remind_idx",
        "due_checks",
        ["remind_at"],
        "status = 'not_performed' AND reminded_at IS NULL AND contact_id IS NOT NULL",
    ),
    ("due_checks_silent_idx", "due_checks", ["due_at"], "status = 'non_reporting'"),
    ("follow_ups_cluster_idx", "follow_ups", ["cluster_id"], "cluster_id IS NOT NULL"),
    ("follow_ups_ended_idx", "follow_ups", ["unit_code", "ended_at"], "ended_at IS NOT NULL"),
    ("follow_ups_facility_idx", "follow_ups", ["facility_id", "room"], _FOLLOWED),
    ("follow_ups_history_idx", "follow_ups", ["person_id", "start_on"], None),
    ("follow_ups_source_idx", "follow_ups", ["source_id"], "source_id IS NOT NULL"),
    ("follow_ups_untold_idx", "follow_ups", ["ended_at"], "status = 'completed' AND release_told_at IS NULL"),
    ("follow_ups_unwelcomed_idx", "follow_ups", ["opened_at"], f"{_FOLLOWED} AND welcomed_at IS NULL"),
    ("follow_ups_verify_idx", "follow_ups", ["unit_code", "verify_by"], "status = 'to_verify'"),
    ("persons_merged_idx", "persons", ["merged_into"], "merged_into IS NOT NULL"),
    ("persons_name_idx", "persons", ["unit_code", "folded_name"], None),
)
_REFERENCES = (
    ("follow_ups", "cluster_id", "clusters"),
    ("follow_ups", "facility_id", "facilities"),
    ("persons", "merged_into", "persons"),
)


def upgrade() -> None:
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column, schema=_schema())
    for table in _WITHOUT_PHONE:
        op.alter_column(table, "contact_id", nullable=True, schema=_schema())
    op.execute(f'UPDATE "{_schema()}".due_checks SET remind_at = due_at')  # noqa: S608 - a schema's name, checked
    op.alter_column("due_checks", "remind_at", nullable=False, schema=_schema())
    for table, column_name, target in _REFERENCES:
        key = f"{table}_{column_name}_fkey"
        op.create_foreign_key(
            key, table, target, [column_name], ["id"], source_schema=_schema(), referent_schema=_schema()
        )
    op.create_unique_constraint("follow_ups_release_code_key", "follow_ups", ["release_code"], schema=_schema())
    for name, table, keys, where in _INDEXES:
        _index(name, table, keys, where)
    _one_open_follow_up("status IN ('to_verify', 'under_follow_up')")


def downgrade() -> None:
    for table in _WITHOUT_PHONE:
        op.alter_column(table, "contact_id", nullable=False, schema=_schema())
    _one_open_follow_up(_FOLLOWED)
    for name, table, _keys, _where in _INDEXES:
        op.drop_index(name, table, schema=_schema())
    for table, columns in _columns().items():
        for column in columns:
            op.drop_column(table, column.name, schema=_schema())


def _columns() -> dict[str, tuple[sa.Column[Any], ...]]:
    """New columns by table."""
    return {
        "alerts": (
            _text("code"),
            sa.Column("reasons", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
            sa.Column("tier", sa.SmallInteger(), server_default="0", nullable=False),
            _instant("escalate_at"),
        ),
        "due_checks": (
            _instant("remind_at"),
            sa.Column("rung", sa.SmallInteger(), server_default="0", nullable=False),
            _instant("climb_at"),
        ),
        "follow_ups": (
            *(
                sa.Column(name, sa.Uuid())
                for name in ("facility_id", "source_id", "cluster_id", "opened_by", "ended_by")
            ),
            *(sa.Column(name, sa.Date()) for name in ("watch_from", "last_contact_on")),
            *(_instant(name) for name in ("opened_at", "verify_by", "welcomed_at", "last_day_told_at")),
            *(_instant(name) for name in ("ended_at", "release_told_at")),
            *(_text(name) for name in ("room", "document", "end_reason")),
            sa.Column("vaccinated", sa.Boolean()),
            sa.Column("test_days", sa.ARRAY(sa.SmallInteger()), server_default=sa.text("'{}'"), nullable=False),
            _text("source", "staff"),
            sa.Column("release_code", sa.Text()),
        ),
        "persons": (_text("hamlet"), sa.Column("merged_into", sa.Uuid())),
        "records": (sa.Column("entered_by", sa.Uuid()),),
    }


def _one_open_follow_up(where: str) -> None:
    op.drop_index("follow_ups_person_idx", "follow_ups", schema=_schema())
    _index("follow_ups_person_idx", "follow_ups", ["person_id"], where, unique=True)


def _index(name: str, table: str, keys: list[str], where: str | None, *, unique: bool | None = None) -> None:
    alone = name == "alerts_code_idx" if unique is None else unique
    condition = sa.text(where) if where else None
    op.create_index(name, table, keys, unique=alone, schema=_schema(), postgresql_where=condition)


def _text(name: str, default: str = "") -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _instant(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True))


def _schema() -> str:
    """The cell's own: the token is not translated in ALTER TABLE."""
    return str(context.config.attributes["schema"])
