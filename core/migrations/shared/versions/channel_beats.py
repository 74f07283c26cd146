"""When a channel's own machine last said that it is alive."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "channel_beats",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel", name="channel_beats_pkey"),
        schema="shared",
    )


def downgrade() -> None:
    op.drop_table("channel_beats", schema="shared")
