"""A form's conversation as a tree: each question below the one whose answer asks it, with its cost by SMS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.conversation.form import Form, Question, Value
from core.conversation.opening import DECLARATION
from core.conversation.score import Band, Score
from core.conversation.wording import Words
from core.forms.budget import Parts, Spoken, asked, spoken
from core.forms.rules import owner
from core.forms.ways import answered, longest, shortest


def tree(form: Form, parts: Parts, words: Words) -> str:
    """Lines to print. "2/1" after a text: two parts at worst, of one allowed."""
    top = [question for question in form.questions if not _above(form, question)]
    body = _branches(form, top, "", parts, words)
    return "\n".join((*_head(form, parts, words), *body, *_end(form, parts, words)))


def line(form: Form, parts: Parts, words: Words) -> str:
    """One line about a form: which version, the words that begin it, its SMS parts from the first to the last."""
    few, many = shortest(form, parts, words).parts, longest(form, parts, words).parts
    begins = ", ".join(_begins(form)) or "-"
    return f"{form.key} {form.version} {form.hash} {words.gettext(form.title)} | {begins} | {few}-{many} SMS parts"


def _begins(form: Form) -> tuple[str, ...]:
    """The words, and the command that begins a declaration, or whichever check-in is due."""
    command = ("KHAI",) if form.key == DECLARATION else ("SK",) if form.daily else ()
    return (*command, *form.begin)


def _head(form: Form, parts: Parts, words: Words) -> Iterator[str]:
    yield f"{form.key} {form.version} ({form.hash}): {words.gettext(form.title)}"
    yield f"begins with: {', '.join(_begins(form)) or 'nothing that people write'}"
    few, many, most = (way(form, parts, words).parts for way in (shortest, answered, longest))
    more = f", {most} if what a question asks for is left out" if most > many else ""
    in_one = ", 1 if all is in one text" if form.daily else ""
    yield f"SMS parts out, question by question: {few} to {many}{more}{in_one}"
    yield f"legal: {form.legal.basis}, {form.legal.document}, {_cost(_of(form, 'legal'), parts, words)}"
    yield f"    {_flat(form.legal.text, words)}"


def _end(form: Form, parts: Parts, words: Words) -> Iterator[str]:
    if form.summary:
        yield "at the end: a summary to confirm"
    if form.receipt is None:
        yield "at the end: a receipt that names it" if form.summary else "at the end: a receipt with an echo"
    else:
        yield f"receipt: {_cost(_of(form, 'receipt'), parts, words)}"
        yield f"    {_flat(form.receipt.text, words)}"
    if form.receipt and form.receipt.worry:
        yield f"    or, if it wants a human: {_flat(form.receipt.worry, words)}"
    if form.call:
        yield f"alert: {form.call.kind}, {' or '.join(form.call.keys) or 'always'}"
    if form.score:
        yield from _score(form.score, words)


def _score(score: Score, words: Words) -> Iterator[str]:
    worst = f", critical: {', '.join(score.critical)}" if score.critical else ""
    yield f"score: {score.by} of {len(score.items)} items{worst}"
    for band in score.bands:
        says = f"{words.gettext(band.label)}. {words.gettext(band.advice)}"
        yield f"    {band.value}, {_bound(score, band)}: {says}"


def _bound(score: Score, band: Band) -> str:
    """From when a band holds, and for how long."""
    bound = "whatever is left" if band is score.bands[-1] else f"{'at most' if score.fewer else 'from'} {band.at:g}"
    return f"{bound}{' with all critical' if band.whole else ''}, for {band.days} days"


def _branches(form: Form, questions: list[Question], indent: str, parts: Parts, words: Words) -> Iterator[str]:
    for question in questions:
        last = question is questions[-1]
        yield f"{indent}{'└── ' if last else '├── '}{_line(question, parts, words)}"
        deeper = indent + ("    " if last else "│   ")
        yield f"{deeper}    {_flat(question.text, words)}"
        below = [other for other in form.questions if _above(form, other) is question]
        yield from _branches(form, below, deeper, parts, words)


def _line(question: Question, parts: Parts, words: Words) -> str:
    kind = f"{question.kind}, optional" if question.optional else question.kind
    return f"{_when(question)}{question.key} ({kind}) {_cost(asked(question), parts, words)}"


def _of(form: Form, table: str) -> Iterator[Spoken]:
    return (said for said in spoken(form) if said.path[0] == table)


def _cost(said: Iterable[Spoken], parts: Parts, words: Words) -> str:
    """The parts of the text that is most over what it may take."""
    worst = max(said, key=lambda each: parts(each.full(words)) - each.parts)
    return f"{parts(worst.full(words))}/{worst.parts}"


def _flat(text: str, words: Words) -> str:
    return " ".join(words.gettext(text).split())


def _when(question: Question) -> str:
    conditions = [f"{key} = {' or '.join(map(_value, values))}" for key, values in question.when.items()]
    if question.any_of:
        conditions.append(f"{' or '.join(question.any_of)} = yes")
    return f"[{', '.join(conditions)}] " if conditions else ""


def _value(value: Value) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _above(form: Form, question: Question) -> Question | None:
    """The last question whose answer this one waits for."""
    above = [owner(form, key) for key in (*question.when, *question.any_of)]
    return next((q for q in reversed(form.questions) if q in above), None)
