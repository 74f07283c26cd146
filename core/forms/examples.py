"""The examples that a form's texts give. People copy them, so each must be understood where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from core.conversation.answers import Read
from core.conversation.form import Form, Kind, Question
from core.conversation.messages import Say
from core.conversation.parsers import command
from core.conversation.understanding import Unclear, Understood
from core.conversation.wording import Words, word
from core.forms.budget import LONGEST
from core.forms.shape import Problem
from core.forms.texts import said_in


@dataclass(frozen=True, slots=True)
class Reader:
    """How replies are read: the kinds that have a parser, and the reading of a reply to a question of a form."""

    kinds: Collection[Kind]
    read: Callable[[str, Question, Form], Read | Unclear]


@dataclass(frozen=True, slots=True)
class Example:
    """Something to write. `answers`: it stands for an answer; otherwise it may be a command as well ("nhắn GOI")."""

    text: str
    answers: bool = True


@dataclass(frozen=True, slots=True)
class _Marks:
    """What stands before an example in one language: "ví dụ", "viết", and between two of them "hoặc"."""

    example: str
    write: str
    either: str

    def found(self, text: str) -> Iterator[Example]:
        """Every example of a text, in no order."""
        end = rf",?\s+(?:{self.either})\b|[.;!?)]+(?:\s|$)|$"
        for match in re.finditer(rf"(?:\b(?:{self.example})|\b(?:{self.either})(?=:)):?\s*(.+?)(?={end})", text, re.I):
            yield Example(match[1].strip("\"'“”"))
        for match in re.finditer(rf"\b(?:{self.write})\s+(?=(.+))", text, re.I):
            yield from (Example(said, answers=False) for said in self._said(match[1]))

    def _said(self, behind: str) -> Iterator[str]:
        """What is to be written: words in capitals, or several numbers ("1, 2 hoặc 3")."""
        if numbers := re.match(rf"\d(?:, ?\d)*,?\s+(?:{self.either})\s+\d\b", behind):
            yield from re.findall(r"\d", numbers[0])
        capitals: list[str] = []
        for token in behind.split():
            bare = token.strip(",.;:!?()\"'")
            if not (bare.isupper() or bare[:1].isdigit()):
                break
            capitals.append(token)
            if token[-1] in ".;!?)":
                break
        said = " ".join(capitals).strip(",.;:!?()\"'")
        if any(each.isalpha() for each in said):
            yield said


_MARKS: Mapping[str, _Marks] = {
    "vi": _Marks(r"ví dụ", r"viết|nhắn|gõ|trả lời|chọn", r"hoặc"),
    "en": _Marks(r"for example|e\.g\.", r"write|answer|reply|text|send|choose", r"or"),
}


def examples(text: str, language: str) -> tuple[Example, ...]:
    """What a text, its values filled in, gives as examples. KeyError for a language whose marks are not known."""
    return tuple(dict.fromkeys(_MARKS[language].found(text)))


def misread(form: Form, words: Words, reader: Reader) -> Iterator[Problem]:
    """Examples of that language that are not understood, and hints that have none."""
    if words.language not in _MARKS:
        yield (), f"examples in {words.language!r} cannot be found: add its words for them to core/forms/examples.py"
        return
    for n, question in enumerate(form.questions):
        for key, text in _texts(question, words).items() if question.kind in reader.kinds else ():
            said = examples(word(Say(text, LONGEST), words), words.language)
            yield from ((("question", n, key), says) for says in _wrong(said, form, question, words.language, reader))
            if key == "hint" and not any(_answers(example, form, question, reader) for example in said):
                yield ("question", n, key), f"has no example in {words.language!r}: add one, as people would write it"


def unread(form: Form, reader: Reader) -> Iterator[Problem]:
    """Questions whose replies nothing reads."""
    for n, question in enumerate(form.questions):
        if question.kind not in reader.kinds:
            says = f"nothing reads a reply of kind {question.kind}: add its reader to core/conversation/answers.py"
            yield ("question", n, "kind"), says


def _texts(question: Question, words: Words) -> Mapping[str, str]:
    """What it says, but for what that language does not say yet."""
    every = {"text": question.text, "behalf_text": question.behalf_text, "hint": question.hint}
    return {key: text for key, text in every.items() if text and said_in(words, text)}


def _wrong(said: tuple[Example, ...], form: Form, question: Question, language: str, reader: Reader) -> Iterator[str]:
    for example in said:
        if not _answers(example, form, question, reader) and (example.answers or not _orders(example)):
            yield f"the example {example.text!r} in {language!r} is not understood here: change it"


def _answers(example: Example, form: Form, question: Question, reader: Reader) -> bool:
    """Whether it is taken for an answer. Where anything may be written, a command is taken for one first."""
    if question.kind in (Kind.TEXT, Kind.NAME) and _orders(example):
        return False
    return not isinstance(reader.read(example.text, question, form), Unclear)


def _orders(example: Example) -> bool:
    return isinstance(command.parse(example.text), Understood)
