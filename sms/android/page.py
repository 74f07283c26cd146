"""The page for whoever keeps the phone: what to open, and what to set. Pure: an SVG of A4, to be printed or shown."""

from __future__ import annotations

import io
from collections.abc import Iterator
from textwrap import wrap
from typing import Final
from xml.sax.saxutils import escape

import segno

from core.conversation.messages import N_
from core.conversation.wording import Words

APPLICATION: Final = "https://github.com/capcom6/android-sms-gateway/releases/latest"
"""Where the application is: its maker's page, from which Android installs it."""

_TITLE = N_("Điện thoại nhắn tin của trạm y tế")
_CALLS = N_("Địa chỉ mà ứng dụng gọi về:")
_STEPS = (
    N_("Quét mã này bằng chính điện thoại đó, tải và cài ứng dụng SMS Gateway for Android."),
    N_("Cho phép ứng dụng gửi và nhận tin nhắn, chạy trong nền và không bị tiết kiệm pin."),
    N_("Bật Cloud Server, bấm Offline cho thành Online. Báo tên và mật khẩu ở trang đầu cho người quản trị."),
    N_("Vào Settings, Webhooks, Signing Key: gõ khóa mà người quản trị đưa, hoặc báo khóa đang có."),
    N_("Vào Settings, Ping: đặt 300 giây."),
    N_("Cắm sạc, giữ mạng, giữ số dư. Không dùng SIM này cho việc riêng: tin đến SIM này là tin gửi trạm y tế."),
)
_MARGIN, _QR, _LINE, _WIDTH = 20, 60, 8, 68  # millimetres; characters a line


def code() -> segno.QRCode:
    """The application's address as a QR code, readable from a worn print."""
    return segno.make(APPLICATION, error="m", micro=False)


def terminal() -> str:
    """The code for a terminal, two rows a line."""
    out = io.StringIO()
    code().terminal(out=out, compact=True)
    return out.getvalue()


def page(hook: str, words: Words) -> str:
    """The whole page; `hook` is the address that the phone will call."""
    inner = code().svg_inline(border=4, omitsize=True)
    return "\n".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm" viewBox="0 0 210 297">',
            '<rect width="210" height="297" fill="#fff"/>',
            f'<text x="{_MARGIN}" y="30" font-size="9" font-weight="bold" font-family="sans-serif">'
            f"{escape(words.gettext(_TITLE))}</text>",
            f'<svg x="{_MARGIN - 6}" y="36" width="{_QR}" height="{_QR}">{inner}</svg>',
            f'<g font-size="5" font-family="sans-serif">{"".join(_lines(hook, words))}</g>',
            "</svg>",
            "",
        ]
    )


def _lines(hook: str, words: Words) -> Iterator[str]:
    y = 36 + _QR + 10
    for n, step in enumerate(_STEPS, start=1):
        for at, line in enumerate(wrap(words.gettext(step), _WIDTH)):
            yield _text(f"{n}. {line}" if at == 0 else line, _MARGIN if at == 0 else _MARGIN + 6, y)
            y += _LINE
        y += 2
    yield _text(words.gettext(_CALLS), _MARGIN, y)
    yield _text(hook, _MARGIN, y + _LINE)


def _text(text: str, x: int, y: int) -> str:
    return f'<text x="{x}" y="{y}">{escape(text)}</text>'
