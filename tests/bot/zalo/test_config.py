from __future__ import annotations

import pytest

from bot.zalo.config import MacPrefix, MacScheme, MacSecret, MacTime, ZaloConfig, load
from core.environment import Reader

WHOLE = {
    "ZALO_APP_ID": "411",
    "ZALO_APP_SECRET": "app secret",
    "ZALO_OA_SECRET": "oa secret",
    "ZALO_REFRESH_TOKEN": "a seed",
}


def loaded(**environ: str) -> tuple[tuple[ZaloConfig, ...], list[str]]:
    reader = Reader(environ)
    return load(reader, "https://khaibao.example"), reader.problems


def test_it_is_off_without_settings() -> None:
    assert loaded() == ((), [])


def test_it_is_on_with_four() -> None:
    (config,), problems = loaded(**WHOLE)
    assert problems == []
    assert config == ZaloConfig("411", "app secret", "oa secret", "a seed", public_url="https://khaibao.example")
    assert dict(config.outside) == {
        "ZALO_API_URL": "https://openapi.zalo.me",
        "ZALO_OAUTH_URL": "https://oauth.zaloapp.com",
        "ZALO_BUSINESS_URL": "https://business.openapi.zalo.me",
    }


@pytest.mark.parametrize("name", WHOLE)
def test_half_a_group_names_what_is_missing(name: str) -> None:
    _, problems = loaded(**{key: value for key, value in WHOLE.items() if key != name})
    assert [problem.partition(":")[0] for problem in problems] == [name]


def test_the_apps_secret_can_sign_alone() -> None:
    given = {key: value for key, value in WHOLE.items() if key != "ZALO_OA_SECRET"}
    (config,), problems = loaded(**given, ZALO_MAC_SECRET="app")
    assert (problems, config.mac.secret, config.oa_secret) == ([], MacSecret.APP, "")


def test_signing_with_the_accounts_id_needs_it() -> None:
    _, problems = loaded(**WHOLE, ZALO_MAC_PREFIX="oa_id")
    assert [problem.partition(":")[0] for problem in problems] == ["ZALO_OA_ID"]
    (config,), problems = loaded(**WHOLE, ZALO_MAC_PREFIX="oa_id", ZALO_OA_ID="222", ZALO_MAC_TIME="header")
    assert problems == []
    assert config.mac == MacScheme(MacSecret.OA, MacPrefix.OA_ID, MacTime.HEADER)
    assert config.oa_id == "222"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ZALO_MAC_SECRET", "both"),
        ("ZALO_MAC_PREFIX", "app"),
        ("ZALO_MAC_TIME", "now"),
        ("ZALO_API_URL", "openapi.zalo.me"),
        ("ZALO_OAUTH_URL", "https://oauth.zaloapp.com/v4"),
        ("ZALO_BUSINESS_URL", "ftp://business.openapi.zalo.me"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    _, problems = loaded(**WHOLE, **{name: value})
    assert [problem.partition(":")[0] for problem in problems] == [name]


def test_a_reminders_template() -> None:
    (config,), _ = loaded(**WHOLE, ZALO_TEMPLATE_REMINDER="4711", ZALO_TEMPLATE_PARAMETER="noi_dung")
    assert (config.template_reminder, config.template_parameter) == ("4711", "noi_dung")


def test_no_secret_is_shown() -> None:
    (config,), _ = loaded(**WHOLE)
    assert not [secret for secret in ("app secret", "oa secret", "a seed") if secret in repr(config)]
