from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from core.messaging.channel import (
    OutboundMessage,
    OutcomeUnknown,
    Refused,
    SendError,
    Sent,
    Status,
    TryLater,
    Unreachable,
)
from sms.kannel import PROFILE
from sms.kannel.config import KannelConfig
from sms.kannel.send import KannelSender
from tests.fakes.kannel import PASSWORD, USER, FakeKannel, Fault, Taken, answers, fake_kannel, hangs_up, slow, takes

LAN = "+84900000001"
OURS = UUID("0193fd00-0000-7000-8000-000000000001")
SECRET = "a-made-up-secret"
NOW = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)


@pytest.fixture
def kannel() -> Iterator[FakeKannel]:
    with fake_kannel() as running:
        yield running


def config(url: str) -> KannelConfig:
    return KannelConfig(url, USER, PASSWORD, SECRET, "8000", "http://127.0.0.1:8000")


def message(text: str = "Bac co sot khong? 1 Co 2 Khong") -> OutboundMessage:
    return OutboundMessage(OURS, "kannel", LAN, text)


def send(settings: KannelConfig, *messages: OutboundMessage, timeout: float = 5.0) -> list[Sent | SendError]:
    """What each send ended with, one after the other on one sender."""

    async def scene() -> list[Sent | SendError]:
        sender = KannelSender(replace(settings, profile=replace(PROFILE, timeout=timeout)), lambda: NOW)
        results: list[Sent | SendError] = []
        for each in messages:
            try:
                results.append(await sender.send(each))
            except SendError as error:
                results.append(error)
        await sender.close()
        return results

    return asyncio.run(scene())


def test_it_sends_the_words_to_the_number_and_asks_for_reports(kannel: FakeKannel) -> None:
    (sent,) = send(config(kannel.url), message())
    assert sent == Sent(str(OURS), Status.SENT)
    reports = f"http://127.0.0.1:8000/sms/kannel/status?secret={SECRET}&id={OURS}&status=%d&answer=%A"
    assert kannel.taken == [Taken("84900000001", message().text, "0", "31", reports, "8000")]


def test_neither_number_nor_words_nor_password_are_in_the_address(kannel: FakeKannel) -> None:
    send(config(kannel.url), message())
    assert kannel.paths == ["/cgi-bin/sendsms"]


@pytest.mark.parametrize(
    ("text", "coding", "arrives"),
    [
        ("Da nhan.", "0", "Da nhan."),
        ("à è é ì ò ù É {x} €", "0", "à è é ì ò ù É {x} €"),
        ("Đã nhận 🤒", "2", "Đã nhận 🤒"),
        ("\u0041\u0306", "2", "Ă"),
        ("a" * 1531, "0", "a" * 1530),
        ("ă" * 671, "2", "ă" * 670),
        ("{" * 800, "0", "{" * 760),
        ("👍" * 400, "2", "👍" * 330),
    ],
)
def test_the_alphabet_and_ten_parts_at_most(kannel: FakeKannel, text: str, coding: str, arrives: str) -> None:
    send(config(kannel.url), message(text))
    assert [(each.coding, each.text) for each in kannel.taken] == [(coding, arrives)]


@pytest.mark.parametrize(("seconds", "minutes"), [(6 * 3600, "360"), (61, "2"), (60, "1"), (1, "1"), (-90, "1")])
def test_kannel_drops_it_when_it_is_too_late(kannel: FakeKannel, seconds: int, minutes: str) -> None:
    send(config(kannel.url), replace(message(), expires_at=NOW + timedelta(seconds=seconds)))
    assert [each.validity for each in kannel.taken] == [minutes]


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_an_empty_text_is_never_sent(kannel: FakeKannel, text: str) -> None:
    (error,) = send(config(kannel.url), message(text))
    assert (type(error), kannel.paths) == (Refused, [])


@pytest.mark.parametrize(
    ("fault", "kind", "code", "whole"),
    [
        (answers(403, "Not routable. Do not try again."), Refused, "403 no route", False),
        (answers(400, "DLR-URL field misformed, rejected"), Refused, "400", False),
        (
            answers(400, "Number(s) has/have been denied by white- and/or black-lists. 84900000001"),
            Unreachable,
            "black-list",
            False,
        ),
        (answers(400, "Sender missing and no global set, rejected"), TryLater, "400 sender", True),
        (answers(503, "Temporal failure, try again later."), TryLater, "503 busy", True),
        (answers(404, "Unknown request."), TryLater, "404", True),
        (answers(403, "<html>Forbidden"), TryLater, "403", True),
        (answers(500, ""), TryLater, "500", True),
        (answers(301, ""), TryLater, "301", True),
        (answers(504, ""), OutcomeUnknown, "504", False),
        (takes(200, "ok"), OutcomeUnknown, "200", False),
        (takes(202, "7: Words of another Kannel"), OutcomeUnknown, "202", False),
        (hangs_up, OutcomeUnknown, "RemoteProtocolError", False),
    ],
)
def test_each_answer_but_success(
    kannel: FakeKannel, fault: Fault, kind: type[SendError], code: str, whole: bool
) -> None:
    kannel.faults = [fault]
    error, after = send(config(kannel.url), message(), message())
    assert (type(error), getattr(error, "code", None), getattr(error, "whole", False)) == (kind, code, whole)
    assert isinstance(after, Sent)


def test_what_waits_in_kannel_for_the_operator_is_sent(kannel: FakeKannel) -> None:
    kannel.faults = [takes(202, "3: Queued for later delivery")]
    assert send(config(kannel.url), message()) == [Sent(str(OURS))]


def test_a_wrong_password_keeps_the_message_and_stops_the_channel(kannel: FakeKannel) -> None:
    (error,) = send(replace(config(kannel.url), password="another"), message())
    assert isinstance(error, TryLater)
    assert (error.code, error.whole, error.after, kannel.taken) == ("403 password", True, timedelta(seconds=30), [])


def test_nobody_there_is_no_doubt_at_all_and_comes_back_soon() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        (error,) = send(config(f"http://127.0.0.1:{unused.getsockname()[1]}/cgi-bin/sendsms"), message())
    assert isinstance(error, TryLater)
    assert (error.whole, error.after) == (True, timedelta(seconds=10))


def test_an_answer_that_comes_too_late_leaves_it_in_doubt(kannel: FakeKannel) -> None:
    kannel.faults = [slow(1.0)]
    (error,) = send(config(kannel.url), message(), timeout=0.2)
    assert isinstance(error, OutcomeUnknown)
    assert len(kannel.taken) == 1


def test_no_secret_is_told(kannel: FakeKannel, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    kannel.faults = [answers(400, f"Number(s) has/have been denied by white- and/or black-lists. {LAN}")]
    error, _ = send(config(kannel.url), message(), message())
    told = caplog.text + str(error) + repr(config(kannel.url))
    for secret in (LAN, "84900000001", PASSWORD, SECRET, "sot khong"):
        assert secret not in told
