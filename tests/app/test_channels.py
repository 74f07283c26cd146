"""The table of channels, and channels whose names an operator chose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from app.channels import by_name, off
from app.settings import SettingsError, load
from tests.contract.kits.aggregator import Esms, example


@pytest.fixture
def provided(tmp_path: Path, environ: dict[str, str]) -> Mapping[str, str]:
    """Settings with one provider in a file, on this machine."""
    file = tmp_path / "providers.toml"
    file.write_text(example("esms").replace("https://rest.esms.vn", "http://127.0.0.1:1"), encoding="utf-8")
    return {**environ, **Esms.secrets, "SMS_AGGREGATORS": str(file)}


def test_a_provider_is_a_channel_under_its_own_name(provided: Mapping[str, str]) -> None:
    settings = load(provided)
    assert settings.channel("esms") is not None
    assert by_name(settings.channels)["esms"].profile.once
    assert "SMS through Vietnamese providers" not in off(settings.channels)


def test_what_came_through_a_provider_that_was_taken_out_can_still_be_read() -> None:
    channel = by_name(())["esms"]
    assert (channel.profile.name, channel.profile.sms) == ("esms", True)
    assert channel.render("Chào bác", (), accents=False).text == "Chao bac"


def test_a_provider_may_not_be_called_as_another_channel(provided: Mapping[str, str]) -> None:
    file = Path(provided["SMS_AGGREGATORS"])
    file.write_text(file.read_text().replace("[esms", "[twilio"), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"SMS_AGGREGATORS: \[twilio\] is the name of another channel"):
        load(provided)


def test_a_demo_sends_to_no_real_provider(provided: Mapping[str, str]) -> None:
    file = Path(provided["SMS_AGGREGATORS"])
    file.write_text(example("esms"), encoding="utf-8")
    with pytest.raises(SettingsError, match="SMS_AGGREGATORS: a demo sends to nobody"):
        load(provided)
