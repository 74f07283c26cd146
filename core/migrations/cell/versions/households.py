"""Households, volunteers, organisations, and what people agreed to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    _organisations()
    _households()
    _merges()
    _organisation_members()
    _targets()
    _volunteers()
    _assignments()
    _consents()
    _household_members()
    _household_visits()
    _needs()
    _handovers()


def downgrade() -> None:
    for table in (
        "handovers",
        "needs",
        "household_visits",
        "household_members",
        "consents",
        "assignments",
        "volunteers",
        "targets",
        "organisation_members",
        "merges",
        "households",
        "organisations",
    ):
        op.drop_table(table, schema="cell")


def _organisations() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="organisations_pkey"),
        sa.UniqueConstraint("code", name="organisations_code_key"),
        schema="cell",
    )
    op.create_index("organisations_unit_code_idx", "organisations", ["unit_code"], unique=False, schema="cell")


def _households() -> None:
    op.create_table(
        "households",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("hamlet", sa.Text(), server_default="", nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("folded_label", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("contact_id", sa.Uuid()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid()),
        sa.ForeignKeyConstraint(["contact_id"], ["cell.contacts.id"], name="households_contact_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="households_pkey"),
        schema="cell",
    )
    op.create_index("households_contact_id_idx", "households", ["contact_id"], unique=False, schema="cell")
    op.create_index("households_label_idx", "households", ["unit_code", "folded_label"], unique=False, schema="cell")


def _merges() -> None:
    op.create_table(
        "merges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("undone_by", sa.Uuid()),
        sa.ForeignKeyConstraint(["kept_id"], ["cell.persons.id"], name="merges_kept_id_fkey"),
        sa.ForeignKeyConstraint(["merged_id"], ["cell.persons.id"], name="merges_merged_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="merges_pkey"),
        schema="cell",
    )
    op.create_index("merges_kept_id_idx", "merges", ["kept_id"], unique=False, schema="cell")
    op.create_index("merges_merged_id_idx", "merges", ["merged_id"], unique=False, schema="cell")


def _organisation_members() -> None:
    op.create_table(
        "organisation_members",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["cell.organisations.id"], name="organisation_members_organisation_id_fkey"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["cell.persons.id"], name="organisation_members_person_id_fkey"),
        sa.PrimaryKeyConstraint("organisation_id", "person_id", name="organisation_members_pkey"),
        schema="cell",
    )
    op.create_index(
        "organisation_members_person_id_idx", "organisation_members", ["person_id"], unique=False, schema="cell"
    )


def _targets() -> None:
    op.create_table(
        "targets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid()),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("share", sa.SmallInteger(), nullable=False),
        sa.Column("population", sa.Integer()),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid()),
        sa.ForeignKeyConstraint(["organisation_id"], ["cell.organisations.id"], name="targets_organisation_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="targets_pkey"),
        schema="cell",
    )
    op.create_index("targets_unit_code_idx", "targets", ["unit_code"], unique=False, schema="cell")


def _volunteers() -> None:
    op.create_table(
        "volunteers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("stopped_at", sa.DateTime(timezone=True)),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["contact_id"], ["cell.contacts.id"], name="volunteers_contact_id_fkey"),
        sa.ForeignKeyConstraint(["organisation_id"], ["cell.organisations.id"], name="volunteers_organisation_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="volunteers_pkey"),
        schema="cell",
    )
    op.create_index(
        "volunteers_contact_idx",
        "volunteers",
        ["contact_id"],
        unique=True,
        schema="cell",
        postgresql_where=sa.text("status IN ('waiting', 'active')"),
    )
    op.create_index(
        "volunteers_unit_idx",
        "volunteers",
        ["unit_code"],
        unique=False,
        schema="cell",
        postgresql_where=sa.text("status IN ('waiting', 'active')"),
    )


def _assignments() -> None:
    op.create_table(
        "assignments",
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_at", sa.DateTime(timezone=True)),
        sa.Column("by", sa.Uuid()),
        sa.ForeignKeyConstraint(["household_id"], ["cell.households.id"], name="assignments_household_id_fkey"),
        sa.ForeignKeyConstraint(["volunteer_id"], ["cell.volunteers.id"], name="assignments_volunteer_id_fkey"),
        sa.PrimaryKeyConstraint("volunteer_id", "household_id", "from_at", name="assignments_pkey"),
        schema="cell",
    )
    op.create_index(
        "assignments_now_idx",
        "assignments",
        ["household_id", "volunteer_id"],
        unique=True,
        schema="cell",
        postgresql_where=sa.text("to_at IS NULL"),
    )
    op.create_index(
        "assignments_volunteer_idx",
        "assignments",
        ["volunteer_id"],
        unique=False,
        schema="cell",
        postgresql_where=sa.text("to_at IS NULL"),
    )


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Uuid()),
        sa.Column("volunteer_id", sa.Uuid()),
        sa.Column("given_by", sa.Uuid()),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.Column("given_at", sa.DateTime(timezone=True)),
        sa.Column("refused_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("inbound_id", sa.Uuid()),
        sa.ForeignKeyConstraint(["contact_id"], ["cell.contacts.id"], name="consents_contact_id_fkey"),
        sa.ForeignKeyConstraint(["given_by"], ["cell.persons.id"], name="consents_given_by_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["cell.persons.id"], name="consents_person_id_fkey"),
        sa.ForeignKeyConstraint(["volunteer_id"], ["cell.volunteers.id"], name="consents_volunteer_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="consents_pkey"),
        schema="cell",
    )
    op.create_index(
        "consents_asked_idx",
        "consents",
        ["contact_id"],
        unique=False,
        schema="cell",
        postgresql_where=sa.text("given_at IS NULL AND refused_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.create_index("consents_volunteer_idx", "consents", ["volunteer_id"], unique=False, schema="cell")
    op.create_index("consents_person_idx", "consents", ["person_id", "purpose"], unique=False, schema="cell")


def _household_members() -> None:
    op.create_table(
        "household_members",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True)),
        sa.Column("guardian_id", sa.Uuid()),
        sa.ForeignKeyConstraint(["guardian_id"], ["cell.persons.id"], name="household_members_guardian_id_fkey"),
        sa.ForeignKeyConstraint(["household_id"], ["cell.households.id"], name="household_members_household_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["cell.persons.id"], name="household_members_person_id_fkey"),
        sa.PrimaryKeyConstraint("household_id", "person_id", "joined_at", name="household_members_pkey"),
        schema="cell",
    )
    op.create_index(
        "household_members_person_idx",
        "household_members",
        ["person_id"],
        unique=True,
        schema="cell",
        postgresql_where=sa.text("left_at IS NULL"),
    )


def _household_visits() -> None:
    op.create_table(
        "household_visits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("volunteer_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["cell.households.id"], name="household_visits_household_id_fkey"),
        sa.ForeignKeyConstraint(["volunteer_id"], ["cell.volunteers.id"], name="household_visits_volunteer_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="household_visits_pkey"),
        schema="cell",
    )
    op.create_index("household_visits_idx", "household_visits", ["household_id", "at"], unique=False, schema="cell")


def _needs() -> None:
    op.create_table(
        "needs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("volunteer_id", sa.Uuid()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("closed_by", sa.Uuid()),
        sa.ForeignKeyConstraint(["household_id"], ["cell.households.id"], name="needs_household_id_fkey"),
        sa.ForeignKeyConstraint(["volunteer_id"], ["cell.volunteers.id"], name="needs_volunteer_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="needs_pkey"),
        schema="cell",
    )
    op.create_index("needs_household_id_idx", "needs", ["household_id"], unique=False, schema="cell")
    op.create_index(
        "needs_open_idx",
        "needs",
        ["unit_code", "at"],
        unique=False,
        schema="cell",
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _handovers() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("accepted", sa.Boolean()),
        sa.ForeignKeyConstraint(["from_id"], ["cell.volunteers.id"], name="handovers_from_id_fkey"),
        sa.ForeignKeyConstraint(["household_id"], ["cell.households.id"], name="handovers_household_id_fkey"),
        sa.ForeignKeyConstraint(["to_id"], ["cell.volunteers.id"], name="handovers_to_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="handovers_pkey"),
        schema="cell",
    )
    op.create_index(
        "handovers_open_idx",
        "handovers",
        ["to_id", "household_id"],
        unique=True,
        schema="cell",
        postgresql_where=sa.text("answered_at IS NULL"),
    )
