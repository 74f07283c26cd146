"""Ids that follow from other ids, so that doing something twice makes the same thing."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

_TIME = 0xFFFFFFFFFFFF << 80  # the 48 bits of a UUIDv7 that hold its milliseconds
_FIXED = (0xF << 76) | (0x3 << 62)
_MARKS = (0x7 << 76) | (0x2 << 62)  # version 7, variant 10 (RFC 9562)


def derived(source: UUID, purpose: str, *of: UUID) -> UUID:
    """The id of what `source` makes for `purpose`, of these: as old as `source`, always the same, otherwise random.

    >>> derived(UUID("0192d3a0-0000-7000-8000-000000000000"), "checkin:A") == derived(
    ...     UUID("0192d3a0-0000-7000-8000-000000000000"), "checkin:A"
    ... )
    True
    """
    digest = int.from_bytes(sha256(source.bytes + purpose.encode() + b"".join(each.bytes for each in of)).digest()[:16])
    return UUID(int=(source.int & _TIME) | (digest & ~_TIME & ~_FIXED) | _MARKS)
