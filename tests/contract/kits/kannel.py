"""Kannel: GET requests with the text in the query, and a secret there instead of a signature."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from core.messaging.channel import Status
from tests.contract.kit import Arrived, Hook
from tests.fakes.kannel import PASSWORD, USER, FakeKannel, answers, fake_kannel, slow

INBOUND, STATUS = "/sms/kannel/inbound", "/sms/kannel/status"
SECRET = "a-made-up-secret-of-kannel"
CALLBACK = "http://127.0.0.1:8000"
_BITS = {Status.SENT: "8", Status.DELIVERED: "1"}


@dataclass
class KannelKit:
    provider: FakeKannel
    name: str = "kannel"
    address: str = "+84900000001"
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def environ(self) -> Mapping[str, str]:
        ours = {
            "KANNEL_SEND_URL": self.provider.url,
            "KANNEL_USER": USER,
            "KANNEL_PASSWORD": PASSWORD,
            "KANNEL_SECRET": SECRET,
            "KANNEL_FROM": "8000",
            "KANNEL_CALLBACK_URL": CALLBACK,
        }
        return {**ours, **self.settings}

    def says(self, text: str, id: str) -> Hook:
        return _hook(INBOUND, self._text(text, id))

    def taps(self, payload: str, id: str) -> Hook | None:
        return None

    def forged(self) -> Sequence[Hook]:
        fields = self._text("KHAI", "1")
        return (
            _hook(INBOUND, fields, secret=None),
            _hook(INBOUND, fields, secret=""),
            _hook(INBOUND, fields, secret=SECRET[:-1]),
            _hook(INBOUND, fields, secret="bí mật"),
            Hook(f"{INBOUND}?{urlencode(fields)}", headers={"secret": SECRET}, method="GET"),
            _hook(STATUS, {"id": "00000000-0000-7000-8000-000000000000", "status": "2"}, secret=None),
        )

    def replayed(self) -> Hook | None:
        return None

    def malformed(self) -> Sequence[Hook]:
        whole = self._text("KHAI", "1")
        without = [{k: v for k, v in whole.items() if k != name} for name in ("id", "from", "text")]
        odd = [whole | {"id": "x" * 200}, whole | {"id": "1\nforged"}, whole | {"from": "VIETTEL"}]
        short = [whole | {"from": "8088"}, whole | {"from": "849"}, whole | {"from": ""}]
        return [_hook(INBOUND, fields) for fields in (*without, *odd, *short, {})]

    def unknown(self) -> Sequence[Hook]:
        id = "00000000-0000-7000-8000-000000000000"
        odd: tuple[dict[str, str], ...] = ({"id": id, "status": "64"}, {"id": id}, {"id": "1", "status": "8"}, {})
        return [_hook(STATUS, fields) for fields in odd]

    def blocked(self) -> Hook | None:
        return None

    def arrived(self) -> Sequence[Arrived]:
        return [Arrived(f"+{each.to}", each.text, id=each.dlr_url) for each in self.provider.taken]

    def reports(self, message: Arrived) -> Mapping[Status, Hook]:
        """At the address that came with the message; Kannel fills in %d and %A."""
        given = message.id if "?" in message.id else f"{CALLBACK}{STATUS}?secret={SECRET}&id={message.id}&status=%d"
        return {
            status: Hook(given.removeprefix(CALLBACK).replace("%d", bit).replace("%A", "ACK%2F"), method="GET")
            for status, bit in _BITS.items()
        }

    def refuses(self) -> None:
        self.provider.faults.append(answers(400, "Number(s) has/have been denied by white- and/or black-lists."))

    def limits(self, seconds: int) -> None:
        self.provider.faults.append(answers(503, "Temporal failure, try again later."))

    def falls_silent(self) -> None:
        self.provider.faults.append(slow(2.0))

    def _text(self, text: str, id: str) -> dict[str, str]:
        known = {"from": self.address.removeprefix("+"), "to": "8000", "text": text, "coding": "0", "charset": "UTF-8"}
        return known | {"id": id.replace(" ", "-")}


def _hook(path: str, fields: Mapping[str, str], secret: str | None = SECRET) -> Hook:
    given = {} if secret is None else {"secret": secret}
    return Hook(f"{path}?{urlencode({**given, **fields})}", method="GET")


@contextmanager
def opened() -> Iterator[KannelKit]:
    with fake_kannel() as provider:
        yield KannelKit(provider)
