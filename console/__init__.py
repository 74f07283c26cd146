"""The pages of health units' staff, under /console: sign in, today, one person, find."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Flask, render_template, request
from flask_wtf.csrf import generate_csrf, validate_csrf  # type: ignore[import-untyped]
from werkzeug.exceptions import BadRequest, HTTPException, NotFound
from wtforms import ValidationError  # type: ignore[import-untyped]

from console import (
    areas,
    cases,
    duty,
    facilities,
    filters,
    finding,
    follow_up_acts,
    follow_up_list,
    follow_ups,
    households,
    labels,
    lists,
    new_phone,
    organisations,
    person,
    presence,
    progress,
    signing,
    silence,
    today,
    transfers,
    volunteers,
)
from console.desk import EXTENSION, SESSION_HOURS, Console, Desk, desk
from core.access.scope import Scopes

__all__ = ["Console", "blueprint"]

_ROOMS = (
    signing,
    today,
    person,
    finding,
    follow_ups,
    follow_up_acts,
    follow_up_list,
    new_phone,
    areas,
    lists,
    cases,
    facilities,
    transfers,
    progress,
    duty,
    silence,
    presence,
    volunteers,
    households,
    organisations,
)
"""All pages, one module each; `add_to` shows their addresses. Signing comes first: it guards the others."""


def blueprint(console: Console) -> Blueprint:
    """Everything under /console. The application brings `gettext` and `language` to its templates."""
    made = Blueprint("console", __name__, url_prefix="/console", template_folder="templates", static_folder="static")
    made.record_once(lambda state: _install(cast(Flask, state.app), console))
    for room in _ROOMS:
        room.add_to(made)
    made.before_request(_check_token)
    made.context_processor(_context)
    for status in (BadRequest, NotFound):
        made.register_error_handler(status, _error)
    return made


def _install(app: Flask, console: Console) -> None:
    app.extensions[EXTENSION] = Desk(console, Scopes(console.units))
    app.jinja_env.filters.update(filters.FILTERS)
    signing.install(app)


def _context() -> dict[str, object]:
    """What every template of ours sees besides what its view gives it."""
    units = {"unit_name": desk().unit_name, "unit_above": desk().unit_above}
    return {"csrf_token": generate_csrf, "labels": labels, "try_key": silence.try_key, **units}


def _check_token() -> None:
    """Every POST carries the session's token (Flask-WTF). It lives as long as a session can: from a page that stood
    open all night an alert must still be taken."""
    if request.method != "POST":
        return
    try:
        validate_csrf(request.form.get("csrf_token"), time_limit=SESSION_HOURS * 3600)
    except ValidationError:
        raise BadRequest from None


def _error(error: HTTPException) -> tuple[str, int]:
    code = error.code or 500
    return render_template("console/error.html", code=code), code
