"""How often somebody may try, kept in the memory of one process: an attempt costs no statement and no row."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock

_ROOM = 10_000  # keys that are remembered, some 2 MB; the longest unused goes first


class Attempts:
    """At most `most` attempts within `span` for each key. Several processes count each for themselves."""

    def __init__(self, most: int, span: timedelta, room: int = _ROOM) -> None:
        self._most, self._span, self._room = most, span, room
        self._made: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = Lock()

    def take(self, key: str, now: datetime) -> bool:
        """Count an attempt; False if there were too many, and then it is not counted."""
        with self._lock:
            made = self._made.setdefault(key, deque())
            self._made.move_to_end(key)
            while len(self._made) > self._room:
                self._made.popitem(last=False)
            while made and now - made[0] >= self._span:
                made.popleft()
            if len(made) >= self._most:
                return False
            made.append(now)
            return True

    def clear(self, key: str) -> None:
        """Forget the attempts of this key."""
        with self._lock:
            self._made.pop(key, None)


def origin(address: str | None) -> str:
    """Who an address is counted as: an IPv6 customer has a whole /64."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return address or ""
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else str(parsed)
