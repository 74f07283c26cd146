"""A province adds words without code, and cannot turn the meaning of one."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.conversation.lexicon import LOCAL, LexiconFault, local

SIGNED = 'source = "what stations heard"\nreviewer = "a nurse"\n'
README = (LOCAL / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)[0]

READ = """
import json, sys
from datetime import date
from pathlib import Path
from core.conversation import lexicon
lexicon.LOCAL = Path(sys.argv[1])
from core.conversation.parsers.understand import understand
print(json.dumps([understand(kind, text, date(2026, 11, 21)) for kind, text in json.loads(sys.argv[2])]))
"""


def understood(folder: Path, *said: tuple[str, str]) -> list[object]:
    """What a fresh program reads with the words of that folder."""
    command = [sys.executable, "-c", READ, str(folder), json.dumps(said)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    found: list[object] = json.loads(done.stdout)
    return found


def test_the_shown_words_are_understood(tmp_path: Path) -> None:
    said = (("symptoms", "nong nhu lua"), ("symptoms", "k nong nhu lua"), ("checkin", "toi manh cui cui"))
    fever, denied, well = understood(tmp_path, *said)
    assert fever != ["fever"]
    assert well != {"temperature": None, "symptoms": []}
    (tmp_path / "lao_cai.toml").write_text(SHOWN, encoding="utf-8")
    fever, denied, well = understood(tmp_path, *said)
    assert fever == ["fever"]
    assert denied != ["fever"]
    assert well == {"temperature": None, "symptoms": []}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[signs]\nfever = ["nong"]', "say who answers for these words: source"),
        ('source = "x"\n[signs]\nfever = ["nong"]', "say who answers for these words: reviewer"),
        (SIGNED + '[sign]\nfever = ["x"]', "[sign] is no lexicon, these are: spellings, signs"),
        (SIGNED + '[signs]\nfebris = ["x"]', "[signs] febris: no meaning of that lexicon, these are: unconscious"),
        (SIGNED + '[signs]\nfever = "x"', "[signs] fever: write a list of phrases"),
        (SIGNED + '[health]\nwell = ["mệt mỏi"]', "[health] well: 'mệt mỏi' already means [signs] fatigue"),
        (SIGNED + '[answers]\nno = ["<a|khỏe>"]', "[answers] no: 'khỏe' already means [health] well"),
        (SIGNED + "[signs", "Expected ']'"),
    ],
    ids=["no source", "no reviewer", "no lexicon", "no meaning", "no list", "a sign", "an alternative", "no TOML"],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "bac_ha.toml").write_text(text, encoding="utf-8")
    with pytest.raises(LexiconFault) as found:
        local(tmp_path)
    assert str(found.value).startswith("bac_ha.toml: ")
    assert says in str(found.value)


def test_two_files_add_up(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(SIGNED + '[signs]\nfever = ["nong nhu lua"]', encoding="utf-8")
    (tmp_path / "b.toml").write_text(SIGNED + '[signs]\nfever = ["nong nhu than"]', encoding="utf-8")
    assert local(tmp_path) == {"signs": {"fever": ("nong nhu lua", "nong nhu than")}}
