from __future__ import annotations

import pytest

from bot.zalo_bot.config import ZaloBotConfig, load
from core.environment import Reader

WHOLE = {"ZALO_BOT_TOKEN": "123:abc", "ZALO_BOT_SECRET": "eight-or-more"}


def loaded(**environ: str) -> tuple[tuple[ZaloBotConfig, ...], list[str]]:
    reader = Reader(environ)
    return load(reader, "https://khaibao.example"), reader.problems


def test_it_is_off_without_settings() -> None:
    assert loaded() == ((), [])


def test_it_is_on_with_two() -> None:
    (config,), problems = loaded(**WHOLE)
    assert problems == []
    assert (config.token, config.secret, config.hook) == (
        "123:abc",
        "eight-or-more",
        "https://khaibao.example/bot/zalo_bot",
    )
    assert config.outside == (("ZALO_BOT_API_URL", "https://bot-api.zaloplatforms.com"),)


@pytest.mark.parametrize("name", WHOLE)
def test_half_a_group_names_what_is_missing(name: str) -> None:
    _, problems = loaded(**{key: value for key, value in WHOLE.items() if key != name})
    assert [problem.partition(":")[0] for problem in problems] == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ZALO_BOT_SECRET", "seven77"),
        ("ZALO_BOT_SECRET", "x" * 257),
        ("ZALO_BOT_SECRET", "bí mật của tôi"),
        ("ZALO_BOT_TOKEN", "123/abc"),
        ("ZALO_BOT_TOKEN", "123?abc"),
        ("ZALO_BOT_API_URL", "bot-api.zaloplatforms.com"),
    ],
)
def test_a_wrong_value_is_named_and_not_shown(name: str, value: str) -> None:
    _, problems = loaded(**WHOLE | {name: value})
    assert [problem.partition(":")[0] for problem in problems] == [name]
    assert value not in problems[0] or name == "ZALO_BOT_API_URL"


def test_no_secret_is_shown() -> None:
    (config,), _ = loaded(**WHOLE)
    assert "abc" not in repr(config)
    assert "eight" not in repr(config)
