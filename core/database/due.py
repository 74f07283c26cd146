"""The tables of a cell about what is due: check-ins, what is done about silence, and alerts."""

from __future__ import annotations

from sqlalchemy import ARRAY, Column, Date, ForeignKey, Index, SmallInteger, Table, Text, UniqueConstraint, Uuid, text

from core.database.shared import Instant
from core.database.tables import cell

_NOT_PERFORMED = text("status = 'not_performed'")


due_checks = Table(
    "due_checks",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("follow_up_id", Uuid, ForeignKey("cell.follow_ups.id"), nullable=False),
    Column("person_id", Uuid, ForeignKey("cell.persons.id"), nullable=False),
    Column("contact_id", Uuid, ForeignKey("cell.contacts.id")),  # null: they have no phone
    Column("unit_code", Text, nullable=False),
    Column("opens_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("remind_at", Instant, nullable=False),  # due_at, spread over some minutes by the phone
    Column("closes_at", Instant, nullable=False),
    # not_performed, seen_ok, seen_not_ok; non_reporting, and once a human tried: missed, not_attempted, uncooperative
    Column("status", Text, nullable=False),
    Column("reminded_at", Instant),
    Column("rung", SmallInteger, nullable=False, server_default="0"),  # of the silence ladder, that was climbed last
    Column("climb_at", Instant),  # when the next one is due; null: none any more
    Column("record_id", Uuid),
    UniqueConstraint("person_id", "due_at"),
    Index("due_checks_open_idx", "due_at", postgresql_where=_NOT_PERFORMED),
    Index(
        "due_checks_remind_idx",
        "remind_at",
        postgresql_where=text("status = 'not_performed' AND reminded_at IS NULL AND contact_id IS NOT NULL"),
    ),
    Index("due_checks_climb_idx", "climb_at", postgresql_where=text("climb_at IS NOT NULL")),
    Index("due_checks_silent_idx", "due_at", postgresql_where=text("status = 'non_reporting'")),
    Index("due_checks_contact_idx", "contact_id", postgresql_where=_NOT_PERFORMED),
    Index("due_checks_unit_idx", "unit_code", "due_at"),
    Index("due_checks_follow_up_idx", "follow_up_id", "due_at"),
    Index("due_checks_record_idx", "record_id", postgresql_where=text("record_id IS NOT NULL")),
)
"""The follow-up list: one row made ahead per person and due time."""

ladder_steps = Table(
    "ladder_steps",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("due_check_id", Uuid, ForeignKey("cell.due_checks.id", ondelete="CASCADE"), nullable=False),
    Column("person_id", Uuid, ForeignKey("cell.persons.id"), nullable=False),
    Column("rung", SmallInteger, nullable=False),
    Column("step", Text, nullable=False),  # nudge, other_channel, household, volunteer, station
    Column("outcome", Text, nullable=False),  # done, or why not
    Column("message_id", Uuid),
    Column("at", Instant, nullable=False),
    UniqueConstraint("due_check_id", "rung"),
    Index("ladder_steps_person_idx", "person_id", "at"),
)
"""What was done about a silent person, or why not."""

contact_attempts = Table(
    "contact_attempts",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("cell.persons.id"), nullable=False),
    Column("follow_up_id", Uuid, ForeignKey("cell.follow_ups.id")),
    Column("unit_code", Text, nullable=False),
    Column("by_kind", Text, nullable=False),  # staff, duty, volunteer
    Column("by", Uuid, nullable=False),
    Column("at", Instant, nullable=False),
    Column("via", Text, nullable=False),  # phone, visit, chat
    Column("outcome", Text, nullable=False),  # reached, not_reached, refused, left_the_place, absent
    Column("note", Text, nullable=False, server_default=""),
    Index("contact_attempts_person_idx", "person_id", "at"),
    Index("contact_attempts_unit_idx", "unit_code", "at"),
)
"""A human tried to reach somebody."""

presence_checks = Table(
    "presence_checks",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey("cell.persons.id"), nullable=False),
    Column("follow_up_id", Uuid, ForeignKey("cell.follow_ups.id"), nullable=False),
    Column("contact_id", Uuid, ForeignKey("cell.contacts.id")),  # who was asked
    Column("kind", Text, nullable=False),  # call_back, household, location
    Column("asked_at", Instant, nullable=False),  # or when they are to be
    Column("asked_by", Uuid),  # null: by the rule of their unit
    Column("told_at", Instant),  # when the question was put in line
    Column("expires_at", Instant, nullable=False),
    Column("answered_at", Instant),
    # there, late, not_there, refused, stopped, unanswered; or why nobody was asked
    Column("outcome", Text, nullable=False, server_default=""),
    Column("place", Text, nullable=False, server_default=""),  # what a shared point said: near, far, unknown; no point
    Index("presence_checks_person_idx", "person_id", "asked_at"),
    Index("presence_checks_open_idx", "expires_at", postgresql_where=text("outcome = ''")),
    Index("presence_checks_contact_idx", "contact_id", postgresql_where=text("outcome = ''")),
)
"""Whether somebody is where they are to be, as far as a phone with buttons can tell."""

presence_rules = Table(
    "presence_rules",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("unit_code", Text, nullable=False),  # and the units below it that have none of their own
    Column("from_on", Date, nullable=False),
    Column("until_on", Date),  # the first day on which it does not hold any more
    Column("times_a_week", SmallInteger, nullable=False),  # by itself; 0: only when staff ask
    Column("minutes", SmallInteger, nullable=False),  # to answer
    Column("document", Text, nullable=False),
    Column("approved_by", Text, nullable=False),
    Column("planned_on", Date),  # the last day whose questions were made
    Column("created_at", Instant, nullable=False),
    Index("presence_rules_unit_idx", "unit_code", unique=True, postgresql_where=text("until_on IS NULL")),
)
"""Where people may be asked for a sign of presence. Nowhere, unless a row says so."""

alerts = Table(
    "alerts",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False, server_default=""),  # four digits: what a duty phone answers to
    Column("kind", Text, nullable=False),  # core.conversation.effects.AlertKind
    Column("letter", Text, nullable=False, server_default=""),  # about whom on this phone; "" if not known
    Column("contact_id", Uuid, ForeignKey("cell.contacts.id")),  # null: about somebody without a phone
    Column("person_id", Uuid, ForeignKey("cell.persons.id")),
    Column("unit_code", Text, nullable=False),
    Column("signs", ARRAY(Text), nullable=False),
    Column("reasons", ARRAY(Text), nullable=False, server_default=text("'{}'")),  # of the triage table
    Column("inbound_id", Uuid, nullable=False),  # or of what else raised it
    Column("status", Text, nullable=False),  # waiting, open, taken, closed, withdrawn
    Column("raise_at", Instant, nullable=False),  # when a doubt left unanswered becomes an alert
    Column("tier", SmallInteger, nullable=False, server_default="0"),  # told last: 0 station, 1 centre, 2 province
    Column("escalate_at", Instant),  # when the next tier is told, if nobody took it; null: nobody is left
    Column("again_at", Instant),  # when telling begins anew, since nobody could be told, or nobody of them took it
    Column("told", SmallInteger, nullable=False, server_default="0"),  # how often duty phones of some unit were told
    Column("moved_at", Instant),  # when another unit took the person over, with this; or they asked again
    Column("taken_by", Uuid),  # a staff member, or a duty phone
    Column("taken_at", Instant),
    Column("closed_at", Instant),
    Column("result", Text, nullable=False, server_default=""),
    UniqueConstraint("inbound_id", "kind", "letter"),
    Index("alerts_open_idx", "unit_code", "raise_at", postgresql_where=text("status IN ('open', 'taken')")),
    Index("alerts_waiting_idx", "raise_at", postgresql_where=text("status = 'waiting'")),
    Index("alerts_contact_idx", "contact_id", postgresql_where=text("status IN ('waiting', 'open', 'taken')")),
    Index("alerts_person_idx", "person_id", postgresql_where=text("status IN ('waiting', 'open', 'taken')")),
    Index(
        "alerts_code_idx",
        "code",
        unique=True,
        postgresql_where=text("code <> ''"),
    ),
    Index(
        "alerts_untold_idx",
        "raise_at",
        postgresql_where=text("status = 'open' AND code = '' AND again_at IS NULL"),
    ),
    Index("alerts_again_idx", "again_at", postgresql_where=text("status = 'open' AND again_at IS NOT NULL")),
    Index(
        "alerts_escalate_idx",
        "escalate_at",
        postgresql_where=text("status = 'open' AND escalate_at IS NOT NULL"),
    ),
)

alert_notices = Table(
    "alert_notices",
    cell,
    Column("alert_id", Uuid, ForeignKey("cell.alerts.id"), primary_key=True),
    Column("duty_id", Uuid, primary_key=True),  # shared.duty_phones
    Column("told", SmallInteger, primary_key=True, autoincrement=False),  # the alert's, when it was
    Column("tier", SmallInteger, nullable=False),
    Column("message_id", Uuid),  # null: there was no way to send it
    Column("at", Instant, nullable=False),
    Index("alert_notices_message_idx", "message_id", postgresql_where=text("message_id IS NOT NULL")),
)
"""Which duty phones were told of an alert."""
