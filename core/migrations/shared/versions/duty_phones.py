"""Whose phones ring when a unit's people need somebody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "duty_phones",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("from_hour", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("to_hour", sa.SmallInteger(), server_default="24", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_code"], ["shared.units.code"], name="duty_phones_unit_code_fkey"),
        sa.PrimaryKeyConstraint("id", name="duty_phones_pkey"),
        sa.UniqueConstraint("unit_code", "channel", "address", name="duty_phones_unit_code_channel_address_key"),
        schema="shared",
    )
    op.create_index("duty_phones_address_idx", "duty_phones", ["channel", "address"], unique=False, schema="shared")


def downgrade() -> None:
    op.drop_table("duty_phones", schema="shared")
