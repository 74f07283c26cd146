"""What is done about silence: rungs, tries, whether somebody is there; alerts that a duty phone answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    _alert_notices()
    _contact_attempts()
    _presence_checks()
    _ladder_steps()


def downgrade() -> None:
    for table in ("ladder_steps", "presence_checks", "contact_attempts", "alert_notices"):
        op.drop_table(table, schema="cell")


def _alert_notices() -> None:
    op.create_table(
        "alert_notices",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.SmallInteger(), nullable=False),
        sa.Column("message_id", sa.Uuid()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["cell.alerts.id"], name="alert_notices_alert_id_fkey"),
        sa.PrimaryKeyConstraint("alert_id", "duty_id", name="alert_notices_pkey"),
        schema="cell",
    )


def _contact_attempts() -> None:
    op.create_table(
        "contact_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("follow_up_id", sa.Uuid()),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("by_kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["follow_up_id"], ["cell.follow_ups.id"], name="contact_attempts_follow_up_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["cell.persons.id"], name="contact_attempts_person_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="contact_attempts_pkey"),
        schema="cell",
    )
    op.create_index("contact_attempts_person_idx", "contact_attempts", ["person_id", "at"], unique=False, schema="cell")
    op.create_index("contact_attempts_unit_idx", "contact_attempts", ["unit_code", "at"], unique=False, schema="cell")


def _presence_checks() -> None:
    op.create_table(
        "presence_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("follow_up_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Uuid()),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["cell.contacts.id"], name="presence_checks_contact_id_fkey"),
        sa.ForeignKeyConstraint(["follow_up_id"], ["cell.follow_ups.id"], name="presence_checks_follow_up_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["cell.persons.id"], name="presence_checks_person_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="presence_checks_pkey"),
        schema="cell",
    )
    op.create_index(
        "presence_checks_contact_idx",
        "presence_checks",
        ["contact_id"],
        unique=False,
        schema="cell",
        postgresql_where=sa.text("outcome = ''"),
    )
    op.create_index(
        "presence_checks_open_idx",
        "presence_checks",
        ["expires_at"],
        unique=False,
        schema="cell",
        postgresql_where=sa.text("outcome = ''"),
    )
    op.create_index(
        "presence_checks_person_idx", "presence_checks", ["person_id", "asked_at"], unique=False, schema="cell"
    )


def _ladder_steps() -> None:
    op.create_table(
        "ladder_steps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("due_check_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("rung", sa.SmallInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Uuid()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["due_check_id"], ["cell.due_checks.id"], name="ladder_steps_due_check_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["cell.persons.id"], name="ladder_steps_person_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="ladder_steps_pkey"),
        sa.UniqueConstraint("due_check_id", "rung", name="ladder_steps_due_check_id_rung_key"),
        schema="cell",
    )
    op.create_index("ladder_steps_person_idx", "ladder_steps", ["person_id", "at"], unique=False, schema="cell")
