"""How long it takes to read where somebody lives: every name, misspelt names, texts that name no place, and names that
are read together with a province that was said before. In time of one core, so that a busy machine changes nothing.
"""

from __future__ import annotations

import random
import string
from collections.abc import Iterable, Iterator
from time import thread_time

from core.conversation.form import UnitReader
from core.places.admin import Commune, FormerCommune, Places, load
from core.places.answer import unit_reader
from core.places.names import spaced_key
from core.places.read import MAX_WORDS

PROVINCE = "15"
REPLIES = 20_000
LIMIT = 5.0
"""Milliseconds that one look-up may take."""


def measure() -> None:
    """Print the mean, the 99th hundredth and the worst of each, in milliseconds."""
    places = load()
    read = unit_reader(places, PROVINCE)
    read("xa bat xat")  # builds the index, once a process
    chance = random.Random(25)
    names = _names(places)
    slow = 0
    rows: tuple[tuple[str, list[str], tuple[str, ...]], ...] = (
        ("now, before", names, ()),
        ("misspelt", [_misspelt(name, chance) for name in names], ()),
        ("any words", list(_random(names, chance)), ()),
        ("second texts", chance.sample(names, len(names) // 4), ("lao cai",)),
    )
    for label, texts, kept in rows:
        taken = sorted(_times(read, texts, kept))
        slow += sum(each > LIMIT for each in taken)
        mean, p99 = sum(taken) / len(taken), taken[len(taken) * 99 // 100]
        print(
            f"places         {len(texts):6d} {label:12s} mean {mean:.2f} ms, p99 {p99:.2f} ms, worst {taken[-1]:.2f} ms"
        )
    print(f"places         over {LIMIT:g} ms: {slow}")


def _times(read: UnitReader, texts: Iterable[str], kept: tuple[str, ...]) -> Iterator[float]:
    for text in texts:
        start = thread_time()
        read(text, kept)
        yield (thread_time() - start) * 1000


def _names(places: Places) -> list[str]:
    """Every name of today and of before, alone and with its type."""
    units: tuple[Commune | FormerCommune, ...] = (*places.communes, *places.former_communes)
    bare = {spaced_key(text) for each in units for text in (each.name, f"{each.type} {each.name}")}
    return sorted(bare | {spaced_key(each.display) for each in places.communes})


def _misspelt(name: str, chance: random.Random) -> str:
    """One letter left out, doubled, changed, or swapped with the next."""
    place = chance.randrange(len(name))
    before, letter, after = name[:place], name[place], name[place + 1 :]
    other = chance.choice(string.ascii_lowercase)
    return chance.choice((before + after, name[: place + 1] + letter + after, before + other + after))


def _random(names: list[str], chance: random.Random) -> Iterator[str]:
    """Words of names in any order and any number, with commas, up to the longest text that is read."""
    words = [*sorted({word for name in names for word in name.split()}), "o", "toi", "khong", "so", "duong", "12"]
    for _ in range(REPLIES):
        count = chance.choice((1, 2, 3, 4, 6, 8, 12, MAX_WORDS))
        yield chance.choice((" ", ", ")).join(chance.choices(words, k=count))


if __name__ == "__main__":
    measure()
