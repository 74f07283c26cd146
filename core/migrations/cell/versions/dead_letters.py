"""Dead letters are counted by an index, however many records there are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_index(
        "forwards_dead_idx",
        "forwards",
        ["unit_code"],
        schema=_schema(),
        postgresql_where=sa.text("status = 'dead'"),
    )


def downgrade() -> None:
    op.drop_index("forwards_dead_idx", "forwards", schema=_schema())


def _schema() -> str:
    """The cell's own: the token is not translated here."""
    return str(context.config.attributes["schema"])
