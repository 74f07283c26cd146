"""How fast and how well replies are read: all labelled ones of the tests, kind by kind, and whole messages as the
engine reads them before it knows what they answer. In time of one core, so that a busy machine changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import thread_time

from core.conversation.parsers import checkin, command, correction, danger, yesno
from core.conversation.parsers.command import Command
from core.conversation.parsers.tongue import tongue
from core.conversation.parsers.understand import KINDS, understand
from tests.benchmarks import confusion
from tests.benchmarks.confusion import Read
from tests.core.conversation.parsers.cast import LIMITS, TODAY, replies

WANTED = 20_000
"""Replies a second of each kind that one core has to read."""

ROUNDS = 3
"""The best of so many. In between come more other texts than the parsers keep, so each is read anew, with words that
were read before: as in a day of a province."""

_MESSAGES: dict[str, Callable[[str], object]] = {
    "tongue": tongue,
    "correction": correction.parse,
    "danger": lambda text: danger.find(text, LIMITS),
    "command": command.parse,
    "checkin": checkin.parse,
    "yesno": yesno.parse,
}


def measure() -> None:
    """Print replies a second and how many are right, of each kind; what was confused; messages a second."""
    labelled = {kind: list(replies(kind)) for kind in KINDS}
    texts = {kind: [text for text, _ in rows] for kind, rows in labelled.items()}
    rates = _best({kind: _reads(kind, texts[kind]) for kind in KINDS})
    read = [Read(kind, text, meant, reading(kind, text)) for kind in KINDS for text, meant in labelled[kind]]
    for kind in KINDS:
        right = [each.right for each in read if each.kind == kind]
        print(
            f"understanding  {len(right):5d} {kind:12s} {rates[kind]:7.0f} replies/s{_short(rates[kind])}"
            f"   right {100 * sum(right) / len(right):6.2f}%"
        )
    found = confusion.confusions(read)
    print(
        f"confusions     {found.total()} of {len(read)}, {sum(n for each, n in found.items() if each.harm)} dangerous"
    )
    for line in confusion.lines(found):
        print(f"confusion      {line}")
    _messages([text for each in texts.values() for text in each])


def reading(kind: str, text: str) -> object:
    """What the engine takes a reply for. A yes or no may be the command "back", which is asked before."""
    if kind == "yesno" and understand("command", text, TODAY) == Command.BACK.value:
        return Command.BACK.value
    return understand(kind, text, TODAY)


def _messages(texts: Sequence[str]) -> None:
    rates = _best({name: _calls(read, texts) for name, read in _MESSAGES.items()})
    for name, rate in rates.items():
        print(f"messages       {len(texts):5d} {name:12s} {rate:7.0f} messages/s{_short(rate)}")


def _best(measured: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Of each its best rate; the first round warms up and does not count."""
    rounds = [{name: rate() for name, rate in measured.items()} for _ in range(ROUNDS + 1)]
    return {name: max(each[name] for each in rounds[1:]) for name in measured}


def _reads(kind: str, texts: Sequence[str]) -> Callable[[], float]:
    return _calls(lambda text: understand(kind, text, TODAY), texts)


def _calls(read: Callable[[str], object], texts: Sequence[str]) -> Callable[[], float]:
    """Measures calls a second."""

    def rate() -> float:
        started = thread_time()
        for text in texts:
            read(text)
        return len(texts) / (thread_time() - started)

    return rate


def _short(rate: float) -> str:
    return "" if rate >= WANTED else f" (under {WANTED})"


if __name__ == "__main__":
    measure()
