"""The tables that every cell needs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None


def upgrade() -> None:
    _demo_received()
    _directory()
    _forms()
    _installation()
    _units()
    _destinations()
    _staff()
    _venues()
    _venue_guards()
    _gates()


def downgrade() -> None:
    for table in ("gates", "venue_guards", "venues", "staff", "destinations", "units"):
        op.drop_table(table, schema="shared")
    for table in ("installation", "forms", "directory", "demo_received"):
        op.drop_table(table, schema="shared")


def _demo_received() -> None:
    op.create_table(
        "demo_received",
        sa.Column("webhook_id", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), server_default="1", nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("webhook_id", name="demo_received_pkey"),
        schema="shared",
    )


def _directory() -> None:
    op.create_table(
        "directory",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "address", name="directory_pkey"),
        schema="shared",
    )
    op.create_index("directory_contact_id_idx", "directory", ["contact_id"], schema="shared")


def _forms() -> None:
    op.create_table(
        "forms",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column("translations", JSONB(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="forms_pkey"),
        schema="shared",
    )


def _installation() -> None:
    op.create_table(
        "installation",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("clock_offset", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("demo OR clock_offset = 0", name="installation_real_time_check"),
        sa.CheckConstraint("id = 1", name="installation_one_row_check"),
        sa.PrimaryKeyConstraint("id", name="installation_pkey"),
        schema="shared",
    )


def _units() -> None:
    op.create_table(
        "units",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("data_version", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("parent", sa.Text()),
        sa.Column("province", sa.Text()),
        sa.Column("commune", sa.Text()),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("succeeded_by", sa.Text()),
        sa.ForeignKeyConstraint(["parent"], ["shared.units.code"], name="units_parent_fkey"),
        sa.PrimaryKeyConstraint("code", name="units_pkey"),
        schema="shared",
    )
    op.create_index("units_commune_idx", "units", ["commune"], schema="shared")
    op.create_index("units_parent_idx", "units", ["parent"], schema="shared")


def _destinations() -> None:
    op.create_table(
        "destinations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("old_secret", sa.LargeBinary()),
        sa.Column("paused_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["unit_code"], ["shared.units.code"], name="destinations_unit_code_fkey"),
        sa.PrimaryKeyConstraint("id", name="destinations_pkey"),
        sa.UniqueConstraint("unit_code", "url", name="destinations_unit_code_url_key"),
        schema="shared",
    )
    op.create_index("destinations_unit_code_idx", "destinations", ["unit_code"], schema="shared")


def _staff() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("session_token", sa.Text(), nullable=False),
        sa.Column("failures", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True)),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(["unit_code"], ["shared.units.code"], name="staff_unit_code_fkey"),
        sa.PrimaryKeyConstraint("id", name="staff_pkey"),
        sa.UniqueConstraint("login", name="staff_login_key"),
        sa.UniqueConstraint("session_token", name="staff_session_token_key"),
        schema="shared",
    )


def _venues() -> None:
    op.create_table(
        "venues",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_code"], ["shared.units.code"], name="venues_unit_code_fkey"),
        sa.PrimaryKeyConstraint("code", name="venues_pkey"),
        schema="shared",
    )
    op.create_index("venues_unit_code_idx", "venues", ["unit_code"], schema="shared")


def _venue_guards() -> None:
    op.create_table(
        "venue_guards",
        sa.Column("venue_code", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["venue_code"], ["shared.venues.code"], name="venue_guards_venue_code_fkey"),
        sa.PrimaryKeyConstraint("venue_code", "address", name="venue_guards_pkey"),
        schema="shared",
    )


def _gates() -> None:
    op.create_table(
        "gates",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("province", sa.Text(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date()),
        sa.PrimaryKeyConstraint("code", name="gates_pkey"),
        schema="shared",
    )
