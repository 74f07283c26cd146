"""Tokens of channels, and codes that link one person's addresses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "channel_tokens",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("access", sa.LargeBinary(), nullable=False),
        sa.Column("refresh", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease", sa.Uuid()),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("broken_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("channel", name="channel_tokens_pkey"),
        schema="shared",
    )
    op.create_table(
        "demo_phones",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("address", name="demo_phones_pkey"),
        schema="shared",
    )
    op.create_table(
        "link_codes",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name="link_codes_pkey"),
        schema="shared",
    )
    for column in ("contact_id", "phone", "expires_at"):
        op.create_index(f"link_codes_{column}_idx", "link_codes", [column], schema="shared")


def downgrade() -> None:
    for table in ("link_codes", "demo_phones", "channel_tokens"):
        op.drop_table(table, schema="shared")
