"""The logs of web, worker and clock after people wrote, providers failed and the database went: nothing of people."""

from __future__ import annotations

import json
import re
import time
import unicodedata
from collections.abc import Iterator
from random import Random

import httpx
import pytest

from tests.chaos.load import SCRIPTS
from tests.chaos.processes import DATA_KEY, SECRET, Cluster, System, cluster
from tests.chaos.weather import scene

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

OURS = ("web", "worker", "clock")
ORDINARY = {"khai", "ok", "dong y", "khong", "xem", "goi", "sk ok", "kho tho"}
"""Words that a log may hold for other reasons."""


def plain(text: str) -> str:
    """Small letters without accents."""
    return "".join(each for each in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(each))


PRIVATE = {
    *({plain(text) for script in SCRIPTS for text in script} - ORDINARY),
    *("phan van toan", "pham thu hang", "phu long", "37,5", "38,2", "made-up-word", "made up for a storm"),
    SECRET,
    plain(DATA_KEY),
}


@pytest.fixture(scope="module")
def copies() -> Iterator[Cluster]:
    with cluster() as made:
        yield made


def test_no_number_no_name_and_no_answer_is_in_any_log(copies: Cluster) -> None:
    with scene(copies, 11, people=4) as made:
        doubt = Random(3)
        made.sink.fault = lambda _: doubt.random() > 0.5
        with made.load.blowing():
            for name in ("postgres", "worker", "web worker", "clock"):
                made.running.live_for(2)
                made.running.kill(name, made.chance)
            made.load.finish()
            made.running.until(made.load.done, 120, "an acknowledgement of everything")
        _stumble(made.running)
        logged = {name: (made.running.folder / f"{name}.log").read_text(encoding="utf-8") for name in OURS}
    for name, lines in logged.items():
        assert lines, f"{name} said nothing: there is nothing to search"
        assert re.findall(r"\+?849\d{8}", lines) == []
        assert {word for word in PRIVATE if word in plain(lines)} == set()
        for line in lines.splitlines():
            assert json.loads(line)["process"] == name
    assert "OutcomeUnknown" in logged["worker"], "what failed was spoken of"
    assert "does not answer" in logged["worker"], "so was the database"


def _stumble(running: System) -> None:
    """What is not understood, forged and broken, with words of people in it."""
    for query in (
        {"from": "+84900000001", "text": "phan van toan", "id": "1"},
        {"secret": SECRET, "from": "phan van toan", "text": "38,2", "id": "\0"},
        {"secret": SECRET, "text": "phan van toan"},
    ):
        httpx.get(f"{running.address}/sms/kannel/inbound", params=query, trust_env=False)
    httpx.post(f"{running.address}/sms/kannel/inbound/phan-van-toan?a=phan van toan", trust_env=False)
    time.sleep(0.5)  # the last lines
