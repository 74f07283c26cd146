"""What THAM GIA and ROI need to look up, and their answers. Nothing is written here."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection

from core.conversation.answers import YES_NO
from core.conversation.messages import N_, Listed, Reply, Say
from core.conversation.volunteer_effects import AskToJoin, JoinOrganisation, LeaveOrganisations
from core.messaging.channel import MessageKind
from core.people import organisations
from core.people.organisations import Joining
from core.pipeline.cause import Cause


def ask(connection: Connection, effect: AskToJoin, cause: Cause) -> tuple[Reply, bool]:
    """What the organisation will see, and whether they join, by name where not one alone answers; or that there is none
    of that code (False)."""
    found, member = organisations.of_code(connection, effect.code), cause.context.member(effect.letter)
    if found is None:
        return _info(_NO_SUCH, code=effect.code), False
    if member is None or member == cause.context.alone(cause.others):
        say = Say(_MAY_COUNT, {"organisation": found[1]})
    else:
        say = Say(_MAY_COUNT_ONE, {"organisation": found[1], "person": member.called})
    return Reply(say, MessageKind.QUESTION, YES_NO), True


def join(connection: Connection, effect: JoinOrganisation, cause: Cause) -> tuple[Reply, Joining | None]:
    """Who joins what; None if it was closed meanwhile, or they are gone."""
    found, member = organisations.of_code(connection, effect.code), cause.context.member(effect.letter)
    if found is None or member is None:
        return _info(_NO_SUCH, code=effect.code), None
    joining = Joining(found[0], member.person_id, cause.context.contact_id, cause.inbound_id)
    return _info(_JOINED, organisation=found[1], code=effect.code), joining


def leave(connection: Connection, effect: LeaveOrganisations, cause: Cause) -> tuple[Reply, str, tuple[UUID, ...]]:
    """Who leaves what, by its code; nobody if it is not clear which, or they belong to none. Whom the phone's owner
    once declared leaves here only what they joined here."""
    others = [m.person_id for m in cause.context.members if cause.context.is_other(m, cause.others)]
    here = organisations.joined_on(connection, cause.context.contact_id, others) if others else frozenset()
    ids = (member.person_id for member in cause.context.members)
    people = tuple(id_ for id_ in ids if id_ not in others or id_ in here)
    theirs = organisations.of_people(connection, people) if people else ()
    named = [each for each in theirs if effect.code in ("", each[1])]
    if not named:
        return _info(_NO_MEMBER), "", ()
    if len(named) > 1:
        which = Listed(tuple(f"{code} {name}" for _, code, name in named))
        return Reply(Say(_WHICH, {"people": which, "code": named[0][1]}), MessageKind.INFO), "", ()
    _, code, name = named[0]
    return _info(_LEFT, organisation=name), code, people


def _info(text: str, **params: str) -> Reply:
    return Reply(Say(text, params), MessageKind.INFO)


_NO_SUCH = N_("Không có tổ chức nào mã {code}. Xin xem lại mã rồi nhắn THAM GIA và mã.")
_MAY_COUNT = N_(
    "{organisation} sẽ chỉ biết có bao nhiêu người đã khai, không biết ai, không thấy sức khỏe. Đồng ý tham gia không?"
)
_MAY_COUNT_ONE = N_(
    "{organisation} sẽ chỉ biết có bao nhiêu người đã khai, không biết ai, không thấy sức khỏe. "
    "{person} đồng ý tham gia không?"
)
_JOINED = N_("Đã tham gia {organisation}. Chỉ được đếm, không ai ở đó thấy tờ khai. Thôi: ROI {code}.")
_NO_MEMBER = N_("Máy này không có ai ở tổ chức đó. Tham gia: nhắn THAM GIA và mã.")
_WHICH = N_("Rời tổ chức nào? {people}. Xin nhắn ROI và mã, ví dụ ROI {code}.")
_LEFT = N_("Đã rời {organisation}, không được đếm ở đó nữa. Khai báo và theo dõi vẫn như cũ.")
