"""The rows of `shared.channel_tokens`. Every function is one short statement in the caller's transaction.

Leases and lives are counted by the database's clock: the hosts' clocks may differ, and a demo's clock moves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, null, select, update
from sqlalchemy.dialects.postgresql import insert

from core.database.shared import Instant, channel_tokens

_row = channel_tokens.c
_clock = func.clock_timestamp(type_=Instant)


@dataclass(frozen=True, slots=True)
class Stored:
    """A channel's row. The tokens as stored, encrypted: they can be compared, not used.

    `lasts`: how long the access token is still good. `held`: how long nobody else may exchange. Both are zero or less
    when that is over. `broken_at`: since when the provider refuses to exchange; `error` is its code.
    """

    access: bytes = field(repr=False)
    refresh: bytes = field(repr=False)
    lasts: timedelta
    held: timedelta
    broken_at: datetime | None
    error: str

    @property
    def free(self) -> bool:
        """Whether somebody may exchange it now."""
        return self.broken_at is None and self.held <= timedelta()


@dataclass(frozen=True, slots=True)
class Fresh:
    """What the provider gave, encrypted. `good`: how long the access token can be used."""

    access: bytes = field(repr=False)
    refresh: bytes = field(repr=False)
    good: timedelta


def sow(connection: Connection, channel: str, seed: str, access: bytes, refresh: bytes) -> bool:
    """Begin with a new seed, unless it was used before. `seed` is its hash. Whether it was taken.

    A process that was started with an older seed, and starts again, changes nothing.
    """
    values = {"access": access, "refresh": refresh, "expires_at": _clock}
    fresh = insert(channel_tokens).values(channel=channel, seeds=[seed], **values)
    anew: dict[str, Any] = {
        **values,
        "seeds": _row.seeds + fresh.excluded.seeds,
        "lease": null(),
        "lease_until": null(),
        "broken_at": null(),
        "error": "",
    }
    taken = fresh.on_conflict_do_update(
        index_elements=[_row.channel], set_=anew, where=~_row.seeds.contains(fresh.excluded.seeds)
    )
    return connection.execute(taken.returning(_row.channel)).first() is not None


def read(connection: Connection, channel: str) -> Stored | None:
    """The row as it is now."""
    lasts = (_row.expires_at - _clock).label("lasts")
    held = func.coalesce(_row.lease_until - _clock, timedelta()).label("held")
    found = connection.execute(
        select(_row.access, _row.refresh, lasts, held, _row.broken_at, _row.error).where(_row.channel == channel)
    ).first()
    return Stored(*found) if found else None


def claim(connection: Connection, channel: str, access: bytes, lease: UUID, lease_for: timedelta) -> bytes | None:
    """The refresh token, encrypted, for the one who may exchange it; None for all others.

    `access` is the one that is to be replaced: if it was replaced in the meantime, there is nothing to do.
    """
    free = (_row.lease_until.is_(None)) | (_row.lease_until < _clock)
    taken = connection.execute(
        update(channel_tokens)
        .where(_row.channel == channel, _row.access == access, _row.broken_at.is_(None), free)
        .values(lease=lease, lease_until=_clock + lease_for)
        .returning(_row.refresh)
    ).first()
    return taken.refresh if taken else None


def keep(connection: Connection, channel: str, exchanged: bytes, fresh: Fresh) -> bool:
    """What came for the refresh token `exchanged`, whoever holds the lease by now: it is what counts at the provider.

    False if a new seed took over meanwhile.
    """
    kept = connection.execute(
        update(channel_tokens)
        .where(_row.channel == channel, _row.refresh == exchanged)
        .values(
            access=fresh.access,
            refresh=fresh.refresh,
            expires_at=_clock + fresh.good,
            lease=null(),
            lease_until=null(),
            broken_at=null(),
            error="",
        )
    )
    return kept.rowcount > 0


def mark_broken(connection: Connection, channel: str, exchanged: bytes, error: str) -> bool:
    """The provider refuses `exchanged`. False if it is not what we would exchange any more."""
    marked = connection.execute(
        update(channel_tokens)
        .where(_row.channel == channel, _row.refresh == exchanged, _row.broken_at.is_(None))
        .values(broken_at=_clock, error=error, lease=null(), lease_until=null())
    )
    return marked.rowcount > 0
