"""The pages under /chat: one conversation for each browser, by forms and links alone; JavaScript only makes it smooth.

A browser is known by a signed cookie with a random id, which is its address. Each form carries a ticket: signed, for
this browser alone, with an id of its own. So no other site can write in somebody's name, and a form that is sent twice
with the same words is one message. Nothing is stored before somebody writes. An answer to a form means that its message
is kept: committed, or in the spool while the database is away.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.wrappers import Response as Answer

from bot.web import PROFILE, share
from bot.web.config import WebConfig
from bot.web.screen import Screen, read
from core.care.rules import in_force
from core.clock import VIETNAM
from core.conversation.messages import N_
from core.conversation.parsers import danger
from core.database.engine import is_away
from core.messaging.buttons import tapped
from core.messaging.channel import InboundMessage, Status, StatusReport
from core.messaging.ports import Ports

COOKIE: Final = "chat"
MOST_TEXT: Final = 1000  # characters; the longest that we understand is a family's check-in
_KEPT: Final = 30 * 24 * 3600  # seconds since it was last used: longer than a follow-up
_BY_BROWSER = RateLimitItemPerMinute(20)
_BY_NETWORK = RateLimitItemPerMinute(600)
"""A whole village may stand behind one address of its operator."""

_EMPTY = N_("Xin viết tin hoặc bấm một nút.")
_TOO_LONG = N_("Tin dài quá. Xin viết ngắn hơn.")
_TOO_MANY = N_("Nhiều tin quá trong một phút. Xin đợi một chút. Nếu nguy hiểm, gọi 115 ngay.")
_NO_COOKIE = N_("Xin cho phép trang này lưu cookie, rồi gửi lại: không có nó thì không nhớ được câu hỏi đang hỏi.")


@dataclass(frozen=True, slots=True)
class Chat:
    """What the pages work with. `secret` signs cookies and tickets; `is_secure`: reached by https alone.

    `language`: of the page that is shown.
    """

    config: WebConfig
    ports: Ports
    engine: Engine
    secret: str
    is_secure: bool
    now: Callable[[], datetime]
    language: Callable[[], str]


class _Refused(Exception):
    """What was sent cannot be taken; its argument is a source text that says why. Nothing of it is lost: `text` is
    shown again.
    """

    def __init__(self, why: str, status: int, text: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.status = status
        self.text = text


def blueprint(chat: Chat) -> Blueprint:
    """All under /chat."""
    pages = Blueprint("web_chat", __name__, url_prefix="/chat", static_folder="static", template_folder="templates")
    signer = URLSafeSerializer(chat.secret, salt="web chat")
    limiter = FixedWindowRateLimiter(MemoryStorage())

    @pages.get("")
    def page() -> Response:
        return _page(chat, signer, text=request.args.get("say", "")[:MOST_TEXT])

    @pages.post("")
    def send() -> Answer:
        browser, message = _message(chat, signer)
        passed = limiter.hit(_BY_BROWSER, browser) and limiter.hit(_BY_NETWORK, request.remote_addr or "")
        if not passed and not _is_danger(message.text, chat.now()):
            raise _Refused(_TOO_MANY, 429, request.form.get("text", ""))
        chat.ports.accept([message])
        return redirect(url_for(".page", _anchor="answer"), 303)

    @pages.post("/forget")
    def forget() -> Answer:
        browser = _browser(signer)
        if browser:
            _number(signer, browser, "")
        answer = redirect(url_for(".page"), 303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=chat.is_secure)
        return answer

    @pages.get("/messages")
    def messages() -> Response:
        return _messages(chat, signer)

    @pages.get("/share")
    def shared() -> str:
        return render_template("web_share.html", **share.page(chat.config.public_url or request.host_url.rstrip("/")))

    @pages.errorhandler(_Refused)
    def refuse(refused: _Refused) -> Response:
        return _page(chat, signer, text=refused.text, why=refused.why, status=refused.status)

    return pages


def _is_danger(text: str, now: datetime) -> bool:
    """Who is in danger is heard in any case."""
    limits = in_force(now.astimezone(VIETNAM).date()).limits
    return bool(danger.find(text, limits).present)


def _page(chat: Chat, signer: URLSafeSerializer, *, text: str = "", why: str = "", status: int = 200) -> Response:
    """The conversation. While the database is away it is empty and says so; what is written is kept all the same."""
    browser = _browser(signer)
    screen = _screen(chat, browser)
    known = browser or secrets.token_hex(16)
    ticket = _ticket(signer, known)
    shown = screen or Screen()
    said = {"text": text, "why": why, "most": MOST_TEXT, "away": screen is None}
    body = render_template("web_chat.html", screen=shown, ticket=ticket, **said)
    answer = Response(body, status)
    signed = signer.dumps(["browser", known])
    answer.set_cookie(COOKIE, signed, max_age=_KEPT, httponly=True, samesite="Lax", secure=chat.is_secure)
    return answer


def _messages(chat: Chat, signer: URLSafeSerializer) -> Response:
    """The lines as HTML, for the script of the page; 204 while there are as many as it has (`after`), 503 while the
    database is away."""
    browser = _browser(signer)
    screen = _screen(chat, browser)
    if screen is None:
        return Response(status=503)
    if request.args.get("after") == str(screen.count):
        return Response(status=204)
    lines, choices = (render_template(f"web_{part}.html", screen=screen) for part in ("lines", "choices"))
    ticket = _ticket(signer, browser) if browser else ""
    return jsonify(count=screen.count, lines=lines, choices=choices, ticket=ticket)


def _screen(chat: Chat, browser: str | None) -> Screen | None:
    """What is to be shown; None while the database is away."""
    try:
        return _seen(chat, browser) if browser else Screen()
    except (DBAPIError, PoolTimeout) as fault:
        if not is_away(fault):
            raise
        return None


def _seen(chat: Chat, browser: str) -> Screen:
    """The conversation, of which it is noted that it was shown."""
    screen = read(chat.engine, browser)
    shown = [
        StatusReport(PROFILE.name, str(line.id), Status.DELIVERED, message_id=line.id)
        for line in screen.lines
        if line.unseen
    ]
    if shown:
        chat.ports.report(shown)
    return screen


def _message(chat: Chat, signer: URLSafeSerializer) -> tuple[str, InboundMessage]:
    """The browser, and what its person wrote or tapped."""
    text, tap = request.form.get("text", "").strip(), request.form.get("tap", "")
    browser = _browser(signer)
    if browser is None:
        raise _Refused(_NO_COOKIE, 400, text)
    said, mark = tapped(tap) if tap else (text, "")
    if not said:
        raise _Refused(_EMPTY, 400)
    if len(said) > MOST_TEXT:
        raise _Refused(_TOO_LONG, 400, said)
    words = hashlib.blake2s(said.encode("utf-8", "replace"), digest_size=6).hexdigest()
    external_id = f"{_number(signer, browser, text)}:{words}"
    speaks = chat.language()
    return browser, InboundMessage(PROFILE.name, external_id, browser, said, chat.now(), mark=mark, language=speaks)


def _ticket(signer: URLSafeSerializer, browser: str) -> str:
    """For one message of this browser."""
    return str(signer.dumps(["ticket", browser, str(uuid4())]))


def _number(signer: URLSafeSerializer, browser: str, text: str) -> UUID:
    """The form's own id. A ticket of another browser, or none: the page is shown again with what was written."""
    try:
        kind, whose, number = signer.loads(request.form.get("ticket", ""))
    except (BadSignature, ValueError):
        raise _Refused(_NO_COOKIE, 403, text) from None
    if (kind, whose) != ("ticket", browser):
        raise _Refused(_NO_COOKIE, 403, text)
    return UUID(number)


def _browser(signer: URLSafeSerializer) -> str | None:
    """The id in the cookie, if we signed it."""
    try:
        kind, browser = signer.loads(request.cookies.get(COOKIE, ""))
    except (BadSignature, ValueError):
        return None
    return str(browser) if kind == "browser" else None
