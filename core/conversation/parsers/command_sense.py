"""Whether the words of a command are meant as one: "gặp" is, "gặp bạn bè" and "đã gặp bác sĩ" answer a question."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from core.conversation.fold import Token
from core.conversation.lexicon import phrases
from core.conversation.parsers.phrases import Hit, Phrases, any_of

_words = partial(any_of, "commands")

_NOT = _words("not_wanted")
_DONE = _words("done")
_OVER = _words("over")
_PLACES = _words("places")
_OTHER_WORDS = _words("other_words")
_ALONE = _words("alone")
_STAFF = _words("staff")
_NO_EMERGENCY = _words("no_emergency")
_SMALL_TALK = Phrases(
    [
        *((phrase, True) for meaning in ("around", "after_alone") for phrase in phrases("commands", meaning)),
        *((phrase, True) for phrase in phrases("talk", "polite")),
    ]
)
_PARTICLES = Phrases([(phrase, True) for phrase in phrases("commands", "after_alone")])
_KIN = Phrases([(phrase, True) for phrase in phrases("talk", "kin")])
_MYSELF = frozenset({"toi", "tui", "em", "chau", "con", "minh"})
_STILL = frozenset({"cung", "van", "da", "se", "dang"})
_TO_WHOM = _words("to_whom")
_TO_OTHERS = _words("to_others")
_US = _words("us")
_NO_MORE = _words("no_more")
_NO_MORE_WORDS = _words("no_more_words")
_TOLD = _words("told_by_others")
_WHY = _words("asks_why")
_CLAUSE = frozenset(",.;:!?\n")
_BESIDE = 2
"""Words that may stand beside "no more texts", politeness aside, in a sentence that does not say "nữa"."""
_CALL, _YES_OR_DONE = "goi", "da"


def another_word(tokens: Sequence[Token], start: int) -> bool:
    """ "khai thác" begins like "khai"."""
    other = _OTHER_WORDS.at(tokens, start)
    return other is not None and other.exact


def needs_nothing_behind(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether these words ask for something only with small talk behind them."""
    alone = _ALONE.at(tokens, start)
    return alone is not None and alone.end == end


def small_talk(tokens: Sequence[Token], start: int, end: int, *, of_staff: bool, numbered: bool) -> bool:
    """Whether only particles and health workers are behind `end`; kin too, unless `of_staff`, and if `numbered` a
    number."""
    tables = (_SMALL_TALK, _STAFF) if of_staff and tokens[start].text != _CALL else (_SMALL_TALK, _STAFF, _KIN)
    at = end
    while at < len(tokens):
        hits = [hit for table in tables if (hit := table.at(tokens, at))]
        if not hits and (tokens[at].text.isalpha() or (tokens[at].text.isdigit() and not numbered)):
            return False
        at = max((hit.end for hit in hits), default=at + 1)
    return True


def denied(tokens: Sequence[Token], start: int) -> bool:
    """ "khong can gap bac si": a negator that ends where the phrase begins, or one word before."""
    return any(start - hit.end in (0, 1) for hit in _NOT.find(tokens[:start]))


def done(tokens: Sequence[Token], start: int) -> bool:
    """ "đã khai báo y tế". An unaccented "da" is a yes ("dạ") unless somebody is named before it."""
    return any(start - hit.end in (0, 1) and not _is_yes(tokens, hit.start) for hit in _DONE.find(tokens[:start]))


def over(tokens: Sequence[Token], end: int) -> bool:
    """ "khai báo rồi"."""
    return end < len(tokens) and _OVER.at(tokens, end) is not None


def _is_yes(tokens: Sequence[Token], at: int) -> bool:
    named = at > 0 and _KIN.at(tokens, at - 1) is not None
    return tokens[at].mark == _YES_OR_DONE and not named


def tells_where(tokens: Sequence[Token], start: int) -> bool:
    """ "tôi ở khu vực phong tỏa", "tôi là nhân viên y tế"."""
    return any(hit.end == start for hit in _PLACES.find(tokens[:start]))


def no_emergency(tokens: Sequence[Token], start: int) -> bool:
    """ "khoa cấp cứu"."""
    return start > 0 and _NO_EMERGENCY.at(tokens, start - 1) is not None


def of_oneself(tokens: Sequence[Token], start: int) -> bool:
    """ "tôi không cách ly" is no report of somebody else."""
    at = start - 1
    while at > 0 and tokens[at].text in _STILL:
        at -= 1
    return at >= 0 and tokens[at].text in _MYSELF


def to_another(tokens: Sequence[Token], end: int) -> bool:
    """ "khỏi nhắn tin cho bác sĩ": behind `end` stands who else needs no text. Who is only addressed ("... cho bà nữa",
    "bác sĩ ơi") is themselves, or us."""
    if _at(_TO_OTHERS, tokens, end):
        return True
    to = _at(_TO_WHOM, tokens, end)
    begin = to.end if to else end
    if to is None and not (end > 0 and _at(_TO_WHOM, tokens, end - 1)):
        staff = _at(_STAFF, tokens, end)
        return staff is not None and not _is(tokens, staff.end, "oi")
    if begin >= len(tokens) or _at(_NO_MORE, tokens, begin) or tokens[begin].text in _CLAUSE:
        return False
    if _at(_US, tokens, begin):
        return False
    kin = None if _at(_STAFF, tokens, begin) else _at(_KIN, tokens, begin)
    whose = kin is not None and kin.end - begin > 1 and tokens[kin.end - 1].text in _MYSELF  # "mẹ tôi"
    return kin is None or whose or not _ends(tokens, kin.end)


def no_more_texts(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether a sentence that holds such words asks for it: they are nearly all of it, or "nữa" is with them; and it
    tells neither what somebody else said, nor asks why nothing came."""
    first = next((at + 1 for at in range(start - 1, -1, -1) if tokens[at].text in _CLAUSE), 0)
    last = next((at for at in range(end, len(tokens)) if tokens[at].text in _CLAUSE), len(tokens))
    if _WHY.find(tokens[first:start]):
        return False
    told = (first + hit.start for hit in _TOLD.find(tokens[first:start]))
    if any(at == first or not _US.at(tokens, at - 1) for at in told):  # "tôi bảo đừng nhắn nữa" is one's own word
        return False
    if any(_NO_MORE.at(tokens, at) for at in range(start, last)):
        return True
    return _others(tokens, first, start) + _others(tokens, end, last) <= _BESIDE


def _ends(tokens: Sequence[Token], at: int) -> bool:
    """Whether nobody is named any more from there on: small talk, "nữa", and who is called to ("con ơi")."""
    if at >= len(tokens) or tokens[at].text in _CLAUSE:
        return True
    called = _at(_KIN, tokens, at)
    return bool(_at(_NO_MORE, tokens, at) or _at(_PARTICLES, tokens, at) or (called and _is(tokens, called.end, "oi")))


def _at(table: Phrases[bool], tokens: Sequence[Token], at: int) -> Hit[bool] | None:
    return table.at(tokens, at) if at < len(tokens) else None


def _is(tokens: Sequence[Token], at: int, word: str) -> bool:
    return at < len(tokens) and tokens[at].text == word


def _others(tokens: Sequence[Token], at: int, end: int) -> int:
    """How many words there say something else."""
    count = 0
    while at < end:
        hits = [hit for t in (_SMALL_TALK, _KIN, _STAFF, _NO_MORE_WORDS, _TO_WHOM, _US) if (hit := t.at(tokens, at))]
        count += not hits
        at = max((hit.end for hit in hits), default=at + 1)
    return count


def a_name(clean: str, tokens: Sequence[Token], start: int, end: int) -> bool:
    """ "anh Khai" is somebody's name; "em khai" and "EM KHAI" ask for it."""
    if end - start != 1 or start == 0 or _KIN.at(tokens, start - 1) is None:
        return False
    typed = clean[tokens[start].start : tokens[start].end]
    return typed.istitle() and not clean[tokens[start - 1].start : tokens[start - 1].end].isupper()
