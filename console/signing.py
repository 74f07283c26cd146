"""Signing in and out, and the guard before every other page."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from flask import Blueprint, Flask, redirect, render_template, request, session, url_for
from flask import Response as FlaskResponse
from flask_login import LoginManager, current_user, login_user  # type: ignore[import-untyped]
from werkzeug.wrappers import Response

from console.desk import SESSION_HOURS, desk
from console.doorstep import RETRY_AFTER, browser, remember, whence
from core.access import passwords
from core.access import staff as accounts
from core.access.scope import Scope
from core.access.staff import SignedIn, Staff

_log = logging.getLogger(__name__)

_OPEN = frozenset({"console.sign_in", "console.static"})
_SINCE = "signed_in_at"  # seconds of wall time; a session ends so many hours later, used or not
_KEPT = ("language",)


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with a session, as Flask-Login wants it. The id is the account's token: a new token ends it."""

    staff: Staff
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """What the session's cookie holds."""
        return self.staff.session_token


def me() -> Staff:
    """Who asks. Only behind the guard."""
    return cast(User, current_user).staff


def my_scope() -> Scope:
    """What they may see."""
    return desk().scope(me().unit_code)


def install(app: Flask) -> None:
    """Read sessions in this application."""
    manager = LoginManager()
    manager.session_protection = None  # it ties a session to an IP address, and a nurse's phone changes hers
    manager.user_loader(_load)
    manager.init_app(app)


def add_to(blueprint: Blueprint) -> None:
    """The guard and its doors."""
    blueprint.before_request(_guard)
    blueprint.add_url_rule("/sign-in", "sign_in", _sign_in, methods=["GET", "POST"])
    blueprint.add_url_rule("/sign-out", "sign_out", _sign_out, methods=["POST"])
    blueprint.add_url_rule("/sign-out-everywhere", "sign_out_everywhere", _sign_out_everywhere, methods=["POST"])


def _load(token: str) -> User | None:
    age = desk().console.wall().timestamp() - float(session.get(_SINCE, 0))
    if not 0 <= age < timedelta(hours=SESSION_HOURS).total_seconds():
        return None
    with desk().engine.connect() as connection:
        staff = accounts.by_token(connection, token)
    return User(staff) if staff else None


def _guard() -> Response | None:
    """Nobody passes without a session, whatever page is added later. The page that asks by itself gets a 401."""
    if request.endpoint in _OPEN or current_user.is_authenticated:
        return None
    if request.endpoint == "console.fragment":
        return Response(status=401)
    wanted = request.path if request.method == "GET" else None
    return redirect(url_for("console.sign_in", next=wanted), 303)


def _sign_in() -> Response | tuple[str, int] | str:
    wanted = _inside(request.values.get("next", ""))
    if request.method == "GET":
        return redirect(wanted, 303) if current_user.is_authenticated else _form(wanted)
    if not desk().doorstep.by_address.take(whence(), desk().console.wall()):
        _log.info("sign-in refused: too many from one address")
        return _later(wanted, 429)
    try:
        return _try(wanted)
    except passwords.Busy:
        _log.warning("sign-in put off: too many at once")
        return _later(wanted, 503)


def _try(wanted: str) -> Response | tuple[str, int]:
    tries, wall, known = desk().doorstep.by_browser, desk().console.wall(), browser()
    trusted = known.accounts if known.accounts and tries.take(known.name, wall) else ()
    login, password = request.form.get("login", ""), request.form.get("password", "")
    answer = accounts.sign_in(desk().engine, login, password, wall, trusted)
    if not isinstance(answer, SignedIn):
        _log.info("sign-in refused: %s", answer.reason)
        return _form(wanted, failed=True), 401
    tries.clear(known.name)
    _begin(answer.staff)
    inside = redirect(wanted, 303)
    remember(inside, known, answer.staff.id)
    return inside


def _later(wanted: str, status: int) -> Response:
    return FlaskResponse(_form(wanted, busy=True), status, {"Retry-After": str(RETRY_AFTER)})


def _form(wanted: str, *, failed: bool = False, busy: bool = False) -> str:
    offered = desk().console.sign_ins
    return render_template("console/sign_in.html", wanted=wanted, failed=failed, busy=busy, sign_ins=offered)


def _begin(staff: Staff) -> None:
    """A fresh session: nothing that somebody else put into this browser's goes on."""
    _forget()
    session[_SINCE] = desk().console.wall().timestamp()
    login_user(User(staff))
    _log.info("staff %s signed in", staff.id)


def _sign_out() -> Response:
    _forget()
    return redirect(url_for("console.sign_in"), 303)


def _sign_out_everywhere() -> Response:
    with desk().engine.begin() as connection:
        accounts.sign_out_everywhere(connection, me().id)
    return _sign_out()


def _forget() -> None:
    kept = {key: session[key] for key in _KEPT if key in session}
    session.clear()
    session.update(kept)


def _inside(path: str) -> str:
    """A page of ours to go on to: never another site's."""
    home = url_for("console.today")
    return path if path.startswith(home) and "//" not in path and "\\" not in path else home
