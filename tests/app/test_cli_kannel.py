"""`khaibao kannel config`: a file that Kannel reads. That it works is shown in tests/sms/kannel/test_real_kannel.py."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet

from app.cli_kannel import kannel
from tests.command import khaibao

OURS = {
    "DEMO": "1",
    "KANNEL_SEND_URL": "http://127.0.0.1:13113/cgi-bin/send",
    "KANNEL_USER": "khaibao",
    "KANNEL_PASSWORD": 'quo"te\\',
    "KANNEL_SECRET": "a-made-up-secret",
    "KANNEL_FROM": "8000",
    "KANNEL_STATUS_URL": "http://127.0.0.1:13100/status.txt?password=page",
}


def printed(environ: Mapping[str, str], tmp_path: Path, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(kannel, ["config", *options], env={**environ, "VAR_DIR": str(tmp_path)})
    return result.exit_code, result.output


def groups(text: str) -> dict[str, dict[str, str]]:
    """The file as Kannel reads it: groups of names and values, without comments."""
    found: dict[str, dict[str, str]] = {}
    for block in text.split("\n\n"):
        lines = [line.partition(" = ")[::2] for line in block.splitlines() if not line.startswith("#")]
        if lines:
            name, value = lines[0]
            assert name == "group"
            found[value] = dict(lines[1:])
            assert len(found[value]) == len(lines) - 1, "a name comes twice"
    return found


def test_it_fits_the_settings(tmp_path: Path) -> None:
    code, text = printed(OURS, tmp_path)
    file = groups(text)
    assert code == 0
    assert list(file) == ["core", "smsc", "smsbox", "sendsms-user", "sms-service"]
    assert (file["core"]["admin-port"], file["core"]["status-password"]) == ("13100", '"page"')
    assert (file["smsbox"]["sendsms-port"], file["smsbox"]["sendsms-url"]) == ("13113", '"/cgi-bin/send"')
    assert (file["sendsms-user"]["username"], file["sendsms-user"]["password"]) == ('"khaibao"', '"quo\\"te\\\\"')
    assert file["sms-service"]["get-url"].startswith(
        '"http://127.0.0.1:8000/sms/kannel/inbound?secret=a-made-up-secret&from=%p&'
    )
    assert file["smsbox"]["bearerbox-port"] == file["core"]["smsbox-port"]


def test_what_loses_messages_or_words_is_not_in_it(tmp_path: Path) -> None:
    file = groups(printed(OURS, tmp_path)[1])
    assert "smsbox-id" not in file["smsbox"]
    assert [name for name, value in file["smsbox"].items() if name.startswith("reply-") and value == '""'] == [
        "reply-couldnotfetch",
        "reply-couldnotrepresent",
        "reply-requestfailed",
        "reply-emptymessage",
    ]
    assert (file["core"]["box-deny-ip"], file["core"]["box-allow-ip"]) == ('"*.*.*.*"', '"127.0.0.1"')
    assert (file["core"]["log-level"], file["smsbox"]["log-level"]) == ("2", "2")
    assert not any("access-log" in group for group in file.values())
    assert file["smsbox"]["mo-recode"] == "true"


def test_an_operators_line(tmp_path: Path) -> None:
    contract = {
        "KANNEL_SMPP_HOST": "smpp.operator.example",
        "KANNEL_SMPP_SYSTEM_ID": "cdclc",
        "KANNEL_SMPP_PASSWORD": "hidden",
        "KANNEL_SMPP_TLS": "1",
    }
    options = ("--port", "3550", "--per-second", "20", "--system-type", "SMPP")
    line = groups(printed(OURS | contract, tmp_path, *options)[1])["smsc"]
    assert line == {
        "smsc-id": "OPERATOR",
        "smsc": "smpp",
        "host": '"smpp.operator.example"',
        "port": "3550",
        "smsc-username": '"cdclc"',
        "smsc-password": '"hidden"',
        "system-type": '"SMPP"',
        "transceiver-mode": "true",
        "use-ssl": "true",
        "throughput": "20",
        "dest-addr-ton": "1",
        "dest-addr-npi": "1",
    }


def test_what_only_the_contract_has_is_to_be_filled_in(tmp_path: Path) -> None:
    line = groups(printed(OURS, tmp_path)[1])["smsc"]
    assert [name for name, value in line.items() if value == '"FILL-IN"'] == ["host", "smsc-username", "smsc-password"]


def test_a_kannel_on_another_machine_takes_messages_from_ours_alone(tmp_path: Path) -> None:
    away = {
        **OURS,
        "DEMO": "",
        "SECRET_KEY": "made up for tests " * 2,
        "DATA_KEY": Fernet.generate_key().decode(),
        "KANNEL_SEND_URL": "http://10.0.0.9:13013/cgi-bin/sendsms",
    }
    file = groups(printed(away, tmp_path, "--allow", "10.0.0.7", "--allow", "10.0.0.8")[1])
    assert "sendsms-interface" not in file["smsbox"]
    assert file["sendsms-user"]["user-deny-ip"] == '"*.*.*.*"'
    assert file["sendsms-user"]["user-allow-ip"] == '"10.0.0.7;10.0.0.8"'


def test_without_the_channel_it_says_what_to_set(tmp_path: Path) -> None:
    code, text = printed({"DEMO": "1"}, tmp_path)
    assert code == 1
    assert "KANNEL_SEND_URL" in text


@pytest.mark.parametrize("folder", ["/var/lib/kan\nnel", "/var/\x00"])
def test_a_value_that_would_break_the_file_is_refused(tmp_path: Path, folder: str) -> None:
    code, text = printed(OURS, tmp_path, "--folder", folder)
    assert (code, "group = core" in text) == (1, False)


def test_it_is_a_command_of_ours(tmp_path: Path) -> None:
    result = khaibao("kannel", "config", "--smsc", "fake", given=b"", VAR_DIR=str(tmp_path), **OURS)
    assert (result.returncode, result.stderr) == (0, b"")
    assert groups(result.stdout.decode())["smsc"]["smsc"] == "fake"
