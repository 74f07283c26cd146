"""A form's end: the record is written, shown, confirmed, corrected. It is written before it is confirmed:
somebody who never answers the summary has declared all the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from core.conversation import alarm, allowed
from core.conversation.answers import CONFIRMED
from core.conversation.context import Member
from core.conversation.effects import AlertKind, ConfirmRecord, RaiseAlert, SaveRecord, SettleWaiting
from core.conversation.form import VITALS, Answers, Form, Kind, Receipt
from core.conversation.ids import derived
from core.conversation.messages import N_, Param, Term
from core.conversation.session import IDLE, LastRecord, Stage
from core.conversation.summary import echo, summary
from core.conversation.turn import Turn
from core.messaging.channel import MessageKind

SHOWN = N_("{items}. Đúng thì nhắn OK. Sai thì nhắn SUA và số, ví dụ SUA 4.")
"""A summary: every answer under its number, to be confirmed or corrected."""

NUMBERS = ("temperature", *VITALS)
"""The answers that are numbers measured on a day."""

_FLAGS = frozenset({"guided", "on_behalf", "signs_said"})


def save(turn: Turn) -> None:
    """Write the record; then show all of it to be confirmed, or end with a receipt that echoes it."""
    form = turn.form
    write(turn)
    if form.summary:
        show(turn)
    else:
        end(turn)


def write(turn: Turn) -> None:
    """Write the record, and say nothing of it yet. Raises NotAllowed."""
    allowed.check(turn, turn.session.letter)
    form, member, old = turn.form, turn.member, turn.session.correcting
    record = _record(turn, form)
    alarm.finished(turn, record.answers)
    turn.do(_effect(turn, form, record, member))
    if form.call:
        _call(turn, AlertKind(form.call.kind), record, old)
    today = {each.letter: each for each in turn.session.together if turn.is_today(each.at)}
    if form.asks(Kind.NAME):
        rest = tuple(letter for letter in turn.session.others if letter != record.letter)
        turn.change(others=(*rest, record.letter) if record.on_behalf else rest)
    turn.change(last=record, together=tuple({**today, record.letter: record}.values()))


def write_measured(turn: Turn) -> None:
    """Write down numbers to which no signs were said yet, and again when they are corrected: of those who say no more
    they would be lost, and they would count as silent. Of a record that is corrected the signs stand meanwhile."""
    said, old = turn.session.answers, turn.session.correcting
    known = old.answers if old else {}
    if not only_measured(said) or (old and all(said.get(key) == known.get(key) for key in NUMBERS)):
        return
    turn.change(answers={**untouched(known, said), **said})
    write(turn)
    turn.change(answers=said, correcting=turn.session.last)


def only_measured(answers: Answers) -> bool:
    """Whether answers hold numbers that were measured, and nothing of signs."""
    return "signs" not in answers and any(answers.get(key) is not None for key in NUMBERS)


def untouched(before: Answers, values: Answers) -> Answers:
    """What a correction of the temperature leaves of the signs, and the other way round."""
    keys = ("temperature",) if "signs" in values else ("signs", "signs_gone")
    return {key: before[key] for key in keys if key in before}


def show(turn: Turn) -> None:
    """Show every answer of the last record under its number, to be confirmed or corrected."""
    last = turn.session.last
    assert last is not None  # noqa: S101 - called only after a record was written
    turn.change(stage=Stage.SUMMARY, pending="", options=(), misses=0, asked_at=turn.now)
    items = summary(turn.library.versions[last.form_hash], last.asked())
    turn.say(SHOWN, MessageKind.QUESTION, CONFIRMED, items=items)


def confirm(turn: Turn) -> None:
    """The person says that the summary is right."""
    last = turn.session.last
    assert last is not None  # noqa: S101 - the summary showed it
    turn.do(ConfirmRecord(last.root, last.version))
    end(turn)


def end(turn: Turn) -> None:
    """Send the receipt, and go idle."""
    last = turn.session.last
    assert last is not None  # noqa: S101 - written or confirmed just now
    form = turn.library.versions[last.form_hash]
    if form.receipt:
        _received(turn, form, form.receipt, last)
    elif form.summary:
        _declared(turn, last)
    else:
        _checked_in(turn, form, last)
    turn.change(**IDLE)


def _received(turn: Turn, form: Form, receipt: Receipt, last: LastRecord) -> None:
    """What the form's own receipt says."""
    worried = bool(last.answers.get("signs")) or form.calls(last.answers)
    text = receipt.worry if worried and receipt.worry else receipt.text
    params = {"name": str(last.answers.get("full_name", "")), "code": spoken(last.code)}
    turn.say(text, MessageKind.RECEIPT, (), **params, **_judged(turn, form, last.answers))


def _judged(turn: Turn, form: Form, answers: Answers) -> dict[str, Param]:
    """An assessment's score, what it means and when the next one is due."""
    if form.score is None:
        return {}
    score, band = form.score, form.score.band(answers)
    again = turn.today + timedelta(days=band.days)
    return {
        "score": f"{score.number(answers):g}{score.of}",
        "band": Term(band.label),
        "advice": Term(band.advice),
        "again": f"{again:%d/%m/%Y}",
    }


def _call(turn: Turn, kind: AlertKind, record: LastRecord, old: LastRecord | None) -> None:
    """The record's own alert takes the place of the one that waited for the form's end."""
    turn.do(SettleWaiting(kind, raise_now=False, letter=record.letter))
    if turn.form.calls(record.answers) and not (old and turn.form.calls(old.answers)):
        turn.do(RaiseAlert(kind, letter=record.letter))


def _declared(turn: Turn, last: LastRecord) -> None:
    if last.answers.get("signs"):
        text = N_("Đã nhận tờ khai của {name}. Mã: {code}. {unit} sẽ liên hệ. Nặng lên thì gọi 115.")
    else:
        text = N_("Đã nhận tờ khai của {name}. Mã: {code}. Có dấu hiệu mới, xin nhắn SK. Cảm ơn {you}.")
    turn.say(text, MessageKind.RECEIPT, name=str(last.answers.get("full_name", "")), code=spoken(last.code))


def _checked_in(turn: Turn, form: Form, last: LastRecord) -> None:
    said, code = echo(last.answers), spoken(last.code)
    member = turn.context.member(last.letter)
    if member is None or not member.name:
        turn.say(_OF_NOBODY, MessageKind.RECEIPT, echo=said, code=code)
    elif len(turn.context.members) > 1 or turn.context.home:
        turn.say(_OF_ONE, MessageKind.RECEIPT, name=member.called, echo=said, code=code)
    elif member.follow_up_until and (left := (member.follow_up_until - turn.today).days) > 0:
        turn.say(_FOLLOWED, MessageKind.RECEIPT, echo=said, code=code, left=left)
    else:
        turn.say(_PLAIN, MessageKind.RECEIPT, echo=said, code=code)


_OF_NOBODY = N_("Đã nhận: {echo}. Mã: {code}. Để trạm y tế biết {you} là ai và giúp, xin nhắn KHAI.")
_OF_ONE = N_("Đã nhận của {name}: {echo}. Mã: {code}. Sai thì nhắn SUA.")
_FOLLOWED = N_("Đã nhận: {echo}. Mã: {code}. Còn {left} ngày theo dõi. Sai thì nhắn SUA.")
_PLAIN = N_("Đã nhận: {echo}. Mã: {code}. Sai thì nhắn SUA. Cảm ơn {you}.")
_CALLED = N_("Đã nhận: {echo}. Mã: {code}. Cán bộ y tế sẽ gọi hôm nay. Nặng hơn thì gọi 115. Sai thì nhắn SUA.")
_ONE_CALLED = N_("Đã nhận của {name}: {echo}. Mã: {code}. Cán bộ y tế sẽ gọi hôm nay. Nặng hơn thì gọi 115.")

URGENT_RECEIPTS: Mapping[str, str] = {_FOLLOWED: _CALLED, _PLAIN: _CALLED, _OF_ONE: _ONE_CALLED}
"""What a check-in's receipt says instead where triage finds that a health worker has to call."""


def spoken(code: str) -> str:
    """A receipt's code in groups of three, to be read aloud: "412 738 605"."""
    return " ".join(code[i : i + 3] for i in range(0, len(code), 3))


def _record(turn: Turn, form: Form) -> LastRecord:
    """The next version of the record being corrected, or a new one. Its id comes from the message's: a replay
    makes the same record, not a second one."""
    old = turn.session.correcting
    return LastRecord(
        form_hash=form.hash,
        letter=turn.session.letter,
        root=old.root if old else derived(turn.inbound.id, f"{form.key}:{turn.session.letter}"),
        version=old.version + 1 if old else 1,
        code=old.code if old else turn.context.code,
        at=turn.now,
        answers=_kept(form, turn.session.answers),
        on_behalf=turn.session.on_behalf,
    )


def _kept(form: Form, answers: Answers) -> Answers:
    """The answers that belong to the record: no flags, and none to a question that a correction closed."""
    asked = {**answers, "guided": True}  # what was said unasked belongs to the record too
    closed = {key for q in form.questions if not q.applies(asked) for key in q.owned()}
    closed |= {q.detail for q in form.questions if q.detail and not answers.get(q.key)}
    kept = {k: v for k, v in answers.items() if k not in closed and k not in _FLAGS}
    if form.score:
        kept |= {"score": form.score.number(kept), "band": form.score.band(kept).value}
    return kept


def _effect(turn: Turn, form: Form, record: LastRecord, member: Member | None) -> SaveRecord:
    check = member.check if member and form.daily and not turn.session.correcting else None
    return SaveRecord(
        form=form.key,
        form_hash=form.hash,
        letter=record.letter,
        person_id=_person(turn, record, member),
        answers=record.answers,
        code=record.code,
        version=record.version,
        root=record.root,
        confirmed=not form.summary,
        on_behalf=record.on_behalf,
        legal_basis=_basis(form, member),
        check_id=check.id if check else None,
    )


def _person(turn: Turn, record: LastRecord, member: Member | None) -> UUID:
    """Who the record is about: a known member, or a person that this conversation makes (the same in every version)."""
    return member.person_id if member else derived(record.root, "person")


def _basis(form: Form, member: Member | None) -> str:
    if member and member.follow_up_until:
        return "duty"
    if form.daily and not (member and member.name):
        return "triage"
    return form.legal.basis
