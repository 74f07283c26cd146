"""People and their messages. `cell` is a token: the engine maps it to the real schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

_RECEIPTS = sa.Sequence("receipt_numbers", increment=1000, data_type=sa.BigInteger(), schema="cell")
"""A process takes a thousand receipt numbers at a time."""


def upgrade() -> None:
    _contacts()
    _persons()
    _addresses()
    _inbox()
    _members()
    _outbox()
    op.execute(sa.schema.CreateSequence(_RECEIPTS))


def downgrade() -> None:
    op.execute(sa.schema.DropSequence(_RECEIPTS))
    for table in ("outbox", "members", "inbox", "addresses", "persons", "contacts"):
        op.drop_table(table, schema="cell")


def _index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, schema="cell", postgresql_where=sa.text(where))


def _contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), server_default="vi", nullable=False),
        sa.Column("accents", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("unit_code", sa.Text()),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("session", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forget_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="contacts_pkey"),
        schema="cell",
    )
    _index("contacts_forget_idx", "contacts", ["forget_at"], "forget_at IS NOT NULL")
    # A session is saved with every message: leave room to rewrite its row on its own page.
    schema = op.get_context().version_table_schema
    op.execute(f'ALTER TABLE "{schema}".contacts SET (fillfactor = 70)')


def _persons() -> None:
    op.create_table(
        "persons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("full_name", sa.Text(), server_default="", nullable=False),
        sa.Column("folded_name", sa.Text(), server_default="", nullable=False),
        sa.Column("sort_key", sa.Text(), server_default="", nullable=False),
        sa.Column("year_of_birth", sa.SmallInteger()),
        sa.Column("gender", sa.Text()),
        sa.Column("nationality", sa.Text(), server_default="VN", nullable=False),
        sa.Column("unit_code", sa.Text()),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("forward_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="persons_pkey"),
        schema="cell",
    )
    op.create_index("persons_unit_code_idx", "persons", ["unit_code"], schema="cell")


def _addresses() -> None:
    op.create_table(
        "addresses",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True)),
        sa.Column("unreachable_at", sa.DateTime(timezone=True)),
        sa.Column("unreachable_code", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["cell.contacts.id"], name="addresses_contact_id_fkey"),
        sa.PrimaryKeyConstraint("channel", "address", name="addresses_pkey"),
        schema="cell",
    )
    op.create_index("addresses_contact_id_idx", "addresses", ["contact_id"], schema="cell")


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), server_default="", nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["cell.contacts.id"], name="inbox_contact_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="inbox_pkey"),
        sa.UniqueConstraint("channel", "external_id", name="inbox_channel_external_id_key"),
        schema="cell",
    )
    op.create_index("inbox_contact_idx", "inbox", ["contact_id", "received_at"], schema="cell")
    _index("inbox_failed_idx", "inbox", ["received_at"], "state = 'failed'")
    _index("inbox_waiting_idx", "inbox", ["contact_id", "id"], "state = 'waiting'")


def _members() -> None:
    op.create_table(
        "members",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["cell.contacts.id"], name="members_contact_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["cell.persons.id"], name="members_person_id_fkey"),
        sa.PrimaryKeyConstraint("contact_id", "letter", name="members_pkey"),
        schema="cell",
    )
    op.create_index("members_person_id_idx", "members", ["person_id"], schema="cell")


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("inbound_id", sa.Uuid()),
        sa.Column("due_check_id", sa.Uuid()),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("choices", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("parts", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease", sa.Uuid()),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("provider_id", sa.Text()),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["contact_id"], ["cell.contacts.id"], name="outbox_contact_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="outbox_pkey"),
        sa.UniqueConstraint("contact_id", "seq", name="outbox_contact_id_seq_key"),
        schema="cell",
    )
    _index("outbox_check_idx", "outbox", ["due_check_id"], "due_check_id IS NOT NULL AND status = 'queued'")
    _index("outbox_line_idx", "outbox", ["channel", "address", "seq"], "status IN ('queued', 'sending')")
    _index("outbox_open_idx", "outbox", ["channel", "priority", "due_at"], "status IN ('queued', 'sending')")
    _index("outbox_provider_idx", "outbox", ["channel", "provider_id"], "provider_id IS NOT NULL")
