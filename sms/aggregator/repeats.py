"""An id for a message to which the provider gives none: of its whole request, and when it came.

The same request within some seconds is one message: whatever else is in it, a time or an id whose name nobody told us,
sets two messages with the same words apart. One process knows them exactly; over several, or after a crash, the time is
cut into pieces of that length, so a repeat may be taken for a new message at the edge of a piece.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

_KEPT = 10_000


class Repeats:
    """What came within the last `seconds`. Safe in threads."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def id(self, whole: bytes, now: float) -> str:
        """The id for this request, the same for a repeat. `now` in seconds. Holds no number and no word."""
        key = hashlib.sha256(whole).hexdigest()
        with self._lock:
            seen = self._seen.get(key)
            if seen is not None and now - seen[0] < self._seconds:
                return seen[1]
            made = f"{int(now // self._seconds):x}-{key[:32]}"
            self._seen[key] = (now, made)
            self._seen.move_to_end(key)
            while len(self._seen) > _KEPT:
                self._seen.popitem(last=False)
            return made
