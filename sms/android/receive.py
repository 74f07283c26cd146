"""The phone's webhooks: messages from people, what became of ours, and that it is alive.

A request that is forged or older than five minutes gets 403; the phone signs each of its repeats anew. A genuine one
that we cannot use gets 200 and a log line by its id. What can be kept nowhere is a 503: the phone comes again for two
days.

A long message is reported as delivered once for each part, without saying which. The first one counts: the person's
phone was reached. A part that fails is told as a failure, which goes further than delivered.
"""

from __future__ import annotations

import hmac
import logging
import re
import time
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Response, abort, request

from core.messaging.channel import InboundMessage, Media, Status, StatusReport
from core.messaging.ports import Ports
from sms.android import PROFILE
from sms.android.config import INBOUND, AndroidConfig
from sms.android.errors import failure
from sms.numbers import e164

log = logging.getLogger(__name__)

_SKEW: Final = 300  # seconds, both ways: the maker's advice
_BEAT: Final = 60.0  # seconds between two beats that are written down
_ID = re.compile(r"[A-Za-z0-9_\-]{1,64}")

EVENTS: Final = (
    "sms:received",
    "mms:received",
    "sms:sent",
    "sms:delivered",
    "sms:failed",
    "sms:cancelled",
    "system:ping",
    "app:started",
)
"""What we ask the phone to tell. Not mms:downloaded, which brings the pictures: nothing of them is fetched or kept."""

_STATUSES: Final[Mapping[str, Status]] = {
    "sms:sent": Status.SENT,
    "sms:delivered": Status.DELIVERED,
    "sms:failed": Status.FAILED,
    "sms:cancelled": Status.FAILED,
}
_ALIVE: Final = frozenset({"system:ping", "app:started"})


def blueprint(config: AndroidConfig, ports: Ports) -> Blueprint:
    """The one route that the phone calls."""
    pages = Blueprint("android", __name__)
    desk = _Desk(config, ports)

    @pages.post(INBOUND)
    def inbound() -> Response:
        if not _is_signed(config.signing_key, time.time()):
            log.warning("android: forged or old request")
            abort(403)
        desk.take(request.get_json(force=True, silent=True))
        return Response("", content_type="text/plain")

    return pages


def _is_signed(key: str, now: float) -> bool:
    """HMAC-SHA256 over the body as it came, and the time behind it."""
    made, given = request.headers.get("X-Timestamp", ""), request.headers.get("X-Signature", "")
    if not (made.isascii() and made.isdigit() and len(made) < 12 and abs(now - int(made)) <= _SKEW):
        return False
    expected = hmac.digest(key.encode(), request.get_data(cache=True) + made.encode(), "sha256").hex()
    return hmac.compare_digest(given.strip().lower().encode("utf-8", "replace"), expected.encode())


class _Desk:
    """Hands in what the phone brings."""

    def __init__(self, config: AndroidConfig, ports: Ports) -> None:
        self._config = config
        self._ports = ports
        self._beaten_at = -_BEAT

    def take(self, envelope: Any) -> None:
        """One event. Any event says that the phone is alive."""
        self._beat()
        if not isinstance(envelope, dict) or not isinstance(envelope.get("payload"), dict):
            log.warning("android: an unusable event")
            return
        event, id, payload = envelope.get("event"), envelope.get("id"), envelope["payload"]
        if not isinstance(id, str) or not _ID.fullmatch(id):
            log.warning("android: an event without an id")
        elif event in {"sms:received", "mms:received"}:
            self._hear(id, payload, Media.PHOTO if event == "mms:received" else None)
        elif isinstance(event, str) and event in _STATUSES:
            self._report(event, id, payload)
        elif not isinstance(event, str) or event not in _ALIVE:
            log.info("android: event %s is of a kind that we do not know", id)

    def _beat(self) -> None:
        now = time.monotonic()
        if now - self._beaten_at >= _BEAT:
            self._ports.alive(PROFILE.name)
            self._beaten_at = now

    def _hear(self, id: str, payload: Mapping[str, Any], media: Media | None) -> None:
        words = payload.get("message") if media is None else payload.get("subject") or ""
        sender = payload.get("sender") or payload.get("phoneNumber")  # the older name of it
        address = e164(sender) if isinstance(sender, str) else None
        if not isinstance(words, str) or not isinstance(sender, str):
            log.warning("android: an unusable message: %s", id)
        elif address is None or sender == payload.get("recipient"):
            log.info("android: message %s comes from no person's number", id)
        elif self._config.sim is not None and payload.get("simNumber") not in {None, self._config.sim}:
            log.info("android: message %s came to another SIM", id)
        else:
            message = InboundMessage(PROFILE.name, id, address, words, self._ports.clock(), media)
            self._ports.accept([message])

    def _report(self, event: str, id: str, payload: Mapping[str, Any]) -> None:
        given = payload.get("messageId")
        ours = _uuid(given)
        if ours is None:  # somebody else uses the phone too
            log.info("android: report %s is of no message of ours", id)
            return
        status, code = _STATUSES[event], ""
        if event == "sms:failed":
            status, code = failure(str(payload.get("reason", "")))
        elif event == "sms:cancelled":
            code = "cancelled"
        said = StatusReport(PROFILE.name, str(given), status, error=code, message_id=ours)
        for unknown in self._ports.report([said]):
            log.warning("android: a report of no message of ours: %s", unknown.message_id)


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None
