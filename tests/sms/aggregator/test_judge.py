"""What answers mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from core.messaging.channel import (
    OptedOut,
    OutcomeUnknown,
    Refused,
    SendError,
    Sent,
    TryLater,
    Unreachable,
)
from sms.aggregator.judge import MENDING, TokenExpired, judged
from sms.aggregator.settings import Answer, Meaning

NOW = 1_795_245_781.0
ANSWER = Answer(
    code=("data.code", "errors.0.code"),
    good=frozenset({"00"}),
    id=("data.id",),
    errors={
        "7": Meaning.CONFIGURATION,
        "8": Meaning.UNREACHABLE,
        "9": Meaning.OPTED_OUT,
        "10": Meaning.TEMPORARY,
        "11": Meaning.DUPLICATE,
        "12": Meaning.EXPIRED,
        "13": Meaning.THROTTLED,
        "14": Meaning.UNKNOWN,
        "http:402": Meaning.CONFIGURATION,
    },
)
SOAP = Answer(
    code=(r"re:<return>(-?\d+)</return>",),
    good=frozenset({"0"}),
    id=(r"re:<id>(\w+)</id>",),
    otherwise=Meaning.TEMPORARY,
)
NO_CODE = Answer(code=("error",), good=frozenset({""}), id=("MessageId",))


def answer(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, str):
        return httpx.Response(status, text=body, headers=named)
    return httpx.Response(status, json=body, headers=named)


def code(value: object) -> dict[str, Any]:
    return {"errors": [{"code": value}]}


@pytest.mark.parametrize(
    ("how", "response", "id"),
    [
        (ANSWER, answer({"data": {"code": "00", "id": 17}}), "17"),
        (ANSWER, answer({"data": {"code": "00"}}), None),
        (ANSWER, answer(code(11)), None),
        (ANSWER, answer(code(11), 409), None),
        (SOAP, answer("<e><return>0</return><id>a1</id></e>"), "a1"),
        (NO_CODE, answer({"MessageId": "m1"}), "m1"),
        (Answer(), answer("OK", 202), None),
        (replace(ANSWER, http=(200, 499)), answer({"data": {"code": "00"}}, 404), None),
    ],
)
def test_a_success(how: Answer, response: httpx.Response, id: str | None) -> None:
    assert judged(how, response, NOW) == Sent(id)


@pytest.mark.parametrize(
    ("how", "response", "kind", "said"),
    [
        (ANSWER, answer(code(8)), Unreachable, "8"),
        (ANSWER, answer(code(9)), OptedOut, "9"),
        (ANSWER, answer(code(10)), TryLater, "10"),
        (ANSWER, answer(code(12)), TokenExpired, "12"),
        (ANSWER, answer(code(14)), OutcomeUnknown, "14"),
        (ANSWER, answer(code("something new")), Refused, "answer"),
        (ANSWER, answer(code(99)), Refused, "99"),
        (SOAP, answer("<return>-3</return>"), TryLater, "-3"),
        (ANSWER, answer("<html>the machine in front</html>"), OutcomeUnknown, "200"),
        (ANSWER, answer({}), OutcomeUnknown, "200"),
        (NO_CODE, answer({}), OutcomeUnknown, "200"),
        (NO_CODE, answer({"error": 1008, "error_description": "..."}), Refused, "1008"),
        (ANSWER, answer({"data": {"code": "00"}}, 500), TryLater, "500"),
        (ANSWER, answer("", 400), Refused, "400"),
        (ANSWER, answer("", 504), OutcomeUnknown, "504"),
        (ANSWER, answer(code(8), 400), Unreachable, "8"),
        (ANSWER, answer(code(99), 503), TryLater, "503"),
        (ANSWER, answer("", 402), TryLater, "402"),
    ],
)
def test_a_failure(how: Answer, response: httpx.Response, kind: type[SendError], said: str) -> None:
    with pytest.raises(SendError) as raised:
        judged(how, response, NOW)
    assert (type(raised.value), raised.value.code) == (kind, said)


@pytest.mark.parametrize(
    ("response", "after", "whole"),
    [
        (answer(code(7)), MENDING, True),
        (answer("", 402), MENDING, True),
        (answer(code(10)), None, False),
        (answer(code(10), X_Reset="40"), timedelta(seconds=40), False),
        (answer(code(13), X_Reset="40"), timedelta(seconds=40), True),
        (answer("", 429, X_Reset="7"), timedelta(seconds=7), True),
        (answer("", 429, X_Reset=str(int(NOW) + 90)), timedelta(seconds=90), True),
        (answer("", 429, X_Reset=str(int(NOW) - 90)), None, True),
        (answer("", 429, X_Reset="999999"), timedelta(hours=6), True),
        (answer("", 429, X_Reset="soon"), None, True),
        (answer("", 429, Retry_After="5"), timedelta(seconds=5), True),
        (answer("", 403), None, True),
        (answer("", 500), None, False),
    ],
)
def test_how_long_to_stay_away(response: httpx.Response, after: timedelta | None, whole: bool) -> None:
    with pytest.raises(TryLater) as raised:
        judged(replace(ANSWER, retry_after="X-Reset"), response, NOW)
    assert (raised.value.after, raised.value.whole) == (after, whole)
