"""Linking in a batch: codes made and used, and the replies that tell of them. No statement where nobody links.

A code is written in the transaction that tells it. Two contacts are joined in the transaction that says so, after
everything else of the batch: if the other one is held by somebody else at that moment, nothing is done and the person
is asked to try again, so no two transactions wait for each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from core.conversation.effects import AskLinkCode, SharePhone, TextLinkCode, UseLinkCode
from core.conversation.engine import Step
from core.conversation.messages import N_, Reply, Say, Term
from core.database.shared import directory
from core.database.tables import addresses
from core.messaging.channel import MessageKind
from core.people import codes, contacts, join
from core.pipeline.cause import Cause
from core.pipeline.services import Services


class Links:
    """What one batch links. `held`: contacts that this transaction has locked already."""

    def __init__(self, connection: Connection, services: Services, held: Mapping[UUID, object], now: datetime) -> None:
        self._connection = connection
        self._services = services
        self._locked = set(held)
        self._now = now
        self._joins: list[tuple[UUID, UUID]] = []

    def said(self, made: Step, cause: Cause) -> Step:
        """The step with the replies to its links, before what it asks."""
        wanted = [each for each in made.effects if type(each) in _TABLE]
        if not wanted:
            return made
        answers = [reply for each in wanted for reply in _TABLE[type(each)](self, each, cause)]
        return replace(made, replies=(*answers, *made.replies))

    def write(self) -> None:
        """Join what was found to be one."""
        for kept, gone in self._joins:
            join.join(self._connection, kept, gone)
            self._services.directory.forget(gone)

    def _ask(self, effect: AskLinkCode, cause: Cause) -> list[Reply]:
        message = cause.message
        code = codes.make(self._connection, cause.context.contact_id, (message.channel, message.address), self._now)
        sms = self._services.channels[message.channel].profile.sms
        return [_info(_CODE_BY_SMS if sms else _CODE_IN_CHAT, code=_spoken(code))]

    def _text(self, effect: TextLinkCode, cause: Cause) -> list[Reply]:
        message, contact = cause.message, cause.context.contact_id
        if self._services.sms_out is None:
            return [_info(_NO_SMS)]
        if effect.phone == message.address:
            return [_info(_ITSELF)]
        if not codes.may_text(self._connection, contact, effect.phone, self._now):
            return [_info(_ENOUGH)]
        code = codes.make(self._connection, contact, (message.channel, message.address), self._now, effect.phone)
        texted = replace(_info(_TEXTED_CODE, code=_spoken(code)), phone=effect.phone)
        return [texted, _info(_TEXTED, phone=effect.phone)]

    def _use(self, effect: UseLinkCode, cause: Cause) -> list[Reply]:
        contact = cause.context.contact_id
        found = codes.find(self._connection, effect.code, self._now)
        if found is None or (found.phone and found.contact_id != contact):
            return [_info(_UNKNOWN)]
        if found.phone:
            reply = self._own(found.phone, contact)
        elif found.contact_id == contact:
            return [_info(_ITSELF)]
        else:
            reply = self._join(found.contact_id, contact)
        if reply is not _BUSY:
            codes.use_up(self._connection, effect.code, self._now)
        return [_info(reply)]

    def _share(self, effect: SharePhone, cause: Cause) -> list[Reply]:
        return [_info(self._own(effect.phone, cause.context.contact_id))]

    def _own(self, phone: str, contact: UUID) -> str:
        """They hold that phone: known already, or known as somebody else, or new."""
        out = self._services.sms_out
        known = select(directory.c.contact_id).where(
            directory.c.address == phone, directory.c.channel.in_(self._services.sms)
        )
        owner = self._connection.scalars(known.order_by(directory.c.contact_id).limit(1)).first()
        if owner is not None:
            return _JOINED if owner == contact else self._join(owner, contact)
        if out is None:
            return _NO_SMS
        join.add_phone(self._connection, contact, out.name, phone, self._services.cell)
        return _JOINED

    def _join(self, first: UUID, second: UUID) -> str:
        """The one with a telephone stays, for staff know people by it; else the older."""
        missing = [each for each in (first, second) if each not in self._locked]
        if len(contacts.lock(self._connection, missing, wait=False)) < len(missing):
            return _BUSY
        self._locked |= set(missing)
        phones = select(addresses.c.contact_id).where(
            addresses.c.contact_id.in_([first, second]), addresses.c.channel.in_(self._services.sms)
        )
        with_phone = set(self._connection.scalars(phones))
        kept = with_phone.pop() if len(with_phone) == 1 else min(first, second)
        self._joins.append((kept, second if kept == first else first))
        return _JOINED


def _info(text: str, **params: str) -> Reply:
    return Reply(Say(text, {"you": Term(N_("bác")), **params}), MessageKind.INFO)


def _spoken(code: str) -> str:
    return f"{code[:4]} {code[4:]}"


_CODE_BY_SMS = N_("Mã: {code}. Trong 30 phút, nhắn LIEN KET {code} từ Zalo hoặc trang chat của mình để nối với số này.")
_CODE_IN_CHAT = N_(
    "Mã: {code}. Trong 30 phút, nhắn LIEN KET {code} từ điện thoại hay nơi chat khác để nối. "
    "Hoặc nhắn vào đây LIEN KET và số điện thoại."
)
_TEXTED_CODE = N_("Mã nối số này: {code}. Nhắn LIEN KET {code} vào nơi đang chat. Không phải mình xin mã thì bỏ qua.")
_TEXTED = N_("Đã gửi mã đến số {phone}. Nhận được thì nhắn vào đây LIEN KET và mã đó.")
_JOINED = N_("Đã nối làm một. Từ nay nhắn từ nơi nào cũng được. Đang khai dở thì trả lời tiếp câu vừa hỏi.")
_ITSELF = N_("Đó là chính nơi đang nhắn. Xin nhắn mã từ nơi kia: điện thoại, Zalo hoặc trang chat.")
_UNKNOWN = N_("Mã đó chưa đúng hoặc đã quá 30 phút. Xin nhắn LIEN KET ở nơi kia để lấy mã mới.")
_ENOUGH = N_("Hôm nay đã gửi đủ mã rồi. Xin nhắn LIEN KET từ chính số điện thoại đó, hoặc thử lại ngày mai.")
_BUSY = N_("Chưa nối được vì nơi kia đang có tin. Xin nhắn lại sau một phút.")
_NO_SMS = N_("Ở đây chưa nhắn được SMS. Xin nhắn LIEN KET để lấy mã và nhắn mã đó từ nơi kia.")

_TABLE: Mapping[type, Callable[..., list[Reply]]] = {
    AskLinkCode: Links._ask,
    TextLinkCode: Links._text,
    UseLinkCode: Links._use,
    SharePhone: Links._share,
}
