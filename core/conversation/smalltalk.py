"""Messages that report nothing and ask for nothing we have: a greeting, a thanks, a question, a text nobody can read.

Each gets an answer, the third in a row that was not understood brings a human, and after a few more we fall silent, so
that two machines never talk to each other for ever.
"""

from __future__ import annotations

import re
from datetime import timedelta

from core.conversation import asking, commands, misses, visits
from core.conversation.effects import AlertKind, RaiseAlert
from core.conversation.fold import fold
from core.conversation.lexicon import phrases
from core.conversation.messages import N_
from core.conversation.parsers.command import Command
from core.conversation.parsers.greeting import is_greeting, is_thanks
from core.conversation.parsers.phrases import Phrases
from core.conversation.session import Stage
from core.conversation.turn import Turn

_MOST = 5
_INFORMED = 10  # texts in a row that look like a command and end nowhere: two machines never talk for ever
_FORGOTTEN = timedelta(hours=1)
_CASES = re.compile(r"\bf ?[0-3]\b")  # "toi la F1": what the rules say of cases and their contacts
_ASKS = Phrases([(phrase, True) for phrase in phrases("talk", "question")])


def answer(turn: Turn) -> None:
    """Answer a message outside any form, but not for ever."""
    said, strays = fold(turn.text), count(turn)
    if strays > _MOST or turn.replies:
        return
    if is_thanks(turn.text):
        turn.say(_WELCOME)
    elif is_greeting(turn.text):
        turn.say(_GREETING)
    elif _CASES.search(said.text):
        turn.say(_CASE)
    elif strays == misses.BY_HUMAN:
        turn.do(RaiseAlert(AlertKind.MISUNDERSTOOD))
        turn.say(_HUMAN)
    elif _ASKS.find(said.tokens):
        turn.say(_QUESTION)
    elif not visits.ask_again(turn):
        commands.run(turn, Command.HELP, "")


def in_a_form(turn: Turn) -> bool:
    """Whether a greeting or a thanks came in place of an answer: no miss; the question comes again. Whom something is
    about is asked again elsewhere."""
    asked = turn.session.stage in (Stage.ASKING, Stage.LEGAL, Stage.SUMMARY)
    if not asked or not (is_greeting(turn.text) or is_thanks(turn.text)):
        return False
    if count(turn) <= _MOST:
        asking.ask_again(turn)
    return True


def count(turn: Turn) -> int:
    """How many texts in a row led nowhere, this one among them."""
    last = turn.session.asked_at
    strays = 1 if last is None or turn.now - last > _FORGOTTEN else turn.session.strays + 1
    turn.change(strays=strays, asked_at=turn.now)
    return strays


def ended_nowhere(turn: Turn, ordered: Command) -> None:
    """A machine's texts may look like commands ("we shall call back"). They are carried out, and after a while no
    longer answered, unless they begin or end something."""
    if turn.session.busy or ordered not in _INFORMS:
        turn.change(strays=0)
    elif count(turn) > _INFORMED:
        turn.replies.clear()


_INFORMS = frozenset(
    {
        Command.AREA,
        Command.HELP,
        Command.HUMAN,
        Command.LANGUAGE,
        Command.MENU,
        Command.MY_DATA,
        Command.REPORT,
        Command.STATUS,
    }
)
"""Commands that a form neither begins nor ends with."""

_WELCOME = N_("Dạ, cảm ơn {you}. Có dấu hiệu mới xin nhắn SK. Khẩn cấp gọi 115.")
_GREETING = N_(
    "{unit} xin chào {you}. Nhắn KHAI: khai báo y tế. SK: báo sức khỏe. GOI: gặp cán bộ y tế. Khẩn cấp gọi 115."
)
_CASE = N_("Nếu {you} mắc bệnh, hoặc đã gặp người bệnh, xin nhắn KHAI, hoặc GOI để gặp cán bộ y tế. Khẩn cấp gọi 115.")
_HUMAN = N_("Tôi vẫn chưa hiểu. {unit} sẽ gọi {you}. Khẩn cấp gọi 115.")
_QUESTION = N_("Tôi là máy, chưa trả lời được câu hỏi. Nhắn GOI để cán bộ y tế gọi lại. Khẩn cấp gọi 115.")
