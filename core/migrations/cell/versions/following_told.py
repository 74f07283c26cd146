"""What people are told while they are followed, alerts that are told anew, and where a sign of presence is asked.

Nobody who is followed already is welcomed by this, and closed alerts give their codes back: a code is one alert's now,
whatever became of it. Indexes are built inside the migration and block who writes these tables meanwhile.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context, op

revision = "0010"
down_revision = "0009"

_INDEXES = (
    ("alert_notices_message_idx", "alert_notices", "message_id", "message_id IS NOT NULL"),
    ("alerts_again_idx", "alerts", "again_at", "status = 'open' AND again_at IS NOT NULL"),
    ("alerts_untold_idx", "alerts", "raise_at", "status = 'open' AND code = '' AND again_at IS NULL"),
    ("follow_ups_changed_idx", "follow_ups", "days_changed_at", "days_changed_at IS NOT NULL"),
)
_UNCODED = ("alerts_uncoded_idx", "alerts", "raise_at", "status = 'open' AND code = ''")
_CODE = ("alerts_code_idx", "alerts", "code", "code <> ''")
_CODE_BEFORE = (*_CODE[:3], "status IN ('open', 'taken') AND code <> ''")
_FILLED = (
    "UPDATE {}.alerts SET code = '', escalate_at = NULL WHERE code <> '' AND status NOT IN ('open', 'taken')",
    "UPDATE {0}.alerts SET told = 1 WHERE id IN (SELECT alert_id FROM {0}.alert_notices)",
    "UPDATE {}.follow_ups SET opened_at = start_on::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh' "
    "WHERE opened_at IS NULL AND status IN ('to_verify', 'under_follow_up')",
    "UPDATE {}.follow_ups SET welcomed_at = now() WHERE welcomed_at IS NULL AND status = 'under_follow_up' "
    "AND start_on <= (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date",
    "UPDATE {}.presence_checks SET told_at = asked_at",
)
"""Who begins on a later day is welcomed then."""


def upgrade() -> None:
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column, schema=_schema())
    op.alter_column("alert_notices", "told", server_default=None, schema=_schema())
    _key_of_notices("alert_id", "duty_id", "told")
    _run(*_FILLED)
    for name, table, *_rest in (_UNCODED, _CODE_BEFORE):
        op.drop_index(name, table, schema=_schema())
    _index(*_CODE, unique=True)
    for index in _INDEXES:
        _index(*index)
    _presence_rules()


def downgrade() -> None:
    op.drop_table("presence_rules", schema="cell")
    for name, table, *_rest in (*_INDEXES, _CODE):
        op.drop_index(name, table, schema=_schema())
    _index(*_CODE_BEFORE, unique=True)
    _index(*_UNCODED)
    _run(
        "DELETE FROM {0}.alert_notices n USING {0}.alert_notices o "
        "WHERE o.alert_id = n.alert_id AND o.duty_id = n.duty_id AND o.told > n.told"
    )
    _key_of_notices("alert_id", "duty_id")
    for table, columns in _columns().items():
        for column in columns:
            op.drop_column(table, column.name, schema=_schema())


def _columns() -> dict[str, tuple[sa.Column[Any], ...]]:
    """New columns by table."""
    return {
        "alert_notices": (sa.Column("told", sa.SmallInteger(), server_default="1", nullable=False),),
        "alerts": (
            _instant("again_at"),
            _instant("moved_at"),
            sa.Column("told", sa.SmallInteger(), server_default="0", nullable=False),
        ),
        "follow_ups": (
            _instant("days_changed_at"),
            sa.Column("home_point", sa.Text(), server_default="", nullable=False),
        ),
        "presence_checks": (_instant("told_at"),),
    }


def _presence_rules() -> None:
    op.create_table(
        "presence_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date()),
        sa.Column("times_a_week", sa.SmallInteger(), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("planned_on", sa.Date()),
        _instant("created_at", nullable=False),
        sa.PrimaryKeyConstraint("id", name="presence_rules_pkey"),
        schema="cell",
    )
    _index("presence_rules_unit_idx", "presence_rules", "unit_code", "until_on IS NULL", unique=True)


def _key_of_notices(*columns: str) -> None:
    op.drop_constraint("alert_notices_pkey", "alert_notices", schema=_schema())
    op.create_primary_key("alert_notices_pkey", "alert_notices", list(columns), schema=_schema())


def _run(*statements: str) -> None:
    for statement in statements:
        op.execute(statement.format(f'"{_schema()}"'))


def _index(name: str, table: str, key: str, where: str, *, unique: bool = False) -> None:
    op.create_index(name, table, [key], unique=unique, schema=_schema(), postgresql_where=sa.text(where))


def _instant(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _schema() -> str:
    """The cell's own: the token is not translated in ALTER TABLE."""
    return str(context.config.attributes["schema"])
