"""Debian's Kannel between us and an operator: our own kannel.conf, our web application over a socket, our sender."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine
from werkzeug.serving import make_server

from app.cli_kannel import kannel as command
from app.ports import tools
from app.settings import load
from app.web import create_app
from core.messaging.channel import MessageKind, Status
from core.messaging.ports import Level
from sms.kannel.check import check
from sms.kannel.config import KannelConfig
from tests.contract.kits.kannel import KannelKit
from tests.contract.stage import PUBLIC, Stage, stage
from tests.fakes.kannel import FakeKannel
from tests.sms.kannel.real import BEARERBOX, SMSBOX, Kannel, Ports, kannel, operator, text_of, wait_for

pytestmark = pytest.mark.slow

LAN = "84900000001"


@dataclass
class Line:
    """Everything that is running: our application (`on`), served by `web`, and Kannel."""

    on: Stage
    kannel: Kannel
    web: ExitStack

    def waits_for_texts(self, *expected: str) -> None:
        wait_for(lambda: len(self.on.texts()) >= len(expected), f"{expected} do not arrive: {self.kannel.logs()}")
        assert self.on.texts() == list(expected)

    def waits_for_status(self, message: UUID, status: Status) -> None:
        wait_for(lambda: self.status(message) == status, f"the message stays {self.status(message)}")

    def status(self, message: UUID) -> str:
        return str(self.on.message(message)["status"])

    def knows(self) -> None:
        """Lan has written before, and has her answer."""
        with operator(self.kannel, "first", f"{LAN} 8000 text SK OK") as line:
            self.waits_for_texts("SK OK")
            self.on.send()
            line.waits_for(1)


@pytest.fixture
def line(engine: Engine, environ: dict[str, str], tmp_path: Path) -> Iterator[Line]:
    ports = Ports.free()
    ours = {**environ, "PUBLIC_URL": PUBLIC, **ports.environ()}
    printed = CliRunner().invoke(
        command,
        ["config", "--smsc=fake", f"--port={ports.smsc}", f"--box-port={ports.box}", f"--folder={tmp_path}"],
        env=ours,
    )
    assert printed.exit_code == 0, printed.output
    kit = KannelKit(FakeKannel(), settings=ports.environ())
    with stage(kit, engine, environ) as on, ExitStack() as web, kannel(tmp_path, ports, printed.output) as boxes:
        web.enter_context(serving(on, ports.web))
        yield Line(on, boxes, web)


@contextmanager
def serving(on: Stage, port: int) -> Iterator[None]:
    server = make_server("127.0.0.1", port, create_app(on.settings, on.engine), threaded=True)
    thread = threading.Thread(target=partial(server.serve_forever, 0.02), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ucs2(text: str) -> str:
    """As fakesmsc wants it: every byte of UTF-16BE after a %."""
    return "".join(f"%{byte:02x}" for byte in text.encode("utf-16-be"))


def test_a_text_is_heard_and_its_answer_arrives_without_accents(line: Line) -> None:
    with operator(line.kannel, "one", f"{LAN} 8000 text KHAI") as phones:
        line.waits_for_texts("KHAI")
        line.on.send()
        (got,) = phones.waits_for(1)
    assert line.on.address()["address"] == f"+{LAN}"
    assert (got.sender, got.to, got.ucs2) == ("8000", LAN, False)
    assert text_of([got]) == line.on.replies()[0]


def test_vietnamese_is_heard_as_it_was_typed(line: Line) -> None:
    said = "Tôi bị sốt 38,2 và ho 🤒"
    with operator(line.kannel, "one", f"{LAN} 8000 ucs2 {ucs2(said)}"):
        line.waits_for_texts(said)


def test_a_long_text_of_three_parts_is_one_message(line: Line) -> None:
    said = "toi bi sot tu hom qua, " * 18 + "het"
    parts = [said[start : start + 153] for start in range(0, len(said), 153)]
    assert len(parts) == 3
    for number, part in enumerate(parts, start=1):
        words = f"{LAN} 8000 udh-text %05%00%03%07%03%{number:02x} {part}"
        with operator(line.kannel, f"part{number}", words):
            wait_for(partial(line.kannel.heard, number), "the part does not arrive")
    line.waits_for_texts(said)


@pytest.mark.parametrize(
    ("words", "parts"),
    [("Xin chao.", 1), ("€uro {x} [y] ~ à é ù", 1), ("Xin chao. " * 16 + "Tam biet.", 2), ("y" * 153 * 10, 10)],
)
def test_each_length_arrives_whole_and_is_reported_once(line: Line, words: str, parts: int) -> None:
    line.knows()
    message = line.on.put(words)
    with operator(line.kannel, "two") as phones:
        line.on.send()
        got = phones.waits_for(parts)
        line.waits_for_status(message, Status.DELIVERED)
    assert [each.part for each in got] == ([""] if parts == 1 else [f"{n}/{parts}" for n in range(1, parts + 1)])
    if words.isascii():
        assert text_of(got) == words
    else:
        assert got[0].data.decode() == words


def test_accents_arrive_when_they_were_asked_for(line: Line) -> None:
    with operator(line.kannel, "one", f"{LAN} 8000 text TIN CO DAU"):
        line.waits_for_texts("TIN CO DAU")
        line.on.send()
    with operator(line.kannel, "two", f"{LAN} 8000 text KHAI") as phones:
        line.waits_for_texts("TIN CO DAU", "KHAI")
        line.on.send()
        expected = line.on.replies()[-1]
        wait_for(lambda: bool(phones.got()) and text_of(phones.got()) == expected, "the answer does not arrive")
        assert all(part.ucs2 for part in phones.got())
    assert "khai báo" in expected


def test_a_wrong_password_makes_the_channel_wait_and_loses_nothing(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    line.knows()
    right = line.on.settings
    line.on.settings = load({**_environ(line), "KANNEL_PASSWORD": "another"})
    message = line.on.put("Xin chao")
    line.on.send()
    row = line.on.message(message)
    assert (row["status"], row["error"]) == (Status.QUEUED, "403 password")
    assert "kannel is left alone: 403 password, for 30 s" in caplog.text
    (found, *_) = asyncio.run(check(_config(line), tools(right, line.on.engine, line.on.now)))
    assert (found.level, found.text.partition(":")[0]) == (Level.BAD, "KANNEL_USER, KANNEL_PASSWORD")

    line.on.settings = right
    line.on.wait_for(message)
    with operator(line.kannel, "two") as phones:
        line.on.send()
        assert text_of(phones.waits_for(1)) == "Xin chao"


def test_kannel_killed_and_started_again_loses_nothing(line: Line) -> None:
    """One message waits in Kannel for the operator, one of a phone's for smsbox, one of ours for Kannel."""
    line.knows()
    waiting = line.on.put("waits in Kannel")
    line.on.send()
    assert line.status(waiting) == Status.SENT
    line.kannel.kill(SMSBOX)
    with operator(line.kannel, "two", f"{LAN} 8000 text KHAI") as phones:
        assert text_of(phones.waits_for(1)) == "waits in Kannel"
        wait_for(partial(line.kannel.heard, 2), "the message does not arrive")
    line.kannel.kill(BEARERBOX)
    ours = line.on.put("waits with us", MessageKind.DANGER)
    line.on.send()
    assert line.status(ours) == Status.QUEUED

    line.kannel.start()
    line.waits_for_texts("SK OK", "KHAI")
    line.on.wait_for(ours)
    with operator(line.kannel, "three") as again:
        line.on.send()
        said = {text_of([got]) for got in again.waits_for(2)}
        line.waits_for_status(ours, Status.DELIVERED)
    assert said == set(line.on.replies()[1:]) - {"waits in Kannel"}


def test_what_kannel_took_outlives_it(line: Line) -> None:
    line.knows()
    message = line.on.put("taken, and not yet carried")
    line.on.send()
    assert line.status(message) == Status.SENT
    line.kannel.kill()
    line.kannel.start()
    with operator(line.kannel, "two") as phones:
        assert text_of(phones.waits_for(1)) == "taken, and not yet carried"


def test_while_we_are_away_kannel_asks_again(line: Line) -> None:
    line.web.close()
    with operator(line.kannel, "one", f"{LAN} 8000 text KHAI"):
        wait_for(partial(line.kannel.heard, 1), "the message does not arrive")
        assert line.on.texts() == []
        line.web.enter_context(serving(line.on, line.kannel.ports.web))
        line.waits_for_texts("KHAI")


def test_the_check_says_what_is_up(line: Line) -> None:
    asked = partial(check, _config(line), tools(line.on.settings, line.on.engine, line.on.now))
    with operator(line.kannel, "one"):
        up = asyncio.run(asked())
    assert [each.level for each in up] == [Level.GOOD, Level.WARNING, Level.GOOD]
    assert "fakesmsc" in up[1].text
    down = asyncio.run(asked())
    assert [each.level for each in down] == [Level.GOOD, Level.BAD, Level.GOOD]
    line.kannel.kill(SMSBOX)
    assert "smsbox" in " ".join(each.text for each in asyncio.run(asked()) if each.level is Level.BAD)
    line.kannel.kill()
    gone = asyncio.run(asked())
    assert [each.level for each in gone] == [Level.BAD, Level.BAD, Level.GOOD]


def test_kannel_writes_down_no_number_and_no_text(line: Line) -> None:
    line.knows()
    logged = line.kannel.logs()
    assert logged
    for secret in (LAN, "SK OK", line.on.replies()[0], "made-up_secret", "made-up_"):
        assert secret not in logged


def _config(line: Line) -> KannelConfig:
    config = line.on.config
    assert isinstance(config, KannelConfig)
    return config


def _environ(line: Line) -> dict[str, str]:
    kept = line.on.settings
    base = {"DEMO": "1", "VAR_DIR": str(kept.var_dir), "DATABASE_URL": kept.database_url, "CELL": kept.cell}
    return base | dict(line.kannel.ports.environ())
