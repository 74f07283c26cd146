from __future__ import annotations

import pytest

from core.environment import Reader
from sms.kannel.config import KannelConfig, load

WHOLE = {
    "KANNEL_SEND_URL": "http://127.0.0.1:13013/cgi-bin/sendsms",
    "KANNEL_USER": "khaibao",
    "KANNEL_PASSWORD": "hidden-word",
    "KANNEL_SECRET": "hidden-secret-hidden",
    "KANNEL_FROM": "8000",
}


def loaded(environ: dict[str, str], public_url: str = "") -> tuple[tuple[KannelConfig, ...], list[str]]:
    reader = Reader(environ)
    return load(reader, public_url), reader.problems


def test_without_its_settings_it_is_off() -> None:
    assert loaded({"PORT": "8001"}) == ((), [])


@pytest.mark.parametrize("missing", sorted(WHOLE))
def test_half_of_it_is_a_mistake(missing: str) -> None:
    _, (problem,) = loaded({name: value for name, value in WHOLE.items() if name != missing})
    assert problem.startswith(f"{missing}: is missing: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KANNEL_SEND_URL", "127.0.0.1:13013"),
        ("KANNEL_SEND_URL", "http://user:word@127.0.0.1/cgi-bin/sendsms"),
        ("KANNEL_USER", "two words"),
        ("KANNEL_PASSWORD", "mật khẩu"),
        ("KANNEL_PASSWORD", "two\nlines"),
        ("KANNEL_SECRET", "short"),
        ("KANNEL_SECRET", "with %p and & in it, long"),
        ("KANNEL_FROM", "a sender's name too long"),
        ("KANNEL_FROM", "+"),
        ("KANNEL_CALLBACK_URL", "http://10.0.0.1/path"),
        ("KANNEL_STATUS_URL", "kannel/status"),
    ],
)
def test_a_wrong_value_names_its_variable_and_is_not_repeated(name: str, value: str) -> None:
    _, (problem,) = loaded(WHOLE | {name: value})
    assert problem.startswith(f"{name}: is not usable: ")
    assert value not in problem.removeprefix(name) or len(value) < 3


@pytest.mark.parametrize(
    ("environ", "public_url", "callback"),
    [
        ({}, "", "http://127.0.0.1:8000"),
        ({"PORT": "8001"}, "", "http://127.0.0.1:8001"),
        ({}, "https://khaibao.example", "https://khaibao.example"),
        ({"KANNEL_CALLBACK_URL": "http://10.0.0.1:8000/"}, "https://khaibao.example", "http://10.0.0.1:8000"),
    ],
)
def test_where_kannel_reaches_us(environ: dict[str, str], public_url: str, callback: str) -> None:
    (config,), problems = loaded(WHOLE | environ, public_url)
    assert (config.callback_url, problems) == (callback, [])


def test_a_wrong_port_is_told_once_with_the_same_words() -> None:
    reader = Reader(WHOLE | {"PORT": "x"})
    load(reader, "")
    load(reader, "")
    assert reader.problems == ["PORT: is not usable: use a number from 1 to 65535"]


def test_no_secret_is_in_the_repr() -> None:
    (config,), _ = loaded(WHOLE | {"KANNEL_STATUS_URL": "http://127.0.0.1:13000/status.txt?password=hidden-page"})
    assert "hidden" not in repr(config)
    assert config.outside == (("KANNEL_SEND_URL", WHOLE["KANNEL_SEND_URL"]),)
