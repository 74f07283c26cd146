"""Corrections: SUA, and a message that takes back what was said just before without it ("khong, 38,5 moi dung").

The newer version supersedes the older one, which is kept. A value that may as well answer the question that is open is
never put into another answer unasked: that one is asked again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from core.conversation import asking, calling, checkins, household, letters, misses, records, whose
from core.conversation.answers import Asked, Read, read
from core.conversation.context import Member
from core.conversation.effects import AlertKind, RaiseAlert, SaveRecord
from core.conversation.fold import fold
from core.conversation.form import Kind, Question
from core.conversation.messages import N_, Say
from core.conversation.parsers import checkin, command, correction
from core.conversation.parsers.command import Command
from core.conversation.session import IDLE, LastRecord, Stage
from core.conversation.turn import Turn
from core.conversation.understanding import Reason, Unclear, Understood
from core.messaging.channel import MessageKind

_NUMBERED = re.compile(r"(?:so\s*)?(\d{1,2})\b[\s:.,=-]*(.*)", re.IGNORECASE | re.DOTALL)
_OF = re.compile(r"^(?:c[uủ]a|cho)\s+", re.IGNORECASE)
_ENDS_WITH_A = re.compile(r"\bA[ \t]*[:.,=-]?[ \t]*$")
_NOT_YET = N_("Chưa sửa được vì {you} đang khai dở. Xin trả lời tiếp, hoặc nhắn THOAT rồi SUA.")
_WHOSE = N_("{You} muốn sửa của ai?")
_FREE = (Kind.TEXT, Kind.NAME)
"""Questions that read any text as their answer."""


def run(turn: Turn, rest: str) -> bool:
    """SUA, and what follows it."""
    held, another = turn.session, _of_another(turn, rest)
    if held.stage is Stage.ASKING and held.trail and not another:
        _correct_answer(turn, rest)
        return True
    if held.last is None and not another:
        turn.say(N_("Chưa có gì để sửa. Nhắn KHAI để khai báo, SK để báo sức khỏe hôm nay."))
        return True
    asks_a_record_anew = held.correcting is not None and not held.trail
    if another or (held.stage in (Stage.ASKING, Stage.LEGAL) and not asks_a_record_anew):
        _beside_a_form(turn, rest)
        return True
    return _whose(turn, rest) or _correct_last(turn, rest)


def _of_another(turn: Turn, rest: str) -> bool:
    """Whether somebody else is named than the one whom the form going on is about."""
    held, members = turn.session, turn.context.members
    if held.stage not in (Stage.ASKING, Stage.LEGAL, Stage.SUMMARY) or len(members) < 2:
        return False
    found = household.reports(_OF.sub("", rest), members)
    return bool(found) and set(found) != {held.letter}


def _correct_answer(turn: Turn, rest: str) -> None:
    """The answer of the form whose label is said, or the last one. What anybody may write freely is no sign."""
    before, form = turn.session.answers, turn.form
    answered = [form.question(key) for key in reversed(turn.session.trail)]
    question, said = _labelled(answered, rest) or (answered[0], rest)
    if question.kind in _FREE and said == rest and isinstance(checkin.parse(rest), Understood):
        question = next((each for each in answered if each.kind is Kind.SIGNS), question)
    asking.reopen(turn, question.key)
    if not said or isinstance(asking.answer(turn, said, before), Unclear):
        asking.ask(turn, question)


def _beside_a_form(turn: Turn, rest: str) -> None:
    """Correct a record while a form is going on, which goes on then. A correction that had to ask waits until that is
    done: the form would be lost by it."""
    held, replies, effects = turn.session, len(turn.replies), len(turn.effects)
    if letters.of_strangers(turn, _OF.sub("", rest)):
        return
    if rest and not _whose(turn, rest):
        _correct_last(turn, rest)
    if rest and not (turn.session.busy and not any(isinstance(each, SaveRecord) for each in turn.effects[effects:])):
        checkins.resume(turn, held)
        return
    del turn.replies[replies:]
    turn.session = replace(held, waiting=turn.session.waiting)
    turn.say(_NOT_YET)
    asking.ask_again(turn)


def _whose(turn: Turn, rest: str) -> bool:
    """Where several people answer: turn to the one who is named, or after a text about several ask whose it is."""
    members = turn.context.members
    if _of_several(turn, rest):
        return True
    if len(members) < 2:
        return False
    letter, said = calling.first_named(_OF.sub("", rest), members)
    if letter:
        return _of_member(turn, letter, said)
    last, records_of = turn.session.last, _records(turn)
    at_once = [each for each in records_of.values() if last and each.code == last.code]
    if len(at_once) < 2:
        return False
    _ask_whose(turn, rest, tuple(m for m in members if m.letter in records_of))
    return True


def _of_several(turn: Turn, rest: str) -> bool:
    """Correct each whom a text tells of; where it is not clear who has what, nobody's record is changed."""
    said, members = _OF.sub("", rest), turn.context.members
    if letters.of_strangers(turn, said):
        return True
    found = household.reports(said, members) if len(members) > 1 else {}
    if len(found) > 1:
        turn.change(**IDLE)
        household.credit(turn, found, _records(turn))
    elif household.several_letters(said, members):
        turn.change(**IDLE)
        letters.ask_of_each(turn, said)
    else:
        return False
    return True


def told(turn: Turn) -> str:
    """What a text says without the words that take back what was said before."""
    ordered = command.parse(turn.text)
    if isinstance(ordered, Understood) and ordered.value is Command.CORRECT:
        return _OF.sub("", ordered.rest)
    said = correction.parse(turn.text)
    return _with_letter(turn, said.value) if isinstance(said, Understood) else turn.text


def _with_letter(turn: Turn, value: str) -> str:
    """ "Nham, A OK B SOT 39": in a text about several it is a letter, else it would be an "à"."""
    before, behind, _ = turn.text.partition(value)
    with_it = f"A {value}"
    meant = behind and _ENDS_WITH_A.search(before) and household.several_letters(with_it, turn.context.members)
    return with_it if meant else value


def _records(turn: Turn) -> dict[str, LastRecord]:
    """Today's records, by letter."""
    return {each.letter: each for each in turn.session.together}


def _of_member(turn: Turn, letter: str, said: str) -> bool:
    """The record of the one who is named; who has none today has nothing to correct, and is asked how they are."""
    record = _records(turn).get(letter)
    if record is None:
        checkins.start_for(turn, letter, said)
        return True
    turn.change(last=record)
    return _correct_last(turn, said)


def _ask_whose(turn: Turn, said: str, members: tuple[Member, ...]) -> None:
    options = whose.named(members)
    turn.change(**IDLE)
    asking.tell_of(turn, said, "")
    turn.change(stage=Stage.WHOSE, held=said, options=options, asked_at=turn.now)
    turn.say(_WHOSE, MessageKind.QUESTION, options)


def ask_whose_again(turn: Turn) -> None:
    """The reply picked nobody; at the third time a human is told, and the question is dropped: the record stands."""
    count, offered = turn.session.misses + 1, {option.value for option in turn.session.options}
    members = tuple(m for m in turn.context.members if m.letter in offered)
    held = turn.text if checkins.reported(turn.text) else turn.session.held
    if count < misses.BY_HUMAN:
        _ask_whose(turn, held, members)
        turn.change(misses=count)
        return
    turn.change(**IDLE)
    turn.do(RaiseAlert(AlertKind.MISUNDERSTOOD))
    turn.say(misses.HUMAN, MessageKind.INFO, hint=Say(N_("Muốn sửa, nhắn SUA và tên, ví dụ SUA B.")))


def picked(turn: Turn) -> bool:
    """Whether the reply says whose record was meant; it is corrected with what was said before, or is said now."""
    records_of = _records(turn)
    if _of_several(turn, turn.text):
        return True
    letter, said = calling.first_named(_OF.sub("", turn.text), turn.context.members)
    if letter not in records_of or not said:
        letter, said = whose.who(turn) or "", turn.session.held
    if letter not in records_of:
        return False
    turn.change(**IDLE)
    turn.change(last=records_of[letter])
    return _correct_last(turn, said)


def _correct_last(turn: Turn, rest: str) -> bool:
    if (numbered := _NUMBERED.fullmatch(rest)) and _fix(turn, int(numbered[1]), numbered[2]):
        return True
    if turn.form_of_last.daily or _tells_one_thing(turn):
        return _fix(turn, 1, rest)
    last = turn.session.last
    assert last is not None  # noqa: S101 - the caller looked
    shown = turn.form_of_last.shown(last.asked())
    labelled = _labelled(shown, rest)
    number, said = (shown.index(labelled[0]) + 1, labelled[1]) if labelled else _only_reader(turn, rest)
    if not number or not _fix(turn, number, said):
        records.show(turn)
    return True


def _tells_one_thing(turn: Turn) -> bool:
    """What was said in a report is corrected, not read out: it is about others."""
    last = turn.session.last
    return last is not None and len(turn.form_of_last.shown(last.asked())) == 1


def _labelled(questions: Sequence[Question], rest: str) -> tuple[Question, str] | None:
    """ "SUA ten Le Van Tam": the question of the label, and what follows it. None if it begins with none."""
    typed = rest.split()
    for question in questions:
        label = fold(question.label).text.split()
        for name in (label, label[-1:]):
            if name and fold(" ".join(typed[: len(name)])).text.strip(" :.,=-").split() == name:
                return question, " ".join(typed[len(name) :])
    return None


def _only_reader(turn: Turn, rest: str) -> tuple[int, str]:
    """ "SUA 38,5": the number of the one question that this answers. 0 if there is none, or several."""
    last = turn.session.last
    assert last is not None  # noqa: S101 - the caller looked
    form, answers = turn.form_of_last, last.asked()
    numbers = [
        number
        for number, question in enumerate(form.shown(answers), start=1)
        if question.kind not in _FREE and not isinstance(_as_answer(turn, question, rest), Unclear)
    ]
    return (numbers[0], rest) if len(numbers) == 1 else (0, "")


def _as_answer(turn: Turn, question: Question, text: str) -> Read | Unclear:
    """What the text says of a question of the last record."""
    return read(text, Asked(question, (), turn.library, turn.today, turn.form_of_last))


def _fix(turn: Turn, number: int, said: str) -> bool:
    """Ask the numbered question of the last record again, or take what was written behind the number."""
    last = turn.session.last
    assert last is not None  # noqa: S101 - the caller looked
    shown = turn.form_of_last.shown(last.asked()) or turn.form_of_last.questions[:1]  # of numbers without signs, none
    if not 1 <= number <= len(shown):
        return False
    question = shown[number - 1]
    reopen(turn, last, question)
    if not said or isinstance(asking.answer(turn, said, last.asked()), Unclear):
        asking.ask(turn, question)
    return True


def reopen(turn: Turn, record: LastRecord, question: Question | None = None) -> None:
    """Make a question of a record the pending one again, its answers forgotten; by default the form's first one."""
    turn.change(
        **{**IDLE, "stage": Stage.ASKING, "form": record.form_hash, "letter": record.letter},
    )
    turn.change(correcting=record, on_behalf=record.on_behalf, answers=record.asked())
    question = question or turn.form.questions[0]
    asking.forget(turn, question)
    turn.change(pending=question.key)


def taken_back(turn: Turn) -> bool:
    """Whether the message corrects an answer of the form that is going on, or the record of today."""
    said = correction.parse(turn.text)
    if isinstance(said, Unclear) and said.reason is not Reason.AMBIGUOUS:
        return False
    value = "" if isinstance(said, Unclear) else _with_letter(turn, said.value)
    if _of_another(turn, value):
        return run(turn, value)
    if turn.session.stage is Stage.ASKING and turn.session.trail:
        return _in_the_form(turn, value)
    return _is_of_the_record(turn) and run(turn, value)


def _is_of_the_record(turn: Turn) -> bool:
    """A reminder that came since asks for something else; what was said yesterday is not what they mean today."""
    last = turn.session.last
    if last is None or turn.session.stage not in (Stage.IDLE, Stage.SUMMARY) or turn.context.asked_after(last.at):
        return False
    return turn.is_today(last.at)


def _in_the_form(turn: Turn, value: str) -> bool:
    question = _meant(turn, value) if value else turn.form.question(turn.session.trail[-1])
    if question is None:
        return False
    certain = value and (question == turn.pending or not _reads(turn, turn.pending, value))
    before = turn.session.answers
    asking.reopen(turn, question.key)
    if not certain or isinstance(asking.answer(turn, value, before), Unclear):
        asking.ask(turn, question)
    return True


def _meant(turn: Turn, value: str) -> Question | None:
    """The question answered last of those that the new value answers; then those that were answered beside others."""
    trail, answers = turn.session.trail, turn.session.answers
    beside = (question for question in turn.form.questions if question.key in answers)
    answered = (*(turn.form.question(key) for key in reversed(trail)), *beside)
    return next((q for q in answered if _reads(turn, q, value)), None)


def _reads(turn: Turn, question: Question, value: str) -> bool:
    """Whether it answers the question. Of what anybody may write freely, a value of another kind is not the answer."""
    return question.kind not in _FREE and not isinstance(read(value, asking.asked(turn, question)), Unclear)
