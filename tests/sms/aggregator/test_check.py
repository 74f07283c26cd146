"""What an operator is told of a provider."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.messaging.ports import Finding, Level
from sms.aggregator.check import check
from sms.aggregator.config import AggregatorConfig
from tests.fakes.aggregator import FakeAggregator, Reply
from tests.sms.aggregator.desk import SECRETS, one
from tests.sms.aggregator.running import ANSWER, HEAD, provider, tools


def told(config: AggregatorConfig) -> Sequence[Finding]:
    found = asyncio.run(check(config, tools()))
    assert not any(secret in finding.text for finding in found for secret in SECRETS.values())
    return found


def plan(running: FakeAggregator, more: str = "") -> str:
    return f'{HEAD}[a1.send]\nurl = "{running.url}/x"\nbody = {{ to = "{{to}}" }}\n{ANSWER}{more}'


ASKED = '[a1.check]\nmethod = "GET"\nurl = "URL/check"\n[a1.check.answer]\ncode = "code"\ngood = ["0"]\n'


@pytest.mark.parametrize(
    ("reply", "level"),
    [(Reply({"code": 0}), Level.GOOD), (Reply({"code": 101}), Level.BAD), (Reply({}, 401), Level.BAD)],
)
def test_the_account_is_asked_for(tmp_path: Path, reply: Reply, level: Level) -> None:
    with provider(other=reply) as running:
        found = told(one(tmp_path, plan(running, ASKED.replace("URL", running.url))))
        assert found[-1].level is level
        assert running.taken == []


def test_without_a_question_it_is_only_looked_whether_they_are_there(tmp_path: Path) -> None:
    with provider(other=Reply({}, 404)) as running:
        config = one(tmp_path, plan(running))
        assert told(config)[-1].level is Level.GOOD
        assert running.taken == []
    assert told(config)[-1].level is Level.BAD


INBOUND = {
    "token": '[a1.inbound.token]\nin = "path"\nsecret = "{secret.word}"\n',
    "signature": '[a1.inbound.signature]\nfield = "s"\ndigest = "md5"\nover = "{id}{text}{secret.key}"\n',
}


@pytest.mark.parametrize(("guard", "warned"), [("token", False), ("signature", True)])
def test_what_a_signature_leaves_open_is_told(tmp_path: Path, guard: str, warned: bool) -> None:
    with provider() as running:
        inbound = f'[a1.inbound]\nsender = "from"\ntext = "text"\nid = "id"\n{INBOUND[guard]}'
        found = [finding.text for finding in told(one(tmp_path, plan(running, inbound)))]
    assert any("does not cover from" in text for text in found) is warned
    ending = "/sms/aggregator/a1/inbound" + ("/TOKEN" if guard == "token" else "")
    assert f"give the provider POST https://khaibao.example{ending}" in found
