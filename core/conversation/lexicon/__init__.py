"""The words people use, as data. A province adds its own in `local/`, without code; `local/README.md` shows how.

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
from pathlib import Path
from typing import Any

LOCAL = Path(__file__).parent / "local"
"""Where a province's words are; read when the parsers are imported."""

_SLOT = re.compile(r"\([^)]*\)|<[^>]*>|\S+")
FILES = (
    *("spellings", "signs", "signs_english", "health", "talk", "answers"),
    *("commands", "on_behalf", "greetings", "corrections", "languages"),
    *("gender", "numbers", "vitals", "dates", "names"),
)
_DECIDING = ("signs", "signs_english", "health", "answers", "gender", "numbers")
_TELLS_LANGUAGE = "languages"  # its English words are Telex residue in a Vietnamese text: "as" is "á", "has" is "há"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One file. `words`: meaning -> phrases as written there."""

    source: str
    reviewer: str
    words: Mapping[str, tuple[str, ...]]


class LexiconFault(ValueError):
    """What is wrong with a province's words, and in which file."""


@cache
def load(name: str) -> Lexicon:
    """One file of this folder, with what provinces add to it. KeyError when a header field is missing: a lexicon nobody
    signed is not used. LexiconFault when a province's file cannot be used."""
    ours, added = _ours(name), local(LOCAL).get(name, {})
    words = {meaning: (*phrases, *added.get(meaning, ())) for meaning, phrases in ours.words.items()}
    return Lexicon(ours.source, ours.reviewer, words)


@cache
def _ours(name: str) -> Lexicon:
    text = resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    words = {meaning: tuple(phrases) for meaning, phrases in data["words"].items()}
    return Lexicon(source=data["source"], reviewer=data["reviewer"], words=words)


@cache
def local(folder: Path) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """What the files of a folder add: lexicon -> meaning -> phrases. LexiconFault names the file and what to do."""
    added: dict[str, dict[str, tuple[str, ...]]] = {}
    for file in sorted(folder.glob("*.toml")):
        for name, meaning, phrases in _entries(file):
            known = added.setdefault(name, {})
            known[meaning] = (*known.get(meaning, ()), *phrases)
    return added


def _entries(file: Path) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise LexiconFault(f"{file.name}: {fault}") from fault
    for field in ("source", "reviewer"):
        if not str(data.pop(field, "")).strip():
            raise LexiconFault(f'{file.name}: say who answers for these words: {field} = "..."')
    for name, table in data.items():
        if name not in FILES:
            raise LexiconFault(f"{file.name}: [{name}] is no lexicon, these are: {', '.join(FILES)}")
        for meaning, phrases in table.items():
            yield name, meaning, _checked(f"{file.name}: [{name}] {meaning}", name, meaning, phrases)


def _checked(place: str, name: str, meaning: str, phrases: Any) -> tuple[str, ...]:
    """Phrases that say something new. What means another thing already cannot be given a second meaning here."""
    if meaning not in _ours(name).words:
        raise LexiconFault(f"{place}: no meaning of that lexicon, these are: {', '.join(_ours(name).words)}")
    if not isinstance(phrases, list) or not all(isinstance(each, str) and each.strip() for each in phrases):
        raise LexiconFault(f'{place}: write a list of phrases, as ["...", "..."]')
    for phrase in (each for written in phrases for each in expand(written)):
        taken = _meanings().get(phrase.replace("!", ""), set()) - {(name, meaning)}
        if taken:
            other = ", ".join(sorted(f"[{lexicon}] {already}" for lexicon, already in taken))
            raise LexiconFault(f"{place}: {phrase!r} already means {other}; take it out, or ask for that to be changed")
    return tuple(phrases)


@cache
def _meanings() -> Mapping[str, set[tuple[str, str]]]:
    """Every phrase of ours that says how somebody is, or yes or no, with what it means."""
    found: dict[str, set[tuple[str, str]]] = {}
    for name in _DECIDING:
        for meaning, written in _ours(name).words.items():
            for phrase in (each for line in written for each in expand(line)):
                found.setdefault(phrase.replace("!", ""), set()).add((name, meaning))
    return found


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
