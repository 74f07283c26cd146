"""How each provider is, for all workers; what a unit's messages may cost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "channel_states",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True)),
        sa.Column("failures", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("openings", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("open_until", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("channel", name="channel_states_pkey"),
        schema="shared",
    )
    op.create_table(
        "budgets",
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_code"], ["shared.units.code"], name="budgets_unit_code_fkey"),
        sa.PrimaryKeyConstraint("unit_code", name="budgets_pkey"),
        schema="shared",
    )


def downgrade() -> None:
    for table in ("budgets", "channel_states"):
        op.drop_table(table, schema="shared")
