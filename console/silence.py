"""Whether somebody is asked, and why not; what was done about their silence; and a human's try to reach them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID, uuid4

from flask import Blueprint, abort, flash, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from console.desk import desk
from console.facilities import PROBLEMS
from console.followed import as_followed, back
from console.signing import me, my_scope
from core.access import staff as accounts
from core.access.scope import Scope
from core.care import attempts, duty, entered
from core.care.attempts import LOOKED, Attempt, Came, Tried, Via
from core.care.case_lists import acts_for
from core.care.entered import HIGHEST, LOWEST, Entry, Means, Problem, Round
from core.care.handling import By
from core.care.standing import Day
from core.care.today import SilentRow
from core.conversation.ids import derived
from core.conversation.labels import SIGN_LABELS
from core.conversation.messages import N_
from core.reminders import person
from core.reminders.ladder import Step
from core.reminders.may import Verdict, Why
from core.reminders.person import StepDone

_log = logging.getLogger(__name__)
T = TypeVar("T", Came, Via)

SIGNS = ("fever", "cough", "shortness_of_breath", "sore_throat", "fatigue", "chest_pain", "loss_of_taste_or_smell")
"""What staff can tick of somebody whom they reached."""

VERDICTS: Mapping[Why, str] = {
    Why.DUE: N_("Được nhắc bây giờ"),
    Why.LATER: N_("Sẽ được nhắc lúc"),
    Why.QUIET: N_("Đang giờ nghỉ, sẽ được nhắc lúc"),
    Why.ASKED: N_("Đã nhắc, đang chờ trả lời, nhắc lúc"),
    Why.ANSWERED: N_("Không nhắc: đã trả lời"),
    Why.NOT_FOLLOWED: N_("Không nhắc: không được theo dõi"),
    Why.UNVERIFIED: N_("Không nhắc: chưa xác minh"),
    Why.LOST: N_("Không nhắc: đã mất dấu"),
    Why.ENDED: N_("Không nhắc: đã hết theo dõi"),
    Why.WATCHED: N_("Không nhắc: chỉ còn tự theo dõi"),
    Why.UNPLANNED: N_("Không nhắc: chưa có lần hẹn nào tới"),
    Why.PASSED: N_("Không nhắc: đã quá giờ hẹn"),
    Why.NO_PHONE: N_("Không nhắc: không có số điện thoại"),
    Why.NOT_THERE: N_("Không nhắc: không còn dùng chung số máy từng được hỏi"),
    Why.STOPPED: N_("Không nhắc: đã nhắn STOP"),
    Why.UNREACHABLE: N_("Không nhắc: tin không tới máy"),
    Why.WINDOW: N_("Không nhắc: lâu không nhắn, kênh này không cho gửi trước"),
    Why.OFF: N_("Không nhắc: kênh nhắn tin đang tắt"),
}

STEPS: Mapping[Step, str] = {
    Step.NUDGE: N_("Nhắc lại"),
    Step.OTHER_CHANNEL: N_("Nhắc qua kênh khác"),
    Step.HOUSEHOLD: N_("Báo người nhà"),
    Step.VOLUNTEER: N_("Báo tình nguyện viên"),
    Step.STATION: N_("Vào danh sách trạm phải tìm"),
    Step.LOST: N_("Mất dấu"),
}

OUTCOMES: Mapping[str, str] = {
    "done": N_("đã làm"),
    "passed": N_("đã quá lúc"),
    "night": N_("không làm ban đêm"),
    "closed": N_("lần hẹn đã đóng"),
    "deaf": N_("chưa chắc tin trả lời tới được đây"),
    "not_asked": N_("chưa từng nhắc lần này"),
    "no_other": N_("không có cách nhắn khác"),
    "not_agreed": N_("người này chưa đồng ý"),
    "nobody": N_("chưa biết báo cho ai"),
    "told": N_("đã báo rồi, không báo nữa trong ngày"),
    "household_told": N_("đã báo người nhà"),
    "no_phone": N_("không có số điện thoại"),
    "stopped": N_("đã nhắn STOP"),
    "unreachable": N_("tin không tới máy"),
    "window": N_("kênh không cho gửi trước"),
    "off": N_("kênh đang tắt"),
}

CAME: Mapping[Came, str] = {
    Came.REACHED: N_("Gặp được"),
    Came.NOT_REACHED: N_("Không liên lạc được"),
    Came.REFUSED: N_("Từ chối"),
    Came.LEFT_THE_PLACE: N_("Đã rời nơi ở"),
    Came.ABSENT: N_("Không có mặt"),
}

VIA: Mapping[Via, str] = {Via.PHONE: N_("gọi điện"), Via.VISIT: N_("đến tận nơi"), Via.CHAT: N_("nhắn tin")}

_DONE = N_("Đã ghi.")
_TRIED = N_("Đã ghi lần liên hệ. Sức khỏe thì chưa ghi được:")
_TWICE = N_("Việc này đã ghi rồi.")
_NOT_SEEN = N_("Chưa ghi: chỉ người đã đến tận nơi mới nói được là vắng mặt hay đã rời đi.")


@dataclass(frozen=True, slots=True)
class OnPage:
    """A person's part of the page. `key`: of the next try, so that a button pressed twice counts once."""

    verdict: Verdict
    steps: tuple[StepDone, ...]
    tries: tuple[Tried, ...]
    who: Mapping[UUID, str]
    key: UUID
    words: Mapping[str, Mapping[Any, str]]
    signs: Mapping[str, str]


def add_to(blueprint: Blueprint) -> None:
    """What is done on a person's page, and in the list of the silent."""
    blueprint.add_url_rule("/person/<uuid:person_id>/tries", "try", as_followed(_try), methods=["POST"])


def on_page(connection: Connection, scope: Scope, person_id: UUID, day: Day) -> OnPage | None:
    """What is known of asking and of silence; nothing where others act for them."""
    if acts_for(connection, scope, person_id) is None:
        return None
    tries = attempts.of_person(connection, person_id)
    return OnPage(
        person.verdict(connection, person_id, day.now, desk().pipeline.on),
        person.steps(connection, person_id),
        tries,
        {
            **accounts.names(connection, [tried.by for tried in tries if tried.by_kind == "staff"]),
            **duty.names(connection, [tried.by for tried in tries if tried.by_kind == "duty"]),
        },
        uuid4(),
        {"verdicts": VERDICTS, "steps": STEPS, "outcomes": OUTCOMES, "came": CAME, "via": VIA},
        {sign: SIGN_LABELS[sign] for sign in SIGNS},
    )


def try_key(row: SilentRow) -> UUID:
    """Of the try that the list of the silent offers: the same while the page renews itself, one for each due time."""
    return derived(row.who.person_id, f"try:{row.due_at.isoformat()}")


def _try(person_id: UUID) -> Response:
    """A try, and if they were reached and said how they are, their check-in."""
    came, via = _chosen(Came, "came"), _chosen(Via, "via")
    key = _key()
    if came in LOOKED and via is not Via.VISIT:
        flash(_NOT_SEEN)
        return _back()
    now = desk().day().now
    with desk().engine.begin() as connection:
        unit = acts_for(connection, my_scope(), person_id)
        if unit is None:
            abort(404)
        tried = Attempt(key, person_id, unit, me().id, now, via, came, request.form.get("note", ""))
        fresh = attempts.record(connection, tried)
        entry, wrong = _entry(person_id) if came is Came.REACHED else (None, None)
        if fresh and entry is not None:
            means = Means(desk().pipeline.codes.next, desk().pipeline.destinations())
            half = attempts.half(connection, person_id, now)
            round_ = Round(half, [entry])
            wrong = entered.enter(connection, my_scope(), round_, By(me().id, now), means)[person_id]
    for said in (_TRIED, PROBLEMS[wrong]) if fresh and wrong else (_DONE if fresh else _TWICE,):
        flash(said)
    _log.info("try to reach person %s: %s by staff %s", person_id, came, me().id)
    return _back()


def _entry(person_id: UUID) -> tuple[Entry | None, Problem | None]:
    """How they are, if it was said: well, these signs, or a temperature; or what is wrong with that."""
    ticked = tuple(sign for sign in request.form.getlist("signs") if sign in SIGNS)
    well = request.form.get("health", "") == "well" and not ticked
    heat = request.form.get("temperature", "").replace(",", ".").strip()
    known = heat.replace(".", "", 1).isdecimal() and LOWEST <= float(heat) <= HIGHEST
    if heat and not known:
        return None, Problem.TEMPERATURE
    if not well and not ticked and not heat:
        return None, None
    return Entry(person_id, well, ticked, float(heat) if known else None), None


def _back() -> Response:
    if request.form.get("then") == "today":
        return redirect(url_for("console.today"), 303)
    return back()


def _chosen(kind: type[T], name: str) -> T:
    try:
        return kind(request.form.get(name, ""))
    except ValueError:
        abort(400)


def _key() -> UUID:
    try:
        return UUID(request.form.get("key", ""))
    except ValueError:
        abort(400)
