"""Three providers as their shipped examples describe them; only the provider's host is another one here."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlencode
from uuid import uuid4

from core.clock import VIETNAM
from core.messaging.channel import Status
from tests.contract.kit import Arrived, Hook, Kit, Opened
from tests.fakes.aggregator import FakeAggregator, Manner, Reply, Request, fake_aggregator

_LONG_AGO = timedelta(days=3)


def example(name: str) -> str:
    """A shipped example."""
    return files("sms.aggregator.examples").joinpath(f"{name}.toml").read_text(encoding="utf-8")


def pointed_at(text: str, url: str) -> str:
    """The file, with every host that it sends to replaced."""
    return re.sub(r'(url = ")https://[^/"]+', rf"\g<1>{url}", text)


class AggregatorKit:
    """What the three have in common."""

    name: str
    manner: Manner
    secrets: Mapping[str, str]
    address = "+84900000001"

    def __init__(self, provider: FakeAggregator, file: Path) -> None:
        self.provider = provider
        self.file = file

    @property
    def environ(self) -> Mapping[str, str]:
        return {"SMS_AGGREGATORS": str(self.file), **self.secrets}

    def taps(self, payload: str, id: str) -> Hook | None:
        return None

    def replayed(self) -> Hook | None:
        return None

    def unknown(self) -> Sequence[Hook]:
        return ()

    def blocked(self) -> Hook | None:
        return None

    def arrived(self) -> Sequence[Arrived]:
        return [Arrived(f"+{m.to}", m.text, id=f"{m.n} {m.id}") for m in self.provider.taken]

    def reports(self, message: Arrived) -> Mapping[Status, Hook]:
        return {}

    def limits(self, seconds: int) -> None:
        self.provider.faults.append(Reply({"message": "Too many"}, 429, {"Retry-After": str(seconds)}))

    def falls_silent(self) -> None:
        self.provider.faults.append(Reply({}, after=2.0))


class Esms(AggregatorKit):
    """GET with the text in the query, md5 in hex; reports by GET, with a token in the path."""

    name = "esms"
    secrets = MappingProxyType(
        {
            "ESMS_API_KEY": "k1",
            "ESMS_SECRET_KEY": "s1",
            "ESMS_PRIVATE_KEY": "p1",
            "ESMS_CALLBACK_TOKEN": "callback0token0made0up",
        }
    )
    manner = Manner(
        told=lambda r: (r.fields["Phone"], r.fields["Content"], r.fields["RequestId"]) if "Phone" in r.fields else None,
        knows=lambda r: (r.fields.get("ApiKey"), r.fields.get("SecretKey")) == ("k1", "s1"),
        yes=lambda n: {"CodeResult": "100", "CountRegenerate": 0, "SMSID": f"sms-{n}"},
        stranger=Reply({"CodeResult": "101", "ErrorMessage": "Authorize Failed"}),
        double=Reply({"CodeResult": "124", "ErrorMessage": "RequestId existed"}),
        other=lambda r: Reply({"Balance": 36693, "CodeResponse": "100", "UserID": 9999}),
    )

    def says(self, text: str, id: str) -> Hook:
        return self._get(self._fields(text, id))

    def forged(self) -> Sequence[Hook]:
        fields = self._fields("KHAI", "1")
        signed = self._signed(fields)
        report = {"SMSID": "sms-1", "SendStatus": "5", "SendFailed": "1", "RequestId": str(uuid4())}
        return (
            self._hook(fields),
            self._get(fields, key="another"),
            self._hook(signed | {"content": "SK OK"}),
            self._hook(signed | {"sign": ""}),
            Hook(f"/sms/aggregator/esms/status?{urlencode(report)}", method="GET"),
            Hook(f"/sms/aggregator/esms/status/another?{urlencode(report)}", method="GET"),
        )

    def replayed(self) -> Hook | None:
        return self._get(self._fields("KHAI", "1", at=datetime.now(VIETNAM) - _LONG_AGO))

    def malformed(self) -> Sequence[Hook]:
        whole = self._fields("KHAI", "1")
        without = [{k: v for k, v in whole.items() if k != name} for name in ("smsid", "sender", "content")]
        return [self._get(fields) for fields in (*without, whole | {"sender": "8041"}, whole | {"smsid": "x" * 200})]

    def unknown(self) -> Sequence[Hook]:
        return (self._report({"SMSID": "sms-1", "SendStatus": "99", "SendFailed": "0"}), self._report({}))

    def reports(self, message: Arrived) -> Mapping[Status, Hook]:
        n, _, ours = message.id.partition(" ")
        words = {Status.SENT: ("7", "0"), Status.DELIVERED: ("5", "0"), Status.FAILED: ("5", "2")}
        return {
            status: self._report({"SMSID": f"sms-{n}", "RequestId": ours, "SendStatus": state, "SendFailed": failed})
            for status, (state, failed) in words.items()
        }

    def refuses(self) -> None:
        self.provider.faults.append(Reply({"CodeResult": "108", "ErrorMessage": "Invalid phone"}))

    def _fields(self, text: str, id: str, at: datetime | None = None) -> dict[str, str]:
        made = (at or datetime.now(VIETNAM)).strftime("%Y%m%d%H%M%S")
        fixed = {"serviceNumber": "8041", "keyword": text.partition(" ")[0], "cpid": "abcdef", "receiverTime": made}
        return {"sender": self.address.lstrip("+"), "content": text, "smsid": id.replace(" ", "-"), **fixed}

    def _signed(self, fields: Mapping[str, str], key: str = "p1") -> dict[str, str]:
        over = "".join(fields.get(name, "") for name in ("cpid", "smsid", "content", "receiverTime")) + key
        return {**fields, "sign": hashlib.md5(over.encode()).hexdigest()}

    def _get(self, fields: Mapping[str, str], key: str = "p1") -> Hook:
        return self._hook(self._signed(fields, key))

    def _hook(self, fields: Mapping[str, str]) -> Hook:
        return Hook(f"/sms/aggregator/esms/inbound?{urlencode(fields)}", method="GET")

    def _report(self, fields: Mapping[str, str]) -> Hook:
        return Hook(f"/sms/aggregator/esms/status/callback0token0made0up?{urlencode(fields)}", method="GET")


class Vcom(AggregatorKit):
    """POST with JSON, sha256 in base64; what leaves is a reply to a message. V-COM tells nothing of it later."""

    name = "vcom"
    secrets = MappingProxyType({"VCOM_CLIENT_ID": "demo", "VCOM_SECURE_KEY": "made-up-key"})
    manner = Manner(
        told=lambda r: (_phone_of(r), r.fields["message"], r.fields["mt_code"]),
        knows=lambda r: r.fields.get("checksum") == _checksum(r.fields, "client_id", "request_id", "mt_code"),
        yes=lambda n: {"data": {"code": 200, "status": "success", "message": "Thanks"}},
        stranger=Reply({"errors": {"code": 106, "status": "error", "message": "wrong checksum"}}, 400),
        double=Reply({"errors": {"code": 104, "status": "error", "message": "MT is duplicated"}}, 400),
    )

    def says(self, text: str, id: str) -> Hook:
        return _posted(self._signed(self._fields(text, id)))

    def forged(self) -> Sequence[Hook]:
        fields = self._fields("KHAI", "1")
        return (
            _posted(fields),
            _posted(fields | {"checksum": _checksum(fields, "client_id", "request_id", "phone", key="another")}),
            _posted(self._signed(fields) | {"phone": "84900000002"}),
            _posted(self._signed(fields) | {"request_id": "2"}),
            _posted({}),
        )

    def replayed(self) -> Hook | None:
        return _posted(self._signed(self._fields("KHAI", "1", datetime.now(VIETNAM) - _LONG_AGO)))

    def malformed(self) -> Sequence[Hook]:
        whole = self._fields("KHAI", "1")
        odd = [whole | {"request_id": "x" * 200}, whole | {"phone": "7068"}, whole | {"message": {"a": 1}}]
        without = [{k: v for k, v in whole.items() if k != name} for name in ("request_id", "phone", "message")]
        return [_posted(self._signed(fields)) for fields in (*odd, *without)]

    def refuses(self) -> None:
        self.provider.faults.append(Reply({"errors": {"code": 102, "status": "error", "message": "not accepted"}}, 400))

    def _fields(self, text: str, id: str, at: datetime | None = None) -> dict[str, object]:
        """The id carries the number, so that the fake knows whom a reply is for."""
        phone = self.address.lstrip("+")
        fixed = {"type": "new", "client_id": "demo", "service_id": "7068", "command_code": "KHAIBAO", "telco": "VT"}
        made = int((at or datetime.now(VIETNAM)).timestamp())
        request_id = f"{id.replace(' ', '-')}.{phone}"
        return {**fixed, "request_id": request_id, "phone": phone, "message": text, "time": made}

    def _signed(self, fields: Mapping[str, object]) -> dict[str, object]:
        return {**fields, "checksum": _checksum(fields, "client_id", "request_id", "phone")}


class SpeedSms(AggregatorKit):
    """One address for messages and reports, unsigned, with a token in the path. No id of theirs, none of ours."""

    name = "speedsms"
    secrets = MappingProxyType({"SPEEDSMS_TOKEN": "t1", "SPEEDSMS_WEBHOOK_TOKEN": "webhook0token0made0up"})
    manner = Manner(
        told=lambda r: (r.fields["to"][0], r.fields["content"], "") if "to" in r.fields else None,
        knows=lambda r: r.headers.get("Authorization") == "Basic " + base64.b64encode(b"t1:x").decode(),
        yes=lambda n: {"status": "success", "code": "00", "data": {"tranId": n, "totalSMS": 1, "invalidPhone": []}},
        stranger=Reply({"status": "error", "code": "009", "message": "not allowed"}, 401),
        other=lambda r: Reply({"status": "success", "code": "00", "data": {"balance": "1", "currency": "VND"}}),
    )

    def says(self, text: str, id: str) -> Hook:
        unnamed = {"told": id}  # whatever sets two messages apart; the example does not know its name
        return self._hook({"type": "sms", "phone": self.address.lstrip("+"), "content": text} | unnamed)

    def forged(self) -> Sequence[Hook]:
        whole = {"type": "sms", "phone": self.address.lstrip("+"), "content": "KHAI"}
        report = {"type": "report", "tranId": 1, "phone": "84900000001", "status": 64}
        return [self._hook(body, token) for body in (whole, report) for token in ("", "/", "/another")]

    def malformed(self) -> Sequence[Hook]:
        whole = {"type": "sms", "phone": self.address.lstrip("+"), "content": "KHAI"}
        odd: list[object] = [whole | {"phone": "SpeedSMS"}, whole | {"content": None}, [], "KHAI", {"type": "sms"}]
        return [*(self._hook(body) for body in odd), Hook(self._hook({}).path, b"{", {"Content-Type": "text/plain"})]

    def unknown(self) -> Sequence[Hook]:
        return [self._hook(body) for body in ({"type": "voice"}, {"type": "report", "tranId": 1, "status": "?"}, {})]

    def reports(self, message: Arrived) -> Mapping[Status, Hook]:
        n = int(message.id.partition(" ")[0].replace("-", "") or 0)
        words = {Status.SENT: 3, Status.DELIVERED: 0, Status.FAILED: 64}
        return {
            status: self._hook({"type": "report", "tranId": n, "phone": "84900000001", "status": code})
            for status, code in words.items()
        }

    def refuses(self) -> None:
        self.provider.faults.append(Reply({"status": "error", "code": "105", "message": "Phone number invalid"}))

    def limits(self, seconds: int) -> None:
        body = {"name": "Too Many Requests", "message": "Rate limit exceeded.", "code": 0, "status": 429}
        self.provider.faults.append(Reply(body, 429, {"X-Rate-Limit-Reset": str(seconds)}))

    def _hook(self, body: object, token: str = "/webhook0token0made0up") -> Hook:
        path = f"/sms/aggregator/speedsms/inbound{token}"
        return Hook(path.rstrip("/"), json.dumps(body).encode(), {"Content-Type": "application/json"})


def _phone_of(request: Request) -> str:
    return str(request.fields["request_id"]).rpartition(".")[2]


def _checksum(fields: Mapping[str, object], *names: str, key: str = "made-up-key") -> str:
    over = "".join(str(fields.get(name, "")) for name in names) + key + str(fields.get("time", ""))
    return base64.b64encode(hashlib.sha256(over.encode()).digest()).decode()


def _posted(body: Mapping[str, object]) -> Hook:
    return Hook("/sms/aggregator/vcom/inbound", json.dumps(body).encode(), {"Content-Type": "application/json"})


def _opener(kit: type[Esms | Vcom | SpeedSms]) -> Opened:
    @contextmanager
    def opened() -> Iterator[Kit]:
        with fake_aggregator(kit.manner) as provider, tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "providers.toml"
            file.write_text(pointed_at(example(kit.name), provider.url), encoding="utf-8")
            yield kit(provider, file)

    return opened


esms, vcom, speedsms = _opener(Esms), _opener(Vcom), _opener(SpeedSms)
