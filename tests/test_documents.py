"""What the documents say of settings is what the program reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.channels import CHANNELS
from core.environment import Reader

ROOT = Path(__file__).parents[1]
CHAPTER = (ROOT / "docs" / "channels.md").read_text(encoding="utf-8")
_ELSEWHERE = {"DEMO", "PUBLIC_URL"}  # README.md has them
_OF_A_COMMAND = {"KANNEL_SMPP_PASSWORD"}


class Recording(Reader):
    """Notes what is asked for."""

    def __init__(self) -> None:
        super().__init__({})
        self.asked: set[str] = set()

    def text(self, name: str) -> str:
        self.asked.add(name)
        return super().text(name)


def read() -> set[str]:
    reader = Recording()
    for plug in CHANNELS:
        plug.load(reader, "https://khaibao.example")
    return reader.asked - _ELSEWHERE


def test_every_variable_of_a_channel_is_explained() -> None:
    assert {name for name in read() if f"`{name}`" not in CHAPTER and f"`{name}=" not in CHAPTER} == set()


def test_no_variable_is_explained_that_is_not_read() -> None:
    named = set(re.findall(r"`((?:KANNEL|ANDROID|ZALO|TWILIO|TELEGRAM|SMS_AGG|WEB)[A-Z_]*)", CHAPTER))
    assert named - read() - _OF_A_COMMAND == set()


@pytest.mark.parametrize(
    "document",
    [
        "README.md",
        "CONTRIBUTING.md",
        "docs/channels.md",
        "docs/adding-a-channel.md",
        "docs/runbook.md",
        "docs/promises.md",
    ],
)
def test_links_between_documents_lead_somewhere(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    assert [t for t in targets if not (ROOT / document).parent.joinpath(t).exists()] == []


def test_every_promise_names_a_test_that_is_there() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", (ROOT / "docs/promises.md").read_text(encoding="utf-8")))

    assert len(named) > 15
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
