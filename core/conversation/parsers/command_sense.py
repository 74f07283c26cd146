"""Whether the words of a command are meant as one: "gặp" is, "gặp bạn bè" and "đã gặp bác sĩ" answer a question."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from core.conversation.fold import Token
from core.conversation.lexicon import phrases
from core.conversation.parsers.phrases import Phrases, any_of

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
_KIN = Phrases([(phrase, True) for phrase in phrases("talk", "kin")])
_MYSELF = frozenset({"toi", "tui", "em", "chau", "con", "minh"})
_STILL = frozenset({"cung", "van", "da", "se", "dang"})
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
