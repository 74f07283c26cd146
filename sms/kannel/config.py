"""What the channel needs to know, from the environment."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from core.environment import ORIGIN, URL, Reader, origin, url, whole
from core.messaging.channel import ChannelProfile
from sms.kannel import PROFILE

INBOUND: Final = "/sms/kannel/inbound"
STATUS: Final = "/sms/kannel/status"

_NEEDED = {
    "SEND_URL": "give Kannel's sendsms, as http://127.0.0.1:13013/cgi-bin/sendsms",
    "USER": "give the username of Kannel's sendsms-user",
    "PASSWORD": "give the password of Kannel's sendsms-user",
    "SECRET": 'make one: python -c "import secrets; print(secrets.token_urlsafe(24))"',
    "FROM": "give the short code that people write to",
}
_PLAIN = "use letters, digits and signs of ASCII, without spaces"
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,128}")
_SENDER = re.compile(r"\+?[0-9]{3,15}|[A-Za-z0-9 ._-]{1,11}")
_WORD = re.compile(r"[!-~]{1,128}")


@dataclass(frozen=True, slots=True)
class KannelConfig:
    """One Kannel. `send_url` is its sendsms, `sender` the short code.

    `callback_url` is where Kannel reaches us, an origin; it is often nearer than PUBLIC_URL. `secret` is in the query
    of what it calls there, since Kannel signs nothing. `status_url` is its status page, with the password; only
    `check.py` asks it.
    """

    send_url: str
    user: str
    password: str = field(repr=False)
    secret: str = field(repr=False)
    sender: str
    callback_url: str
    status_url: str = field(default="", repr=False)
    profile: ChannelProfile = PROFILE

    @property
    def outside(self) -> tuple[tuple[str, str], ...]:
        """Where messages are sent."""
        return (("KANNEL_SEND_URL", self.send_url),)

    def callback(self, path: str, **values: object) -> str:
        """Our own address for Kannel, with the secret first: what Kannel fills in comes behind it."""
        return f"{self.callback_url}{path}?{urlencode({'secret': self.secret, **values})}"


def load(reader: Reader, public_url: str) -> tuple[KannelConfig, ...]:
    """The Kannel of the KANNEL_ variables; empty when none is set. What is wrong is told to `reader`."""
    if reader.group("KANNEL_", _NEEDED, optional=("CALLBACK_URL", "STATUS_URL")) is None:
        return ()
    port = reader.read("PORT", whole(1, 65535), 8000, "use a number from 1 to 65535")
    here = public_url or f"http://127.0.0.1:{port}"
    return (
        KannelConfig(
            send_url=reader.read("KANNEL_SEND_URL", url, "", URL),
            user=reader.read("KANNEL_USER", _word, "", _PLAIN),
            password=reader.read("KANNEL_PASSWORD", _word, "", _PLAIN),
            secret=reader.read("KANNEL_SECRET", _secret, "", "use 16 letters and digits or more, - and _"),
            sender=reader.read("KANNEL_FROM", _sender, "", "use a short code, a number, or a name of 11 letters"),
            callback_url=reader.read("KANNEL_CALLBACK_URL", origin, here, ORIGIN),
            status_url=reader.read("KANNEL_STATUS_URL", url, "", "use http://127.0.0.1:13000/status.txt?password=..."),
        ),
    )


def _word(raw: str) -> str:
    return _matched(_WORD, raw)


def _secret(raw: str) -> str:
    """Nothing that Kannel or a URL would read as something else: Kannel fills in what follows a %."""
    return _matched(_SECRET, raw)


def _sender(raw: str) -> str:
    return _matched(_SENDER, raw)


def _matched(pattern: re.Pattern[str], raw: str) -> str:
    if not pattern.fullmatch(raw):
        raise ValueError("not usable")
    return raw
