"""Beginning a form: which one a text asks for, whom it is about, and what was said with it."""

from __future__ import annotations

from core.conversation import asking, checkins, misses, whose
from core.conversation.effects import AlertKind, RaiseAlert, SettleWaiting
from core.conversation.fold import words
from core.conversation.form import Kind
from core.conversation.messages import N_, Say
from core.conversation.session import FRESH, Stage
from core.conversation.turn import Turn
from core.conversation.understanding import Choice
from core.messaging.channel import MessageKind

DECLARATION = "declaration"
"""The form that KHAI alone begins."""

WHICH = N_("{You} muốn khai tờ nào?")
"""What is asked when several forms begin with the same words; their titles are offered behind it."""


def begun_by(turn: Turn, text: str) -> tuple[tuple[str, ...], str]:
    """The keys of the forms that a text's first words begin, and what follows them; no keys if it begins none."""
    said = tuple(words(text).split())
    openings = turn.library.openings
    sizes = sorted({len(phrase) for phrase in openings}, reverse=True)
    found = next((said[:size] for size in sizes if said[:size] in openings), ())
    return (openings[found], " ".join(text.split()[len(found) :])) if found else ((), text)


def open_form(turn: Turn, text: str) -> bool:
    """Begin the form that a text asks for by its words. False if there is none, or if it has to wait and was said
    beside something else."""
    keys, said = begun_by(turn, text)
    if not keys or (turn.session.busy and said):
        return False
    _speak_as_it_was_asked(turn, keys[0], text)
    if turn.session.busy and turn.session.trail:
        turn.say(N_("{You} đang khai dở, xin trả lời tiếp. Bỏ tờ khai này thì nhắn THOAT."))
        asking.ask_again(turn)
    elif len(keys) > 1:
        _ask_which(turn, keys, said)
    else:
        start(turn, keys[0], said)
    return True


def _speak_as_it_was_asked(turn: Turn, key: str, text: str) -> None:
    """Who never chose a language is asked in that of the words that begin the form: "danh gia", "safety"."""
    said = tuple(words(text).split())
    phrases = (phrase for phrase in turn.library.form(key).begin if _begins(said, phrase))
    longest = max(phrases, key=len, default="")
    if longest and not turn.session.chosen:
        turn.change(language="en" if longest.isascii() else "vi")


def _begins(said: tuple[str, ...], phrase: str) -> bool:
    begin = tuple(words(phrase).split())
    return said[: len(begin)] == begin


def _ask_which(turn: Turn, keys: tuple[str, ...], said: str) -> None:
    options = tuple(Choice(key, turn.library.form(key).title) for key in keys)
    turn.change(**FRESH)
    turn.change(stage=Stage.WHICH, held=said, options=options, asked_at=turn.now)
    turn.say(WHICH, MessageKind.QUESTION, options)


def ask_which_again(turn: Turn) -> None:
    """The reply picked none; signs in it are kept. At the third time a human is told."""
    count, options = turn.session.misses + 1, turn.session.options
    turn.change(misses=count, asked_at=turn.now)
    if checkins.reported(turn.text):
        asking.tell_of(turn, turn.text, "")
        turn.change(held=f"{turn.session.held}, {turn.text}" if turn.session.held else turn.text)
    if count == misses.BY_HUMAN:
        turn.do(RaiseAlert(AlertKind.MISUNDERSTOOD))
        turn.say(misses.CALLED, MessageKind.QUESTION, options, hint=Say(WHICH, turn.facts()))
    elif count <= misses.MOST:
        turn.say(N_("Xin chọn số, hoặc viết rõ hơn:"), MessageKind.QUESTION, options)


def start(turn: Turn, key: str, said: str) -> None:
    """Begin the current version of a form with what was said before; ask whom it is about if that is not clear."""
    form = turn.library.form(key)
    if form.asks(Kind.GATE) and not turn.library.open_gates(turn.today):
        turn.say(N_("Hiện nay không phải khai khi nhập cảnh. Muốn khai báo y tế, nhắn KHAI. Khẩn cấp gọi 115."))
    elif form.about == "writer":
        start_for(turn, key, _writer(turn), said)
    elif turn.context.named():
        whose.ask_who(turn, key, "")
        asking.hold(turn, said)
    else:
        unnamed = turn.context.members[0].letter if turn.context.members else turn.context.free_letter()
        start_for(turn, key, unnamed, said)


def _writer(turn: Turn) -> str:
    """Who writes: the first person here who was not declared by somebody else, or the phone's owner, who is new."""
    own = (member.letter for member in turn.context.members if not turn.is_other(member))
    return next(own, turn.context.free_letter())


def start_for(turn: Turn, key: str, letter: str, said: str) -> None:
    """Begin a form about the member of that letter, or about somebody else, with what was said before it."""
    another = letter == whose.NEW
    asking.begin(turn, key, turn.context.free_letter() if another else letter, on_behalf=another)
    if asking.hold(turn, said) and "" in turn.session.waiting:  # it is known now whose they are
        turn.do(SettleWaiting(AlertKind.UNFINISHED, raise_now=False, signs=turn.session.told))
        turn.change(waiting=tuple(letter for letter in turn.session.waiting if letter))
    asking.agree_or_ask(turn)
