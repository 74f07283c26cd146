"""Requests as providers get them: over real HTTP, in every form that a file may describe."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from sqlalchemy import Engine, insert

from core.database.tables import addresses, contacts, inbox
from core.messaging.channel import OutboundMessage, OutcomeUnknown, Refused, Sent, TryLater, WindowClosed
from core.messaging.ports import Tools
from sms.aggregator.config import AggregatorConfig
from sms.aggregator.send import sender
from tests.fakes.aggregator import FakeAggregator, Manner, Reply, Request
from tests.sms.aggregator.desk import SECRETS, one
from tests.sms.aggregator.running import ANSWER, HEAD, now, provider, tools

LAN = "+84900000001"
WORDS = 'Đã nhận & "cảm ơn" <bác>'


def message(text: str = WORDS, to: str = LAN) -> OutboundMessage:
    return OutboundMessage(uuid4(), "a1", to, text)


def send(config: AggregatorConfig, messages: Sequence[OutboundMessage], given: Tools | None = None) -> list[Sent]:
    """One after the other, over one sender."""

    async def work() -> list[Sent]:
        one_sender = sender(config, given or tools())
        try:
            return [await one_sender.send(each) for each in messages]
        finally:
            await one_sender.close()

    return asyncio.run(work())


def sent(folder: Path, running: FakeAggregator, text: str, each: OutboundMessage | None = None) -> Request:
    """The request that a message becomes by the file."""
    config = one(folder, HEAD + text.replace("URL", running.url) + ANSWER)
    assert send(config, [each or message()]) == [Sent("m1")]
    return running.requests[-1]


def test_as_json(tmp_path: Path) -> None:
    with provider() as running:
        ours = message()
        body = (
            'body = { to = ["{to}"], m = { text = "{text}", u = "{unicode}" }, id = "{id}", n = 2, at = "{time:int}" }'
        )
        left = sent(tmp_path, running, f'[a1.send]\nurl = "URL/send"\n{body}\n', ours)
    assert left.headers["Content-Type"] == "application/json"
    at = left.fields["at"]
    assert left.fields == {
        "to": ["84900000001"],
        "m": {"text": WORDS, "u": "1"},
        "id": str(ours.id),
        "n": 2,
        "at": at,
    }
    assert abs(datetime.now(UTC).timestamp() - at) < 60


@pytest.mark.parametrize(("method", "form"), [("GET", "query"), ("POST", "query"), ("POST", "form"), ("PUT", "form")])
def test_as_fields(tmp_path: Path, method: str, form: str) -> None:
    body = 'body = { u = "{secret.key}", phone = "{to}", sms = "{text}", from = "{from}", bid = "{id_hex}" }'
    ours = message()
    with provider() as running:
        text = f'[a1.send]\nmethod = "{method}"\nurl = "URL/api/index.php"\nformat = "{form}"\nphone = "0"\n{body}\n'
        left = sent(tmp_path, running, text, ours)
    assert (left.method, left.path) == (method, "/api/index.php")
    wanted = {"u": "k1", "phone": "0900000001", "sms": WORDS, "from": "KHAIBAO", "bid": ours.id.hex}
    assert left.fields == wanted


def test_as_soap(tmp_path: Path) -> None:
    soap = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><wsCpMt><ReceiverID>{to}</ReceiverID>'
        "<Content>{text}</Content><ContentType>{unicode}</ContentType><B64>{text_b64}</B64></wsCpMt></e:Body></e:Envelope>"
    )
    text = (
        f'[a1.send]\nurl = "URL/ws"\nformat = "xml"\nphone = "+84"\nunicode = ["0", "1"]\nbody = \'\'\'{soap}\'\'\'\n'
    )
    with provider() as running:
        left = sent(tmp_path, running, f'{text}headers = {{ SOAPAction = "wsCpMt" }}\n')
    found = {child.tag: child.text for child in ElementTree.fromstring(left.raw).iter() if child.text}
    b64 = base64.b64encode(WORDS.encode()).decode()
    assert found == {"ReceiverID": LAN, "Content": WORDS, "ContentType": "1", "B64": b64}
    assert (left.headers["SOAPAction"], left.headers["Content-Type"]) == ("wsCpMt", "text/xml; charset=utf-8")


def test_as_text_with_the_number_in_the_path(tmp_path: Path) -> None:
    with provider() as running:
        text = '[a1.send]\nurl = "URL/v1/{to}/{from}"\nformat = "text"\nbody = "{text}"\nphone = "+84"\n'
        left = sent(tmp_path, running, text)
    assert unquote(left.path) == f"/v1/{LAN}/KHAIBAO"
    assert left.raw.decode() == WORDS


@pytest.mark.parametrize(("words", "flag"), [("Da nhan", "text"), ("Đã nhận", "unicode"), ("à é ù", "text")])
def test_accents_are_flagged(tmp_path: Path, words: str, flag: str) -> None:
    """à é ù have a place in the short alphabet."""
    with provider() as running:
        text = '[a1.send]\nurl = "URL/x"\nunicode = ["text", "unicode"]\nbody = { t = "{unicode}" }\n'
        assert sent(tmp_path, running, text, message(words)).fields == {"t": flag}


def test_a_foreign_number_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with provider() as running:
        text = f'[a1.send]\nurl = "{running.url}/x"\nphone = "0"\nbody = {{ to = "{{to}}" }}\n'
        with pytest.raises(Refused, match="foreign"):
            send(one(tmp_path, HEAD + text + ANSWER), [message(to="+12025550123")])
        assert running.requests == []


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        ('kind = "basic"\nuser = "{secret.key}"\npassword = "x"', "Basic " + base64.b64encode(b"k1:x").decode()),
        ('kind = "bearer"\ntoken = "{secret.key}"', "Bearer k1"),
        ('kind = "none"', None),
    ],
)
def test_who_we_are(tmp_path: Path, auth: str, header: str | None) -> None:
    with provider() as running:
        text = f'[a1.send]\nurl = "URL/x"\nbody = {{ to = "{{to}}" }}\n[a1.send.auth]\n{auth}\n'
        assert sent(tmp_path, running, text).headers.get("Authorization") == header


def test_who_we_are_in_a_header_of_theirs(tmp_path: Path) -> None:
    with provider() as running:
        text = '[a1.send]\nurl = "URL/x"\nheaders = { X-Api-Key = "{secret.key}" }\nbody = { to = "{to}" }\n'
        assert sent(tmp_path, running, text).headers["X-Api-Key"] == "k1"


OAUTH = """[a1.send]
url = "URL/api/push"
body = { to = "{to}" }
[a1.send.auth]
kind = "oauth2"
url = "URL/token"
body = { grant_type = "client_credentials", client_secret = "{secret.key}", session_id = "{id_hex}" }
"""


def test_a_token_is_asked_for_once_and_again_when_it_is_no_longer_good(tmp_path: Path) -> None:
    good = {"Bearer t1"}
    given: list[str] = []

    def knows(request: Request) -> bool:
        return request.path == "/token" or request.headers.get("Authorization") in good

    def token(request: Request) -> Reply:
        given.append(f"t{len(given) + 1}")
        assert request.fields["client_secret"] == "k1"
        return Reply({"access_token": given[-1], "expires_in": "3600"})

    with provider(knows) as running:
        running.manner = Manner(running.manner.told, knows, running.manner.yes, running.manner.stranger, other=token)
        config = one(tmp_path, HEAD + OAUTH.replace("URL", running.url) + ANSWER)

        async def work() -> None:
            sending = sender(config, tools())
            await sending.send(message())
            await sending.send(message())
            assert given == ["t1"]
            good.clear()
            good.add("Bearer t2")
            await asyncio.gather(sending.send(message()), sending.send(message()))
            assert given == ["t1", "t2"]
            good.clear()
            with pytest.raises(TryLater) as raised:
                await sending.send(message())
            assert (raised.value.code, raised.value.whole, given) == ("401", True, ["t1", "t2", "t3"])
            await sending.close()

        asyncio.run(work())


def test_a_short_lived_token_is_renewed_before_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("sms.aggregator.access.time.monotonic", lambda: clock[0])
    with provider(other=Reply({"data": {"t": "x"}, "seconds": 100})) as running:
        text = OAUTH.replace("URL", running.url) + 'token = "data.t"\nseconds = "seconds"\n'
        config = one(tmp_path, HEAD + text + ANSWER)

        async def work() -> None:
            sending = sender(config, tools())
            for at in (0, 69, 71):
                clock[0] = 1000.0 + at
                await sending.send(message())
            await sending.close()

        asyncio.run(work())
        assert [r.path for r in running.requests].count("/token") == 2


def test_a_token_may_be_a_field(tmp_path: Path) -> None:
    text = OAUTH.replace('body = { to = "{to}" }', 'body = { to = "{to}", access_token = "{token}" }')
    with provider() as running:
        left = sent(tmp_path, running, text)
    assert left.fields == {"to": "84900000001", "access_token": "t"}
    assert "Authorization" not in left.headers


@pytest.mark.parametrize("reply", [Reply({"error": 1}), Reply({}, 500), Reply({"access_token": "x"}, after=1.5)])
def test_without_a_token_nothing_is_sent(tmp_path: Path, reply: Reply) -> None:
    """A token that does not come leaves no message in doubt."""
    with provider(other=reply) as running:
        config = one(tmp_path, HEAD.replace("[a1]", "[a1]\ntimeout = 1") + OAUTH.replace("URL", running.url) + ANSWER)
        with pytest.raises(TryLater, match="token"):
            send(config, [message()])
        assert running.taken == []


def test_an_answer_that_does_not_come_leaves_the_message_in_doubt(tmp_path: Path) -> None:
    with provider() as running:
        running.faults.append(Reply({}, after=1.5))
        text = f'[a1.send]\nurl = "{running.url}/x"\nbody = {{ to = "{{to}}" }}\n'
        config = one(tmp_path, HEAD.replace("[a1]", "[a1]\ntimeout = 1") + text + ANSWER)
        with pytest.raises(OutcomeUnknown):
            send(config, [message()])


def test_nobody_there_is_no_doubt(tmp_path: Path) -> None:
    with provider() as running:
        url = running.url
    with pytest.raises(TryLater):
        send(one(tmp_path, f'{HEAD}[a1.send]\nurl = "{url}/x"\nbody = {{ to = "{{to}}" }}\n{ANSWER}'), [message()])


REPLY = '[a1.send]\nurl = "URL/x"\nbody = { reply = "{reply_to}" }\n'


def test_a_reply_names_what_the_person_wrote_last(tmp_path: Path, engine: Engine) -> None:
    contact, other = uuid4(), uuid4()
    with engine.begin() as connection:
        for id, address in ((contact, LAN), (other, "+84900000002")):
            values = {"channel": "a1", "address": address}
            connection.execute(insert(contacts).values(id=id, seen_at=now(), **values))
            connection.execute(insert(addresses).values(contact_id=id, **values))
        rows = [("m1", 3, "a1", LAN), ("m2", 1, "a1", LAN), ("m3", 0, "a2", LAN), ("m4", 0, "a1", "+84900000002")]
        for external, age, channel, address in rows:
            row = {
                "id": uuid4(),
                "channel": channel,
                "external_id": external,
                "address": address,
                "text": "",
                "state": "done",
            }
            owner = contact if address == LAN else other
            received = now() - timedelta(hours=age)
            connection.execute(insert(inbox).values(contact_id=owner, received_at=received, **row))
    with provider() as running:
        config = one(tmp_path, HEAD + REPLY.replace("URL", running.url) + ANSWER)
        send(config, [message()], tools(engine))
        assert running.requests[-1].fields == {"reply": "m2"}
        with pytest.raises(WindowClosed):
            send(config, [message(to="+84900000003")], tools(engine))


def test_reports_are_asked_for_with_our_word(tmp_path: Path) -> None:
    status = """[a1.status]
id = "id"
status = "s"
states = { ok = "delivered" }
[a1.status.token]
in = "path"
secret = "{secret.word}"
"""
    with provider() as running:
        left = sent(tmp_path, running, '[a1.send]\nurl = "URL/x"\nbody = { back = "{status_url}" }\n' + status)
    assert left.fields == {"back": f"https://khaibao.example/sms/aggregator/a1/status/{SECRETS['MADE_UP_TOKEN']}"}
