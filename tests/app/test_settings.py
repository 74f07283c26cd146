"""Settings: every mistake is named at once, with what to do, and without the secret."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from ipaddress import ip_network
from pathlib import Path

import pytest

from app.channels import off
from app.settings import SettingsError, load
from sms.twilio.config import TwilioConfig

SECRET = "a secret of at least thirty-two characters"
KEY = urlsafe_b64encode(b"n" * 32).decode()
OLD_KEY = urlsafe_b64encode(b"o" * 32).decode()
REAL = {"SECRET_KEY": SECRET, "DATA_KEY": KEY}
TWILIO = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "hidden-token", "TWILIO_FROM": "+84900000000"}


def problems(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as raised:
        load(environ)
    return raised.value.problems


def test_a_real_installation_needs_two_keys_and_nothing_else() -> None:
    settings = load(REAL)

    assert (settings.port, settings.cell, settings.province, settings.sms_price) == (8000, "cell_main", "15", 350)
    assert (settings.demo, settings.database_url, settings.public_url) == (False, "", "")
    assert (settings.channels, settings.forward_networks) == ((), ())
    assert settings.var_dir == Path("var").absolute()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://db/khaibao"),
        ("DATABASE_URL", "db.example"),
        ("DATABASE_URL", "postgresql://db:port/khaibao"),
        ("METRICS_TOKEN", "short"),
        ("METRICS_PORT", "0"),
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "80.5"),
        ("SECRET_KEY", "short"),
        ("DATA_KEY", "not a Fernet key"),
        ("DATA_KEY", f"{KEY},{KEY[:-3]}"),
        ("PUBLIC_URL", "khaibao.example"),
        ("PUBLIC_URL", "ftp://khaibao.example"),
        ("PUBLIC_URL", "https://khaibao.example/health"),
        ("PUBLIC_URL", "https://khaibao.example?x=1"),
        ("PUBLIC_URL", "https://[khaibao"),
        ("PUBLIC_URL", "https://nurse:word@khaibao.example"),
        ("PUBLIC_URL", "https://khaibao.example:port"),
        ("DEMO", "maybe"),
        ("CELL", "Cell 1"),
        ("CELL", "shared"),
        ("PROVINCE", "1"),
        ("PROVINCE", "Lào Cai"),
        ("SMS_PRICE", "-1"),
        ("UNIT_BUDGET", "-1"),
        ("SMS_PRICE", "350đ"),
        ("WEB_WORKERS", "0"),
        ("TWILIO_API_URL", "twilio"),
        ("FORWARD_NETWORKS", "10.0.0.1/8"),
        ("FORWARD_NETWORKS", "10.0.0.0/8; 10.1.0.0/16"),
    ],
)
def test_a_wrong_value_names_its_variable_and_is_not_repeated(name: str, value: str) -> None:
    (problem,) = problems(REAL | {name: value})

    assert problem.startswith(f"{name}: is not usable: ")
    assert value not in problem.removeprefix(f"{name}: is not usable: ") or len(value) < 3


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATA_KEY"])
@pytest.mark.parametrize("value", [None, "", "   "])
def test_a_missing_key_is_named_with_the_way_to_make_one(name: str, value: str | None) -> None:
    environ = {key: word for key, word in REAL.items() if key != name} | ({name: value} if value is not None else {})

    (problem,) = problems(environ)

    assert problem.startswith(f"{name}: is missing: ")
    assert "python -c" in problem


def test_all_mistakes_are_told_together() -> None:
    told = problems({"PORT": "x", "CELL": "X", "TWILIO_FROM": "+84900000000"})

    assert [problem.split(":")[0] for problem in told] == [
        "SECRET_KEY",
        "DATA_KEY",
        "PORT",
        "CELL",
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN",
    ]


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ("TWILIO_ACCOUNT_SID", "TWILIO_ACCOUNT_SID"),
        ("TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN"),
        ("TWILIO_FROM", "TWILIO_FROM"),
    ],
)
def test_half_of_twilio_is_a_mistake(missing: str, named: str) -> None:
    (problem,) = problems(REAL | {name: value for name, value in TWILIO.items() if name != missing})

    assert problem.startswith(f"{named}: is missing: ")


def test_twilio_by_number_or_by_messaging_service() -> None:
    assert load(REAL | TWILIO).channels == (TwilioConfig("AC1", "hidden-token", "+84900000000"),)
    service = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t", "TWILIO_MESSAGING_SERVICE_SID": "MG1"}
    assert load(REAL | service).channels == (TwilioConfig("AC1", "t", "", "MG1"),)


def test_an_address_of_twilio_alone_does_not_turn_it_on() -> None:
    settings = load(REAL | {"TWILIO_API_URL": "http://127.0.0.1:9000/"})

    assert settings.channel("twilio") is None
    assert off(settings.channels)["SMS through Twilio"] == "TWILIO_ACCOUNT_SID"


def test_a_channel_with_its_settings_is_not_off() -> None:
    assert "SMS through Twilio" not in off(load(REAL | TWILIO).channels)


def test_no_secret_is_in_the_repr() -> None:
    shown = repr(load(REAL | TWILIO | {"DATABASE_URL": "postgresql://nurse:hidden-word@db/khaibao"}))

    for secret in (SECRET, KEY, "hidden-token", "hidden-word"):
        assert secret not in shown


def test_a_value_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")

    assert load({"SECRET_KEY_FILE": str(file), "DATA_KEY": KEY}).secret_key == SECRET


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)

    (problem,) = problems({"SECRET_KEY": SECRET, "DATA_KEY_FILE": str(file)})

    assert problem.startswith("DATA_KEY_FILE: cannot be read ")


def test_only_what_is_handed_in_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9999")

    assert load(REAL).port == 8000


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("postgres://u:p%40@db/k", "postgresql+psycopg://u:p%40@db/k"),
        ("postgresql:///k?host=/run/postgresql", "postgresql+psycopg:///k?host=%2Frun%2Fpostgresql"),
    ],
)
def test_a_database_url_is_read(given: str, read: str) -> None:
    assert load(REAL | {"DATABASE_URL": given}).database_url == read


def test_lists_are_separated_by_commas() -> None:
    settings = load(REAL | {"DATA_KEY": f"{KEY}, {OLD_KEY}", "FORWARD_NETWORKS": "10.1.0.0/16, fd00::/8"})

    assert settings.data_keys == (KEY, OLD_KEY)
    assert settings.forward_networks == (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))


def test_a_public_url_loses_its_last_slash() -> None:
    assert load(REAL | {"PUBLIC_URL": "https://khaibao.example:8443/"}).public_url == "https://khaibao.example:8443"


def test_a_demo_makes_its_keys_once_and_keeps_them_to_itself(tmp_path: Path) -> None:
    environ = {"DEMO": "1", "VAR_DIR": str(tmp_path / "new")}

    first, second = load(environ), load(environ)

    assert (first.secret_key, first.data_keys) == (second.secret_key, second.data_keys)
    assert first.secret_key != load({"DEMO": "1", "VAR_DIR": str(tmp_path / "other")}).secret_key
    assert {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir()} == {
        "secret_key": 0o600,
        "data_key": 0o600,
    }


def test_a_demos_own_keys_count_when_they_are_given(tmp_path: Path) -> None:
    settings = load(REAL | {"DEMO": "yes", "VAR_DIR": str(tmp_path)})

    assert (settings.secret_key, settings.data_keys) == (SECRET, (KEY,))
    assert list(tmp_path.iterdir()) == []


def test_a_demo_may_forward_to_its_own_machine() -> None:
    assert ip_network("127.0.0.0/8") in load(REAL | {"DEMO": "1"}).forward_networks


def test_a_var_dir_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    told = problems({"DEMO": "1", "VAR_DIR": str(tmp_path / "file" / "var")})

    assert {problem.split(":")[0] for problem in told} == {"VAR_DIR"}


def test_a_demo_is_kept_from_real_people() -> None:
    assert any(told.startswith("TWILIO_API_URL: a demo") for told in problems(REAL | TWILIO | {"DEMO": "1"}))
    assert any(
        told.startswith("PUBLIC_URL: a demo") for told in problems(REAL | {"DEMO": "1", "PUBLIC_URL": "https://kb.vn"})
    )


def test_a_demo_may_use_a_provider_on_this_machine() -> None:
    here = {"DEMO": "1", "TWILIO_API_URL": "http://127.0.0.1:9001", "PUBLIC_URL": "http://localhost:8000"}
    assert load(REAL | TWILIO | here).channel("twilio") is not None
