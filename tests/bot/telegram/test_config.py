"""The channel's settings: half of them is a mistake that is named, and no secret is ever shown."""

from __future__ import annotations

import pytest

from bot.telegram.config import TelegramConfig, load
from core.environment import Reader
from tests.fakes.telegram import TOKEN

PUBLIC = "https://khaibao.example"


def read(environ: dict[str, str], public_url: str = "") -> tuple[tuple[TelegramConfig, ...], list[str]]:
    reader = Reader(environ)
    return load(reader, public_url), reader.problems


def test_it_is_off_without_its_settings() -> None:
    assert read({}) == ((), [])


def test_a_token_is_enough_where_the_worker_asks() -> None:
    (found,), problems = read({"TELEGRAM_TOKEN": TOKEN})
    assert (found, problems) == (TelegramConfig(TOKEN), [])
    assert (found.hook, found.bot) == ("", "700000001")
    assert found.outside == (("TELEGRAM_API_URL", "https://api.telegram.org"),)


def test_all_of_it() -> None:
    whole = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_SECRET": "A-z_0", "TELEGRAM_API_URL": "http://127.0.0.1:9001/"}
    (found,), problems = read(whole, PUBLIC)
    assert (found, problems) == (TelegramConfig(TOKEN, "A-z_0", "http://127.0.0.1:9001", PUBLIC), [])
    assert found.hook == f"{PUBLIC}/bot/telegram"


@pytest.mark.parametrize(
    ("environ", "public_url", "named"),
    [
        ({"TELEGRAM_SECRET": "s"}, "", "TELEGRAM_TOKEN: is missing"),
        ({"TELEGRAM_TOKEN": TOKEN}, PUBLIC, "TELEGRAM_SECRET: is missing"),
        ({"TELEGRAM_TOKEN": "a-token"}, "", "TELEGRAM_TOKEN: is not usable"),
        ({"TELEGRAM_TOKEN": f"{TOKEN}/x"}, "", "TELEGRAM_TOKEN: is not usable"),
        ({"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_SECRET": "bí mật"}, PUBLIC, "TELEGRAM_SECRET: is not usable"),
        ({"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_SECRET": "s" * 257}, PUBLIC, "TELEGRAM_SECRET: is not usable"),
        ({"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": "a b"}, "", "TELEGRAM_API_URL: is not usable"),
    ],
)
def test_what_is_wrong_is_named_without_a_secret(environ: dict[str, str], public_url: str, named: str) -> None:
    _, problems = read(environ, public_url)
    (problem,) = problems
    assert problem.startswith(named)
    assert TOKEN not in problem
    assert "bí mật" not in problem
