"""A working kannel.conf for this installation (Kannel User Guide 1.4.5, chapters 2 and 6). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, urlsplit

from sms.kannel import MAX_PARTS
from sms.kannel.config import INBOUND, KannelConfig

FILL_IN: Final = "FILL-IN"
"""Stands where only the operator's contract has the value."""

_FROM_PHONES: Final = "from=%p&to=%P&text=%a&coding=%c&charset=%C&id=%I"
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_DAY: Final = 86_400  # seconds
_AGAIN: Final = 5  # seconds until smsbox asks again, for every message that it holds: a second would be a storm


@dataclass(frozen=True, slots=True)
class Smpp:
    """The operator's SMPP line, as its contract names it. `per_second`: messages that it takes; None: no limit."""

    host: str = FILL_IN
    port: int = 2775
    system_id: str = FILL_IN
    password: str = field(default=FILL_IN, repr=False)
    system_type: str = ""
    per_second: int | None = None
    tls: bool = False


@dataclass(frozen=True, slots=True)
class Fake:
    """No operator: `fakesmsc` of the package kannel-extras plays one at this port."""

    port: int = 10000


@dataclass(frozen=True, slots=True)
class Place:
    """Where this Kannel runs. `folder` holds its queue and logs; `box_port` joins its two processes.

    `admin_password` opens its status page, unless KANNEL_STATUS_URL has one. `allowed` are the addresses that may
    send when Kannel is on another machine than ours.
    """

    folder: str
    admin_password: str = field(repr=False)
    box_port: int = 13001
    allowed: tuple[str, ...] = ()


def conf(config: KannelConfig, line: Smpp | Fake, place: Place) -> str:
    """The whole file. Raises ValueError on a value that it cannot hold."""
    groups = (_core(config, place), _smsc(line), _smsbox(config, place), _user(config, place), _service(config))
    return "\n\n".join("\n".join(group) for group in (_head(place), *groups)) + "\n"


def _head(place: Place) -> Iterator[str]:
    yield "# Kannel for KhaiBao. It holds passwords: chmod 640, owner root, group kannel."
    yield "# Debian: put it at /etc/kannel/kannel.conf; in /etc/default/kannel set START_SMSBOX=1 and START_WAPBOX=."
    yield "# By hand: bearerbox FILE, then smsbox FILE. Stop smsbox first, and only while KhaiBao answers:"
    yield "# smsbox holds in memory what we have not taken yet."
    yield f"# The user that runs them must be able to write in {place.folder}."


def _core(config: KannelConfig, place: Place) -> Iterator[str]:
    page = urlsplit(config.status_url)
    yield "group = core"
    yield f"admin-port = {page.port or 13000}"
    if not page.hostname or page.hostname in _LOOPBACK:
        yield "admin-interface = 127.0.0.1"
    yield _set("admin-password", place.admin_password)
    yield _set("status-password", parse_qs(page.query).get("password", [place.admin_password])[0])
    yield f"smsbox-port = {place.box_port}"
    yield 'box-deny-ip = "*.*.*.*"'
    yield 'box-allow-ip = "127.0.0.1"'
    yield _set("log-file", f"{place.folder}/bearerbox.log")
    yield "# Warnings only, and no access-log: both would hold numbers and texts."
    yield "log-level = 2"
    yield "# What waits outlives a crash. Reports of what was sent before one do not: such a message stays at sent."
    yield "store-type = file"
    yield _set("store-location", f"{place.folder}/kannel.store")
    yield "dlr-storage = internal"


def _smsc(line: Smpp | Fake) -> Iterator[str]:
    yield "group = smsc"
    yield "smsc-id = OPERATOR"
    if isinstance(line, Fake):
        yield "smsc = fake"
        yield f"port = {line.port}"
        yield "connect-allow-ip = 127.0.0.1"
        return
    yield "smsc = smpp"
    yield f"# What says {FILL_IN} is in the operator's letter."
    yield _set("host", line.host)
    yield f"port = {line.port}"
    yield _set("smsc-username", line.system_id)
    yield _set("smsc-password", line.password)
    yield from (_set("system-type", line.system_type),) if line.system_type else ()
    yield "# Two lines with other ports if the operator wants them apart: see transmit-port, receive-port."
    yield "transceiver-mode = true"
    yield from ("use-ssl = true",) if line.tls else ()
    yield from (f"throughput = {line.per_second}",) if line.per_second else ()
    yield "# People's numbers leave as 84..., international."
    yield from ("dest-addr-ton = 1", "dest-addr-npi = 1")


def _smsbox(config: KannelConfig, place: Place) -> Iterator[str]:
    sends = urlsplit(config.send_url)
    yield "# No smsbox-id: without an smsbox-route group every message from people would wait for ever."
    yield "group = smsbox"
    yield "bearerbox-host = 127.0.0.1"
    yield f"bearerbox-port = {place.box_port}"
    yield f"sendsms-port = {sends.port or 80}"
    yield _set("sendsms-url", sends.path or "/")
    if sends.hostname in _LOOPBACK:
        yield "sendsms-interface = 127.0.0.1"
    yield _set("log-file", f"{place.folder}/smsbox.log")
    yield "log-level = 2"
    yield "mo-recode = true"
    yield "# While we are away it asks again, for a day; then the message is lost."
    yield f"http-request-retry = {_DAY // _AGAIN}"
    yield f"http-queue-delay = {_AGAIN}"
    yield "# Without these four lines people get Kannel's own English words when we are away."
    for name in ("couldnotfetch", "couldnotrepresent", "requestfailed", "emptymessage"):
        yield f'reply-{name} = ""'


def _user(config: KannelConfig, place: Place) -> Iterator[str]:
    yield "group = sendsms-user"
    yield _set("username", config.user)
    yield _set("password", config.password)
    yield "concatenation = true"
    yield f"max-messages = {MAX_PARTS}"
    if urlsplit(config.send_url).hostname not in _LOOPBACK:
        yield "# The machines that run KhaiBao's worker."
        yield 'user-deny-ip = "*.*.*.*"'
        yield _set("user-allow-ip", ";".join(place.allowed) or FILL_IN)


def _service(config: KannelConfig) -> Iterator[str]:
    yield "# Every message from people comes to us. No answer leaves here (max-messages = 0): all go by the outbox."
    yield "# The words are in the query: whatever stands between Kannel and KhaiBao must not log it."
    yield "group = sms-service"
    yield "keyword = default"
    yield "catch-all = true"
    yield "max-messages = 0"
    yield "omit-empty = true"
    yield "accept-x-kannel-headers = true"
    yield _set("get-url", f"{config.callback(INBOUND)}&{_FROM_PHONES}")


def _set(name: str, value: str) -> str:
    """A line of the file. Within quotes Kannel reads a backslash as the next character."""
    if not value.isprintable():
        raise ValueError(name)
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{name} = "{quoted}"'
