"""Asking on for a place that was named in part: its province, its commune, or whether it is the likely one.

What was named stays in the session until the place is known, so nothing has to be typed twice.
"""

from __future__ import annotations

from collections import Counter

from core.conversation.form import Question
from core.conversation.messages import N_, Say, Term
from core.conversation.parsers.place import NO
from core.conversation.turn import Turn
from core.conversation.understanding import Choice, HalfPlace, Lacks, Reason
from core.conversation.wording import numbered
from core.messaging.channel import MessageKind

_MOST_PROVINCES = 6
_MOST_COMMUNES = 9
_PART = 160
"""What one SMS holds without accents, in characters of GSM-7."""
_LONGER = {"xã": 5, "đặc": 6}
""" "xã" is "commune" in English: so many characters more for a choice. A text is at most 16 longer."""
_TEXT_LONGER = 16


def goes_on(turn: Turn, half: HalfPlace) -> bool:
    """Whether a reply brought us nearer to the place: then it was no miss."""
    return len(half.kept) > len(turn.session.place)


def ask(turn: Turn, question: Question, half: HalfPlace) -> None:
    """Ask for what lacks, and keep what was named. Choices are numbered if all fit into one SMS."""
    options, say = _question(turn, question, half)
    if half.reason is Reason.NOT_FOUND and not options:
        say = Say(NOT_FOUND, {"hint": say})
    turn.change(place=half.kept, options=options, asked_at=turn.now)
    turn.say(_ALONE, MessageKind.QUESTION, short(options), hint=say)


def ask_again(turn: Turn, question: Question, sorry: str = "") -> bool:
    """Ask for what lacked last, after something else came in between. False if nothing was named yet.

    `sorry`: the text before it after a miss, where there is room.
    """
    if not turn.session.place:
        return False
    half = turn.library.read_unit("", turn.session.place)
    if not isinstance(half, HalfPlace):
        return False
    options, say = _question(turn, question, half)
    turn.change(options=options, asked_at=turn.now)
    turn.say(sorry if sorry and not options else _ALONE, MessageKind.QUESTION, short(options), hint=say)
    return True


def _question(turn: Turn, question: Question, half: HalfPlace) -> tuple[tuple[Choice, ...], Say]:
    """The choices that fit, and the text before them."""
    named = {**turn.facts(), "place": Term(half.place), "example": Term(half.example)}
    if half.lacks is Lacks.CERTAINTY:
        return (Choice(half.options[0].value, _YES), Choice(NO, _NO)), Say(_SURE, named)
    if half.lacks is Lacks.PROVINCE:
        fits = half.place and len(half.options) <= _MOST_PROVINCES and _fit(turn, _PROVINCE + half.place, half.options)
        return (half.options, Say(_PROVINCE, named)) if fits else ((), Say(_SOME_PROVINCE, named))
    options = half.options if half.place else _fitting(turn, half.options)
    if options and len(options) <= _MOST_COMMUNES and _fit(turn, CHOOSE, options):
        return options, Say(CHOOSE)
    if not half.place:
        return (), Say(question.hint, turn.facts())
    return (), Say(_ONE_OF_MANY if half.options else _COMMUNE, named)


def _fitting(turn: Turn, options: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """The likeliest of what somebody may have meant, as many as fit: they are not all there is anyway."""
    count = len(options)
    while count > 1 and not _fit(turn, CHOOSE, options[:count]):
        count -= 1
    return options[:count]


def _fit(turn: Turn, text: str, options: tuple[Choice, ...]) -> bool:
    """Whether a text with its choices is one SMS, by the length of the source text."""
    room = _PART - len(text + numbered(short(options)))
    if turn.session.language == "vi":
        return room >= 0
    return room >= _TEXT_LONGER + sum(_LONGER.get(each.label.split()[0], 0) for each in options)


def short(options: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """Communes of one province are told apart without it, the only one of a province by the province alone: nine of
    them then fit into one SMS. The summary shows the whole name."""
    parts = [option.label.rpartition(", ") for option in options]
    if not all(name for name, _, _ in parts):
        return options
    ends = Counter(end for _, _, end in parts)
    labels = [name if len(ends) == 1 else f"{name}, {end}" for name, _, end in parts]
    return tuple(Choice(option.value, label) for option, label in zip(options, labels, strict=True))


NOT_FOUND = N_("Tôi chưa tìm thấy tên này. {hint}")
_YES, _NO = N_("Đúng"), N_("Không")
_SURE = N_("Có phải {place} không?")
_PROVINCE = N_("{Place} ở tỉnh nào?")
_SOME_PROVINCE = N_("Nhiều tỉnh có {place}. Xin viết tên tỉnh, ví dụ: {example}.")
_COMMUNE = N_("Xã, phường nào ở {place}? Ví dụ: {example}.")
_ONE_OF_MANY = N_("{Place} nay có nhiều xã, phường. Xin viết tên xã hoặc phường, ví dụ: {example}.")
_ALONE = N_("{hint}")
CHOOSE = N_("Xin chọn số, hoặc viết rõ hơn:")
