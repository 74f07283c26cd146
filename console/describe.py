"""What a record says beside its signs, in the words of its form: whatever forms there are."""

from __future__ import annotations

from jinja2 import pass_context
from jinja2.runtime import Context

from core.care.dossier import Version
from core.conversation.form import Answers, Kind
from core.conversation.messages import Say, Term
from core.conversation.summary import lines, measured
from core.conversation.wording import word
from core.forms.load import load_all
from core.words import load_words

_ELSEWHERE = (Kind.SIGNS, Kind.TEMPERATURE, Kind.NAME, Kind.BIRTH, Kind.GENDER)
"""What the page shows of the record, or of its person, in places of their own."""


@pass_context
def described(context: Context, record: Version) -> list[str]:
    """Each answer in a line of its own, in the page's language; what an assessment came to last."""
    form = load_all().get(record.form)
    words = load_words(context.get("language", "vi"))
    if form is None:
        return []
    answers: Answers = {**record.answers, "on_behalf": record.on_behalf, "guided": True}  # type: ignore[dict-item]
    said = [*lines(form, answers, without=_ELSEWHERE)]
    if form.score:
        said.append(Term(form.score.band(answers).label))
    elif not form.asks(Kind.VITALS):
        said += measured(answers)
    return [word(Say("{said}", {"said": line}), words) for line in said]
