"""Which seeds of a channel's tokens were used: a seed is good for one exchange."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column(
        "channel_tokens",
        sa.Column("seeds", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        schema="shared",
    )


def downgrade() -> None:
    op.drop_column("channel_tokens", "seeds", schema="shared")
