"""The file is read once; each mistake is named with its place, and no secret is shown."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from core.environment import Reader
from core.messaging.channel import Rate
from sms.aggregator.config import load
from tests.contract.kits.aggregator import Esms, SpeedSms, Vcom, example
from tests.sms.aggregator.desk import SECRETS, SEND, one, read

INBOUND = """
[a1.inbound]
format = "form"
sender = "from"
text = "text"
id = "id"
[a1.inbound.token]
in = "path"
secret = "{secret.word}"
"""
STATUS = """
[a1.status]
id = "id"
status = "state"
states = { ok = "delivered" }
allow = "203.0.113.0/24"
"""
BODY = 'body = { to = "{to}", text = "{text}" }'
WHOLE = SEND + INBOUND + STATUS


def problems(folder: Path, text: str) -> list[str]:
    return read(folder, text)[1].problems


def test_without_the_file_the_channel_is_off() -> None:
    reader = Reader({})
    assert (load(reader, ""), reader.problems) == ((), [])


def test_the_shortest_provider(tmp_path: Path) -> None:
    made = one(tmp_path, SEND)
    assert (made.profile.name, made.profile.sms, made.profile.max_text, made.profile.once) == ("a1", True, 612, False)
    assert made.outside == (("SMS_AGGREGATORS", "https://sms.example/send"),)
    assert (made.provider.inbound, made.provider.reports) == (None, None)


def test_limits_are_keys(tmp_path: Path) -> None:
    limits = "max_text = 160\ntimeout = 5\nin_flight = 1\nper_minute = 30\nprice = 620\nwindow_hours = 48\n"
    profile = one(tmp_path, f"[a1]\n{limits}{SEND}").profile
    assert (profile.max_text, profile.timeout, profile.in_flight, profile.rate) == (160, 5.0, 1, Rate(0.5, 3))
    assert (profile.price, profile.window) == (620, timedelta(hours=48))


def test_several_providers_in_one_file(tmp_path: Path) -> None:
    secrets = {**Esms.secrets, **Vcom.secrets, **SpeedSms.secrets}
    made, reader = read(tmp_path, "\n".join(map(example, ("esms", "vcom", "speedsms"))), secrets)
    assert reader.problems == []
    assert [(c.profile.name, c.profile.once, c.profile.rate) for c in made] == [
        ("esms", True, Rate(5, 30)),
        ("vcom", True, None),
        ("speedsms", False, Rate(1, 6)),
    ]
    assert made[0].inbound == "/sms/aggregator/esms/inbound"


def test_two_accounts_of_one_provider_are_two_channels_with_a_rate_each(tmp_path: Path) -> None:
    account = SEND.replace("[a1", "[{0}")
    made, reader = read(
        tmp_path,
        "".join(f"[{n}]\nper_minute = {most}\n{account.replace('{0}', n)}" for n, most in (("a1", 30), ("b2", 60))),
    )
    assert reader.problems == []
    assert [(c.profile.name, c.profile.rate) for c in made] == [("a1", Rate(0.5, 3)), ("b2", Rate(1, 6))]


def test_reports_by_our_own_id_are_known(tmp_path: Path) -> None:
    made, _ = read(tmp_path, "\n".join(map(example, ("esms", "speedsms"))), {**Esms.secrets, **SpeedSms.secrets})
    assert [c.profile.reports for c in made] == [True, False]


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    environ = {"MADE_UP_KEY": "hidden-1", "MADE_UP_TOKEN": "hidden-2"}
    signed = '[a1.inbound.signature]\nfield = "s"\ndigest = "hmac-sha1"\nover = "{id}"\nkey = "{secret.key}"\n'
    assert "hidden" not in repr(one(tmp_path, WHOLE + signed, environ))


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from a file\n")
    made = one(tmp_path, SEND, {"MADE_UP_KEY_FILE": str(tmp_path / "key"), "MADE_UP_TOKEN": "t"})
    assert made.provider.secrets == {"secret.key": "from a file", "secret.word": "t"}


def test_a_secret_in_the_file_is_a_mistake_and_is_not_repeated(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, SEND.replace('"env:MADE_UP_KEY"', '"s3cret"'))
    assert "providers.toml: [a1.secrets] key: is no variable" in problem
    assert "s3cret" not in problem


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('url = "https://sms.example/send"\n', "", "[a1.send] url: is missing"),
        ("https://sms.example/send", "sms.example/send", "[a1.send] url: is not usable"),
        ("https://sms.example/send", "https://{to}.example/send", "[a1.send] url: is not usable"),
        ("https://sms.example/send", "https://user:word@sms.example", "[a1.send] url: is not usable"),
        (BODY, 'body = { to = "{number}" }', "[a1.send] body: asks for {number}"),
        (BODY, 'body = "{"', "[a1.send] body: is no json"),
        ("body = {", 'format = "xml"\nbody = {', "[a1.send] body: is no text"),
        (
            'body = { to = "{to}", text = "{text}" }',
            'format = "xml"\nbody = "<a>{text}</b>"',
            "[a1.send] body: is no xml",
        ),
        (BODY, 'format = "form"\nbody = "a"', "[a1.send] body: is no table"),
        ("body = {", 'phone = "84-"\nbody = {', "[a1.send] phone: is not usable: use one of 84, 0, +84"),
        ("body = {", 'unicode = "1"\nbody = {', "[a1.send] unicode: is not usable"),
        ("body = {", "once = true\nbody = {", "[a1.send] once: needs our id"),
        ("body = {", 'metod = "GET"\nbody = {', "[a1.send] metod: is not known"),
        ("body = {", 'method = "SEND"\nbody = {', "[a1.send] method: is not usable"),
        ('{to}", text', '{signature}", text', "[a1.send] signature: is missing"),
        ('[a1.send.answer]\ncode = "code"\ngood = ["0"]', "", "[a1.send] answer: is missing"),
        ('good = ["0"]', "", "[a1.send.answer] good: and code belong together"),
        ('good = ["0"]', 'good = [""]', "[a1.send.answer] id: is missing"),
        ('good = ["0"]', 'good = ["0"]\nhttp = "2xx"', "[a1.send.answer] http: is not usable"),
        ('good = ["0"]', 'good = ["0"]\nid = "re:(("', "[a1.send.answer] id: is no pattern with one group"),
        ('good = ["0"]', 'good = ["0"]\nerrors = { 1 = "maybe" }', "[a1.send.answer] errors.1: is not usable"),
        ('format = "form"\n', 'format = "xml"\n', "[a1.inbound] format: is not usable"),
        ('sender = "from"\n', "", "[a1.inbound] sender: is missing"),
        ('sender = "from"\n', 'sender = "from"\nrecipients = ["8041"]\n', "[a1.inbound] recipient: is missing"),
        ('sender = "from"\n', 'sender = "from"\nmax_age = 60\n', "[a1.inbound] max_age: and time belong together"),
        ('sender = "from"\n', 'sender = "from"\ntime_format = "noon"\n', "[a1.inbound] time_format: is not usable"),
        ('in = "path"', 'in = "cookie:a"', "[a1.inbound.token] in: is not usable"),
        ("{secret.word}", "{secret.words}", "[a1.inbound.token] secret: is not known"),
        ("{secret.word}", "in the file", "[a1.inbound.token] secret: is not known"),
        ('[a1.inbound.token]\nin = "path"\nsecret = "{secret.word}"', "", "[a1.inbound] signature: is missing"),
        ('allow = "203.0.113.0/24"', 'allow = "203.0.113.1/24"', "[a1.status] allow: is not usable"),
        ('id = "id"\nstatus', "status", "[a1.status] id: is missing"),
        ('states = { ok = "delivered" }', "", "[a1.status] states: is missing"),
        ('states = { ok = "delivered" }', 'states = { ok = "fine" }', "[a1.status] states.ok: is not usable"),
        ('MADE_UP_KEY"', 'ANOTHER_KEY"', "[a1.secrets] key: ANOTHER_KEY is not set"),
        ("a1", "A-1", "[A-1] (its name): is not usable"),
        ("[a1.secrets]", "[a1]\nmax_text = 5\n[a1.secrets]", "[a1] max_text: is not usable"),
        ("[a1.secrets]", "[a1]\ntitel = ''\n[a1.secrets]", "[a1] titel: is not known"),
        ("[a1.secrets]", 'x = "y"\n[a1.secrets]', "x: belongs into a provider"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in WHOLE
    found = problems(tmp_path, WHOLE.replace(old, new))
    assert any(f"SMS_AGGREGATORS: {tmp_path}/providers.toml: {said}" in problem for problem in found), found


@pytest.mark.parametrize(
    ("signature", "said"),
    [
        ('field = "s"\ndigest = "md4"\nover = "{secret.key}"', "digest: is not usable"),
        ('field = "s"\ndigest = "md5"\nover = "{id}"', "over: has no secret in it"),
        ('field = "s"\ndigest = "md5"\nover = "{id}{secret.none}"', "over: asks for {secret.none}"),
        ('field = "s"\ndigest = "hmac-md5"\nover = "{id}"', "key: belongs to hmac"),
        ('digest = "md5"\nover = "{secret.key}"', "field: is missing"),
    ],
)
def test_a_signature_that_protects_nothing_is_a_mistake(tmp_path: Path, signature: str, said: str) -> None:
    found = problems(tmp_path, f"{WHOLE}[a1.inbound.signature]\n{signature}\n")
    assert any(f"[a1.inbound.signature] {said}" in problem for problem in found), found


@pytest.mark.parametrize(
    ("auth", "said"),
    [
        ('kind = "digest"', "kind: is not usable"),
        ('kind = "basic"\nuser = "me"', "password: is missing"),
        ('kind = "bearer"\ntoken = "{secret.none}"', "bearer: asks for {secret.none}"),
        ('kind = "oauth2"\nbody = { a = "b" }', "url: is missing"),
        ('kind = "oauth2"\nurl = "https://sms.example/token"\nbody = { a = "{to}" }', "body: asks for {to}"),
    ],
)
def test_a_mistake_in_how_we_name_ourselves(tmp_path: Path, auth: str, said: str) -> None:
    found = problems(tmp_path, f"{WHOLE}[a1.send.auth]\n{auth}\n")
    assert any(f"[a1.send.auth] {said}" in problem for problem in found), found


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = WHOLE.replace("https://", "").replace('good = ["0"]', "").replace('in = "path"', "")
    assert len(problems(tmp_path, text)) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no provider"),
        ("[a1\n", "is no TOML: line 1, column 4"),
        ('[a1]\nsecret = "s3cret', "is no TOML: end of document"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str, said: str) -> None:
    (problem,) = problems(tmp_path, text)
    assert said in problem
    assert "s3cret" not in problem


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    reader = Reader({"SMS_AGGREGATORS": str(tmp_path / "none.toml"), **SECRETS})
    assert load(reader, "") == ()
    assert reader.problems == [
        f"SMS_AGGREGATORS: {tmp_path}/none.toml: cannot be read (No such file or directory): "
        "give the path of a TOML file"
    ]
