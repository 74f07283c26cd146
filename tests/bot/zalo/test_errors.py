from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.zalo.errors import BROKEN, ERRORS, NIGHT, QUOTA, RATE, STALE, error, until_morning
from core.messaging.channel import Refused, SendError, TryLater, Unreachable, WindowClosed

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)

CLASSES: dict[type[SendError], set[int]] = {
    Unreachable: {-213, -217, -227, -244, -118, -114, -119, -139, -140, -141, -108},
    WindowClosed: {-230, -232},
    Refused: {-201, -210, -233, -240, -242, -1121, -1122, -100},
}
PASSING = {-32, -200, -216, -220, -124, -211, -218, -144, -147, -115, -136, -137, -321, -133, -234}
ACCOUNT = {-204, -205, -209, -212, -219, -221, -223, -224, -248, -249, -320, -117, -131, -135, -1351, -146}


def test_every_code_has_its_class() -> None:
    by_class: dict[type[SendError], set[int]] = {}
    for code, kind in ERRORS.items():
        by_class.setdefault(kind, set()).add(code)
    assert by_class == CLASSES | {TryLater: PASSING | ACCOUNT}


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_its_code_is_told(code: int) -> None:
    made = error(code, NOON)
    assert (type(made), made.code) == (ERRORS[code], str(code))


def test_what_is_not_known_is_refused() -> None:
    assert type(error(-99999, NOON)) is Refused


def waits(code: int) -> tuple[timedelta | None, bool]:
    made = error(code, NOON)
    assert isinstance(made, TryLater)
    return made.after, made.whole


def test_too_many_requests_pause_the_channel_for_a_minute() -> None:
    assert waits(RATE) == (timedelta(minutes=1), True)


@pytest.mark.parametrize("code", sorted(BROKEN | STALE))
def test_what_an_operator_must_mend_pauses_the_channel(code: int) -> None:
    assert waits(code) == (timedelta(minutes=5), True)


@pytest.mark.parametrize("code", sorted(QUOTA))
def test_what_is_used_up_holds_that_message_alone(code: int) -> None:
    assert waits(code) == (timedelta(hours=1), False)


@pytest.mark.parametrize("code", sorted(NIGHT))
def test_the_night_ends_at_six(code: int) -> None:
    assert waits(code) == (timedelta(hours=18), False)  # noon in Vietnam


def test_a_passing_fault_comes_back_by_our_own_table() -> None:
    assert waits(-200) == (None, False)


@pytest.mark.parametrize(
    ("hour", "minute", "left"),
    [
        (22, 30, timedelta(hours=7, minutes=30)),
        (0, 0, timedelta(hours=6)),
        (5, 59, timedelta(minutes=1)),
        (6, 0, timedelta(days=1)),
    ],
)
def test_until_morning(hour: int, minute: int, left: timedelta) -> None:
    here = datetime(2026, 11, 21, hour, minute, tzinfo=UTC) - timedelta(hours=7)
    assert until_morning(here) == left


@pytest.mark.parametrize("code", sorted(BROKEN))
def test_a_broken_template_sends_the_reminder_another_way_and_stops_no_answers(code: int) -> None:
    assert type(error(code, NOON, template=True)) is WindowClosed


@pytest.mark.parametrize("code", sorted(STALE | {RATE}))
def test_a_token_or_a_rate_is_everybodys_also_for_a_template(code: int) -> None:
    made = error(code, NOON, template=True)
    assert isinstance(made, TryLater)
    assert made.whole
