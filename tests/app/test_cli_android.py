"""`khaibao android setup`: steps, a page with a QR code, and registrations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
import segno
from click.testing import CliRunner, Result

from app.cli_android import android
from core.words import languages, load_words
from sms.android.page import APPLICATION, page
from sms.android.receive import EVENTS
from tests.fakes.android import KEY, PASSWORD, USER, FakeAndroid, fake_android

HOOK = "http://127.0.0.1:8000/sms/android/inbound"
_SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def gateway() -> Iterator[FakeAndroid]:
    with fake_android() as running:
        yield running


def run(folder: Path, gateway: FakeAndroid, *options: str, **changed: str) -> Result:
    environ = {
        "DEMO": "1",
        "VAR_DIR": str(folder),
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "ANDROID_SEND_URL": gateway.url,
        "ANDROID_USER": USER,
        "ANDROID_PASSWORD": PASSWORD,
        "ANDROID_SIGNING_KEY": KEY,
    }
    return CliRunner().invoke(android, ["setup", *options], env=environ | changed)


def test_the_phone_is_set_up_and_again(tmp_path: Path, gateway: FakeAndroid) -> None:
    first, again = run(tmp_path, gateway), run(tmp_path, gateway)
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert f"{HOOK}: the phone calls here" in first.output
    assert f"added now: {', '.join(EVENTS)}" in first.output
    assert "all were asked for before" in again.output
    assert len(gateway.posted) == len(EVENTS)
    assert "█" in first.output
    assert PASSWORD not in first.output
    assert KEY not in first.output


@pytest.mark.parametrize("language", languages())
def test_the_page_has_the_code_and_the_steps(tmp_path: Path, gateway: FakeAndroid, language: str) -> None:
    file = tmp_path / "somewhere" / "page.svg"
    assert run(tmp_path, gateway, "--page", str(file), "--language", language).exit_code == 0
    root = ElementTree.fromstring(file.read_text(encoding="utf-8"))
    said = [text.text or "" for text in root.iter(f"{_SVG}text")]
    assert said[-1] == HOOK
    assert any(line.startswith("6. ") for line in said)
    drawn = next(path for path in root.iter(f"{_SVG}path"))
    (expected,) = ElementTree.fromstring(segno.make(APPLICATION, error="m", micro=False).svg_inline(border=4))
    assert drawn.get("d") == expected.get("d")


def test_an_address_cannot_break_the_page() -> None:
    root = ElementTree.fromstring(page("https://a.example/<x>&", load_words("vi")))
    assert [text.text for text in root.iter(f"{_SVG}text")][-1] == "https://a.example/<x>&"


def test_what_is_missing_is_named(tmp_path: Path, gateway: FakeAndroid) -> None:
    off = dict.fromkeys(("ANDROID_SEND_URL", "ANDROID_USER", "ANDROID_PASSWORD", "ANDROID_SIGNING_KEY"), "")
    assert "ANDROID_SEND_URL is not set" in run(tmp_path, gateway, **off).output
    assert "PUBLIC_URL is not set" in run(tmp_path, gateway, PUBLIC_URL="").output


def test_the_steps_are_told_also_when_the_gateway_refuses(tmp_path: Path, gateway: FakeAndroid) -> None:
    result = run(tmp_path, gateway, ANDROID_PASSWORD="wrong")
    assert result.exit_code == 1
    assert "Settings, Ping: 300 seconds" in result.output
    assert "does not take our address (401)" in result.output
    assert (tmp_path / "android.svg").exists()
