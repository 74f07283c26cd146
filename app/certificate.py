"""The public page under /certificate: whether the code on somebody's paper is true. No name, no group, no reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, render_template, request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from core.access.attempts import origin
from core.care.certificate import Certificate, Fault, look_up
from core.care.release_code import plain, spoken
from core.conversation.messages import N_

if TYPE_CHECKING:
    from app.web import Services

BY_NETWORK: Final = RateLimitItemPerMinute(30)
"""A checkpoint types a few a minute. Who would try all codes needs years at that rate."""

_LONGEST = 40  # characters of what is typed
_TOO_MANY = N_("Kiểm tra nhiều quá trong một phút. Xin đợi một chút.")


def certificate(services: Services) -> Blueprint:
    """The form and its answer. The code stands in the address, so that a paper's QR can lead here: it tells of
    nobody."""
    pages = Blueprint("certificate", __name__, url_prefix="/certificate")
    limiter = FixedWindowRateLimiter(MemoryStorage())

    @pages.get("")
    def page() -> str | Response:
        asked = request.args.get("code", "").strip()[:_LONGEST]
        if not asked:
            return render_template("certificate.html", asked="")
        if not limiter.hit(BY_NETWORK, origin(request.remote_addr)):
            body = render_template("certificate.html", asked=asked, why=_TOO_MANY)
            return Response(body, 429, {"Retry-After": "60"})
        with services.engine.connect() as connection:
            found = look_up(connection, asked)
        return _said(services, asked, found)

    return pages


def _said(services: Services, asked: str, found: Certificate | Fault) -> str | Response:
    if isinstance(found, Fault):
        digits = plain(asked)
        shown = spoken(digits) if found is Fault.UNKNOWN else asked
        return Response(render_template("certificate.html", asked=asked, shown=shown, fault=found), 404)
    facts = services.pipeline().units().facts.get(found.unit_code)
    unit = facts.name if facts else found.unit_code
    days = {"start": f"{found.start_on:%d/%m/%Y}", "end": f"{found.end_on:%d/%m/%Y}"}
    known = {"unit": unit, "early": found.early}
    return render_template("certificate.html", asked=asked, shown=spoken(found.code), **known, **days)
