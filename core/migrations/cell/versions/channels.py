"""What channels tell of an address, and of a tap on a button."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("addresses", sa.Column("heard_at", sa.DateTime(timezone=True)), schema=_schema())
    op.add_column("contacts", sa.Column("phone", sa.Text(), server_default="", nullable=False), schema=_schema())
    op.add_column("outbox", sa.Column("fallback_of", sa.Uuid()), schema=_schema())
    op.add_column("outbox", sa.Column("fell_back_at", sa.DateTime(timezone=True)), schema=_schema())
    _index("outbox_failed_idx", "expires_at", "status = 'failed' AND fell_back_at IS NULL")
    _index("outbox_warning_idx", "created_at", "priority = 0 AND status = 'queued' AND fell_back_at IS NULL")
    _index("outbox_fallback_idx", "fallback_of", "fallback_of IS NOT NULL")
    for name in ("mark", "phone"):
        op.add_column("inbox", sa.Column(name, sa.Text(), server_default="", nullable=False), schema=_schema())


def downgrade() -> None:
    for name in ("phone", "mark"):
        op.drop_column("inbox", name, schema=_schema())
    op.drop_column("contacts", "phone", schema=_schema())
    for name in ("fell_back_at", "fallback_of"):
        op.drop_column("outbox", name, schema=_schema())
    op.drop_column("addresses", "heard_at", schema=_schema())


def _index(name: str, column: str, where: str) -> None:
    op.create_index(name, "outbox", [column], schema=_schema(), postgresql_where=sa.text(where))


def _schema() -> str:
    """The cell's own: the token is not translated in ALTER TABLE."""
    return str(context.config.attributes["schema"])
