"""Words in FHIR: a text in one language, its translations beside it (https://hl7.org/fhir/R4/languages.html)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.conversation.messages import N_, Param, Say, Term
from core.conversation.wording import Words, word
from core.forms.fhir_codes import TRANSLATION

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Publication:
    """How a form is published. `base`: what its urls begin with; `status`: "draft" until its texts are approved, then
    "active"; `words`: the language of its texts first, then those they are translated to; `days`: the window."""

    base: str
    status: str
    day: date
    words: Sequence[Words]
    days: int

    def url(self, kind: str, name: str) -> str:
        """The canonical url of a thing of ours."""
        return ("/" if "//" in self.base else ":").join((self.base, kind, name))

    def said(self, key: str, text: str) -> Json:
        """A text under its key, its translations beside it."""
        say = Say(text, self._facts())
        return {
            key: word(say, self.words[0]),
            f"_{key}": {"extension": [_translated(words.language, word(say, words)) for words in self.words[1:]]},
        }

    def _facts(self) -> Mapping[str, Param]:
        return {"unit": Term(N_("Trạm y tế")), "you": Term(N_("bác")), "days": self.days}


def _translated(language: str, text: str) -> Json:
    parts = [{"url": "lang", "valueCode": language}, {"url": "content", "valueString": text}]
    return {"url": TRANSLATION, "extension": parts}
