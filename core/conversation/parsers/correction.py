"""A message that takes back what was said just before: "nham, 38.5", "khong, 38,5 moi dung", "y toi la 37,5".

"Không" alone takes nothing back: "khong, ho" is an answer and a sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from core.conversation.fold import Folded, Token, fold
from core.conversation.lexicon import phrases
from core.conversation.parsers import gender, spoken, symptoms
from core.conversation.parsers.phrases import Hit, Phrases, any_of
from core.conversation.understanding import Reason, Unclear, Understood

_words = partial(any_of, "corrections")

_BEGINS = _words("begins", "slip")
_SLIP = _words("slip")
_WEAK = _words("weak")
_IS_RIGHT = _words("is_right")
_INSTEAD = _words("instead")
_OF_NUMBERS = _words("of_numbers")
_RATHER = _words("rather")
_BECAME = _words("became")
_NONE = _words("none")
_LABELS = _words("labels")
_NAMES_A_VALUE = _words("names_a_value")
_AROUND = Phrases([(p, True) for p in (*phrases("corrections", "around"), *phrases("talk", "kin"))])
_BEHIND = _words("behind")
_ASKS = Phrases([(p, True) for p in phrases("talk", "question")])
_NEGATORS = frozenset({"khong", "ko", "k", "chua", "chang"})
_TAKE_BACK = frozenset({"sai", "sorry", "xin", "wrong"})
_ALONE = "thoi"
_BIG = "lon"  # "lớn" as well as "lộn", when nothing follows
_ENDS_CLAUSE = frozenset({",", ";", ".", ":", "-", "\n", "!"})


def parse(text: str) -> Understood[str] | Unclear:
    """What should stand instead, as typed. NOT_AN_ANSWER when nothing is taken back, AMBIGUOUS when it is not said what
    is right ("nham roi")."""
    folded = fold(text)
    if not folded.tokens:
        return Unclear(Reason.EMPTY)
    if _NONE.find(folded.tokens) or _asks(folded.tokens):
        return Unclear(Reason.NOT_AN_ANSWER)
    for find in (_behind_a_slip, _called_right, _not_the_other, _behind_a_no):
        said = find(folded)
        if said is not None:
            return Understood(said) if said else Unclear(Reason.AMBIGUOUS)
    return Unclear(Reason.NOT_AN_ANSWER)


def _asks(tokens: Sequence[Token]) -> bool:
    """A question; not the "à" that begins a message, nor the "đi đâu" of "không đi đâu"."""
    hits = (hit for hit in _ASKS.find(tokens) if hit.start > 0 or tokens[0].text == "?" or hit.end > 1)
    return any(hit.start == 0 or tokens[hit.start - 1].text not in _NEGATORS for hit in hits)


def _behind_a_slip(folded: Folded) -> str | None:
    """ "Viết nhầm, 38,5", "37,5 là ghi nhầm, 38,5 mới đúng", "38,5 nha, nãy ghi nhầm"; "" when it says no more."""
    tokens = folded.tokens
    slip = _BEGINS.at(tokens, start) if (start := _past_small_talk(folded)) < len(tokens) else None
    slip = slip if slip is not None and slip.exact else _first(_SLIP, tokens, 0)
    if slip is None:
        return None
    start = _past(_BEHIND, tokens, slip.end)
    if (label := _LABELS.at(tokens, start) if start < len(tokens) else None) is not None:
        return _labelled(folded, label)
    said = _right_part(folded, start, len(tokens))
    if said:
        apart = start > slip.end
        return said if apart or _is_value(said) or _is_sign(said) else None
    before = _typed(folded, _past_small_talk(folded), _clause_before(tokens, slip.start))
    if not before and tokens[slip.start].mark == _BIG:
        return None
    return before if _is_value(before) else ""


def _labelled(folded: Folded, label: Hit[bool]) -> str:
    """ "Nhầm năm sinh, 1950" -> "năm sinh 1950"; "" without the new value."""
    tokens = folded.tokens
    said = _right_part(folded, _past(_BEHIND, tokens, label.end), len(tokens))
    return f"{_typed(folded, label.start, label.end)} {said}" if said else ""


def _called_right(folded: Folded) -> str | None:
    """ "Không, 38,5 mới đúng"."""
    right = next(iter(_IS_RIGHT.find(folded.tokens)), None)
    if right is None:
        return None
    said = _right_part(folded, _past_small_talk(folded), len(folded.tokens))
    return said if _is_value(said) or _is_sign(said) else None


def _not_the_other(folded: Folded) -> str | None:
    """ "38,5 chứ không phải 37,5"; without "chứ" only of numbers."""
    tokens = folded.tokens
    start = _past_small_talk(folded)
    instead = next((hit for hit in _INSTEAD.find(tokens) if hit.start > start), None)
    if instead is None:
        others = (hit for hit in _OF_NUMBERS.find(tokens) if hit.start > start)
        instead = next((hit for hit in others if _alike(_typed(folded, start, hit.start), folded.since(hit.end))), None)
        if instead is None:
            return None
    said = _typed(folded, start, instead.start)
    return said if _is_value(said) or _is_sign(said) else None


def _behind_a_no(folded: Folded) -> str | None:
    """ "Không phải, sinh năm 1950", "không phải 37 mà 38". A sign alone may answer something else."""
    tokens = folded.tokens
    start = _past_small_talk(folded, also=_WEAK)
    weak = _WEAK.at(tokens, start) if start < len(tokens) else None
    if weak is None:
        return None
    at = _past(_BEHIND, tokens, weak.end)
    if (label := _LABELS.at(tokens, at) if at < len(tokens) else None) is not None:
        return _labelled(folded, label) or None
    if at == weak.end and (said := _another_sign(folded, at)):
        return said
    rather = _rather(tokens, at)
    if rather is None and at == weak.end and tokens[weak.start].text not in _TAKE_BACK:
        at = next((i + 2 for i in range(at, len(tokens) - 1) if _is_behind(tokens, i)), len(tokens))
    said = _right_part(folded, at, len(tokens))
    return said if _is_value(said) else None


def _another_sign(folded: Folded, start: int) -> str:
    """ "Không phải ho, mệt thôi": the one sign for the other; without "thôi" the second may be denied too."""
    tokens = folded.tokens
    stop = next((at for at in range(start, len(tokens)) if _ends_clause(tokens, at)), len(tokens))
    before, behind = _typed(folded, start, stop), _typed(folded, stop + 1, len(tokens))
    alone = any(token.text == _ALONE for token in tokens[stop:])
    said = symptoms.parse(behind) if alone and _is_sign(before) else None
    return behind if isinstance(said, Understood) and said.value.present else ""


def _is_behind(tokens: Sequence[Token], at: int) -> bool:
    """ "Không phải nam, là nữ"."""
    return _ends_clause(tokens, at) and tokens[at + 1].text == "la"


def _right_part(folded: Folded, start: int, end: int) -> str:
    """What is said to be right: X of "phải là X", "X chứ không phải Y", "nhầm X thành Y", "Y, X mới đúng"."""
    tokens = folded.tokens
    right = next((hit for hit in _IS_RIGHT.find(tokens) if hit.start > start), None)
    if right is not None:
        end = right.start
        start = max(start, _clause_after(tokens, end))
    rather = _rather(tokens[:end], start)
    if rather is not None:
        start = rather.end
    elif (became := _first(_BECAME, tokens[:end], start)) and _has_number(folded.since(became.end)):
        end = became.start
    over = _first(_INSTEAD, tokens[:end], start) or _instead_of_number(folded, start, end)
    if over is not None:
        end = over.start
    return _typed(folded, start, end)


def _instead_of_number(folded: Folded, start: int, end: int) -> Hit[bool] | None:
    found = _first(_OF_NUMBERS, folded.tokens[:end], start)
    return found if found and _has_number(_typed(folded, found.end, end)) else None


def _rather(tokens: Sequence[Token], start: int) -> Hit[bool] | None:
    return _first(_RATHER, tokens, start)


def _first(table: Phrases[bool], tokens: Sequence[Token], start: int) -> Hit[bool] | None:
    return next((hit for hit in table.find(tokens) if hit.start >= start and hit.exact), None)


def _past_small_talk(folded: Folded, also: Phrases[bool] | None = None) -> int:
    """The first token that is neither an interjection nor a form of address; `also` ends it early."""
    tokens, numbers = folded.tokens, spoken.numbered(folded)
    at = 0
    while at < len(tokens):
        if at in numbers or _BEGINS.at(tokens, at) or (also and also.at(tokens, at)) or _is_no(tokens, at):
            return at
        hit = _AROUND.at(tokens, at)
        if hit is None and tokens[at].text not in _ENDS_CLAUSE:
            return at
        at = hit.end if hit else at + 1
    return at


def _is_no(tokens: Sequence[Token], at: int) -> bool:
    """The "không" of "không phải là" belongs to it, and is no "no" before "phải là"."""
    return tokens[at].text == "khong" and at + 1 < len(tokens) and tokens[at + 1].text == "phai"


def _past(table: Phrases[bool], tokens: Sequence[Token], at: int) -> int:
    while at < len(tokens):
        hit = table.at(tokens, at)
        if hit is None and tokens[at].text not in _ENDS_CLAUSE:
            return at
        at = hit.end if hit else at + 1
    return at


def _clause_after(tokens: Sequence[Token], end: int) -> int:
    """Where the clause begins that ends at `end`."""
    marks = [at for at in range(end) if _ends_clause(tokens, at)]
    return marks[-1] + 1 if marks else 0


def _clause_before(tokens: Sequence[Token], start: int) -> int:
    """Where the clause ends that stands before the one at `start`; 0 when there is none."""
    return max((at for at in range(start) if _ends_clause(tokens, at)), default=0)


def _ends_clause(tokens: Sequence[Token], at: int) -> bool:
    """A comma between digits without a space is a decimal."""
    if tokens[at].text not in _ENDS_CLAUSE:
        return False
    inside = 0 < at < len(tokens) - 1
    tight = inside and tokens[at - 1].end == tokens[at].start and tokens[at].end == tokens[at + 1].start
    return not (tight and tokens[at - 1].text.isdigit() and tokens[at + 1].text.isdigit())


def _typed(folded: Folded, start: int, end: int) -> str:
    if start >= end:
        return ""
    return folded.clean[folded.tokens[start].start : folded.tokens[end - 1].end].strip(" ,.;:-!\n")


def _alike(said: str, other: str) -> bool:
    """Two numbers, or two genders."""
    if _has_number(said) and _has_number(other):
        return True
    return isinstance(gender.parse(said), Understood) and isinstance(gender.parse(other), Understood)


def _has_number(text: str) -> bool:
    return any(char.isdigit() for char in spoken.digits(fold(text)))


def _is_value(text: str) -> bool:
    """A number, a gender, a name or a place that is introduced as one."""
    if not text:
        return False
    named = bool(_NAMES_A_VALUE.find(fold(text).tokens))
    return named or _has_number(text) or isinstance(gender.parse(text), Understood)


def _is_sign(text: str) -> bool:
    said = symptoms.parse(text) if text else None
    return isinstance(said, Understood) or (isinstance(said, Unclear) and said.reason is Reason.NEGATED_LIST)
