"""Following all who live in a commune or a hamlet, by one decision: counted first, then decided, and stopped."""

from __future__ import annotations

import logging
import re
from datetime import date
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console import follow_up_words as words
from console.desk import desk
from console.signing import me, my_scope
from core.care import area, area_lists
from core.care.area import Area
from core.care.area_lists import Counted
from core.care.follow_up_terms import Problem
from core.care.handling import By, Outcome
from core.conversation.messages import N_

_log = logging.getLogger(__name__)
_LONGEST = 200  # characters of a document's or a hamlet's name
_DONE = N_("Đã ghi quyết định. Máy mở theo dõi cho từng người trong vài phút tới.")
_STOPPED = N_("Đã dừng. Ai theo dõi chỉ vì quyết định này sẽ nhận giấy và thôi bị hỏi.")
_DOCUMENT = N_("Xin ghi văn bản của quyết định.")


def add_to(blueprint: Blueprint) -> None:
    """The list with its form, and the button that stops one."""
    add = blueprint.add_url_rule
    add("/areas", "areas", _page)
    add("/areas", "decide_area", _decide, methods=["POST"])
    add("/areas/<uuid:decision_id>/stop", "stop_area", _stop, methods=["POST"])


def _page(why: str = "", counted: Counted | None = None) -> str:
    scope = my_scope()
    with desk().engine.connect() as connection:
        found = area_lists.listed(connection, scope)
    units = [(code, desk().unit_name(code)) for code in scope.codes]
    chosen = request.form.get("unit") or me().unit_code
    shown = {"found": found, "units": units, "chosen": chosen, "given": request.form, "why": why, "counted": counted}
    return render_template("console/areas.html", names=words, day=desk().day(), several=scope.several, **shown)


def _decide() -> Response | str | tuple[str, int]:
    """Counted before it is decided: nobody puts a commune under follow-up by one press."""
    try:
        wanted = _area()
    except ValueError:
        return _page(words.DAY), 422
    if wanted.unit_code not in my_scope().codes:
        abort(404)
    if not wanted.document:
        return _page(_DOCUMENT), 422
    if request.form.get("sure") != "1":
        with desk().engine.connect() as connection:
            return _page(counted=area_lists.count(connection, wanted.unit_code, wanted.hamlet))
    with desk().engine.begin() as connection:
        made = area.decide(connection, my_scope(), wanted, _by())
    if made is None:
        abort(404)
    if isinstance(made, Problem):
        return _page(words.PROBLEMS[made]), 422
    _log.info("area decision %s by staff %s", made, me().id)
    flash(_DONE)
    return redirect(url_for("console.areas"), 303)


def _stop(decision_id: UUID) -> Response:
    with desk().engine.begin() as connection:
        outcome = area.stop(connection, my_scope(), decision_id, _by())
    if outcome is Outcome.UNKNOWN:
        abort(404)
    _log.info("area decision %s stopped by staff %s", decision_id, me().id)
    flash(_STOPPED if outcome is Outcome.DONE else words.TOO_LATE)
    return redirect(url_for("console.areas"), 303)


def _area() -> Area:
    """What the form says. ValueError if a day cannot be read."""
    return Area(
        unit_code=_text("unit") or me().unit_code,
        document=_text("document"),
        from_on=date.fromisoformat(_text("from_on")),
        until_on=date.fromisoformat(_text("until_on")),
        hours=tuple(min(int(hour), 99) for hour in re.findall(r"\d+", _text("hours"))),
        hamlet=_text("hamlet"),
    )


def _text(name: str) -> str:
    return " ".join(request.form.get(name, "").split())[:_LONGEST]


def _by() -> By:
    return By(me().id, desk().day().now)
