"""Telegram's updates as our own types. Pure.

Only private chats count: in a group an answer about one's health would be read by others.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import phonenumbers
from telegram import CallbackQuery, Chat, ChatMemberUpdated, Contact, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType

from bot.telegram import PROFILE
from core.conversation.parsers import command
from core.conversation.understanding import Understood
from core.messaging.buttons import tapped
from core.messaging.channel import InboundMessage, Media
from core.messaging.ports import Change, Notice

log = logging.getLogger(__name__)

KINDS: Final = ("message", "edited_message", "callback_query", "my_chat_member")
"""What we ask Telegram for (`allowed_updates`)."""

_MEDIA: Final[Mapping[str, Media]] = {
    "voice": Media.VOICE,
    "audio": Media.VOICE,
    "animation": Media.VIDEO,  # before "document": it is one too
    "video": Media.VIDEO,
    "video_note": Media.VIDEO,
    "live_photo": Media.PHOTO,
    "photo": Media.PHOTO,
    "sticker": Media.STICKER,
    "dice": Media.STICKER,
    "location": Media.LOCATION,
    "contact": Media.CONTACT,
    "document": Media.FILE,
    "poll": Media.FILE,
    "checklist": Media.FILE,
    "game": Media.FILE,
    "story": Media.FILE,
    "paid_media": Media.FILE,
    "gift": Media.FILE,
    "invoice": Media.FILE,
    "passport_data": Media.FILE,
}
"""By the field of a message, in the order in which they are looked for. What is not here is news of the chat itself
(a pinned message, another picture), which nobody has to answer."""

_CHANGES: Final = {ChatMemberStatus.BANNED: Change.BLOCKED, ChatMemberStatus.MEMBER: Change.OPENED}
"""What the person did with us; BANNED is the library's word for "kicked"."""

_COMMAND = re.compile(r"/(?P<name>[A-Za-z0-9_]{1,64})(?:@[A-Za-z0-9_]+)?(?:\s+(?P<rest>.*))?", re.DOTALL)
_GREETING: Final = "xin chao"
_SLIP: Final = "nham, "
"""How people take back what they wrote: "nham, 38,5" (`core.conversation.parsers.correction`)."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one update means to us; empty if it concerns nobody. `callback`: the id of a tap that wants an answer."""

    message: InboundMessage | None = None
    notice: Notice | None = None
    callback: str = ""


@dataclass(frozen=True, slots=True)
class _Frame:
    """What each message of an update shares."""

    bot: str
    update: int
    now: datetime

    def message(self, chat: Chat, text: str, **more: Any) -> InboundMessage:
        id = more.pop("id", str(self.update))
        return InboundMessage(PROFILE.name, f"{self.bot}:{id}", str(_whole(chat.id)), text, self.now, **more)


def update_id(data: object) -> int | None:
    """Its number, the same on every retry; None if it has none."""
    found = data.get("update_id") if isinstance(data, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def heard(data: object, bot: str, now: datetime) -> Heard | None:
    """What the update means; None, and a log line with its number, if it cannot be read. Raises nothing.

    A message's external id is of the bot and the update: another bot's updates may have the same numbers. Photos of an
    album come one by one and are one message.
    """
    number = update_id(data)
    try:
        if number is None or not isinstance(data, dict):
            raise TypeError
        return _read(Update.de_json(data, None), _Frame(bot, number, now))
    except Exception as fault:  # whatever is wrong with it, a repeat would be as wrong, and hold up the whole chat
        log.warning("telegram: update %s cannot be read: %s", number, type(fault).__name__)
        return None


def _read(update: Update, frame: _Frame) -> Heard:
    if update.callback_query:
        return _tap(update.callback_query, frame)
    if update.my_chat_member:
        return _change(update.my_chat_member)
    if update.message:
        return _message(update.message, frame)
    if update.edited_message:
        return _edit(update.edited_message, frame)
    return Heard()


def _message(message: Message, frame: _Frame) -> Heard:
    if message.migrate_to_chat_id:
        old, new = str(_whole(message.chat.id)), str(_whole(message.migrate_to_chat_id))
        return Heard(notice=Notice(PROFILE.name, old, Change.MOVED, moved_to=new))
    if not _is_persons(message.chat, message.from_user):
        return Heard()
    text, phone = _words(message), _own_phone(message.contact, message.from_user)
    if phone:
        return Heard(frame.message(message.chat, text, phone=phone))
    media = next((kind for name, kind in _MEDIA.items() if getattr(message, name)), None)
    if media is None and message.text is None:
        return Heard()
    if message.media_group_id and not text:
        return Heard(frame.message(message.chat, text, media=media, id=f"album {message.media_group_id}"))
    return Heard(frame.message(message.chat, text, media=media, point=_point(message)))


def _point(message: Message) -> tuple[float, float] | None:
    """Where somebody said that they are: not a place that they looked up and sent on."""
    if message.location is None or message.venue is not None or message.forward_origin is not None:
        return None
    return float(message.location.latitude), float(message.location.longitude)


def _edit(message: Message, frame: _Frame) -> Heard:
    """Who changes what they wrote expects that it counts as they left it, in place of what stood there before.

    We were asked for nothing since, or for the next thing already: the new words alone would be taken for the answer to
    that. So they are handed in as a correction, "nham, 38,5", which the conversation reads with care: into the answer
    that they fit, or that answer is asked for again. A command is none of an answer ("KAHI" made "KHAI") and is taken
    as it stands. Of an edit without words nothing is heard: a shared position that moves is one, every few seconds.
    """
    text = _words(message)
    if not text or not _is_persons(message.chat, message.from_user):
        return Heard()
    if not isinstance(command.parse(text), Understood):
        text = _SLIP + text
    return Heard(frame.message(message.chat, text))


def _tap(query: CallbackQuery, frame: _Frame) -> Heard:
    """A tap is answered, or the button goes on blinking; it is heard if the button is ours, in a private chat."""
    if not query.message or not query.data or not _is_persons(query.message.chat, query.from_user):
        return Heard(callback=_text(query.id))
    answer, mark = tapped(_text(query.data))
    return Heard(frame.message(query.message.chat, answer, mark=mark), callback=_text(query.id))


def _change(said: ChatMemberUpdated) -> Heard:
    change = _CHANGES.get(ChatMemberStatus(said.new_chat_member.status)) if said.chat.type == ChatType.PRIVATE else None
    if change is None:
        return Heard()
    code = said.new_chat_member.status if change is Change.BLOCKED else ""
    return Heard(notice=Notice(PROFILE.name, str(_whole(said.chat.id)), change, code=code))


def _is_persons(chat: Chat, user: User | None) -> bool:
    return chat.type == ChatType.PRIVATE and user is not None and not user.is_bot


def _words(message: Message) -> str:
    """What they wrote; "/khai" and "/khai@our_bot" as "khai", a link's payload "vao_2468102" as "vao 2468102"."""
    text = _text(message.text or message.caption or "")
    found = _COMMAND.fullmatch(text.strip())
    if found is None:
        return text
    name, rest = found["name"], found["rest"] or ""
    if name.lower() == "start":
        return rest.replace("_", " ").strip() or _GREETING
    return f"{name.replace('_', ' ')} {rest}".strip()


def _own_phone(contact: Contact | None, user: User | None) -> str:
    """E.164, if they shared their own card: Telegram vouches for it. Its numbers come with and without "+"."""
    if contact is None or user is None or contact.user_id != user.id:
        return ""
    try:
        number = phonenumbers.parse(f"+{_text(contact.phone_number).removeprefix('+')}")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _whole(value: object) -> int:
    """The library checks no types. Raises TypeError if it is no number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
