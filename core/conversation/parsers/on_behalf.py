"""Whether KHAI is about somebody else: "KHAI HO", "khai giúp mẹ", "khai cho con". "Khai giúp tôi" is not."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from core.conversation.fold import Token, fold
from core.conversation.lexicon import phrases
from core.conversation.parsers.phrases import Phrases, any_of

_words = partial(any_of, "on_behalf")

_INSTEAD = _words("instead")
_FOR = _words("for")
_HELP = _words("help")
_SOMEBODY = _words("somebody")
_ONESELF = _words("oneself")
_EITHER = _words("either")
_COUGH_GOES_ON = _words("behind_a_cough")
_PLEASE = _words("please")
_RELATIVE = _words("relative")
_BEFORE = Phrases([(phrase, True) for phrase in phrases("talk", "polite")])
_ADDRESSED = any_of("talk", "polite", "kin")
_COUGH = "ho"  # "hộ" and the sign, without accents


def parse(rest: str) -> str | None:
    """What is said behind "hộ", "giúp", "cho"; None when the words after KHAI are not about somebody else."""
    folded = fold(rest)
    start = _about_another(folded.tokens)
    return None if start is None else folded.since(start)


def of_relative(text: str) -> bool:
    """Whether a report begins with somebody of the family: "vo toi sot" is not about who writes."""
    tokens = fold(text).tokens
    polite = _BEFORE.at(tokens, 0) if tokens else None
    start = polite.end if polite else 0
    return start < len(tokens) and _RELATIVE.at(tokens, start) is not None


def tells_of_relative(text: str) -> bool:
    """As `of_relative`, whoever is addressed first: "dạ cháu thưa bác sĩ bố cháu"."""
    tokens, at = fold(text).tokens, 0
    while at < len(tokens):
        if _RELATIVE.at(tokens, at) is not None:
            return True
        hit = _ADDRESSED.at(tokens, at)
        if hit is None:
            return False
        at = hit.end
    return False


def _about_another(tokens: Sequence[Token]) -> int | None:
    """The token where it begins whom, or what, it is about."""
    if not tokens:
        return None
    instead = _INSTEAD.at(tokens, 0)
    if instead is not None and instead.exact:
        return None if _is_cough(tokens) else instead.end
    for table, helped in ((_HELP, True), (_FOR, False)):
        hit = table.at(tokens, 0)
        if hit is not None and hit.exact:
            return hit.end if _somebody(tokens, hit.end, helped=helped) else None
    return None


def _is_cough(tokens: Sequence[Token]) -> bool:
    """ "KHAI ho, sot" tells signs."""
    return tokens[0].mark == _COUGH and len(tokens) > 1 and _COUGH_GOES_ON.at(tokens, 1) is not None


def _somebody(tokens: Sequence[Token], at: int, *, helped: bool) -> bool:
    """Whether another person follows. "Em" may be oneself: it is, behind "giúp" and before "với"."""
    if at >= len(tokens) or _PLEASE.at(tokens, at) is not None:
        return False
    if _SOMEBODY.at(tokens, at) is not None:
        return not _please_behind(tokens, at)
    if _ONESELF.at(tokens, at) is not None:
        return False
    either = _EITHER.at(tokens, at)
    if either is None:
        return tokens[at].text.isalpha()
    alone = either.end >= len(tokens) or _PLEASE.at(tokens, either.end) is not None
    return not (alone and (helped or either.end < len(tokens)))


def _please_behind(tokens: Sequence[Token], at: int) -> bool:
    """ "khai giúp con với": a child asks for help."""
    return tokens[at].text == "con" and at + 1 < len(tokens) and tokens[at + 1].text in ("voi", "di")
