"""What a form that loads may still get wrong, each with what to do about it: questions that are never asked, examples
that are not understood, words that begin something else, texts that cost too much or are not translated. A `Fault`
here names the form and its question; there is no line, since a stored version has none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain

from core.conversation.effects import AlertKind
from core.conversation.form import Form
from core.conversation.opening import DECLARATION
from core.conversation.wording import Words
from core.forms.bands import unfair
from core.forms.budget import Parts, spoken
from core.forms.examples import Reader, misread, unread
from core.forms.faults import Fault
from core.forms.lines import Path
from core.forms.missing import missing
from core.forms.openings import confused, misleading, too_many
from core.forms.reach import unreachable
from core.forms.shape import Problem
from core.forms.texts import said_in, texts


def check(form: Form, parts: Parts, catalogues: Sequence[Words], reader: Reader) -> list[Fault]:
    """All faults of one form in these languages (Vietnamese among them). `parts`: see `core.forms.budget`."""
    found = [unreachable(form), missing(form), unfair(form), misleading(form), _uncalled(form), unread(form, reader)]
    for words in catalogues:
        found += [_too_long(form, parts, words), misread(form, words, reader), _untranslated(form, words)]
    return [_fault(form, problem) for problem in chain.from_iterable(found)]


def check_all(forms: Collection[Form], parts: Parts, catalogues: Sequence[Words], reader: Reader) -> list[Fault]:
    """All faults of these forms, and of some beside others: titles that are the same, words that begin many."""
    faults = [fault for form in forms for fault in check(form, parts, catalogues, reader)]
    for words in catalogues:
        found = chain(confused(forms, words), too_many(forms, words, parts))
        faults += [_fault(form, problem) for form, problem in found]
    return faults


def _uncalled(form: Form) -> Iterator[Problem]:
    """What nothing in the program answers to."""
    if form.call and form.call.kind not in tuple(AlertKind):
        yield ("call", "kind"), f"there is no alert {form.call.kind!r}: use one of {', '.join(AlertKind)}"
    if not form.begin and not form.daily and form.key != DECLARATION:
        yield ("begin",), "missing: nothing begins this form. Say with which words people do"


def _too_long(form: Form, parts: Parts, words: Words) -> Iterator[Problem]:
    for said in spoken(form):
        full = said.full(words)
        if (needed := parts(full)) > said.parts:
            yield said.path, f"{needed} SMS parts in {words.language!r}, {said.parts} allowed; shorten it: {full!r}"


def _untranslated(form: Form, words: Words) -> Iterator[Problem]:
    for path, text in texts(form):
        if not said_in(words, text):
            yield path, f"not translated to {words.language!r}: add it to locales/{words.language}: {text!r}"


def _fault(form: Form, problem: Problem) -> Fault:
    path, says = problem
    return Fault(".".join([form.key, *_names(form, path)]), 0, says)


def _names(form: Form, path: Path) -> Iterator[str]:
    """The steps to a text as its author calls them: keys of questions, places counted from 1."""
    if path[:1] == ("question",) and isinstance(path[1], int):
        yield form.questions[path[1]].key
        path = path[2:]
    yield from (str(step + 1) if isinstance(step, int) else step for step in path)
