"""The simulator's page and what its phones send. Only a demo serves it: whoever opens it holds every phone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from flask import Blueprint, Request, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from core.conversation.messages import N_
from core.conversation.wording import Words
from core.messaging.channel import InboundMessage
from sms.phone import PROFILE, numbers
from sms.phone.faults import NAMES, Fault
from sms.phone.screen import Screens
from sms.phone.view import clock_json, screen_json

MOST_SECONDS: Final = 31 * 24 * 3600
"""How far one move of the clock may go: past every quarantine."""

_NOT_MADE_UP = N_("Chỉ dùng được số bịa từ 0900 000 000 đến 0900 000 099, để không nhắn nhầm số của ai.")
_NOT_A_MESSAGE = N_("Tin nhắn phải có chữ và không được dài quá.")
_NOT_FORWARD = N_("Đồng hồ chỉ đi tới, mỗi lần không quá 31 ngày.")
_NOT_FROM_HERE = N_("Yêu cầu này không đến từ trang điện thoại giả lập.")


@dataclass(frozen=True, slots=True)
class MadeUp:
    """A made-up person with a phone. `number` is E.164; `name` and `story` are source texts."""

    number: str
    name: str
    story: str


@dataclass(frozen=True, slots=True)
class Simulator:
    """What the simulator works with.

    `accept` keeps messages and returns when they are kept. `move_clock` takes seconds, commits, returns
    when every process sees it, and raises ValueError if they are not above zero. `words` are those of the
    current request.
    """

    accept: Callable[[Sequence[InboundMessage]], None]
    screens: Screens
    now: Callable[[], datetime]
    move_clock: Callable[[int], None]
    words: Callable[[], Words]
    people: tuple[MadeUp, ...]


class _Refused(Exception):
    """The request cannot be served; its argument is a source text that says why to the person."""

    def __init__(self, why: str, status: int = 400) -> None:
        super().__init__(why)
        self.why = why
        self.status = status


def blueprint(simulator: Simulator) -> Blueprint:
    """All under /phone. Its POSTs are JSON from its own page alone, so no other page can send as somebody."""
    phone = Blueprint("phone", __name__, url_prefix="/phone", static_folder="static", template_folder="templates")

    @phone.get("")
    def page() -> Answer | str:
        return _page(simulator)

    @phone.get("/messages")
    def messages() -> Response:
        return _messages(simulator)

    @phone.post("/messages")
    def send() -> Response:
        simulator.accept([_inbound(_own(request), simulator.now())])
        return jsonify(kept=True)

    @phone.post("/fault")
    def fault() -> Response:
        _fail(simulator, _own(request))
        return jsonify(kept=True)

    @phone.post("/clock")
    def clock() -> Response:
        _move(simulator, _own(request))
        return jsonify(clock_json(simulator.screens, simulator.now()))

    @phone.errorhandler(_Refused)
    def refuse(refused: _Refused) -> tuple[Response, int]:
        return jsonify(error=simulator.words().gettext(refused.why)), refused.status

    return phone


def _page(simulator: Simulator) -> Answer | str:
    """The page of one phone, `number`; "new" takes the next number that nobody used."""
    used = simulator.screens.used()
    asked = request.args.get("number", "")
    if asked == "new":
        free = next((n for n in numbers.new_numbers() if n not in used), numbers.new_numbers()[-1])
        return redirect(url_for(".page", number=numbers.local(free)))
    number = numbers.e164(asked)
    people = {person.number: person for person in simulator.people}
    return render_template(
        "phone.html",
        number=number or next(iter(people), numbers.new_numbers()[0]),
        refused=_NOT_MADE_UP if asked and not number else "",
        people=people,
        others=sorted({*used, *([number] if number else [])} - people.keys()),
        shown=numbers.shown,
        local=numbers.local,
        price=simulator.screens.price,
        faults=NAMES,
        fault=simulator.screens.fault(number) if number else None,
    )


def _messages(simulator: Simulator) -> Response:
    """One phone's screen, the clock, and how much arrived on each of the phones named in `also`.

    `after` is the count of messages that the page has: an equal count leaves the screen out.
    """
    number = _number(request.args.get("number"))
    count = simulator.screens.count(number)
    also = [found for written in request.args.getlist("also") if (found := numbers.e164(written))]
    answer = clock_json(simulator.screens, simulator.now())
    answer["received"] = {numbers.local(n): arrived for n, arrived in simulator.screens.received(also).items()}
    if request.args.get("after") != str(count):
        answer["screen"] = screen_json(simulator.screens.of(number))
    return jsonify(answer)


def _inbound(body: dict[str, object], now: datetime) -> InboundMessage:
    """A message as the page posts it: number, text, and the id that a repeat of it carries again."""
    number, text = _number(body.get("number")), body.get("text")
    if not isinstance(text, str) or not 0 < len(text) <= PROFILE.max_text or not _is_text(text):
        raise _Refused(_NOT_A_MESSAGE)
    try:
        external_id = UUID(str(body.get("id")))
    except ValueError:
        raise _Refused(_NOT_FROM_HERE) from None
    return InboundMessage(PROFILE.name, str(external_id), number, text, now)


def _is_text(text: str) -> bool:
    """Half a surrogate pair is a string in JSON and no text in UTF-8."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _number(written: object) -> str:
    number = numbers.e164(written) if isinstance(written, str) else None
    if number is None:
        raise _Refused(_NOT_MADE_UP)
    return number


def _move(simulator: Simulator, body: dict[str, object]) -> None:
    seconds = body.get("seconds")
    if type(seconds) is not int or not 0 < seconds <= MOST_SECONDS:
        raise _Refused(_NOT_FORWARD)
    simulator.move_clock(seconds)


def _fail(simulator: Simulator, body: dict[str, object]) -> None:
    """From now on the phone fails like that; "" and it takes its messages again."""
    number, fault = _number(body.get("number")), body.get("fault")
    if fault != "" and fault not in tuple(Fault):
        raise _Refused(_NOT_FROM_HERE)
    simulator.screens.set_fault(number, Fault(str(fault)) if fault else None)


def _own(posted: Request) -> dict[str, object]:
    """The JSON that our own page posted.

    Browsers name the sending site (Fetch Metadata, or Origin where the address is plain http), and cannot send
    JSON across sites without asking first. A program that is no browser carries nobody's cookies: it may post.
    """
    site, origin = posted.headers.get("Sec-Fetch-Site"), posted.headers.get("Origin")
    own = site == "same-origin" if site else origin in {None, posted.host_url.rstrip("/")}
    body = posted.get_json(silent=True) if own and posted.is_json else None
    if not isinstance(body, dict):
        raise _Refused(_NOT_FROM_HERE, 403)
    return body
