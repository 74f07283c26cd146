"""Follow-ups that are decided about: clusters, contacts, results, transfers, facilities, areas."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    _area_decisions()
    _clusters()
    _facilities()
    _exposures()
    _follow_up_events()
    _level_proposals()
    _test_results()
    _transfers()


def downgrade() -> None:
    for table in (
        "transfers",
        "test_results",
        "level_proposals",
        "follow_up_events",
        "exposures",
        "facilities",
        "clusters",
        "area_decisions",
    ):
        op.drop_table(table, schema="cell")


def _area_decisions() -> None:
    op.create_table(
        "area_decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("hamlet", sa.Text(), server_default="", nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("hours", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid()),
        sa.Column("opened_to", sa.Uuid()),
        sa.Column("opened_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="area_decisions_pkey"),
        schema="cell",
    )
    op.create_index(
        "area_decisions_open_idx",
        "area_decisions",
        ["created_at"],
        unique=False,
        schema="cell",
        postgresql_where=sa.text("opened_at IS NULL AND ended_at IS NULL"),
    )
    op.create_index("area_decisions_unit_code_idx", "area_decisions", ["unit_code"], unique=False, schema="cell")


def _clusters() -> None:
    op.create_table(
        "clusters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid()),
        sa.PrimaryKeyConstraint("id", name="clusters_pkey"),
        schema="cell",
    )
    op.create_index("clusters_unit_code_idx", "clusters", ["unit_code"], unique=False, schema="cell")


def _facilities() -> None:
    op.create_table(
        "facilities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("capacity", sa.SmallInteger()),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="facilities_pkey"),
        schema="cell",
    )
    op.create_index("facilities_unit_code_idx", "facilities", ["unit_code"], unique=False, schema="cell")


def _exposures() -> None:
    op.create_table(
        "exposures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("source_person_id", sa.Uuid()),
        sa.Column("last_contact_on", sa.Date()),
        sa.Column("cluster_id", sa.Uuid()),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid()),
        sa.ForeignKeyConstraint(["cluster_id"], ["cell.clusters.id"], name="exposures_cluster_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["cell.persons.id"], name="exposures_person_id_fkey"),
        sa.ForeignKeyConstraint(["source_person_id"], ["cell.persons.id"], name="exposures_source_person_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="exposures_pkey"),
        schema="cell",
    )
    op.create_index("exposures_person_id_idx", "exposures", ["person_id"], unique=False, schema="cell")
    op.create_index("exposures_source_person_id_idx", "exposures", ["source_person_id"], unique=False, schema="cell")


def _follow_up_events() -> None:
    op.create_table(
        "follow_up_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("follow_up_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid()),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("detail", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.ForeignKeyConstraint(["follow_up_id"], ["cell.follow_ups.id"], name="follow_up_events_follow_up_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["cell.persons.id"], name="follow_up_events_person_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="follow_up_events_pkey"),
        schema="cell",
    )
    op.create_index("follow_up_events_idx", "follow_up_events", ["follow_up_id", "at"], unique=False, schema="cell")
    op.create_index("follow_up_events_person_idx", "follow_up_events", ["person_id", "at"], unique=False, schema="cell")


def _level_proposals() -> None:
    op.create_table(
        "level_proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("follow_up_id", sa.Uuid(), nullable=False),
        sa.Column("exposure_id", sa.Uuid()),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("from_group", sa.Text(), nullable=False),
        sa.Column("to_group", sa.Text(), nullable=False),
        sa.Column("last_contact_on", sa.Date()),
        sa.Column("status", sa.Text(), server_default="proposed", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["exposure_id"], ["cell.exposures.id"], name="level_proposals_exposure_id_fkey"),
        sa.ForeignKeyConstraint(["follow_up_id"], ["cell.follow_ups.id"], name="level_proposals_follow_up_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["cell.persons.id"], name="level_proposals_person_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="level_proposals_pkey"),
        sa.UniqueConstraint(
            "follow_up_id", "to_group", "exposure_id", name="level_proposals_follow_up_id_to_group_exposure_id_key"
        ),
        schema="cell",
    )
    op.create_index(
        "level_proposals_open_idx",
        "level_proposals",
        ["unit_code", "at"],
        unique=False,
        schema="cell",
        postgresql_where=sa.text("status = 'proposed'"),
    )
    op.create_index(
        "level_proposals_own_idx",
        "level_proposals",
        ["follow_up_id", "to_group"],
        unique=True,
        schema="cell",
        postgresql_where=sa.text("exposure_id IS NULL AND status = 'proposed'"),
    )
    op.create_index(
        "level_proposals_untold_idx",
        "level_proposals",
        ["decided_at"],
        unique=False,
        schema="cell",
        postgresql_where=sa.text("status = 'confirmed' AND told_at IS NULL"),
    )


def _test_results() -> None:
    op.create_table(
        "test_results",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("follow_up_id", sa.Uuid()),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sampled_on", sa.Date(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("laboratory", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid()),
        sa.ForeignKeyConstraint(["follow_up_id"], ["cell.follow_ups.id"], name="test_results_follow_up_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["cell.persons.id"], name="test_results_person_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="test_results_pkey"),
        schema="cell",
    )
    op.create_index("test_results_person_idx", "test_results", ["person_id", "sampled_on"], unique=False, schema="cell")


def _transfers() -> None:
    op.create_table(
        "transfers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("follow_up_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("from_unit", sa.Text(), nullable=False),
        sa.Column("to_unit", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="offered", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_by", sa.Uuid()),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("answered_by", sa.Uuid()),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["follow_up_id"], ["cell.follow_ups.id"], name="transfers_follow_up_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["cell.persons.id"], name="transfers_person_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="transfers_pkey"),
        schema="cell",
    )
    op.create_index("transfers_person_idx", "transfers", ["person_id"], unique=False, schema="cell")
    op.create_index("transfers_from_idx", "transfers", ["from_unit", "offered_at"], unique=False, schema="cell")
    op.create_index(
        "transfers_open_idx",
        "transfers",
        ["follow_up_id"],
        unique=True,
        schema="cell",
        postgresql_where=sa.text("status = 'offered'"),
    )
    op.create_index("transfers_to_idx", "transfers", ["to_unit", "offered_at"], unique=False, schema="cell")
