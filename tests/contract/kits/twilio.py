"""Twilio: posts signed over our own public URL, without a time in the signature."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from core.messaging.channel import Status
from tests.contract.kit import Arrived, Hook
from tests.contract.stage import PUBLIC
from tests.fakes.twilio import ACCOUNT, TOKEN, FakeTwilio, fake_twilio, refuses, slow

INBOUND, STATUS = "/sms/twilio/inbound", "/sms/twilio/status"
_STATUSES = {Status.SENT: "sent", Status.DELIVERED: "delivered"}


@dataclass
class TwilioKit:
    provider: FakeTwilio
    name: str = "twilio"
    address: str = "+84900000001"

    @property
    def environ(self) -> Mapping[str, str]:
        return {
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_FROM": "+84900000099",
            "TWILIO_API_URL": self.provider.url,
        }

    def says(self, text: str, id: str) -> Hook:
        return _hook(INBOUND, self._text(text, id))

    def taps(self, payload: str, id: str) -> Hook | None:
        return None

    def forged(self) -> Sequence[Hook]:
        fields = self._text("KHAI", "1")
        return (
            _hook(INBOUND, fields, headers={}),
            _hook(INBOUND, fields, token="another token"),
            _hook(INBOUND, fields, signed=STATUS),
            _hook(INBOUND, fields | {"Body": "SK OK"}, headers=_hook(INBOUND, fields).headers),
            _hook(STATUS, {"MessageSid": "SM1", "MessageStatus": "failed"}, headers={}),
        )

    def replayed(self) -> Hook | None:
        return None

    def malformed(self) -> Sequence[Hook]:
        whole = self._text("KHAI", "1")
        without = [{k: v for k, v in whole.items() if k != name} for name in ("MessageSid", "From", "Body")]
        odd = [whole | {"MessageSid": "x" * 200}, whole | {"From": "KHAIBAO"}, whole | {"From": "+849"}]
        return [_hook(INBOUND, fields) for fields in (*without, *odd, {})]

    def unknown(self) -> Sequence[Hook]:
        return (_hook(STATUS, {"MessageSid": "SM1", "MessageStatus": "pondering"}), _hook(STATUS, {}))

    def blocked(self) -> Hook | None:
        return None

    def arrived(self) -> Sequence[Arrived]:
        callbacks = {r[2]["Body"]: r[2].get("StatusCallback", "") for r in self.provider.requests if "Body" in r[2]}
        return [
            Arrived(m["to"], m["body"], id=f"{m['sid']} {callbacks.get(m['body'], '')}") for m in self.provider.created
        ]

    def reports(self, message: Arrived) -> Mapping[Status, Hook]:
        sid, _, callback = message.id.partition(" ")
        path = callback.removeprefix(PUBLIC) or STATUS
        return {
            status: _hook(path, {"MessageSid": sid, "MessageStatus": word, "To": message.address})
            for status, word in _STATUSES.items()
        }

    def refuses(self) -> None:
        self.provider.faults.append(refuses(400, 21614))

    def limits(self, seconds: int) -> None:
        self.provider.faults.append(refuses(429, 20429))

    def falls_silent(self) -> None:
        self.provider.faults.append(slow(2.0))

    def _text(self, text: str, id: str) -> dict[str, str]:
        sid = "SM" + id.replace(" ", "")
        return {"MessageSid": sid, "From": self.address, "To": "+84900000099", "Body": text, "NumMedia": "0"}


def _hook(
    path: str,
    fields: Mapping[str, str],
    *,
    token: str = TOKEN,
    signed: str = "",
    headers: Mapping[str, str] | None = None,
) -> Hook:
    """As Twilio posts it: signed over the whole URL and all fields."""
    if headers is None:
        signature = RequestValidator(token).compute_signature(PUBLIC + (signed or path), dict(fields))
        headers = {"X-Twilio-Signature": str(signature)}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return Hook(path if urlsplit(path).path else INBOUND, urlencode(fields).encode(), {**form, **headers})


@contextmanager
def opened() -> Iterator[TwilioKit]:
    with fake_twilio() as provider:
        yield TwilioKit(provider)
