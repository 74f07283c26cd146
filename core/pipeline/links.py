"""Linking in a batch: codes made and used, and the replies that tell of them. No statement where nobody links.

A code is written in the transaction that tells it. What a step links is noted when its replies are worded (`said`),
kept when the whole step is in order (`keep`), and done after everything else of the batch (`write`): a step that fails
links nothing. If the other contact is held by somebody else at that moment, nothing is done and the person is asked to
try again, so no two transactions wait for each other.

Whoever is linked is told on the other side as well, with how to undo it: a code can be talked out of somebody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from core.conversation.effects import AskLinkCode, PartLinks, SharePhone, TextLinkCode, UseLinkCode
from core.conversation.engine import Step
from core.conversation.messages import N_, Reply, Say
from core.database.shared import directory
from core.database.tables import addresses
from core.messaging.channel import MessageKind
from core.people import codes, contacts, join
from core.pipeline.cause import Cause
from core.pipeline.services import Services
from core.pipeline.visits import spoken

Where = tuple[str, str]
"""A channel and an address on it."""

Deed = Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Other:
    """The other side of a link: whose it is, and where they are told."""

    contact: UUID
    where: Where


class Links:
    """What one batch links. `held`: contacts that this transaction has locked already."""

    def __init__(self, connection: Connection, services: Services, held: Mapping[UUID, object], now: datetime) -> None:
        self._connection = connection
        self._services = services
        self._locked = set(held)
        self._now = now
        self._noted: list[Deed] = []
        self._kept: list[Deed] = []
        self._became: dict[UUID, UUID] = {}
        self._several: set[UUID] | None = None

    def said(self, made: Step, cause: Cause) -> Step:
        """The step with the replies to its links, before what it asks. Nothing is done yet."""
        self._noted = []
        wanted = [each for each in made.effects if type(each) in _TABLE]
        if not wanted:
            return made
        answers = [reply for each in wanted for reply in _TABLE[type(each)](self, each, cause)]
        return replace(made, replies=(*answers, *made.replies))

    def keep(self) -> None:
        """The step is in order: what it links will be done."""
        self._kept += self._noted
        self._noted = []

    def write(self) -> None:
        """Do what was kept, in its order."""
        for deed in self._kept:
            deed()

    def is_one_of_several(self, contact: UUID) -> bool:
        """Whether this contact has other addresses. Asked once for all of the batch."""
        if self._several is None:
            self._several = join.several(self._connection, sorted(self._locked))
        return contact in self._several

    def _ask(self, effect: AskLinkCode, cause: Cause) -> list[Reply]:
        message = cause.message
        where = (message.channel, message.address)
        code = codes.make(self._connection, cause.context.contact_id, where, self._now)
        sms = message.channel in self._services.sms
        return [_info(_CODE_BY_SMS if sms else _CODE_IN_CHAT, code=_spoken(code))]

    def _text(self, effect: TextLinkCode, cause: Cause) -> list[Reply]:
        message, contact, out = cause.message, cause.context.contact_id, self._services.sms_out
        if out is None:
            return [_info(_NO_SMS)]
        if effect.phone == message.address:
            return [_info(_ITSELF)]
        if not codes.may_text(self._connection, contact, effect.phone, self._now, self._services.sms):
            return [_info(_ENOUGH)]
        where = (message.channel, message.address)
        code = codes.make(self._connection, contact, where, self._now, effect.phone)
        said = Say(_TEXTED_CODE, {"code": _spoken(code)})
        # whoever holds that number may not be who asks for it: STOP ends this
        texted = Reply(said, MessageKind.REMINDER, to=(out.name, effect.phone))
        return [texted, _info(_TEXTED, phone=spoken(effect.phone))]

    def _use(self, effect: UseLinkCode, cause: Cause) -> list[Reply]:
        contact = cause.context.contact_id
        if not codes.may_try(self._connection, contact, self._now):
            return [_info(_TRIED)]
        found = codes.find(self._connection, effect.code, self._now)
        if found is None or (found.phone and found.contact_id != contact):
            codes.missed(self._connection, contact, self._now)
            return [_info(_UNKNOWN)]
        if found.phone:
            replies = self._own(found.phone, cause)
        elif self._is_one(found.contact_id, contact):
            return [_info(_ITSELF)]
        else:
            replies = self._join(_Other(found.contact_id, (found.channel, found.address)), cause)
        if self._noted:
            self._noted.append(lambda: codes.use_up(self._connection, effect.code, self._now))
        return replies

    def _share(self, effect: SharePhone, cause: Cause) -> list[Reply]:
        """Who holds a number that is known as somebody's proves it by a code: a provider may remember it wrongly."""
        owner = self._owner(effect.phone)
        if owner is None or self._is_one(owner.contact, cause.context.contact_id):
            return self._own(effect.phone, cause)
        return self._text(TextLinkCode(effect.phone), cause)

    def _part(self, effect: PartLinks, cause: Cause) -> list[Reply]:
        """Asked for on a phone, its chats go; asked for in a chat, that chat goes. The people stay with the phone."""
        here = (cause.message.channel, cause.message.address)
        contact = cause.context.contact_id
        if not self.is_one_of_several(contact):
            return [_info(_NOT_LINKED)]
        chats = join.chats_of(self._connection, contact, here) if here[0] in self._services.sms else []
        gone = chats or [here]
        self._noted.append(lambda: self._detach(contact, gone))
        return [_info(_PARTED)]

    def _detach(self, contact: UUID, gone: list[Where]) -> None:
        for channel, address in gone:
            join.detach(self._connection, channel, address, self._now)
        self._services.directory.forget(contact)

    def _owner(self, phone: str) -> _Other | None:
        """Whose that number is, if it ever wrote."""
        known = select(directory.c.contact_id, directory.c.channel).where(
            directory.c.address == phone, directory.c.channel.in_(self._services.sms)
        )
        row = self._connection.execute(known.order_by(directory.c.contact_id).limit(1)).one_or_none()
        return _Other(row.contact_id, (row.channel, phone)) if row else None

    def _own(self, phone: str, cause: Cause) -> list[Reply]:
        """They hold that phone: known already, or known as somebody else, or new."""
        contact, out, owner = cause.context.contact_id, self._services.sms_out, self._owner(phone)
        if owner is not None:
            if self._is_one(owner.contact, contact):
                return [_info(_JOINED)]
            return self._join(owner, cause)
        if out is None:
            return [_info(_NO_SMS)]
        cell = self._services.cell
        self._noted.append(lambda: join.add_phone(self._connection, contact, out.name, phone, cell))
        return [_info(_JOINED)]

    def _is_one(self, first: UUID, second: UUID) -> bool:
        return self._now_is(first) == self._now_is(second)

    def _now_is(self, contact: UUID) -> UUID:
        """Whose it is once all that was kept so far is done."""
        while contact in self._became:
            contact = self._became[contact]
        return contact

    def _join(self, other: _Other, cause: Cause) -> list[Reply]:
        first, writer = self._now_is(other.contact), self._now_is(cause.context.contact_id)
        missing = [each for each in (first, writer) if each not in self._locked]
        if len(contacts.lock(self._connection, missing, wait=False)) < len(missing):
            return [_info(_BUSY)]
        self._locked |= set(missing)
        self._noted.append(lambda: self._join_now(other.contact, cause.context.contact_id))
        return [_info(_JOINED), replace(_info(_JOINED_ELSEWHERE), to=other.where)]

    def _join_now(self, other: UUID, said_by: UUID) -> None:
        """The one with a telephone stays, for staff know people by it; else the older."""
        first, writer = self._now_is(other), self._now_is(said_by)
        if first == writer:
            return
        phones = select(addresses.c.contact_id).where(
            addresses.c.contact_id.in_([first, writer]), addresses.c.channel.in_(self._services.sms)
        )
        with_phone = set(self._connection.scalars(phones))
        kept = with_phone.pop() if len(with_phone) == 1 else min(first, writer)
        gone = writer if kept == first else first
        join.join(self._connection, kept, gone, writer, self._now)
        self._became[gone] = kept
        self._services.directory.forget(gone)


def _info(text: str, **params: str) -> Reply:
    return Reply(Say(text, params), MessageKind.INFO)


def _spoken(code: str) -> str:
    return f"{code[:4]} {code[4:]}"


_CODE_BY_SMS = N_("Mã: {code}. Đừng đưa ai. Trong 30 phút, nhắn LIEN KET {code} từ Zalo hoặc trang chat của mình.")
_CODE_IN_CHAT = N_(
    "Mã: {code}. Đừng đưa ai. Trong 30 phút, nhắn LIEN KET {code} từ điện thoại của mình. "
    "Hoặc nhắn vào đây LIEN KET và số điện thoại."
)
_TEXTED_CODE = N_("Mã nối số này: {code}. Nhắn LIEN KET {code} vào nơi đang chat. Không phải mình xin mã thì bỏ qua.")
_TEXTED = N_("Đã gửi mã đến số {phone}. Nhận được thì nhắn vào đây LIEN KET và mã đó.")
_JOINED = N_("Đã nối làm một. Từ nay nhắn từ nơi nào cũng được. Đang khai dở thì trả lời tiếp câu vừa hỏi.")
_JOINED_ELSEWHERE = N_("Nơi này vừa được nối với điện thoại hoặc nơi chat khác. Không phải mình thì nhắn HUY LIEN KET.")
_PARTED = N_("Đã bỏ nối. Từ nay nơi kia không xem và không trả lời thay được nữa.")
_NOT_LINKED = N_("Nơi này chưa nối với nơi nào. Muốn nối, nhắn LIEN KET.")
_ITSELF = N_("Đó là chính nơi đang nhắn. Xin nhắn mã từ nơi kia: điện thoại, Zalo hoặc trang chat.")
_UNKNOWN = N_("Mã đó chưa đúng hoặc đã quá 30 phút. Xin nhắn LIEN KET ở nơi kia để lấy mã mới.")
_TRIED = N_("Đã thử nhiều mã chưa đúng. Xin đợi một ngày, hoặc nhắn GOI để cán bộ y tế giúp.")
_ENOUGH = N_("Hôm nay đã gửi đủ mã rồi. Xin nhắn LIEN KET từ chính số điện thoại đó, hoặc thử lại ngày mai.")
_BUSY = N_("Chưa nối được vì nơi kia đang có tin. Xin nhắn lại sau một phút.")
_NO_SMS = N_("Ở đây chưa nhắn được SMS. Xin nhắn LIEN KET để lấy mã và nhắn mã đó từ nơi kia.")

_TABLE: Mapping[type, Callable[..., list[Reply]]] = {
    AskLinkCode: Links._ask,
    TextLinkCode: Links._text,
    UseLinkCode: Links._use,
    SharePhone: Links._share,
    PartLinks: Links._part,
}
