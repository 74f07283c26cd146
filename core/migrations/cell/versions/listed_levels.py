"""A level that a list of staff's says is told from one that follows from a test: one of each may be open. And who is
asked on a phone is found by an index, which is built inside the migration and blocks who writes there meanwhile.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

revision = "0012"
down_revision = "0011"

_ASKED = ("follow_ups_contact_idx", "follow_ups", ["contact_id"])
_INDEX, _OPEN = "level_proposals_own_idx", sa.text("exposure_id IS NULL AND status = 'proposed'")


def upgrade() -> None:
    listed: sa.Column[bool] = sa.Column("listed", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    op.add_column("level_proposals", listed, schema=_schema())
    _index("follow_up_id", "to_group", "listed")
    op.create_index(*_ASKED, schema=_schema(), postgresql_where=sa.text("status = 'under_follow_up'"))


def downgrade() -> None:
    """Of two that are open about the same the test's stays, for what a list says can be sent again."""
    op.drop_index(*_ASKED[:2], schema=_schema())
    op.execute(
        f'''
        DELETE FROM "{_schema()}".level_proposals listed USING "{_schema()}".level_proposals own
        WHERE listed.listed AND NOT own.listed AND listed.status = 'proposed' AND own.status = 'proposed'
        AND own.exposure_id IS NULL AND listed.follow_up_id = own.follow_up_id AND listed.to_group = own.to_group
        '''  # noqa: S608 - a schema's name, checked when it was set
    )
    _index("follow_up_id", "to_group")
    op.drop_column("level_proposals", "listed", schema=_schema())


def _index(*columns: str) -> None:
    op.drop_index(_INDEX, "level_proposals", schema=_schema())
    op.create_index(_INDEX, "level_proposals", columns, unique=True, schema=_schema(), postgresql_where=_OPEN)


def _schema() -> str:
    """The cell's own: the token is not translated in ALTER TABLE."""
    return str(context.config.attributes["schema"])
