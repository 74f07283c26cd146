"""What Kannel calls: messages from people (`get-url`), and reports of ours (`dlr-url`).

Who does not know the secret gets 403. A genuine call that we cannot use gets 200 and a log line by its id: repeating it
would not help. What can be kept nowhere is a 503: Kannel's smsbox asks again under the same id (`http-request-retry`).
It holds such a message in memory alone: a smsbox that ends meanwhile loses it.
"""

from __future__ import annotations

import hmac
import logging
import re
from urllib.parse import parse_qsl
from uuid import UUID

from flask import Blueprint, Response, abort, request

from core.messaging.channel import InboundMessage, Media, Status, StatusReport
from core.messaging.ports import Ports
from sms.kannel import PROFILE
from sms.kannel.config import INBOUND, STATUS, KannelConfig
from sms.kannel.errors import TOO_LATE, UNREACHABLE, code
from sms.kannel.status import STATUSES
from sms.numbers import e164

log = logging.getLogger(__name__)

_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_CHARSETS = {"UTF-8": "utf-8", "UTF-16BE": "utf-16-be", "ISO-8859-1": "latin-1", "WINDOWS-1252": "cp1252"}
_BINARY = "1"


def blueprint(config: KannelConfig, ports: Ports) -> Blueprint:
    """The two routes that Kannel calls. An empty answer: whatever is in it would leave as an SMS past the outbox."""
    pages = Blueprint("kannel", __name__)

    @pages.before_request
    def knows_the_secret() -> None:
        given = request.args.get("secret", "")
        if not hmac.compare_digest(given.encode(errors="replace"), config.secret.encode()):
            log.warning("kannel: forged request to %s", request.path)
            abort(403)

    @pages.get(INBOUND)
    def inbound() -> Response:
        message = _message(config, ports)
        if message is not None:
            ports.accept([message])
        return _nothing()

    @pages.get(STATUS)
    def status() -> Response:
        said = _report()
        for unknown in ports.report([said]) if said else ():
            log.warning("kannel: a report of no message of ours: %s", unknown.provider_id)
        return _nothing()

    return pages


def _nothing() -> Response:
    return Response("", content_type="text/plain")


def _message(config: KannelConfig, ports: Ports) -> InboundMessage | None:
    """The message, or None: nothing that a person wrote, and nobody is answered."""
    id = request.args.get("id", "")
    if not _ID.fullmatch(id) or not {"from", "text"} <= request.args.keys():
        log.warning("kannel: an unusable message: %s", _named(id))
        return None
    sender = e164(request.args["from"].strip())
    if sender is None or sender == e164(config.sender):
        log.info("kannel: message %s comes from no person's number", id)
        return None
    if request.args.get("coding") == _BINARY:  # a card, a ringtone, a phone's own settings
        return InboundMessage(PROFILE.name, id, sender, "", ports.clock(), Media.FILE)
    return InboundMessage(PROFILE.name, id, sender, _text(), ports.clock())


def _text() -> str:
    """What was written, in the charset that Kannel names: UTF-8 with `mo-recode`, UTF-16BE in a conf without it."""
    query = request.query_string.decode("ascii", "replace")
    written = dict(parse_qsl(query, keep_blank_values=True, encoding="latin-1"))["text"].encode("latin-1", "replace")
    charset = _CHARSETS.get(request.args.get("charset", "").upper(), "utf-8")
    return written.decode(charset, "replace")


def _report() -> StatusReport | None:
    """What is reported. The id is ours, so it also finds a message whose send was never answered."""
    id, status = _uuid(request.args.get("id", "")), STATUSES.get(request.args.get("status", ""))
    if id is None or status is None:
        log.warning("kannel: an unusable report: %s", id or "without an id")
        return None
    answer = request.args.get("answer", "")
    if answer == TOO_LATE:
        status = Status.EXPIRED
    reason = code(answer) if status is Status.FAILED else ""
    return StatusReport(PROFILE.name, str(id), status, error=reason, message_id=id, unreachable=reason in UNREACHABLE)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _named(id: str) -> str:
    return id if _ID.fullmatch(id) else "without an id"
