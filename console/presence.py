"""A sign of presence on a person's page: what was asked, what came, said as what it is; and asking for one."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, abort, flash, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from console.desk import desk
from console.follow_up_words import AGAIN
from console.followed import as_followed, back
from console.signing import me, my_scope
from core.access import staff as accounts
from core.access.scope import Scope
from core.care import presence, relatives
from core.care.case_lists import acts_for
from core.care.handling import By, Outcome
from core.care.presence import Check, Kind, Rule
from core.care.relatives import Why
from core.care.standing import Day
from core.conversation.messages import N_

_log = logging.getLogger(__name__)

KINDS: Mapping[str, str] = {
    Kind.CALL_BACK: N_("nhắn CO MAT từ máy của họ"),
    Kind.HOUSEHOLD: N_("hỏi người nhà đã đồng ý"),
    Kind.LOCATION: N_("nhắn, hoặc gửi vị trí nếu muốn"),
}

OUTCOMES: Mapping[str, tuple[str, str]] = {
    "": (N_("đang chờ trả lời"), "quiet"),
    "there": (N_("có trả lời đúng giờ"), "ok"),
    "late": (N_("trả lời muộn"), "quiet"),
    "not_there": (N_("trả lời là không ở nhà"), "warn"),
    "refused": (N_("không muốn trả lời"), "warn"),
    "unanswered": (N_("không có trả lời: chưa biết có mặt hay không"), "warn"),
    "no_phone": (N_("chưa hỏi được: không có số điện thoại"), "quiet"),
    "stopped": (N_("không chờ trả lời: đã nhắn STOP"), "quiet"),
    "unreachable": (N_("chưa hỏi được: tin không tới máy"), "quiet"),
    "window": (N_("chưa hỏi được: kênh không cho gửi trước"), "quiet"),
    "off": (N_("chưa hỏi: đang tắt"), "quiet"),
    "over": (N_("chưa hỏi: đã hết theo dõi"), "quiet"),
    "too_late": (N_("chưa hỏi: đã quá lúc"), "quiet"),
    "nobody": (N_("chưa hỏi: không biết người nhà nào có máy khác"), "quiet"),
    "not_agreed": (N_("chưa hỏi: đã xin phép người nhà, chưa thấy trả lời"), "quiet"),
    "relatives_refused": (N_("chưa hỏi: người nhà không đồng ý được hỏi"), "quiet"),
}

PLACES: Mapping[str, str] = {
    "near": N_("vị trí gửi khớp nơi ở"),
    "far": N_("vị trí gửi xa nơi ở"),
    "unknown": N_("có gửi vị trí, chưa có nơi ở để so"),
}

WHOSE: Mapping[str, str] = {
    Kind.CALL_BACK: N_("từ máy của họ; đó không phải là bằng chứng về nơi ở"),
    Kind.HOUSEHOLD: N_("lời người nhà; đó không phải là bằng chứng về nơi ở"),
    Kind.LOCATION: N_("từ máy của họ; vị trí do máy báo, đã bỏ ngay, không lưu"),
}

_SAID = {
    Outcome.DONE: N_("Sẽ hỏi ngay, ban đêm thì đợi đến sáng."),
    Outcome.TOO_LATE: N_("Chưa hỏi thêm: câu hỏi trước gửi máy của họ còn đang chờ. Vẫn hỏi người nhà được."),
    Outcome.WRONG: N_("Chưa hỏi: không có số điện thoại."),
}
_RELATIVES_ASKED = N_("Chưa hỏi thêm: câu hỏi trước gửi người nhà còn đang chờ. Vẫn hỏi máy của họ được.")
_NOBODY_SILENT = N_("Không xin phép lại: chưa ai được hỏi quá một ngày mà không trả lời. Ai đã từ chối thì thôi.")
_HOME = N_("Đã ghi nơi ở.")
_BAD_HOME = N_("Chưa ghi: xin chép vĩ độ, kinh độ từ bản đồ, ví dụ 22.533, 103.891. Để trống là xóa.")


@dataclass(frozen=True, slots=True)
class OnPage:
    """A person's part of the page. `home`: the point to compare with, "" if nobody entered one."""

    rule: Rule
    checks: tuple[Check, ...]
    home: str
    who: Mapping[UUID, str]
    kinds: Mapping[str, str]
    outcomes: Mapping[str, tuple[str, str]]
    places: Mapping[str, str]
    whose: Mapping[str, str]
    again: Mapping[Why, str]


def add_to(blueprint: Blueprint) -> None:
    """What is done on a person's page."""
    blueprint.add_url_rule("/person/<uuid:person_id>/presence", "ask_presence", as_followed(_ask), methods=["POST"])
    blueprint.add_url_rule("/person/<uuid:person_id>/home", "set_home", as_followed(_set_home), methods=["POST"])


def on_page(connection: Connection, scope: Scope, person_id: UUID, day: Day) -> OnPage | None:
    """Nothing where it is off, or where others act for them."""
    rule = _rule(connection, scope, person_id, day)
    if rule is None:
        return None
    checks = presence.of_person(connection, person_id)
    who = accounts.names(connection, [check.asked_by for check in checks if check.asked_by])
    home = presence.home(connection, scope, person_id)
    return OnPage(rule, checks, home, who, KINDS, OUTCOMES, PLACES, WHOSE, AGAIN)


def _rule(connection: Connection, scope: Scope, person_id: UUID, day: Day) -> Rule | None:
    unit = acts_for(connection, scope, person_id)
    return presence.rule_of(connection, desk().console.units(), unit, day.today) if unit else None


def _ask(person_id: UUID) -> Response:
    kind = request.form.get("kind", "")
    if kind not in set(Kind):
        abort(400)
    why = request.form.get("again", "")
    if why and why not in set(Why):
        abort(400)
    day = desk().day()
    by = By(me().id, day.now)
    with desk().engine.begin() as connection:
        if _rule(connection, my_scope(), person_id, day) is None:
            abort(404)
        again = why == "" or relatives.ask_again(connection, my_scope(), person_id, Why(why), by)
        outcome = presence.ask(connection, my_scope(), person_id, Kind(kind), by)
    if outcome is Outcome.UNKNOWN:
        abort(404)
    waits = outcome is Outcome.TOO_LATE and kind == Kind.HOUSEHOLD
    flash(_RELATIVES_ASKED if waits else _SAID[outcome])
    if not again:
        flash(_NOBODY_SILENT)
    _log.info("sign of presence of person %s wanted by staff %s: %s", person_id, me().id, outcome)
    return back()


def _set_home(person_id: UUID) -> Response:
    said = request.form.get("home", "").strip()[:60]
    point = presence.point_of(said)
    if said and point is None:
        flash(_BAD_HOME)
        return back()
    with desk().engine.begin() as connection:
        if _rule(connection, my_scope(), person_id, desk().day()) is None:
            abort(404)
        presence.set_home(connection, my_scope(), person_id, point)
    flash(_HOME)
    return back()
