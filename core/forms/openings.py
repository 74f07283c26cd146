"""The words that begin forms, and the titles they are told apart by: none may mean something else to people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from core.conversation.fold import words as folded
from core.conversation.form import Form
from core.conversation.limits import NO_LIMITS
from core.conversation.messages import Say
from core.conversation.opening import WHICH
from core.conversation.parsers import checkin, command, danger, yesno
from core.conversation.parsers.command import Command
from core.conversation.parsers.danger import Danger
from core.conversation.understanding import Choice, Understood
from core.conversation.wording import Words, numbered, word, word_choices
from core.forms.budget import LONGEST, Parts
from core.forms.shape import Problem

_MAY_BEGIN = frozenset({Command.DECLARE, Command.REPORT})
_SAID_AS_ANSWERS = frozenset({"dung", "di", "den", "vi", "em", "tim", "co dau"})
"""Words alone that people answer with, and that are no command for that reason (đúng, dừng, đến ...)."""

_ANSWERS: Mapping[str, Callable[[str], bool]] = {
    "a yes or a no": lambda phrase: isinstance(yesno.parse(phrase), Understood),
    "signs or a temperature": lambda phrase: isinstance(checkin.parse(phrase), Understood),
    "danger": lambda phrase: danger.find(phrase, NO_LIMITS) != Danger(),
    "an answer": lambda phrase: folded(phrase) in _SAID_AS_ANSWERS,
}


def misleading(form: Form) -> Iterator[Problem]:
    """Words that begin the form and mean something else."""
    seen: set[str] = set()
    for n, phrase in enumerate(form.begin):
        plain = folded(phrase)
        if means := _means(phrase, plain):
            yield ("begin", n), f"{phrase!r} {means}: take other words"
        elif plain in seen:
            yield ("begin", n), f"{phrase!r} is there twice, accents aside: remove one"
        seen.add(plain)


def _means(phrase: str, plain: str) -> str:
    if not plain:
        return "has no word that can be typed"
    said = command.parse(phrase)
    if isinstance(said, Understood) and said.value not in _MAY_BEGIN:
        return f"is the command {said.value}"
    return next((f"is understood as {what}" for what, is_one in _ANSWERS.items() if is_one(phrase)), "")


def confused(forms: Iterable[Form], words: Words) -> Iterator[tuple[Form, Problem]]:
    """Forms of one title in that language, accents aside: nobody could pick one."""
    titled: dict[str, Form] = {}
    for form in forms:
        title = words.gettext(form.title)
        other = titled.setdefault(folded(title), form)
        if other is not form:
            yield form, (("title",), f"{title!r} in {words.language!r} is the title of {other.key!r} too: rename one")


def too_many(forms: Iterable[Form], words: Words, parts: Parts) -> Iterator[tuple[Form, Problem]]:
    """Words that begin so many forms that their titles do not fit behind the question which one is meant."""
    begun: defaultdict[str, list[Form]] = defaultdict(list)
    for form in forms:
        for phrase in form.begin:
            begun[folded(phrase)].append(form)
    for phrase, several in begun.items():
        titles = tuple(Choice(form.key, form.title) for form in several)
        full = word(Say(WHICH, LONGEST), words) + numbered(word_choices(titles, words))
        if len(several) > 1 and (needed := parts(full)) > 1:
            says = f"{phrase!r} begins {len(several)} forms, and to ask which takes {needed} SMS parts in"
            yield several[-1], (("begin",), f"{says} {words.language!r}: shorten titles, or begin fewer: {full!r}")
