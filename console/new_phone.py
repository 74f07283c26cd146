""" "Their phone is now ...": typed on a person's page, shown for what it is, and done once staff say yes.

The number travels in POSTs alone: it stands in no address, history or log.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console import follow_up_words
from console.desk import desk
from console.follow_up_acts import line_to
from console.signing import me, my_scope
from core.care import new_phone
from core.care.handling import By, Outcome
from core.care.new_phone import Ahead, Notice, Wanted
from core.conversation.messages import N_
from core.conversation.parsers import phone as phones
from core.conversation.understanding import Understood

_log = logging.getLogger(__name__)
_LONGEST = 60

NOTICES: Mapping[Notice, str] = {
    Notice.SHARED: N_("Máy này đã có người khác dùng: người này được hỏi chung máy, mang chữ tiếp theo."),
    Notice.WRONG: N_("Từ số này đã có người nhắn NHAM SO. Chỉ ghi khi chắc chắn số đúng."),
    Notice.STOPPED: N_("Số này đã nhắn STOP: không nhắn gì đến đó, phải gọi hoặc đến nhà."),
    Notice.CALLED: N_("Số này không nhận được tin nhắn: phải gọi."),
}
_DONE = N_("Đã ghi số mới. Từ nay hỏi ở máy đó; máy đó sẽ được báo trước.")
_QUIETLY = N_("Đã ghi số mới. Không nhắn được đến đó: phải gọi hoặc đến nhà.")
_TOO_LATE = N_("Đồng nghiệp vừa đổi số khác: xin xem lại.")


def add_to(blueprint: Blueprint) -> None:
    """First looked at, then done."""
    path = "/person/<uuid:person_id>/follow-up/<uuid:follow_up_id>/phone"
    blueprint.add_url_rule(path, "new_phone", _look, methods=["POST"])
    blueprint.add_url_rule(f"{path}/sure", "new_phone_sure", _move, methods=["POST"])


def _look(person_id: UUID, follow_up_id: UUID) -> Response | str:
    wanted = _wanted(follow_up_id)
    if wanted is None:
        return _back(person_id, follow_up_words.PHONE)
    with desk().engine.connect() as connection:
        ahead = new_phone.look(connection, my_scope(), wanted)
    if ahead is None:
        abort(404)
    return _asked(person_id, wanted, ahead)


def _move(person_id: UUID, follow_up_id: UUID) -> Response | str:
    wanted = _wanted(follow_up_id)
    if wanted is None:
        return _back(person_id, follow_up_words.PHONE)
    with desk().engine.begin() as connection:
        outcome = new_phone.move(connection, my_scope(), wanted, By(me().id, desk().day().now))
    if isinstance(outcome, Ahead):
        return _asked(person_id, wanted, outcome)
    if outcome is Outcome.UNKNOWN:
        abort(404)
    if outcome is Outcome.TOO_LATE:
        return _back(person_id, _TOO_LATE)
    _log.info("phone of person %s changed by staff %s", person_id, me().id)
    mute = wanted.seen & {Notice.STOPPED, Notice.CALLED}
    return _back(person_id, _QUIETLY if mute else _DONE)


def _asked(person_id: UUID, wanted: Wanted, ahead: Ahead) -> str:
    shown = {"ahead": ahead, "number": wanted.line.address, "words": NOTICES, "seen": " ".join(ahead.notices)}
    return render_template("console/new_phone.html", person_id=person_id, follow_up_id=wanted.follow_up_id, **shown)


def _wanted(follow_up_id: UUID) -> Wanted | None:
    said = phones.parse(request.form.get("phone", "")[:_LONGEST])
    if not isinstance(said, Understood):
        return None
    told = request.form.get("seen", "").split()
    return Wanted(follow_up_id, line_to(said.value), frozenset(notice for notice in Notice if notice.value in told))


def _back(person_id: UUID, said: str) -> Response:
    flash(said)
    return redirect(url_for("console.person", person_id=person_id), 303)
