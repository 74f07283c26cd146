"""Whether every band of a score can be the result, and whether every item is always asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.conversation.form import Form
from core.conversation.score import Score
from core.forms.rules import owner
from core.forms.shape import Problem


def unfair(form: Form) -> Iterator[Problem]:
    """What makes a score say something else than its author means."""
    if form.score is None:
        return
    yield from _unreached(form.score)
    if any(band.whole for band in form.score.bands) and not form.score.critical:
        yield ("score",), "a band is 'whole', and no item is critical: name the items in 'critical'"
    for n, question in enumerate(form.questions):
        asks = question.when or question.any_of
        if asks and any(owner(form, item) is question for item in form.score.items):
            yield ("question", n, "when"), "counts in the score, also when it is not asked: ask it always"


def _unreached(score: Score) -> Iterator[Problem]:
    answers = ({item: item in met for item in score.items} for met in _results(score))
    reached = {score.band(each).value for each in answers}
    for n, band in enumerate(score.bands):
        says = f"the band {band.value!r} is never the result: correct 'at', or the order (the best first)"
        if band.value in (earlier.value for earlier in score.bands[:n]):
            yield ("score", "band", n, "value"), f"the value {band.value!r} is there twice: rename one"
        elif band.value not in reached:
            yield ("score", "band", n), says


def _results(score: Score) -> Iterator[tuple[str, ...]]:
    """Items met, one way for each number that there can be: with nothing critical amiss, and with something."""
    critical = set(score.critical)
    right = () if score.fewer else score.critical
    yield from _sums(score, right, [item for item in score.items if item not in critical])
    for amiss in score.critical:
        wrong = (amiss,) if score.fewer else ()
        yield from _sums(score, wrong, [item for item in score.items if item != amiss])


def _sums(score: Score, met: Sequence[str], free: Sequence[str]) -> Iterator[tuple[str, ...]]:
    found = {round(sum(score.items[item] for item in met), 6): tuple(met)}
    for item in free:
        found = {**{round(number + score.items[item], 6): (*way, item) for number, way in found.items()}, **found}
    yield from found.values()
