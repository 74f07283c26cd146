"""The tables of a cell about people together: households, volunteers, organisations, and what people agreed to."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, SmallInteger, Table, Text, Uuid, text

from core.database.shared import Instant
from core.database.tables import cell

_HERE = text("left_at IS NULL")


households = Table(
    "households",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("unit_code", Text, nullable=False),
    Column("hamlet", Text, nullable=False, server_default=""),
    Column("label", Text, nullable=False),  # as neighbours say it: "nha ba May"
    Column("folded_label", Text, nullable=False),
    Column("address", Text, nullable=False, server_default=""),
    Column("contact_id", Uuid, ForeignKey("cell.contacts.id"), index=True),  # whose phone answers for it
    Column("created_at", Instant, nullable=False),
    Column("created_by", Uuid),
    Index("households_label_idx", "unit_code", "folded_label"),
)

household_members = Table(
    "household_members",
    cell,
    Column("household_id", Uuid, ForeignKey("cell.households.id"), primary_key=True),
    Column("person_id", Uuid, ForeignKey("cell.persons.id"), primary_key=True),
    Column("joined_at", Instant, primary_key=True),
    Column("left_at", Instant),
    Column("guardian_id", Uuid, ForeignKey("cell.persons.id")),  # who agrees for a child, or who cannot decide
    Index("household_members_person_idx", "person_id", unique=True, postgresql_where=_HERE),
)
"""Who lives, or lived, together. Nobody lives in two households at a time."""

volunteers = Table(
    "volunteers",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("contact_id", Uuid, ForeignKey("cell.contacts.id"), nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("organisation_id", Uuid, ForeignKey("cell.organisations.id")),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),  # waiting, active, refused, stopped
    Column("asked_at", Instant, nullable=False),
    Column("decided_at", Instant),
    Column("decided_by", Uuid),
    Column("stopped_at", Instant),
    Column("told_at", Instant),  # when they were told what staff decided
    Index(
        "volunteers_contact_idx",
        "contact_id",
        unique=True,
        postgresql_where=text("status IN ('waiting', 'active')"),
    ),
    Index("volunteers_unit_idx", "unit_code", postgresql_where=text("status IN ('waiting', 'active')")),
)

assignments = Table(
    "assignments",
    cell,
    Column("volunteer_id", Uuid, ForeignKey("cell.volunteers.id"), primary_key=True),
    Column("household_id", Uuid, ForeignKey("cell.households.id"), primary_key=True),
    Column("from_at", Instant, primary_key=True),
    Column("to_at", Instant),
    Column("by", Uuid),  # the staff member; null: the volunteer found or handed it over
    Index(
        "assignments_now_idx",
        "household_id",
        "volunteer_id",
        unique=True,
        postgresql_where=text("to_at IS NULL"),
    ),
    Index("assignments_volunteer_idx", "volunteer_id", postgresql_where=text("to_at IS NULL")),
)
"""Which volunteer looks after which household."""

consents = Table(
    "consents",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("cell.persons.id"), nullable=False),
    Column("purpose", Text, nullable=False),  # declare_for, tell_household, tell_volunteer, location
    Column("basis", Text, nullable=False),  # text: they wrote it; spoken: somebody heard it
    Column("contact_id", Uuid, ForeignKey("cell.contacts.id")),  # whose phone was asked
    Column("volunteer_id", Uuid, ForeignKey("cell.volunteers.id")),  # for whom, or who heard it
    Column("given_by", Uuid, ForeignKey("cell.persons.id")),  # a representative; null: themselves
    Column("asked_at", Instant, nullable=False),
    Column("told_at", Instant),  # when the question was put in line; null: to be asked, or spoken
    Column("given_at", Instant),
    Column("refused_at", Instant),
    Column("withdrawn_at", Instant),
    Column("inbound_id", Uuid),  # the message that said so
    Index("consents_person_idx", "person_id", "purpose"),
    Index(
        "consents_asked_idx",
        "contact_id",
        postgresql_where=text("given_at IS NULL AND refused_at IS NULL AND withdrawn_at IS NULL"),
    ),
    Index("consents_volunteer_idx", "volunteer_id"),
)
"""Who agreed to what, how and when. A withdrawal is written into the row that it ends."""

handovers = Table(
    "handovers",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("household_id", Uuid, ForeignKey("cell.households.id"), nullable=False),
    Column("from_id", Uuid, ForeignKey("cell.volunteers.id"), nullable=False),
    Column("to_id", Uuid, ForeignKey("cell.volunteers.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("told_at", Instant),
    Column("answered_at", Instant),
    Column("accepted", Boolean),
    Index("handovers_open_idx", "to_id", "household_id", unique=True, postgresql_where=text("answered_at IS NULL")),
)
"""A household that one volunteer offers to another, who takes it or does not."""

needs = Table(
    "needs",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("household_id", Uuid, ForeignKey("cell.households.id"), nullable=False, index=True),
    Column("unit_code", Text, nullable=False),
    Column("kind", Text, nullable=False),  # food, medicine, other; wish: a volunteer asks for it
    Column("note", Text, nullable=False, server_default=""),
    Column("volunteer_id", Uuid, ForeignKey("cell.volunteers.id")),
    Column("at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", Uuid),
    Index("needs_open_idx", "unit_code", "at", postgresql_where=text("closed_at IS NULL")),
)
"""What a household lacks."""

household_visits = Table(
    "household_visits",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("household_id", Uuid, ForeignKey("cell.households.id"), nullable=False),
    Column("volunteer_id", Uuid, ForeignKey("cell.volunteers.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Index("household_visits_idx", "household_id", "at"),
)

merges = Table(
    "merges",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("kept_id", Uuid, ForeignKey("cell.persons.id"), nullable=False, index=True),
    Column("merged_id", Uuid, ForeignKey("cell.persons.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("by", Uuid, nullable=False),
    Column("undone_at", Instant),
    Column("undone_by", Uuid),
)
"""Staff said that two persons are one. No row of theirs is changed, so that it can be undone."""

organisations = Table(
    "organisations",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False, unique=True),  # what members type to join
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),  # school, office, team, union
    Column("unit_code", Text, nullable=False, index=True),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("created_at", Instant, nullable=False),
)

organisation_members = Table(
    "organisation_members",
    cell,
    Column("organisation_id", Uuid, ForeignKey("cell.organisations.id"), primary_key=True),
    Column("person_id", Uuid, ForeignKey("cell.persons.id"), primary_key=True, index=True),
    Column("joined_at", Instant, nullable=False),
    Column("left_at", Instant),
)

targets = Table(
    "targets",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("unit_code", Text, nullable=False, index=True),
    Column("organisation_id", Uuid, ForeignKey("cell.organisations.id")),  # null: all who live there
    Column("title", Text, nullable=False),
    Column("kind", Text, nullable=False),  # declared, updated
    Column("share", SmallInteger, nullable=False),  # percent
    Column("population", Integer),  # of whom; null: those known
    Column("due_on", Date, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Uuid),
)
"""How many of a unit's people, or of an organisation's members, are to have declared until when."""
