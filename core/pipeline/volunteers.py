"""Volunteers in a batch: what is known of their work, the replies that need a look-up, and what is written.

No statement where nobody uses it: a contact is looked up only if a volunteer's word stands in one of its messages, if
it is at work already, or if a plain yes or no may answer a question about consent. What a step wants is noted when its
replies are worded (`said`), kept when the whole step is in order (`keep`), and done behind the batch's records
(`write`): a step that fails does nothing, and a message that is read again writes the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import Connection, Uuid, bindparam, exists, select
from sqlalchemy.dialects.postgresql import insert as upsert

from core.care.standing import day_of
from core.conversation.context import AskedConsent, Duty, given_name
from core.conversation.engine import Step
from core.conversation.ids import derived
from core.conversation.messages import N_, Listed, Param, Reply, Say
from core.conversation.parsers import volunteer as parser
from core.conversation.session import Joining, Serving, Session
from core.conversation.understanding import Choice
from core.conversation.volunteer_effects import (
    AnswerConsent,
    AnswerHandOver,
    AskConsent,
    AskForHome,
    AskToJoin,
    Enrol,
    FindHomes,
    HandOver,
    JoinOrganisation,
    LeaveOrganisations,
    NoteVisit,
    PassNeed,
    Resign,
    SpokenConsent,
    WithdrawConsents,
)
from core.database.households import assignments, handovers, household_visits, households, needs
from core.database.shared import directory
from core.messaging.channel import InboundMessage, MessageKind
from core.people import consents, duties, helping, volunteers, withdrawing
from core.people import households as homes
from core.people import organisations as members_of
from core.people.contacts import Locked
from core.people.volunteers import Wanted
from core.pipeline import organisations
from core.pipeline.cause import Cause
from core.pipeline.inbox import Arrived
from core.pipeline.services import Services

Deed = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Known:
    """What was looked up for a batch, by contact."""

    duties: Mapping[UUID, Duty]
    asked: Mapping[UUID, AskedConsent]


def who_helps(
    connection: Connection, services: Services, arrived: Iterable[Arrived], held: Mapping[UUID, Locked], now: datetime
) -> Known:
    """What the messages of volunteers, and of those who were asked for consent, need to know."""
    read = [(held[a.contact_id].session, a.message, a.contact_id) for a in arrived if a.contact_id in held]
    at_work = sorted({contact for session, message, contact in read if _concerns(session, message)})
    asked = sorted({contact for session, message, contact in read if _may_agree(session, message)})
    units = services.units().facts
    span = (day_of(now).start, now)
    return Known(
        duties.load_duties(connection, at_work, span, units) if at_work else {},
        consents.load_asked(connection, asked, now) if asked else {},
    )


def _concerns(session: Session, message: InboundMessage) -> bool:
    at_work = session.serving or session.unsure or session.served
    return bool(at_work) or parser.may_be_one(message.text)


def _may_agree(session: Session, message: InboundMessage) -> bool:
    """In a form a bare yes is its answer, but for a "dong y"."""
    said = message.text
    return parser.agrees(said) is not None and (not session.busy or parser.names_consent(said))


class Volunteering:
    """What one batch's volunteers do."""

    def __init__(self, connection: Connection, services: Services, now: datetime) -> None:
        self._connection = connection
        self._services = services
        self._now = now
        self._noted: list[Deed] = []
        self._kept: list[Deed] = []

    def said(self, made: Step, cause: Cause) -> Step:
        """The step with the replies that need a look-up, before what it asks. Nothing is done yet."""
        self._noted = []
        for effect in made.effects:
            if type(effect) in _TABLE:
                made = _TABLE[type(effect)](self, made, effect, cause)
        return made

    def keep(self) -> None:
        """The step is in order: what it wants will be done."""
        self._kept += self._noted
        self._noted = []

    def write(self) -> None:
        """Do what was kept, in its order."""
        for deed in self._kept:
            deed()

    def _note(self, deed: Callable[..., object], *args: object, **named: object) -> None:
        self._noted.append(partial(_do, partial(deed, self._connection, *args, **named)))

    def _enrol(self, made: Step, effect: Enrol, cause: Cause) -> Step:
        id_ = derived(cause.inbound_id, "volunteer")
        wanted = Wanted(id_, cause.context.contact_id, effect.name, effect.unit_code)
        self._note(volunteers.enrol, wanted, self._now)
        return made

    def _resign(self, made: Step, effect: Resign, cause: Cause) -> Step:
        self._note(volunteers.resign, _duty(cause).id, self._now)
        return made

    def _find(self, made: Step, effect: FindHomes, cause: Cause) -> Step:
        """Shown by number, so that the next message can take one up."""
        found = homes.find(self._connection, _duty(cause).unit_code, effect.said)
        if not found:
            return _with(made, _info(_NOT_FOUND))
        at = cause.message.received_at
        options = tuple(
            Choice(str(n), f"{one.label}, {one.hamlet}" if one.hamlet else one.label)
            for n, one in enumerate(found, start=1)
        )
        shown = Serving(at, at, shown=tuple(one.id for one in found))
        reply = Reply(Say(_WHICH), MessageKind.QUESTION, options)
        return replace(_with(made, reply), session=replace(made.session, serving=shown))

    def _ask_for_home(self, made: Step, effect: AskForHome, cause: Cause) -> Step:
        """Only of their own unit. It is theirs once somebody there agrees by text, or staff say so."""
        duty = _duty(cause)
        if homes.unit_of(self._connection, effect.home_id) != duty.unit_code:
            return _with(made, _info(_NOT_FOUND))
        people = homes.living(self._connection, effect.home_id)
        who = consents.to_ask(self._connection, effect.home_id, duty.id, list(people), self._now)
        to_ask = [each for each in who if each.contact_id and not each.asked]
        for each in to_ask:
            self._note(consents.ask, cause.inbound_id, duty.id, each, self._now)
        wish = helping.Wish(derived(cause.inbound_id, "wish"), duty.id, effect.home_id, duty.unit_code)
        self._note(helping.wish, wish, cause.message.received_at)
        asked = to_ask or any(each.asked for each in who)
        return _with(made, _info(_HOME_ASKED if asked else _HOME_BY_STAFF))

    def _ask(self, made: Step, effect: AskConsent, cause: Cause) -> Step:
        duty = _duty(cause)
        home = duty.home(effect.home_id)
        if home is None:
            return made
        called = {m.person_id: f"{m.letter} {given_name(m.name)}" for m in home.members if m.letter in home.without}
        who = consents.to_ask(self._connection, home.id, duty.id, list(called), self._now)
        reached = [each for each in who if each.contact_id and not each.asked]
        for each in reached:
            self._note(consents.ask, cause.inbound_id, duty.id, each, self._now)
        if lately := tuple(called[each.person_id] for each in who if each.contact_id and each.asked):
            made = _with(made, _info(_ASKED_LATELY, people=Listed(lately)))
        others = tuple(called[each.person_id] for each in who if not each.contact_id)
        if reached:
            made = _with(made, _info(_ASKED, people=Listed(tuple(called[each.person_id] for each in reached))))
        if others:
            letter = others[0].partition(" ")[0]
            made = _with(made, _info(_NO_PHONE, people=Listed(others), letter=letter))
        return made

    def _spoken(self, made: Step, effect: SpokenConsent, cause: Cause) -> Step:
        duty = _duty(cause)
        home = duty.home(effect.home_id)
        for member in home.members if home else ():
            if member.letter in effect.letters:
                self._note(consents.spoken, cause.inbound_id, duty.id, member.person_id, self._now)
        return made

    def _answer(self, made: Step, effect: AnswerConsent, cause: Cause) -> Step:
        self._note(consents.answer, cause.inbound_id, effect.consent_id, self._now, yes=effect.yes)
        return made

    def _withdraw(self, made: Step, effect: WithdrawConsents, cause: Cause) -> Step:
        self._note(withdrawing.withdraw, cause.context.contact_id, self._now)
        self._note(members_of.leave_all, cause.context.contact_id, self._now)
        return made

    def _ask_to_join(self, made: Step, effect: AskToJoin, cause: Cause) -> Step:
        reply, known = organisations.ask(self._connection, effect, cause)
        asked = Joining(effect.code, effect.letter, cause.message.received_at) if known else None
        return replace(_with(made, reply), session=replace(made.session, joining=asked))

    def _join(self, made: Step, effect: JoinOrganisation, cause: Cause) -> Step:
        reply, who = organisations.join(self._connection, effect, cause)
        if who:
            self._note(members_of.join, who, self._now)
        return _with(made, reply)

    def _leave(self, made: Step, effect: LeaveOrganisations, cause: Cause) -> Step:
        reply, code, people = organisations.leave(self._connection, effect, cause)
        if people:
            self._note(members_of.leave, people, self._now, code)
        return _with(made, reply)

    def _visit(self, made: Step, effect: NoteVisit, cause: Cause) -> Step:
        row = {"id": derived(cause.inbound_id, "home visit"), "household_id": effect.home_id}
        rest = {"volunteer_id": _duty(cause).id, "at": cause.message.received_at, "note": effect.note}
        self._note(_insert, household_visits, row | rest)
        return made

    def _need(self, made: Step, effect: PassNeed, cause: Cause) -> Step:
        duty = _duty(cause)
        home = duty.home(effect.home_id)
        unit = home.unit.code if home else duty.unit_code
        row = {"id": derived(cause.inbound_id, "need"), "household_id": effect.home_id, "unit_code": unit}
        rest = {"kind": effect.kind, "note": effect.note, "volunteer_id": duty.id, "at": cause.message.received_at}
        self._note(_insert, needs, row | rest)
        return made

    def _hand_over(self, made: Step, effect: HandOver, cause: Cause) -> Step:
        """The same words whether that number helps there or not: nobody learns who does."""
        duty = _duty(cause)
        known = select(directory.c.contact_id).where(
            directory.c.address == effect.phone, directory.c.channel.in_(self._services.sms)
        )
        contact = self._connection.scalar(known.order_by(directory.c.contact_id).limit(1))
        other = volunteers.by_contact(self._connection, contact, duty.unit_code) if contact else None
        if other and other != duty.id:
            row = {"id": derived(cause.inbound_id, "handover"), "household_id": effect.home_id}
            rest = {"from_id": duty.id, "to_id": other, "at": self._now}
            self._note(_insert, handovers, row | rest)
        return _with(made, _info(_OFFERED))

    def _take_over(self, made: Step, effect: AnswerHandOver, cause: Cause) -> Step:
        duty = _duty(cause)
        offers = self._connection.execute(_OFFERED_TO, {"to": duty.id}).all()
        if not offers:
            return _with(made, _info(_NO_OFFER))
        for offer in offers:
            self._note(volunteers.take_over, offer.id, self._now, yes=effect.yes)
        named = Listed(tuple(offer.label for offer in offers))
        return _with(made, _info(_TAKEN if effect.yes else _NOT_TAKEN, people=named))


def _do(deed: Callable[[], object]) -> None:
    deed()


def _insert(connection: Connection, table: object, row: Mapping[str, object]) -> None:
    connection.execute(upsert(table).values(row).on_conflict_do_nothing())  # type: ignore[arg-type]


def _duty(cause: Cause) -> Duty:
    assert cause.context.duty is not None  # noqa: S101 - only volunteers are understood so
    return cause.context.duty


def _with(made: Step, reply: Reply) -> Step:
    """Behind danger, before what is asked."""
    danger = tuple(each for each in made.replies if each.kind is MessageKind.DANGER)
    others = tuple(each for each in made.replies if each.kind is not MessageKind.DANGER)
    return replace(made, replies=(*danger, reply, *others))


def _info(text: str, **params: Param) -> Reply:
    return Reply(Say(text, params), MessageKind.INFO)


_still_has = exists().where(
    assignments.c.volunteer_id == handovers.c.from_id,
    assignments.c.household_id == handovers.c.household_id,
    assignments.c.to_at.is_(None),
)
_OFFERED_TO = (
    select(handovers.c.id, households.c.label)
    .join(households, households.c.id == handovers.c.household_id)
    .where(handovers.c.to_id == bindparam("to", type_=Uuid), handovers.c.answered_at.is_(None), _still_has)
    .where(handovers.c.told_at.is_not(None))
)
_NOT_FOUND = N_("Không thấy nhà nào ở xã mình với tên đó. Xin thử tên khác, ví dụ TIM MAY.")
_WHICH = N_("Nhà nào? Xin chọn số.")
_HOME_ASKED = N_("Đã hỏi nhà đó qua máy của họ. Họ đồng ý thì nhà hiện trong DANH SACH.")
_HOME_BY_STAFF = N_("Nhà đó không có máy để hỏi. Trạm y tế sẽ xem và giao nếu được.")
_ASKED = N_("Đang hỏi qua máy của họ: {people}. Họ đồng ý thì báo được.")
_ASKED_LATELY = N_("{people} được hỏi gần đây rồi, chưa hỏi lại được. Xin đợi họ trả lời.")
_NO_PHONE = N_("{people} không có máy để hỏi: xin hỏi miệng. Họ đồng ý thì nhắn DONG Y MIENG {letter}.")
_OFFERED = N_("Nếu số đó là tình nguyện viên của xã thì sẽ được hỏi. Họ nhận thì nhà mới chuyển.")
_NO_OFFER = N_("Chưa có nhà nào được bàn giao cho mình. Xem các nhà: DANH SACH.")
_TAKEN = N_("Đã nhận: {people}. Xem các nhà: DANH SACH.")
_NOT_TAKEN = N_("Đã ghi: không nhận {people}.")

_TABLE: Mapping[type, Callable[..., Step]] = {
    Enrol: Volunteering._enrol,
    Resign: Volunteering._resign,
    FindHomes: Volunteering._find,
    AskForHome: Volunteering._ask_for_home,
    AskConsent: Volunteering._ask,
    SpokenConsent: Volunteering._spoken,
    AnswerConsent: Volunteering._answer,
    WithdrawConsents: Volunteering._withdraw,
    NoteVisit: Volunteering._visit,
    PassNeed: Volunteering._need,
    HandOver: Volunteering._hand_over,
    AnswerHandOver: Volunteering._take_over,
    AskToJoin: Volunteering._ask_to_join,
    JoinOrganisation: Volunteering._join,
    LeaveOrganisations: Volunteering._leave,
}
