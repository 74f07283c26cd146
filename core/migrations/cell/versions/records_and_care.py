"""What people declared, who is followed up, and what goes to their units."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _alerts()
    _follow_ups()
    _records()
    _due_checks()
    _forwards()
    _visits()


def downgrade() -> None:
    for table in ("visits", "forwards", "due_checks", "records", "follow_ups", "alerts"):
        op.drop_table(table, schema="cell")


def _index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, schema="cell", postgresql_where=sa.text(where))


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("letter", sa.Text(), server_default="", nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid()),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("signs", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("inbound_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("raise_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Uuid()),
        sa.Column("taken_at", sa.DateTime(timezone=True)),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("result", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["cell.contacts.id"], name="alerts_contact_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["cell.persons.id"], name="alerts_person_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="alerts_pkey"),
        sa.UniqueConstraint("inbound_id", "kind", "letter", name="alerts_inbound_id_kind_letter_key"),
        schema="cell",
    )
    _index("alerts_contact_idx", "alerts", ["contact_id"], "status IN ('waiting', 'open', 'taken')")
    _index("alerts_open_idx", "alerts", ["unit_code", "raise_at"], "status IN ('open', 'taken')")
    _index("alerts_waiting_idx", "alerts", ["raise_at"], "status = 'waiting'")


def _follow_ups() -> None:
    op.create_table(
        "follow_ups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=False),
        sa.Column("hours", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("planned_until", sa.Date()),
        sa.ForeignKeyConstraint(["contact_id"], ["cell.contacts.id"], name="follow_ups_contact_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["cell.persons.id"], name="follow_ups_person_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="follow_ups_pkey"),
        schema="cell",
    )
    _index("follow_ups_plan_idx", "follow_ups", ["planned_until"], "status = 'under_follow_up'")
    _index("follow_ups_end_idx", "follow_ups", ["end_on"], "status = 'under_follow_up'")
    _index("follow_ups_open_idx", "follow_ups", ["unit_code"], "status = 'under_follow_up'")
    _index("follow_ups_person_idx", "follow_ups", ["person_id"], "status = 'under_follow_up'", unique=True)


def _records() -> None:
    op.create_table(
        "records",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("root", sa.Uuid(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("form_hash", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("inbound_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("answers", JSONB(), nullable=False),
        sa.Column("signs", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("temperature", sa.Numeric(precision=3, scale=1, asdecimal=False)),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("on_behalf", sa.Boolean(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("superseded_at", sa.DateTime(timezone=True)),
        sa.Column("forwarded_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["contact_id"], ["cell.contacts.id"], name="records_contact_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["cell.persons.id"], name="records_person_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="records_pkey"),
        sa.UniqueConstraint("inbound_id", "person_id", "form", name="records_inbound_id_person_id_form_key"),
        sa.UniqueConstraint("root", "version", name="records_root_version_key"),
        schema="cell",
    )
    op.create_index("records_code_idx", "records", ["code"], schema="cell")
    op.create_index("records_person_idx", "records", ["person_id", "declared_at"], schema="cell")
    _index("records_triage_idx", "records", ["declared_at"], "legal_basis = 'triage'")
    _index("records_unforwarded_idx", "records", ["declared_at"], "forwarded_at IS NULL")
    _index("records_unit_idx", "records", ["unit_code", "declared_at"], "superseded_at IS NULL")


def _due_checks() -> None:
    op.create_table(
        "due_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("follow_up_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True)),
        sa.Column("record_id", sa.Uuid()),
        sa.ForeignKeyConstraint(["contact_id"], ["cell.contacts.id"], name="due_checks_contact_id_fkey"),
        sa.ForeignKeyConstraint(["follow_up_id"], ["cell.follow_ups.id"], name="due_checks_follow_up_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["cell.persons.id"], name="due_checks_person_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="due_checks_pkey"),
        sa.UniqueConstraint("person_id", "due_at", name="due_checks_person_id_due_at_key"),
        schema="cell",
    )
    _index("due_checks_contact_idx", "due_checks", ["contact_id"], "status = 'not_performed'")
    _index("due_checks_record_idx", "due_checks", ["record_id"], "record_id IS NOT NULL")
    _index("due_checks_open_idx", "due_checks", ["due_at"], "status = 'not_performed'")
    op.create_index("due_checks_unit_idx", "due_checks", ["unit_code", "due_at"], schema="cell")


def _visits() -> None:
    op.create_table(
        "visits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid()),
        sa.Column("person_id", sa.Uuid()),
        sa.Column("venue_code", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_contact_id", sa.Uuid()),
        sa.Column("channel", sa.Text()),
        sa.Column("address", sa.Text()),
        sa.Column("ask_at", sa.DateTime(timezone=True)),
        sa.Column("asked_at", sa.DateTime(timezone=True)),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("denied_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["by_contact_id"], ["cell.contacts.id"], name="visits_by_contact_id_fkey"),
        sa.ForeignKeyConstraint(["contact_id"], ["cell.contacts.id"], name="visits_contact_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["cell.persons.id"], name="visits_person_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="visits_pkey"),
        schema="cell",
    )
    op.create_index("visits_at_idx", "visits", ["at"], schema="cell")
    op.create_index("visits_contact_idx", "visits", ["contact_id", "at"], schema="cell")
    op.create_index("visits_venue_idx", "visits", ["venue_code", "at"], schema="cell")
    _index("visits_ask_idx", "visits", ["ask_at"], "ask_at IS NOT NULL")
    _index("visits_asked_idx", "visits", ["contact_id", "asked_at"], "asked_at IS NOT NULL")
    _index("visits_guard_idx", "visits", ["by_contact_id", "at"], "by_contact_id IS NOT NULL")


def _forwards() -> None:
    op.create_table(
        "forwards",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("destination_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease", sa.Uuid()),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["person_id"], ["cell.persons.id"], name="forwards_person_id_fkey"),
        sa.ForeignKeyConstraint(["record_id"], ["cell.records.id"], name="forwards_record_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="forwards_pkey"),
        sa.UniqueConstraint("record_id", "destination_id", name="forwards_record_id_destination_id_key"),
        schema="cell",
    )
    _index("forwards_line_idx", "forwards", ["destination_id", "person_id", "sequence"], "status = 'pending'")
    _index("forwards_open_idx", "forwards", ["destination_id", "urgent", "due_at"], "status = 'pending'")
    op.create_index("forwards_unit_idx", "forwards", ["unit_code", "created_at"], schema="cell")
