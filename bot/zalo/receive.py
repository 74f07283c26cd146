"""Zalo's one webhook: messages from people, reports of ours, followers.

Zalo wants 200 within two seconds, repeats for two hours and then switches the webhook off until somebody switches it on
by hand. A forged event gets 403, what can be kept nowhere 503, and everything else 200: also what we cannot use, by its
id in the log. One event is one transaction; a follower's is two, and both may be done again.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from flask import Blueprint, Response, abort, request

from bot.zalo import PROFILE
from bot.zalo.config import PATH, ZaloConfig
from bot.zalo.events import MESSAGES, Event, read, timestamp_of
from bot.zalo.signature import Signed, is_genuine, schemes_that_fit
from core.messaging.buttons import tapped
from core.messaging.channel import InboundMessage, Media, Status, StatusReport
from core.messaging.ports import Change, Notice, Ports

log = logging.getLogger(__name__)

_GREETING: Final = "xin chao"
"""What somebody who follows the account is taken to have said: they are answered with what they can do here."""

_RIGHTS: Final = ("pdl", "revoke", "withdraw", "delete")
"""In the names of events by which Zalo passes on that somebody withdraws a consent or wants their data deleted."""


def blueprint(config: ZaloConfig, ports: Ports) -> Blueprint:
    """The route that Zalo calls."""
    pages = Blueprint("zalo", __name__)

    @pages.before_request
    def signed_by_zalo() -> Response | None:
        signed = _signed()
        if not signed.mac and signed.body.strip() == b"{}":
            return _ok()  # the console tries the address so, unsigned
        if not is_genuine(config, signed, datetime.now(UTC)):
            _tell_forged(config, signed)
            abort(403)
        return None

    @pages.post(PATH)
    def event() -> Response:
        told = read(request.get_data())
        if told is None:
            log.warning("zalo: an unusable event")
        elif config.oa_id and told.account not in {"", config.oa_id}:
            log.warning("zalo: event %s is another account's", told.message or told.timestamp)
        else:
            _hand_in(ports, told)
        return _ok()

    return pages


def _ok() -> Response:
    return Response("", content_type="text/plain")


def _signed() -> Signed:
    body = request.get_data()
    given = request.headers.get("X-ZEvent-Signature", "")
    return Signed(body, timestamp_of(body), request.headers.get("X-ZEvent-Timestamp", ""), given.removeprefix("mac="))


def _tell_forged(config: ZaloConfig, signed: Signed) -> None:
    """Forged, too old, or our settings are wrong: then say which ones would be right."""
    log.warning("zalo: forged or old event")
    for scheme in schemes_that_fit(config, signed):
        names = (scheme.secret, scheme.prefix, scheme.time)
        log.error("zalo: signed as by ZALO_MAC_SECRET=%s ZALO_MAC_PREFIX=%s ZALO_MAC_TIME=%s: set these", *names)


def _hand_in(ports: Ports, event: Event) -> None:
    """Each kind of event to where it belongs."""
    if event.name in MESSAGES:
        _message(ports, event)
    elif event.name == "follow":
        _opened(ports, event)
    elif event.name == "unfollow":
        _closed(ports, event)
    elif event.name == "user_submit_info":
        _submitted(ports, event)
    elif event.name in {"user_received_message", "user_seen_message"}:
        _delivered(ports, event)
    else:
        _tell_unused(event)


def _message(ports: Ports, event: Event) -> None:
    media = MESSAGES[event.name]
    if not event.user or not event.message or (event.text is None and media is None):
        log.warning("zalo: an unusable message: %s", event.message or event.timestamp)
        return
    text, mark = tapped(event.text or "")
    said = _inbound(ports, event, event.message, text, media, mark)
    ports.accept([replace(said, point=event.point) if media is Media.LOCATION else said])


def _opened(ports: Ports, event: Event) -> None:
    """They may be written to from now on, and are greeted."""
    if event.user:
        ports.notice([Notice(PROFILE.name, event.user, Change.OPENED)])
        ports.accept([_inbound(ports, event, _made_id(event), _GREETING)])


def _closed(ports: Ports, event: Event) -> None:
    if event.user:
        ports.notice([Notice(PROFILE.name, event.user, Change.BLOCKED, code="unfollow")])


def _submitted(ports: Ports, event: Event) -> None:
    """Name and number that they typed into Zalo's form. Zalo vouches for neither, so the number is not taken as
    theirs: whoever says that it is proves it by a code. They get an answer as for any contact that is shared.
    """
    if event.user:
        ports.accept([_inbound(ports, event, event.message or _made_id(event), "", Media.CONTACT)])


def _delivered(ports: Ports, event: Event) -> None:
    """Seen is delivered. The account's staff may write in Zalo's own window: those messages are none of ours."""
    reports = [StatusReport(PROFILE.name, id, Status.DELIVERED, message_id=event.tracking) for id in event.seen]
    for unknown in ports.report(reports) if reports else ():
        log.info("zalo: a report of no message of ours: %s", unknown.provider_id)


def _tell_unused(event: Event) -> None:
    """`oa_send_*` are our own messages. Anonymous visitors of a web page can be answered for a short time and asked for
    nothing; they are not served."""
    named = event.message or event.timestamp
    if any(word in event.name for word in _RIGHTS):
        log.warning(
            "zalo: event %s at %s: somebody uses their data rights: see the account's manager", event.name, named
        )
    elif not event.name.startswith("oa_"):
        log.info("zalo: event %s is of no use: %s", event.name, named)


def _inbound(  # noqa: PLR0913, PLR0917 - the parts of a message
    ports: Ports, event: Event, id: str, text: str, media: Media | None = None, mark: str = ""
) -> InboundMessage:
    return InboundMessage(PROFILE.name, id, event.user, text, ports.clock(), media, mark)


def _made_id(event: Event) -> str:
    """Of an event without one: the same on every repeat, another one at the next time."""
    return f"{event.name}:{event.user}:{event.timestamp}"
