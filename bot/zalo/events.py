"""Zalo's events as our own types. Ids and times are texts: as numbers they would exceed what JavaScript can count."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from core.messaging.channel import Media

MESSAGES: Final[Mapping[str, Media | None]] = {
    "user_send_text": None,  # also a tap on a button of ours: its payload is the text
    "user_send_image": Media.PHOTO,
    "user_send_gif": Media.PHOTO,
    "user_send_audio": Media.VOICE,
    "user_send_video": Media.VIDEO,
    "user_send_file": Media.FILE,
    "user_send_link": Media.FILE,
    "user_send_sticker": Media.STICKER,
    "user_send_location": Media.LOCATION,
    "user_send_business_card": Media.CONTACT,
}
"""What people send, and what of it is no text."""

_ID = re.compile(r"[0-9A-Za-z_.:-]{1,128}")
_NAME = re.compile(r"[a-z_]{1,64}")
_MOST_SEEN: Final = 1000


@dataclass(frozen=True, slots=True)
class Event:
    """What we use of an event; "" or empty where it holds nothing usable.

    `user` is the person's id with this account. `seen`: messages of ours that it speaks of. `tracking`: our id of a
    template message. `text` is None if there is none.
    """

    name: str
    timestamp: str
    account: str = ""
    user: str = field(default="", repr=False)
    message: str = ""
    text: str | None = field(default=None, repr=False)
    point: tuple[float, float] | None = field(default=None, repr=False)
    seen: tuple[str, ...] = ()
    tracking: UUID | None = None


def timestamp_of(body: bytes) -> str:
    """The event's time, which is signed: read before anything else of it is believed. "" if there is none."""
    return _text(_object(body).get("timestamp"))


def read(body: bytes) -> Event | None:
    """The event; None if it is none."""
    given = _object(body)
    name, timestamp = _text(given.get("event_name")), _text(given.get("timestamp"))
    if not _NAME.fullmatch(name) or not _ID.fullmatch(timestamp):
        return None
    message = _inside(given, "message")
    text = message.get("text")
    return Event(
        name=name,
        timestamp=timestamp,
        account=_id(_inside(given, "recipient").get("id")) or _id(given.get("oa_id")),
        user=_id(_inside(given, "sender").get("id")) or _id(_inside(given, "follower").get("id")),
        message=_id(message.get("msg_id")),
        text=text if isinstance(text, str) else None,
        point=_point(message),
        seen=_seen(message),
        tracking=_uuid(_text(message.get("tracking_id"))),
    )


def _seen(message: dict[str, Any]) -> tuple[str, ...]:
    """`user_seen_message` has a list, `user_received_message` one id."""
    listed = message.get("msg_ids")
    ids = listed if isinstance(listed, list) else [message.get("msg_id")]
    return tuple(filter(None, map(_id, ids[:_MOST_SEEN])))


def _point(message: dict[str, Any]) -> tuple[float, float] | None:
    """Of the first attachment. Degrees come as texts or as numbers; what no place on earth has is none."""
    listed = message.get("attachments")
    first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    given = _inside(_inside(first, "payload"), "coordinates")
    try:
        latitude, longitude = float(given["latitude"]), float(given["longitude"])
    except (KeyError, TypeError, ValueError):
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _inside(given: dict[str, Any], name: str) -> dict[str, Any]:
    found = given.get(name)
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _id(value: object) -> str:
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
