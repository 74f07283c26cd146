"""Schools, offices, teams and unions of the unit: made, renamed and closed, with the code by which members join."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from uuid import UUID, uuid4

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.desk import desk
from console.signing import me, my_scope
from core.care.progress import FEWEST
from core.conversation.messages import N_
from core.people import organisations as rows
from core.people.organisations import Kind, NewOrganisation

_log = logging.getLogger(__name__)
_LONGEST = 100  # characters of a name

KINDS: Mapping[Kind, str] = {
    Kind.SCHOOL: N_("trường học"),
    Kind.OFFICE: N_("cơ quan, doanh nghiệp"),
    Kind.TEAM: N_("tổ, đội"),
    Kind.UNION: N_("đoàn thể"),
}
_MADE = N_("Đã lập. Thành viên tham gia bằng tin nhắn có mã bên dưới.")
_RENAMED = N_("Đã đổi tên.")
_CLOSED = N_("Đã đóng: không ai tham gia nữa và không đếm nữa.")
_NAME = N_("Xin ghi tên.")
_FULL = N_("Hết mã để cấp: xin đóng bớt tổ chức không dùng.")


def add_to(blueprint: Blueprint) -> None:
    """The page, and what is done there."""
    blueprint.add_url_rule("/organisations", "organisations", _page)
    blueprint.add_url_rule("/organisations", "make_organisation", _make, methods=["POST"])
    blueprint.add_url_rule("/organisations/<code>/rename", "rename_organisation", _rename, methods=["POST"])
    blueprint.add_url_rule("/organisations/<code>/close", "close_organisation", _close, methods=["POST"])


def _page() -> str:
    scope = my_scope()
    with desk().engine.connect() as connection:
        listed = rows.listed(connection, scope)
    units = [(code, desk().unit_name(code)) for code in scope.codes]
    shown = {"listed": listed, "units": units, "kinds": KINDS, "fewest": FEWEST, "key": uuid4()}
    return render_template("console/organisations.html", scope=scope, chosen=me().unit_code, **shown)


def _make() -> Response:
    unit, kind = request.form.get("unit", ""), request.form.get("kind", "")
    key = request.form.get("key", type=UUID)
    if unit not in my_scope().codes:
        abort(404)
    if kind not in set(Kind) or key is None:
        abort(400)
    if not (name := _name()):
        return _back(_NAME)
    with desk().engine.begin() as connection:
        code = rows.add(connection, NewOrganisation(name, Kind(kind), unit, id=key), desk().day().now)
    if code:
        _log.info("organisation %s made by staff %s", code, me().id)
    return _back(_MADE if code else _FULL)


def _rename(code: str) -> Response:
    if not (name := _name()):
        return _back(_NAME)
    with desk().engine.begin() as connection:
        done = rows.rename(connection, my_scope(), code, name)
    return _done(code, "renamed", _RENAMED, done=done)


def _close(code: str) -> Response:
    with desk().engine.begin() as connection:
        done = rows.close(connection, my_scope(), code)
    return _done(code, "closed", _CLOSED, done=done)


def _done(code: str, deed: str, said: str, *, done: bool) -> Response:
    if not done:
        abort(404)
    _log.info("organisation %s %s by staff %s", code, deed, me().id)
    return _back(said)


def _name() -> str:
    return " ".join(request.form.get("name", "").split())[:_LONGEST]


def _back(said: str) -> Response:
    flash(said)
    return redirect(url_for("console.organisations"), 303)
