"""What the gateway's answers and the phone's reports of failure mean for a message."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

import httpx

from core.messaging.channel import Refused, SendError, Status, TryLater, Unreachable
from core.messaging.http import by_status, json_object

MENDING: Final = timedelta(minutes=2)
"""How long nothing is sent when the gateway has no phone, or a phone that is away."""

DOUBLE: Final = httpx.codes.CONFLICT
"""The gateway's answer to an id that it has already. In its own network a phone says yes and sends nothing more."""

_RESULT = re.compile(r"RESULT_[A-Z_]{1,60}")
_DELIVERY = re.compile(r"Delivery result.*?: (\d{1,3})$")


def error(response: httpx.Response) -> SendError:
    """The error for an answer other than a success.

    A 400 is about the number ("invalid phone number", quoted: so it is looked at and not kept) or about the account's
    phones, which an operator can mend; anything else of that kind is ours and final.
    """
    said = str(json_object(response).get("message", "")).lower()
    if response.status_code == httpx.codes.BAD_REQUEST and "phone" in said:
        return Unreachable("number")
    if response.status_code == httpx.codes.BAD_REQUEST and "device" in said:
        return TryLater("no phone", MENDING, whole=True)
    if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:  # its queue is full: the phone does not fetch
        return TryLater("503", MENDING, whole=True)
    return by_status(response) or Refused(str(response.status_code))


def failure(reason: str) -> tuple[Status, str]:
    """What the phone says of a message that did not leave or arrive: where it leaves ours, and a code for staff.

    The reason itself is not kept: it may quote a number.
    """
    if "TTL expired" in reason:
        return Status.EXPIRED, "too late"
    if found := _RESULT.search(reason):
        return Status.FAILED, found[0]
    delivery = _DELIVERY.search(reason)
    return Status.FAILED, f"delivery {delivery[1]}" if delivery else "phone"
