"""An id for a message to which the provider gives none: of its whole request, and when it came.

The same request within some seconds is one message: whatever else is in it, a time or an id whose name nobody told us,
sets two messages with the same words apart. The time is cut into short pieces, and a message is known as well by the
ids that it would have had a moment before, or would have a moment later: the first one may hang, or wait in the spool,
and be stored after its repeat. So all processes agree, also after a crash, without telling each other.
"""

from __future__ import annotations

import hashlib
from typing import Final

_PIECES: Final = 5  # into which the time is cut within which a request is a repeat: it is up to a fifth longer


def ids(whole: bytes, now: float, seconds: int) -> tuple[str, ...]:
    """The id of this request, then those of the same request up to so many `seconds` before and after it. `now` in
    seconds. They hold no number and no word.
    """
    key, piece = hashlib.sha256(whole).hexdigest()[:32], int(now * _PIECES // seconds)
    others = (piece + way * n for n in range(1, _PIECES + 1) for way in (-1, 1))
    return tuple(f"{n:x}-{key}" for n in (piece, *others))
