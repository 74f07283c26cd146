"""By channel and time: the texts that asked people and left, and what was heard of anybody.

The indexes are built inside the migration and block who writes these tables meanwhile.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    asked = sa.text("kind = 'reminder' AND status IN ('sent', 'delivered')")
    op.create_index("outbox_asked_idx", "outbox", ["channel", "created_at"], schema="cell", postgresql_where=asked)
    op.create_index("inbox_heard_idx", "inbox", ["channel", "received_at"], schema="cell")


def downgrade() -> None:
    op.drop_index("inbox_heard_idx", "inbox", schema="cell")
    op.drop_index("outbox_asked_idx", "outbox", schema="cell")
