"""The macs here were computed with printf and sha256sum."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.zalo.config import MacPrefix, MacScheme, MacSecret, MacTime, ZaloConfig
from bot.zalo.signature import EARLIEST, OLDEST, Signed, is_genuine, mac, schemes_that_fit

OA, APP = "a made-up oa secret", "a made-up app secret"
CONFIG = ZaloConfig("4110000000000000001", APP, OA, "a seed", oa_id="2220000000000000001")
BODY = (
    '{"app_id":"4110000000000000001","event_name":"user_send_text","timestamp":"1795219200123",'
    '"message":{"text":"Tôi bị sốt","msg_id":"9f"}}'
).encode()
IN_BODY, IN_HEADER = "1795219200123", "1795219260456"
NOW = datetime(2026, 11, 21, 0, 0, 30, tzinfo=UTC)

GOLDEN = {
    MacScheme(): "a8d29205a201ca1b3795f8349c6dde81394d0d28a8f4af6db72c40455f1cded9",
    MacScheme(time=MacTime.HEADER): "cede72c176b1b1c204adb24d6dc9d60c9d2176985053420d75d60e2f05527434",
    MacScheme(secret=MacSecret.APP): "6beed674538445dd7f79e51bc82db95a41df7064cc4facf91534570c891e3566",
    MacScheme(MacSecret.APP, MacPrefix.APP_ID, MacTime.HEADER): (
        "5a512bcf1669d51a98bfa6debea0600c717c5aca321322e72c9e46ac264da9cb"
    ),
    MacScheme(prefix=MacPrefix.OA_ID): "9e797f8e13ec4fc61dfb80eca580b8c38b1043cc7cee8730a3a2c07c9a28040f",
    MacScheme(MacSecret.OA, MacPrefix.OA_ID, MacTime.HEADER): (
        "30919aa186ba0668c97d425cd083b3e6f343521677505a2ac5c222e279323096"
    ),
    MacScheme(MacSecret.APP, MacPrefix.OA_ID, MacTime.BODY): (
        "230a2e4deacb10e45cfcc27c9968b50ae487f4f4590506505b8cee5f753485e8"
    ),
    MacScheme(MacSecret.APP, MacPrefix.OA_ID, MacTime.HEADER): (
        "2f01ace815c0bae0a14e0cd502757596134f94c00b33e0c2e695958bc101befd"
    ),
}


def signed(given: str, body: bytes = BODY) -> Signed:
    return Signed(body, IN_BODY, IN_HEADER, given)


def test_all_eight_ways_are_told_apart() -> None:
    assert len(set(GOLDEN.values())) == len(GOLDEN) == 8


@pytest.mark.parametrize("scheme", GOLDEN)
def test_each_way_to_sign(scheme: MacScheme) -> None:
    config = replace(CONFIG, mac=scheme)
    verdicts = {other: is_genuine(config, signed(given), NOW) for other, given in GOLDEN.items()}
    assert verdicts == {other: other == scheme for other in GOLDEN}


@pytest.mark.parametrize("scheme", list(GOLDEN)[1:])
def test_an_operator_is_told_which_way_would_fit(scheme: MacScheme) -> None:
    assert list(schemes_that_fit(CONFIG, signed(GOLDEN[scheme]))) == [scheme]


def test_nothing_fits_what_is_forged() -> None:
    assert list(schemes_that_fit(CONFIG, signed("0" * 64))) == []
    assert list(schemes_that_fit(CONFIG, signed(GOLDEN[MacScheme()]))) == []


def test_capitals_are_the_same_digits() -> None:
    assert is_genuine(CONFIG, signed(GOLDEN[MacScheme()].upper()), NOW)


@pytest.mark.parametrize("given", ["", "0" * 64, "chữ ký", GOLDEN[MacScheme()] + "0", GOLDEN[MacScheme()][:-1]])
def test_a_wrong_mac(given: str) -> None:
    assert not is_genuine(CONFIG, signed(given), NOW)


def test_a_changed_body() -> None:
    assert not is_genuine(CONFIG, signed(GOLDEN[MacScheme()], BODY + b" "), NOW)


def test_the_borders_of_the_parts_cannot_be_moved() -> None:
    """The same bytes to hash, with the first digits of the time taken for the body's, or its end for the time's."""
    given = GOLDEN[MacScheme()]
    for body, timestamp in ((BODY + b"1", IN_BODY[1:]), (BODY[:-1], "}" + IN_BODY)):
        assert mac(CONFIG.app_id, body, timestamp, OA) == given
        assert not is_genuine(CONFIG, Signed(body, timestamp, "", given), NOW)


@pytest.mark.parametrize("config", [replace(CONFIG, oa_secret=""), replace(CONFIG, app_id="")])
def test_nothing_is_genuine_without_a_secret(config: ZaloConfig) -> None:
    made = mac(config.app_id, BODY, IN_BODY, config.oa_secret)
    assert not is_genuine(config, signed(made), NOW)


@pytest.mark.parametrize(
    ("age", "genuine"),
    [
        (timedelta(), True),
        (timedelta(hours=1, minutes=51), True),  # Zalo's last repeat
        (OLDEST - timedelta(minutes=1), True),
        (OLDEST + timedelta(minutes=1), False),
        (-EARLIEST + timedelta(minutes=1), True),
        (-EARLIEST - timedelta(minutes=1), False),
    ],
)
def test_how_old_an_event_may_be(age: timedelta, genuine: bool) -> None:
    assert is_genuine(CONFIG, signed(GOLDEN[MacScheme()]), NOW + age) == genuine
