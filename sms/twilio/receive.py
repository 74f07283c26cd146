"""Twilio's webhooks: messages from people, and reports of ours.

A forged request gets 403. A genuine one that we cannot use gets 200 and a log line by its id: repeating it would not
help. What can be kept nowhere is a 503: Twilio repeats it or calls the fallback URL.
"""

from __future__ import annotations

import logging
import re
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, abort, request
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from core.messaging.channel import InboundMessage, Media, OptedOut, StatusReport, Unreachable
from core.messaging.ports import Change, Notice, Ports
from sms.numbers import e164
from sms.twilio import PROFILE
from sms.twilio.config import INBOUND, STATUS, TwilioConfig
from sms.twilio.errors import ERRORS
from sms.twilio.status import STATUSES

log = logging.getLogger(__name__)

_MEDIA = {"audio": Media.VOICE, "image": Media.PHOTO, "video": Media.VIDEO, "text/vcard": Media.CONTACT}
_OPT_OUT = {"STOP": Change.STOPPED, "START": Change.RESUMED}
_STOP = "STOP"
"""What the conversation reads, whatever word stopped Twilio: it must not ask back where no question arrives."""
_SID = re.compile(r"[A-Za-z0-9]{1,64}")


def blueprint(config: TwilioConfig, ports: Ports) -> Blueprint:
    """The two routes that Twilio calls."""
    pages = Blueprint("twilio", __name__)
    validator = RequestValidator(config.auth_token)

    @pages.before_request
    def signed_by_twilio() -> None:
        signature = request.headers.get("X-Twilio-Signature", "")
        if not config.public_url or not validator.validate(_signed_url(config), request.form, signature):
            log.warning("twilio: forged request to %s", request.path)
            abort(403)

    @pages.post(INBOUND)
    def inbound() -> Response:
        message = _message(config, ports.clock())
        if message is not None:
            ports.accept([message])
            if change := _opt_out():  # behind the message, which makes the address known
                ports.notice([Notice(PROFILE.name, message.address, change)])
        return Response("<Response/>", content_type="text/xml")

    @pages.post(STATUS)
    def status() -> Response:
        said = _report()
        for unknown in ports.report([said]) if said else ():
            log.warning("twilio: a report of no message of ours: %s", unknown.provider_id)
        return Response("", content_type="text/plain")

    return pages


def _signed_url(config: TwilioConfig) -> str:
    """The URL that Twilio was given, and signs: never the one that headers claim."""
    query = request.query_string.decode("ascii", "replace")
    return f"{config.public_url}{request.path}" + (f"?{query}" if query else "")


def _message(config: TwilioConfig, now: datetime) -> InboundMessage | None:
    """The message, or None: nothing that a person wrote, and nobody is answered."""
    sid, sender, text = (request.form.get(name) for name in ("MessageSid", "From", "Body"))
    if sid is None or sender is None or text is None or not _SID.fullmatch(sid):
        log.warning("twilio: an unusable message: %s", _named(sid))
        return None
    if sender == config.sender or e164(sender) != sender:  # a machine: answering it makes loops
        log.info("twilio: message %s comes from no person's number", sid)
        return None
    return InboundMessage(PROFILE.name, sid, sender, _STOP if _opt_out() is Change.STOPPED else text, now, _media())


def _opt_out() -> Change | None:
    """What the person told Twilio with it (`OptOutType` of Advanced Opt-Out, which knows words of other languages too).

    Twilio has answered a STOP, and refuses our answer (21610), which is therefore withdrawn. HELP changes nothing. In
    an account without Advanced Opt-Out our answer is refused, and that marks the address.
    """
    return _OPT_OUT.get(request.form.get("OptOutType", ""))


def _media() -> Media | None:
    """What the first attachment is, if there is any (`NumMedia`, `MediaContentType0`)."""
    if request.form.get("NumMedia", "0") == "0":
        return Media.LOCATION if "Latitude" in request.form else None
    content = request.form.get("MediaContentType0", "")
    return _MEDIA.get(content) or _MEDIA.get(content.partition("/")[0], Media.FILE)


def _report() -> StatusReport | None:
    sid, status = request.form.get("MessageSid", ""), STATUSES.get(request.form.get("MessageStatus", ""))
    if not _SID.fullmatch(sid) or status is None:
        log.warning("twilio: an unusable report: %s", _named(sid))
        return None
    given = request.form.get("ErrorCode", "")[:8]
    code = given if given.isascii() and given.isdigit() else ""
    kind = ERRORS.get(int(code)) if code else None
    return StatusReport(
        PROFILE.name,
        sid,
        status,
        error=code,
        message_id=_uuid(request.args.get("id", "")),
        unreachable=kind is Unreachable,
        opted_out=kind is OptedOut,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _named(sid: str | None) -> str:
    return sid if sid and _SID.fullmatch(sid) else "without an id"
