"""What a message asks the program to do, if it is a command at all."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from core.conversation.fold import Folded, Token, fold
from core.conversation.lexicon import load, phrases
from core.conversation.parsers import command_sense as sense
from core.conversation.parsers import visit
from core.conversation.parsers.phrases import Hit, Phrases
from core.conversation.understanding import Reason, Unclear, Understood


class Command(StrEnum):
    """What a message can ask for. Values are stable: `khaibao understand command` prints them."""

    EMERGENCY = "emergency"
    STOP = "stop"
    VISIT = "visit"
    MY_DATA = "my_data"
    WRONG_NUMBER = "wrong_number"
    LANGUAGE = "language"
    ACCENTS = "accents"
    BACK = "back"
    CANCEL = "cancel"
    START = "start"
    CHECKIN = "checkin"
    HUMAN = "human"
    REPORT = "report"
    AREA = "area"
    STATUS = "status"
    CORRECT = "correct"
    HOURS = "hours"
    UNLINK = "unlink"
    LINK = "link"
    MENU = "menu"
    DECLARE = "declare"
    HELP = "help"


_BY_ORDER = tuple(Command)
"""When two fit equally well the earlier wins: what is urgent or cannot be undone by waiting comes first."""

_WORDS = load("commands").words


def _table(place: str) -> Phrases[Command]:
    named = [(f"{command}_{place}", command) for command in _BY_ORDER if f"{command}_{place}" in _WORDS]
    return Phrases([(phrase, command) for key, command in named for phrase in phrases("commands", key)])


_FIRST, _WHOLE, _ANYWHERE = _table("first"), _table("whole"), _table("anywhere")
_AROUND = Phrases(
    [(p, True) for p in (*phrases("commands", "around"), *phrases("talk", "kin"), *phrases("talk", "polite"))]
)
_OVER = frozenset({Command.HUMAN, Command.REPORT, Command.DECLARE, Command.CHECKIN})
"""Commands that are none with "rồi" behind."""

_OF_NOW = _OVER | {Command.EMERGENCY, Command.HELP}
"""Commands that are none with "đã" before; "đã nhận được tờ khai chưa" asks for the status."""

_MAY_ANSWER = Phrases([(phrase, True) for phrase in phrases("commands", "may_answer")])
_ASKS_WHETHER = "co"
"""Begins a question about a place named before it: "xã tôi có phải vùng dịch không"."""

_NUMBERED = frozenset({Command.STATUS})
_STEM = Phrases([(p, True) for p in ("khai", "khai báo", "khai báo y tế", "kb", "kbyt", "khai y tế", "kbao")])
_WITHOUT_ACCENTS = Phrases([(phrase, True) for phrase in phrases("commands", "without_accents")])
_LANGUAGES = Phrases(
    [
        *((phrase, "en") for phrase in phrases("commands", "language_en")),
        *((phrase, "vi") for phrase in phrases("commands", "language_vi")),
    ]
)


def parse(text: str) -> Understood[Command] | Unclear:
    """The command; `rest` are the words after it as typed ("SK 37,5 ho" -> "37,5 ho")."""
    folded = fold(text)
    if not folded.tokens:
        return Unclear(Reason.EMPTY)
    if visit.parse(text):
        return Understood(Command.VISIT, text)
    start = _start(folded.tokens)
    return _whole(folded.tokens, 0) or _said(folded, start) or _said(folded, 0) or _sentence(folded)


def may_answer(text: str) -> bool:
    """Whether a text that asks for no more texts may be meant for the question that is open: "tu choi"."""
    tokens = fold(text).tokens
    hits = (_MAY_ANSWER.at(tokens, at) for at in {0, _start(tokens)} if at < len(tokens))
    return any(hit is not None and hit.exact and _start(tokens[hit.end :]) + hit.end >= len(tokens) for hit in hits)


def before_stop(text: str) -> str:
    """What a sentence that asks for no more texts says before those words: "sot 39, dung nhan tin nua". What it says
    behind them is the command's `rest`."""
    folded, said = fold(text), parse(text)
    behind = said.rest if isinstance(said, Understood) else ""
    for hit in _anywhere(folded.tokens):
        if hit.meaning is Command.STOP and hit.exact and folded.since(hit.end) == behind:
            return folded.clean[: folded.tokens[hit.start].start].strip(" ,.;:-!\n")
    return ""


def language(text: str) -> str | None:
    """ "en" or "vi", when the text names one language."""
    named = {hit.meaning for hit in _LANGUAGES.find(fold(text).tokens)}
    return named.pop() if len(named) == 1 else None


def wants_accents(text: str) -> bool:
    """Whether messages are asked for with accents, of a text that is about accents."""
    return not _WITHOUT_ACCENTS.find(fold(text).tokens)


def _start(tokens: Sequence[Token]) -> int:
    """The first token that is neither politeness nor "I want"."""
    start = 0
    while start < len(tokens):
        hit = _AROUND.at(tokens, start)
        if hit is not None and _begins(tokens, start):
            return start
        if hit is None and tokens[start].text not in ("/", ",", ".", "!", "-", ":", "\n"):
            return start
        start = hit.end if hit else start + 1
    return start


def _begins(tokens: Sequence[Token], start: int) -> bool:
    """ "dạ sức khỏe hôm nay": politeness ends where a command begins, though its words are also filler."""
    hits = (_FIRST.at(tokens, start), _WHOLE.at(tokens, start))
    return any(hit is not None and hit.exact for hit in hits)


def _said(folded: Folded, start: int) -> Understood[Command] | None:
    """A command that is the whole message, or its first words."""
    tokens = folded.tokens
    if start >= len(tokens):
        return None
    whole = _whole(tokens, start)
    if whole is not None:
        return whole
    first = _FIRST.at(tokens, start)
    if first is None or not first.exact or not _ordered(tokens, first):
        return None
    if first.meaning is Command.DECLARE and sense.a_name(folded.clean, tokens, first.start, first.end):
        return None
    urgent = _urgent(tokens, first.end)
    return urgent or Understood(first.meaning, _rest(folded, first))


def _ordered(tokens: Sequence[Token], first: Hit[Command]) -> bool:
    """Whether a message that begins so asks for it: not "khai thác", "tôi là nhân viên y tế", "gặp bạn bè"."""
    if sense.another_word(tokens, first.start) or sense.tells_where(tokens, first.start):
        return False
    if _past(tokens, first) or (first.meaning is Command.STOP and sense.to_another(tokens, first.end)):
        return False
    if not sense.needs_nothing_behind(tokens, first.start, first.end):
        return True
    of_staff, numbered = first.meaning is Command.HUMAN, first.meaning in _NUMBERED
    return sense.small_talk(tokens, first.start, first.end, of_staff=of_staff, numbered=numbered)


def _whole(tokens: Sequence[Token], start: int) -> Understood[Command] | None:
    hit = _WHOLE.at(tokens, start)
    if hit is None or not hit.exact or _start(tokens[hit.end :]) + hit.end < len(tokens):
        return None
    if hit.meaning is Command.STOP and sense.to_another(tokens, hit.end):
        return None
    return Understood(hit.meaning)


def _urgent(tokens: Sequence[Token], start: int) -> Understood[Command] | None:
    """ "goi cap cuu" begins like a call to a nurse."""
    hits = [hit for hit in _ANYWHERE.find(tokens[start:]) if hit.meaning is Command.EMERGENCY]
    meant = any(not sense.no_emergency(tokens[start:], hit.start) for hit in hits)
    return Understood(Command.EMERGENCY) if meant else None


def _rest(folded: Folded, hit: Hit[Command]) -> str:
    """After KHAI HO the rest tells that it is for another, so only the stem is taken off."""
    if hit.meaning is Command.DECLARE:
        stems = (_STEM.at(folded.tokens, at) for at in range(hit.start, hit.end))
        return folded.since(next((stem.end for stem in stems if stem), hit.end))
    return folded.since(hit.end)


def _sentence(folded: Folded) -> Understood[Command] | Unclear:
    tokens = folded.tokens
    found = [hit for hit in _anywhere(tokens) if hit.exact and _meant(tokens, hit)]
    if not found:
        return Unclear(Reason.NOT_AN_ANSWER)
    best = min(found, key=lambda hit: _BY_ORDER.index(hit.meaning))
    return Understood(best.meaning, _rest(folded, best))


def _meant(tokens: Sequence[Token], hit: Hit[Command]) -> bool:
    """Not denied, not told of the past, no place, and a report is about somebody else."""
    if sense.denied(tokens, hit.start) or _past(tokens, hit):
        return False
    match hit.meaning:
        case Command.EMERGENCY:
            return not sense.no_emergency(tokens, hit.start)
        case Command.STOP:
            return not sense.to_another(tokens, hit.end) and sense.no_more_texts(tokens, hit.start, hit.end)
        case Command.REPORT:
            return not sense.of_oneself(tokens, hit.start)
        case Command.AREA:
            return tokens[hit.start].text == _ASKS_WHETHER or not sense.tells_where(tokens, hit.start)
    return True


def _past(tokens: Sequence[Token], hit: Hit[Command]) -> bool:
    """Whether it was done already."""
    if hit.meaning in _OVER and sense.over(tokens, hit.end):
        return True
    return hit.meaning in _OF_NOW and sense.done(tokens, hit.start)


def _anywhere(tokens: Sequence[Token]) -> list[Hit[Command]]:
    """Every phrase, also overlapping ones: a call for help may stand within a question."""
    hits = (_ANYWHERE.at(tokens, index) for index in range(len(tokens)))
    return [hit for hit in hits if hit is not None]
