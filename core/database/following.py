"""The tables of a cell about following people: follow-ups, and what was decided about somebody.

Statuses and words are explained where they are used (`core.care`); ids, instants and the token `cell` as in
`core.database.tables`.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from core.database.shared import Instant
from core.database.tables import cell

_FOLLOWED = text("status = 'under_follow_up'")
_NONE = text("'{}'")


facilities = Table(
    "facilities",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),  # facility, hotel, hospital
    Column("unit_code", Text, nullable=False, index=True),  # whose staff run its roster
    Column("address", Text, nullable=False, server_default=""),
    Column("phone", Text, nullable=False, server_default=""),
    Column("capacity", SmallInteger),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("created_at", Instant, nullable=False),
)
"""Places where people are quarantined or treated, other than homes."""

clusters = Table(
    "clusters",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("unit_code", Text, nullable=False, index=True),
    Column("note", Text, nullable=False, server_default=""),
    Column("opened_on", Date, nullable=False),
    Column("closed_on", Date),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Uuid),
)
"""Cases that belong together."""

follow_ups = Table(
    "follow_ups",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("cell.persons.id"), nullable=False),
    Column("contact_id", Uuid, ForeignKey("cell.contacts.id")),  # where they are asked; null: they have no phone
    Column("unit_code", Text, nullable=False),
    Column("group", Text, nullable=False),  # F0, F1, F2, F3, arrival, area
    Column("place", Text, nullable=False),  # home, facility, hotel, hospital
    Column("facility_id", Uuid, ForeignKey("cell.facilities.id")),
    Column("room", Text, nullable=False, server_default=""),
    Column("home_point", Text, nullable=False, server_default=""),  # "22.533,103.891": staff entered it
    Column("start_on", Date, nullable=False),
    Column("end_on", Date, nullable=False),  # the last day, watching included
    Column("watch_from", Date),  # the first day on which they only watch themselves; null: none
    Column("last_contact_on", Date),
    Column("vaccinated", Boolean),  # null: not known
    Column("test_days", ARRAY(SmallInteger), nullable=False, server_default=_NONE),  # counted from 1, the first day
    Column("document", Text, nullable=False, server_default=""),  # what the days come from
    Column("hours", ARRAY(SmallInteger), nullable=False),
    Column("status", Text, nullable=False),  # to_verify, under_follow_up, completed, lost_to_follow_up, cancelled
    Column("planned_until", Date),  # due check-ins are made up to this day
    Column("source", Text, nullable=False, server_default="staff"),  # staff, import, risk, area
    Column("source_id", Uuid),  # the record, or the decision
    Column("cluster_id", Uuid, ForeignKey("cell.clusters.id")),
    Column("opened_at", Instant),
    Column("opened_by", Uuid),
    Column("verify_by", Instant),  # until when staff are to look at it
    Column("welcomed_at", Instant),  # the first word; it is no reminder
    Column("last_day_told_at", Instant),
    Column("days_changed_at", Instant),  # when their last day became another one; null: they know
    Column("ended_at", Instant),
    Column("ended_by", Uuid),
    Column("end_reason", Text, nullable=False, server_default=""),
    Column("release_code", Text, unique=True),  # anybody may check it
    Column("release_told_at", Instant),  # when they were told of it, or that they cannot be
    Index("follow_ups_open_idx", "unit_code", postgresql_where=_FOLLOWED),
    Index("follow_ups_plan_idx", "planned_until", postgresql_where=_FOLLOWED),
    Index("follow_ups_end_idx", "end_on", postgresql_where=_FOLLOWED),
    Index("follow_ups_contact_idx", "contact_id", postgresql_where=_FOLLOWED),
    Index("follow_ups_verify_idx", "unit_code", "verify_by", postgresql_where=text("status = 'to_verify'")),
    Index(
        "follow_ups_unwelcomed_idx",
        "opened_at",
        postgresql_where=text("status = 'under_follow_up' AND welcomed_at IS NULL"),
    ),
    Index(
        "follow_ups_untold_idx",
        "ended_at",
        postgresql_where=text("status = 'completed' AND release_told_at IS NULL"),
    ),
    Index("follow_ups_changed_idx", "days_changed_at", postgresql_where=text("days_changed_at IS NOT NULL")),
    Index("follow_ups_ended_idx", "unit_code", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
    Index("follow_ups_facility_idx", "facility_id", "room", postgresql_where=_FOLLOWED),
    Index("follow_ups_cluster_idx", "cluster_id", postgresql_where=text("cluster_id IS NOT NULL")),
    Index("follow_ups_source_idx", "source_id", postgresql_where=text("source_id IS NOT NULL")),
    Index("follow_ups_history_idx", "person_id", "start_on"),
    Index(
        "follow_ups_person_idx",
        "person_id",
        unique=True,
        postgresql_where=text("status IN ('to_verify', 'under_follow_up')"),
    ),
)
"""Who is followed, why, how long, by which rule. One open follow-up a person."""

follow_up_events = Table(
    "follow_up_events",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("follow_up_id", Uuid, ForeignKey("cell.follow_ups.id"), nullable=False),
    Column("person_id", Uuid, ForeignKey("cell.persons.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Uuid),  # a staff member; null: a rule did it
    Column("unit_code", Text, nullable=False),  # of whoever did it
    Column("kind", Text, nullable=False),  # opened, verified, extended, moved, level, result, released, ...
    Column("detail", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Index("follow_up_events_idx", "follow_up_id", "at"),
    Index("follow_up_events_person_idx", "person_id", "at"),
)
"""What was decided about a follow-up, in its order. Nothing is ever changed here."""

transfers = Table(
    "transfers",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("follow_up_id", Uuid, ForeignKey("cell.follow_ups.id"), nullable=False),
    Column("person_id", Uuid, ForeignKey("cell.persons.id"), nullable=False),
    Column("from_unit", Text, nullable=False),
    Column("to_unit", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="offered"),  # offered, accepted, refused, withdrawn
    Column("reason", Text, nullable=False, server_default=""),
    Column("offered_at", Instant, nullable=False),
    Column("offered_by", Uuid),
    Column("answered_at", Instant),
    Column("answered_by", Uuid),
    Column("answer", Text, nullable=False, server_default=""),
    Index("transfers_open_idx", "follow_up_id", unique=True, postgresql_where=text("status = 'offered'")),
    Index("transfers_person_idx", "person_id"),
    Index("transfers_to_idx", "to_unit", "offered_at"),
    Index("transfers_from_idx", "from_unit", "offered_at"),
)
"""A follow-up that goes from one unit to another, once that one takes it. Both see it."""

exposures = Table(
    "exposures",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("cell.persons.id"), nullable=False, index=True),
    Column("source_person_id", Uuid, ForeignKey("cell.persons.id"), index=True),  # null: only told of
    Column("last_contact_on", Date),
    Column("cluster_id", Uuid, ForeignKey("cell.clusters.id")),
    Column("note", Text, nullable=False, server_default=""),
    Column("at", Instant, nullable=False),
    Column("by", Uuid),
)
"""Who was near whom, and when last."""

level_proposals = Table(
    "level_proposals",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("cell.persons.id"), nullable=False),
    Column("follow_up_id", Uuid, ForeignKey("cell.follow_ups.id"), nullable=False),
    Column("exposure_id", Uuid, ForeignKey("cell.exposures.id")),
    Column("listed", Boolean, nullable=False, server_default=text("false")),  # a list of staff's says so
    Column("unit_code", Text, nullable=False),
    Column("from_group", Text, nullable=False),
    Column("to_group", Text, nullable=False),
    Column("last_contact_on", Date),
    Column("status", Text, nullable=False, server_default="proposed"),  # proposed, confirmed, rejected, void
    Column("at", Instant, nullable=False),
    Column("decided_at", Instant),
    Column("decided_by", Uuid),
    Column("note", Text, nullable=False, server_default=""),
    Column("told_at", Instant),  # when the person was told of the other days
    UniqueConstraint("follow_up_id", "to_group", "exposure_id"),
    Index(
        "level_proposals_own_idx",
        "follow_up_id",
        "to_group",
        "listed",
        unique=True,
        postgresql_where=text("exposure_id IS NULL AND status = 'proposed'"),
    ),
    Index(
        "level_proposals_untold_idx", "decided_at", postgresql_where=text("status = 'confirmed' AND told_at IS NULL")
    ),
    Index("level_proposals_open_idx", "unit_code", "at", postgresql_where=text("status = 'proposed'")),
)
"""A level that follows from another person's result; it counts once the CDC has confirmed it."""

test_results = Table(
    "test_results",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("cell.persons.id"), nullable=False),
    Column("follow_up_id", Uuid, ForeignKey("cell.follow_ups.id")),
    Column("unit_code", Text, nullable=False),
    Column("kind", Text, nullable=False),  # pcr, antigen
    Column("sampled_on", Date, nullable=False),
    Column("result", Text, nullable=False),  # pending, positive, negative, invalid
    Column("laboratory", Text, nullable=False, server_default=""),
    Column("at", Instant, nullable=False),
    Column("by", Uuid),
    Index("test_results_person_idx", "person_id", "sampled_on"),
)

area_decisions = Table(
    "area_decisions",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("unit_code", Text, nullable=False, index=True),
    Column("hamlet", Text, nullable=False, server_default=""),  # empty: all of the commune
    Column("document", Text, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date, nullable=False),
    Column("hours", ARRAY(SmallInteger), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Uuid),
    Column("opened_to", Uuid),  # the last person for whom a follow-up was opened: the next page begins behind
    Column("opened_at", Instant),  # when all had one
    Column("ended_at", Instant),
    Index("area_decisions_open_idx", "created_at", postgresql_where=text("opened_at IS NULL AND ended_at IS NULL")),
)
"""One decision that puts all who live somewhere under follow-up."""
