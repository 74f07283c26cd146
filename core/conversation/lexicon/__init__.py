"""The words people use, as data: a province adds its own spellings here, without code.

Each file has `source` (where its words come from), `reviewer` (who answers for them) and `[words]`: a meaning, then
its phrases. In a phrase `(some words)` may be left out, `a|b` and `<some words|others>` are either, and `word!` must
be typed with its accents, because without them it is another word ("ói" to vomit, "oi" for "ơi").
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import product

_SLOT = re.compile(r"\([^)]*\)|<[^>]*>|\S+")
FILES = (
    *("spellings", "signs", "signs_english", "health", "talk", "answers"),
    *("commands", "on_behalf", "greetings", "corrections", "languages"),
    *("gender", "numbers", "vitals", "dates", "names"),
)
_TELLS_LANGUAGE = "languages"  # its English words are Telex residue in a Vietnamese text: "as" is "á", "has" is "há"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One file. `words`: meaning -> phrases as written there."""

    source: str
    reviewer: str
    words: Mapping[str, tuple[str, ...]]


@cache
def load(name: str) -> Lexicon:
    """Read one file of this folder. KeyError when a header field is missing: a lexicon nobody signed is not used."""
    text = resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    words = {meaning: tuple(phrases) for meaning, phrases in data["words"].items()}
    return Lexicon(source=data["source"], reviewer=data["reviewer"], words=words)


def phrases(name: str, meaning: str) -> tuple[str, ...]:
    """All phrases of one meaning, alternatives written out."""
    return tuple(phrase for written in load(name).words[meaning] for phrase in expand(written))


def expand(written: str) -> Iterator[str]:
    """ "không (có) gì|sao" -> the four phrases it stands for."""
    slots = [_alternatives(word) for word in _SLOT.findall(written)]
    for picked in product(*slots):
        yield " ".join(word for word in picked if word)


def _alternatives(word: str) -> tuple[str, ...]:
    if word.startswith("("):
        return ("", *word[1:-1].split("|"))
    return tuple(word.strip("<>").split("|"))


@cache
def vocabulary() -> frozenset[str]:
    """Every word of every file, as written: a typed word that is one of these is not taken for Telex residue."""
    found: set[str] = set()
    for name in (each for each in FILES if each != _TELLS_LANGUAGE):
        for meaning, written in load(name).words.items():
            found.update(meaning.split() if name == "spellings" else ())
            found.update(word.rstrip("!") for line in written for each in expand(line) for word in each.split())
    return frozenset(found)
