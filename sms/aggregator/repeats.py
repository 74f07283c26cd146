"""An id for a message to which the provider gives none: of its whole request, and when it came.

The same request within some seconds is one message: whatever else is in it, a time or an id whose name nobody told us,
sets two messages with the same words apart. The time is cut into short pieces, and a message is known as well by the
ids that it would have had a moment before: so all processes agree, also after a crash, without telling each other.
"""

from __future__ import annotations

import hashlib
from typing import Final

_PIECES: Final = 5  # into which the time is cut within which a request is a repeat: it is up to a fifth longer


def ids(whole: bytes, now: float, seconds: int) -> tuple[str, ...]:
    """The id of this request, and those of the same request before, back to so many `seconds`. `now` in seconds. They
    hold no number and no word.
    """
    key, piece = hashlib.sha256(whole).hexdigest()[:32], int(now * _PIECES // seconds)
    return tuple(f"{n:x}-{key}" for n in range(piece, piece - _PIECES - 1, -1))
