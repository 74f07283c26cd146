"""The tables of a cell: everything of one province's people. `cell` is a token: an engine maps it to the real schema
(`core.database.engine`). No statement joins a cell with the shared schema, so that a cell can move to another machine.

Instants are `timestamptz`, ids are time-ordered UUIDs made by the program.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    MetaData,
    Numeric,
    Sequence,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from core.database.shared import NAMES, Instant

cell = MetaData(schema="cell", naming_convention=NAMES)


contacts = Table(
    "contacts",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("language", Text, nullable=False, server_default="vi"),
    Column("accents", Boolean, nullable=False, server_default=text("false")),
    Column("unit_code", Text),  # where they said they live; null until known
    Column("channel", Text, nullable=False),  # what they used last
    Column("address", Text, nullable=False),
    Column("session", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("seq", BigInteger, nullable=False, server_default="0"),  # orders this contact's outgoing messages
    Column("seen_at", Instant, nullable=False),
    Column("phone", Text, nullable=False, server_default=""),  # E.164: to call them back, said or linked
    Column("replies_at", Instant),  # until when what we may answer is used up (`core.pipeline.replies`)
    Column("forget_at", Instant),  # when to look whether words of theirs are to be forgotten; null: no new ones
    Index("contacts_forget_idx", "forget_at", postgresql_where=text("forget_at IS NOT NULL")),
)
"""The owner of one or more addresses: a phone in practice, never a person. The row is the session's lock."""

addresses = Table(
    "addresses",
    cell,
    Column("channel", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("contact_id", Uuid, ForeignKey("cell.contacts.id"), nullable=False, index=True),
    Column("stopped_at", Instant),  # said STOP: we start nothing here
    Column("unreachable_at", Instant),
    Column("unreachable_code", Text, nullable=False, server_default=""),
    Column("heard_at", Instant),  # when something last came from there
    Column("failures", SmallInteger, nullable=False, server_default="0"),  # refusals for good since then, in a row
)

inbox = Table(
    "inbox",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("contact_id", Uuid, ForeignKey("cell.contacts.id"), nullable=False),
    Column("address", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("media", Text, nullable=False, server_default=""),
    Column("mark", Text, nullable=False, server_default=""),  # of the question whose button was tapped
    Column("phone", Text, nullable=False, server_default=""),  # their own number, shared in a chat
    Column("received_at", Instant, nullable=False),
    Column("state", Text, nullable=False),  # done, waiting, failed
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("retry_at", Instant),
    Column("error", Text, nullable=False, server_default=""),
    UniqueConstraint("channel", "external_id"),
    Index("inbox_waiting_idx", "contact_id", "id", postgresql_where=text("state = 'waiting'")),
    Index("inbox_contact_idx", "contact_id", "received_at"),
    Index("inbox_heard_idx", "channel", "received_at"),
    Index("inbox_failed_idx", "received_at", postgresql_where=text("state = 'failed'")),
)

_WARNING = "priority = 0 AND status = 'queued' AND fell_back_at IS NULL"
_ASKED = "kind = 'reminder' AND status IN ('sent', 'delivered')"

outbox = Table(
    "outbox",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("contact_id", Uuid, ForeignKey("cell.contacts.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("inbound_id", Uuid),
    Column("due_check_id", Uuid),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("priority", SmallInteger, nullable=False),  # 0 danger, 1 reply, 2 what we start, 3 news
    Column("text", Text, nullable=False),
    Column("choices", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("parts", SmallInteger, nullable=False),
    Column("status", Text, nullable=False, server_default="queued"),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("lease", Uuid),  # the fencing token: only its holder may settle
    Column("lease_until", Instant),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("provider_id", Text),
    Column("error", Text, nullable=False, server_default=""),
    Column("sent_at", Instant),
    Column("fallback_of", Uuid),  # the first of the messages with these words, which failed
    Column("fell_back_at", Instant),  # when another way was looked for after it failed
    UniqueConstraint("contact_id", "seq"),
    Index("outbox_open_idx", "channel", "priority", "due_at", postgresql_where=text("status IN ('queued', 'sending')")),
    Index("outbox_line_idx", "channel", "address", "seq", postgresql_where=text("status IN ('queued', 'sending')")),
    Index("outbox_provider_idx", "channel", "provider_id", postgresql_where=text("provider_id IS NOT NULL")),
    Index("outbox_failed_idx", "expires_at", postgresql_where=text("status = 'failed' AND fell_back_at IS NULL")),
    Index("outbox_warning_idx", "created_at", postgresql_where=text(_WARNING)),
    Index("outbox_fallback_idx", "fallback_of", postgresql_where=text("fallback_of IS NOT NULL")),
    Index("outbox_asked_idx", "channel", "created_at", postgresql_where=text(_ASKED)),
    Index("outbox_check_idx", "due_check_id", postgresql_where=text("due_check_id IS NOT NULL AND status = 'queued'")),
)

outbox_history = Table(
    "outbox_history",
    cell,
    Column("message_id", Uuid, primary_key=True),
    Column("number", BigInteger, Identity(), primary_key=True),  # their order
    Column("at", Instant, nullable=False),  # the database's clock
    Column("status", Text, nullable=False),  # the message's, or what a report said without moving it
    Column("source", Text, nullable=False),  # row: the message itself changed; report: a provider said so
    Column("attempts", SmallInteger, nullable=False),
    Column("error", Text, nullable=False, server_default=""),
    Index("outbox_history_at_idx", "at"),
)
"""Every step of every outgoing message, written by a trigger on `outbox`, so that no statement can forget it. Holds
neither address nor words."""

spending = Table(
    "spending",
    cell,
    Column("day", Date, primary_key=True),  # in Vietnam
    Column("unit_code", Text, primary_key=True),  # theirs; empty: of no known unit
    Column("parts", BigInteger, nullable=False, server_default="0"),
    Column("amount", BigInteger, nullable=False, server_default="0"),  # đồng
    Column("warned_at", Instant),  # when it was said that most of the budget is spent
)
"""What messages to a unit's people cost, by day."""

persons = Table(
    "persons",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("full_name", Text, nullable=False, server_default=""),  # as typed
    Column("folded_name", Text, nullable=False, server_default=""),
    Column("sort_key", Text, nullable=False, server_default=""),  # given name first
    Column("year_of_birth", SmallInteger),
    Column("gender", Text),
    Column("nationality", Text, nullable=False, server_default="VN"),
    Column("unit_code", Text, index=True),
    Column("address", Text, nullable=False, server_default=""),
    Column("hamlet", Text, nullable=False, server_default=""),  # the part of the commune, as staff name it
    Column("merged_into", Uuid, ForeignKey("cell.persons.id")),  # the same person, staff said; null: stands for itself
    Column("forward_seq", BigInteger, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Index("persons_name_idx", "unit_code", "folded_name"),
    Index("persons_merged_idx", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
)

members = Table(
    "members",
    cell,
    Column("contact_id", Uuid, ForeignKey("cell.contacts.id"), primary_key=True),
    Column("letter", Text, primary_key=True),  # A, B, ...: how one phone names several people
    Column("person_id", Uuid, ForeignKey("cell.persons.id"), nullable=False, index=True),
)
"""Who answers on a contact's phone. One phone, several people; one person, several phones."""

records = Table(
    "records",
    cell,
    Column("id", Uuid, primary_key=True),
    Column("number", BigInteger, Identity(), nullable=False),  # arrival order, for exports
    Column("root", Uuid, nullable=False),  # the first version's id
    Column("version", SmallInteger, nullable=False),
    Column("code", Text, nullable=False),  # the receipt's, the same for all versions
    Column("form", Text, nullable=False),
    Column("form_hash", Text, nullable=False),
    Column("person_id", Uuid, ForeignKey("cell.persons.id"), nullable=False),
    Column("contact_id", Uuid, ForeignKey("cell.contacts.id")),  # null: entered for somebody without a phone
    Column("inbound_id", Uuid, nullable=False),  # what is entered by staff brings a key of its own
    Column("entered_by", Uuid),  # the staff member or volunteer who said it for them
    Column("channel", Text, nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("answers", JSONB, nullable=False),
    Column("signs", ARRAY(Text), nullable=False),
    Column("temperature", Numeric(3, 1, asdecimal=False)),
    Column("level", Text, nullable=False),  # none, signs, urgent
    Column("legal_basis", Text, nullable=False),
    Column("on_behalf", Boolean, nullable=False),
    Column("declared_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("superseded_at", Instant),
    Column("forwarded_at", Instant),  # when its delivery was queued
    UniqueConstraint("inbound_id", "person_id", "form"),
    UniqueConstraint("root", "version"),
    Index("records_unit_idx", "unit_code", "declared_at", postgresql_where=text("superseded_at IS NULL")),
    Index("records_person_idx", "person_id", "declared_at"),
    Index("records_code_idx", "code"),
    Index("records_unforwarded_idx", "declared_at", postgresql_where=text("forwarded_at IS NULL")),
    Index("records_triage_idx", "declared_at", postgresql_where=text("legal_basis = 'triage'")),
)
"""Declarations and check-ins, every version. (inbound, person, form) makes each exactly once."""

visits = Table(
    "visits",
    cell,
    Column("id", Uuid, primary_key=True),  # from the message's, so that a message makes one
    Column("contact_id", Uuid, ForeignKey("cell.contacts.id")),  # whose phone; null until a guard's is looked up
    Column("person_id", Uuid, ForeignKey("cell.persons.id")),  # null if several people may have been meant
    Column("venue_code", Text, nullable=False),
    Column("direction", Text, nullable=False),  # in, out
    Column("at", Instant, nullable=False),
    Column("by_contact_id", Uuid, ForeignKey("cell.contacts.id")),  # the guard who said it; null: they did themselves
    Column("channel", Text),  # where a guard says that they can be asked
    Column("address", Text),
    Column("ask_at", Instant),  # when to ask them; null: asked, or not to be asked
    Column("asked_at", Instant),
    Column("confirmed_at", Instant),  # only then does it count
    Column("denied_at", Instant),
    Index("visits_contact_idx", "contact_id", "at"),
    Index("visits_venue_idx", "venue_code", "at"),
    Index("visits_at_idx", "at"),
    Index("visits_guard_idx", "by_contact_id", "at", postgresql_where=text("by_contact_id IS NOT NULL")),
    Index("visits_ask_idx", "ask_at", postgresql_where=text("ask_at IS NOT NULL")),
    Index("visits_asked_idx", "contact_id", "asked_at", postgresql_where=text("asked_at IS NOT NULL")),
)
"""In and out of venues. The question that confirms a guard's word has the id of the visit in the outbox."""

forwards = Table(
    "forwards",
    cell,
    Column("id", Uuid, primary_key=True),  # the webhook-id: the same on every attempt
    Column("record_id", Uuid, ForeignKey("cell.records.id"), nullable=False),
    Column("person_id", Uuid, ForeignKey("cell.persons.id"), nullable=False),
    Column("unit_code", Text, nullable=False),
    Column("destination_id", Uuid, nullable=False),
    Column("sequence", BigInteger, nullable=False),  # per person, in the order the records came
    Column("urgent", Boolean, nullable=False),
    Column("status", Text, nullable=False, server_default="pending"),  # pending, delivered, dead
    Column("due_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("lease", Uuid),
    Column("lease_until", Instant),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("error", Text, nullable=False, server_default=""),
    Column("delivered_at", Instant),
    UniqueConstraint("record_id", "destination_id"),
    Index("forwards_open_idx", "destination_id", "urgent", "due_at", postgresql_where=text("status = 'pending'")),
    Index("forwards_line_idx", "destination_id", "person_id", "sequence", postgresql_where=text("status = 'pending'")),
    Index("forwards_unit_idx", "unit_code", "created_at"),
    Index("forwards_dead_idx", "unit_code", postgresql_where=text("status = 'dead'")),
)

receipt_numbers = Sequence("receipt_numbers", metadata=cell, schema="cell", increment=1000, data_type=BigInteger)
"""Blocks of receipt numbers (`core.care.receipt_code`)."""
