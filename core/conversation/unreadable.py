"""Voice notes, pictures, stickers, empty texts: a kind answer that says what can be read, and a human before long."""

from __future__ import annotations

from collections.abc import Mapping

from core.conversation import asking, misses
from core.conversation.effects import AlertKind, RaiseAlert
from core.conversation.messages import N_
from core.conversation.turn import Turn
from core.messaging.channel import Media


def answer(turn: Turn) -> None:
    """Say what cannot be read, and ask the pending question again. At the third a human is told: whoever speaks instead
    of writing may not be able to write. Then we fall silent, as a machine may be at the other end."""
    count = turn.session.misses + 1
    if count == misses.BY_HUMAN:
        turn.do(RaiseAlert(AlertKind.MISUNDERSTOOD))
        turn.say(N_("Tôi chỉ đọc được chữ. {unit} sẽ gọi lại cho {you}. Khẩn cấp gọi 115."))
    elif count <= misses.MOST:
        turn.say(_TEXTS.get(turn.inbound.media, _FILE) if turn.inbound.media else _EMPTY)
    if count <= misses.BY_HUMAN:
        asking.ask_again(turn)
    turn.change(misses=count)


_EMPTY = N_("Tin của {you} không có chữ nào. Nhắn KHAI: khai báo y tế. SK: báo sức khỏe. GOI: gặp cán bộ y tế.")
_FILE = N_("Tôi là máy, chỉ đọc được chữ. Xin {you} viết bằng chữ, hoặc nhắn GOI để cán bộ y tế gọi lại.")
_PICTURE = N_(
    "Tôi là máy, không xem được hình. Xin {you} viết bằng chữ, đừng gửi ảnh giấy tờ. Muốn gặp người, nhắn GOI."
)
_TEXTS: Mapping[Media, str] = {
    Media.VOICE: N_(
        "Tôi là máy, không nghe được tiếng nói. Xin {you} viết bằng chữ, hoặc nhắn GOI để cán bộ y tế gọi lại."
    ),
    Media.PHOTO: _PICTURE,
    Media.VIDEO: _PICTURE,
}
