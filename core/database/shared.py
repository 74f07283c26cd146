"""The tables that every cell needs: directory, health units, staff, form versions. Small, and cached.

Instants are `timestamptz`, ids are time-ordered UUIDs made by the program.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

NAMES = {
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}
shared = MetaData(schema="shared", naming_convention=NAMES)

Instant = DateTime(timezone=True)
_NOW = text("now()")


installation = Table(
    "installation",
    shared,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("demo", Boolean, nullable=False),
    Column("clock_offset", Integer, nullable=False, server_default="0"),  # seconds; moves only in a demo
    CheckConstraint("id = 1", name="one_row"),
    CheckConstraint("demo OR clock_offset = 0", name="real_time"),
)
"""One row: a demo's database or a real one, and by how much a demo's clock was moved."""

directory = Table(
    "directory",
    shared,
    Column("channel", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("contact_id", Uuid, nullable=False, index=True),
    Column("cell", Text, nullable=False),
)
"""Whose an address is, and in which cell they live. A contact's cell never changes."""

channel_tokens = Table(
    "channel_tokens",
    shared,
    Column("channel", Text, primary_key=True),
    Column("access", LargeBinary, nullable=False),  # encrypted with DATA_KEY
    Column("refresh", LargeBinary, nullable=False),  # encrypted; used once, then void
    Column("expires_at", Instant, nullable=False),
    Column("lease", Uuid),  # of whoever is exchanging it now
    Column("lease_until", Instant),
    Column("broken_at", Instant),  # the provider refused to exchange it: an operator has to authorise us anew
    Column("error", Text, nullable=False, server_default=""),
    Column("seeds", ARRAY(Text), nullable=False, server_default=text("'{}'")),  # SHA-256 of the seeds that were used
)
"""Tokens that a provider exchanges from time to time. One process at a time does that."""

channel_beats = Table(
    "channel_beats",
    shared,
    Column("channel", Text, primary_key=True),
    Column("heard_at", Instant, nullable=False),  # the database's clock
)
"""When a channel's own machine, a commune's phone for example, last said that it is alive."""

channel_states = Table(
    "channel_states",
    shared,
    Column("channel", Text, primary_key=True),
    Column("next_at", Instant),  # when the next message fits its rate (a GCRA's theoretical arrival time)
    Column("failures", SmallInteger, nullable=False, server_default="0"),  # in a row, of the provider as a whole
    Column("openings", SmallInteger, nullable=False, server_default="0"),  # of its breaker, in a row; 0: closed
    Column("open_until", Instant),  # nothing is sent until then, but for one that tries
    Column("reason", Text, nullable=False, server_default=""),  # the provider's code
)
"""How each provider is, for all workers: its rate, and whether it takes anything. Times are the database's clock."""

budgets = Table(
    "budgets",
    shared,
    Column("unit_code", Text, ForeignKey("shared.units.code"), primary_key=True),
    Column("amount", Integer, nullable=False),  # đồng a day; 0: no limit
)
"""What a unit's messages may cost a day, where it differs from the installation's."""

link_codes = Table(
    "link_codes",
    shared,
    Column("code", Text, primary_key=True),  # eight digits
    Column("contact_id", Uuid, nullable=False, index=True),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("phone", Text, nullable=False, index=True),  # where it was texted; "" if it was told to whoever asked
    Column("expires_at", Instant, nullable=False, index=True),
)
"""Codes by which a person says on one channel that they are also somebody on another."""

units = Table(
    "units",
    shared,
    Column("code", Text, primary_key=True),
    Column("data_version", Text, nullable=False),
    Column("type", Text, nullable=False),  # commune_station, area_centre, provincial_cdc, ministry
    Column("name", Text, nullable=False),
    Column("short_name", Text, nullable=False),
    Column("sort_key", Text, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("parent", Text, ForeignKey("shared.units.code"), index=True),
    Column("province", Text),
    Column("commune", Text, index=True),
    Column("phone", Text, nullable=False, server_default=""),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("succeeded_by", Text),
)
"""Health units. The tree is data: who reports to whom is `parent`, never the depth."""

staff = Table(
    "staff",
    shared,
    Column("id", Uuid, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("unit_code", Text, ForeignKey("shared.units.code"), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("session_token", Text, nullable=False, unique=True),  # changed to end every session
    Column("failures", SmallInteger, nullable=False, server_default="0"),
    Column("locked_until", Instant),
    Column("active", Boolean, nullable=False, server_default=text("true")),
)

duty_phones = Table(
    "duty_phones",
    shared,
    Column("id", Uuid, primary_key=True),
    Column("unit_code", Text, ForeignKey("shared.units.code"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("from_hour", SmallInteger, nullable=False, server_default="0"),
    Column("to_hour", SmallInteger, nullable=False, server_default="24"),  # smaller: across midnight
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("unit_code", "channel", "address"),
    Index("duty_phones_address_idx", "channel", "address"),
)
"""Whose phones ring when a unit's people need somebody, and at which hours in Vietnam."""

venues = Table(
    "venues",
    shared,
    Column("code", Text, primary_key=True),  # 7 digits, the last one a check digit
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),  # core.places.venues.VenueKind
    Column("unit_code", Text, ForeignKey("shared.units.code"), nullable=False, index=True),
    Column("address", Text, nullable=False, server_default=""),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("created_at", Instant, nullable=False),
)
"""Places where people check in and out. A closed one keeps its code, so that nobody else gets it."""

venue_guards = Table(
    "venue_guards",
    shared,
    Column("venue_code", Text, ForeignKey("shared.venues.code"), primary_key=True),
    Column("address", Text, primary_key=True),  # E.164
)
"""Who may check somebody else in at a venue."""

gates = Table(
    "gates",
    shared,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("province", Text, nullable=False),
    Column("opens_on", Date, nullable=False),
    Column("closes_on", Date),  # the last day; null until further notice
)
"""Where people enter the country, and on which days they declare there."""

destinations = Table(
    "destinations",
    shared,
    Column("id", Uuid, primary_key=True),
    Column("unit_code", Text, ForeignKey("shared.units.code"), nullable=False, index=True),
    Column("url", Text, nullable=False),
    Column("secret", LargeBinary, nullable=False),  # encrypted with DATA_KEY
    Column("old_secret", LargeBinary),  # signs beside the new one while a receiver changes over
    Column("paused_at", Instant),
    UniqueConstraint("unit_code", "url"),
)
"""Where a unit's records go: Standard Webhooks endpoints. A destination receives its unit's whole subtree."""

forms = Table(
    "forms",
    shared,
    Column("hash", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("translations", JSONB, nullable=False),
    Column("stored_at", Instant, nullable=False, server_default=_NOW),
)
"""Every form version that ever asked anybody anything, whole: a session ends on the version it began with."""

demo_phones = Table(
    "demo_phones",
    shared,
    Column("address", Text, primary_key=True),
    Column("fault", Text, nullable=False),  # sms.phone.faults.Fault
)
"""Simulated phones that do not take their messages. Empty outside a demo."""

demo_received = Table(
    "demo_received",
    shared,
    Column("webhook_id", Text, primary_key=True),
    Column("received_at", Instant, nullable=False),
    Column("times", Integer, nullable=False, server_default="1"),
    Column("body", JSONB, nullable=False),
)
"""What the made-up unit's own system received. Empty outside a demo."""
