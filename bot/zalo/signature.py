"""The mac of Zalo's events: plain SHA-256 over id, body, time and secret, one behind the other. No HMAC.

The secret stands at the end, so nobody can append to a message whose mac they saw. Nor can the borders between the
parts be moved: the body is one JSON object, and the time is digits.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Final

from bot.zalo.config import MacPrefix, MacScheme, MacSecret, MacTime, ZaloConfig

OLDEST: Final = timedelta(hours=3)
"""Zalo repeats an event with the same body and so the same time: after 30 s, 5, 15, 30 and 60 minutes, the last time
1 h 51 min after the event. Within the three hours a copy is stopped by its id, later by its age."""

EARLIEST: Final = timedelta(minutes=5)
"""So far Zalo's clock may be ahead of ours."""

_MILLISECONDS = re.compile(r"[0-9]{13}")


@dataclass(frozen=True, slots=True)
class Signed:
    """What came: the raw body, the time in it, the time in the header, and the mac without "mac="."""

    body: bytes
    timestamp: str
    header_timestamp: str
    mac: str


def mac(prefix: str, body: bytes, timestamp: str, secret: str) -> str:
    """The mac, in small hexadecimal digits."""
    return hashlib.sha256(prefix.encode() + body + timestamp.encode() + secret.encode()).hexdigest()


def is_genuine(config: ZaloConfig, signed: Signed, now: datetime) -> bool:
    """Signed as `config.mac` says, and not too long ago. `now` is wall time."""
    return _fits(config, config.mac, signed) and _is_recent(_time(config.mac, signed), now)


def schemes_that_fit(config: ZaloConfig, signed: Signed) -> Iterator[MacScheme]:
    """Other schemes under which it would be genuine: for an operator who has to find out which one is true."""
    for choice in product(MacSecret, MacPrefix, MacTime):
        scheme = MacScheme(*choice)
        if scheme != config.mac and _fits(config, scheme, signed):
            yield scheme


def _fits(config: ZaloConfig, scheme: MacScheme, signed: Signed) -> bool:
    prefix = config.app_id if scheme.prefix is MacPrefix.APP_ID else config.oa_id
    secret = config.oa_secret if scheme.secret is MacSecret.OA else config.app_secret
    timestamp = _time(scheme, signed)
    if not (prefix and secret and _MILLISECONDS.fullmatch(timestamp)):
        return False
    return hmac.compare_digest(mac(prefix, signed.body, timestamp, secret).encode(), signed.mac.lower().encode())


def _time(scheme: MacScheme, signed: Signed) -> str:
    return signed.timestamp if scheme.time is MacTime.BODY else signed.header_timestamp


def _is_recent(milliseconds: str, now: datetime) -> bool:
    signed_at = datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    return now - OLDEST <= signed_at <= now + EARLIEST
