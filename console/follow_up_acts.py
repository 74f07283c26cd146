"""What staff do with one follow-up: open, verify, extend, release, cancel. Every button is a POST, then a redirect."""

from __future__ import annotations

import logging
import re
from datetime import date
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console import follow_up_words as words
from console.desk import desk
from console.signing import me, my_scope
from core.care import follow_up_acts as acts
from core.care.dossier import Dossier, dossier
from core.care.follow_up_acts import (
    CancelReason,
    ExtendReason,
    Extension,
    NewCase,
    ReleaseReason,
    StillFollowed,
    described,
)
from core.care.follow_up_opening import Line
from core.care.follow_up_opening import Outcome as Opening
from core.care.follow_up_rows import NewPerson
from core.care.follow_up_terms import Impossible, Terms
from core.care.handling import By, Outcome
from core.care.opening_page import CALL
from core.conversation.parsers import phone as phones

_log = logging.getLogger(__name__)
_LONGEST = 200  # characters of a name or an address
_LANDLINE = "+842"

Reason = TypeVar("Reason", bound=StrEnum)


class _Wrong(Exception):
    """A field that cannot be read; its argument is a source text."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def add_to(blueprint: Blueprint) -> None:
    """The form that opens one, and what is done to one."""
    blueprint.add_url_rule("/follow-ups/open", "open_follow_up", _form)
    blueprint.add_url_rule("/follow-ups/open", "opened_follow_up", _open, methods=["POST"])
    for name, deed in (("verify", _verify), ("extend", _extend), ("release", _release), ("cancel", _cancel)):
        path = f"/person/<uuid:person_id>/follow-up/<uuid:follow_up_id>/{name}"
        blueprint.add_url_rule(path, f"{name}_follow_up", deed, methods=["POST"])


def _form(why: str = "", rule: str = "") -> str:
    person_id = request.values.get("person", "")
    known = _known(person_id) if person_id else None
    units = [(code, desk().unit_name(code)) for code in my_scope().codes]
    chosen = request.form.get("unit") or (known.who.unit_code if known else "") or me().unit_code
    shown = {"known": known, "why": why, "rule": rule, "given": request.form, "units": units, "chosen": chosen}
    return render_template("console/follow_up_open.html", names=words, day=desk().day(), **shown)


def _open() -> Response | tuple[str, int]:
    try:
        case = _case()
    except _Wrong as wrong:
        return _form(wrong.why), 422
    with desk().engine.begin() as connection:
        opened = acts.open_one(connection, my_scope(), case, _by())
    if opened is None:
        abort(404)
    if isinstance(opened, Impossible):
        return _form(words.PROBLEMS[opened.problem], opened.document), 422
    told = {Opening.OPENED: words.OPENED, Opening.VERIFIED: words.VERIFIED, Opening.ALREADY: words.ALREADY}
    told |= {Opening.PROPOSED: words.PROPOSED, Opening.PERHAPS: words.PERHAPS, Opening.GONE: words.GONE}
    flash(told[opened.outcome])
    _log.info("follow-up of person %s %s by staff %s", opened.person_id, opened.outcome, me().id)
    return redirect(url_for("console.person", person_id=opened.person_id), 303)


def _verify(person_id: UUID, follow_up_id: UUID) -> Response:
    try:
        terms = _terms()
    except _Wrong as wrong:
        return _back(person_id, wrong.why)
    with desk().engine.begin() as connection:
        outcome = acts.verify(connection, my_scope(), follow_up_id, terms, _by())
    return _told(person_id, outcome, words.VERIFIED)


def _extend(person_id: UUID, follow_up_id: UUID) -> Response:
    reason = _reason(ExtendReason)
    try:
        end_on, seen = _day("end_on"), _day("seen")
    except _Wrong as wrong:
        return _back(person_id, wrong.why)
    if end_on is None or seen is None:
        return _back(person_id, words.DAY)
    wanted = Extension(end_on, seen, reason, _text("document"), _text("note"))
    with desk().engine.begin() as connection:
        outcome = acts.extend(connection, my_scope(), follow_up_id, wanted, _by())
    return _told(person_id, outcome, words.EXTENDED)


def _release(person_id: UUID, follow_up_id: UUID) -> Response:
    reason = described(_reason(ReleaseReason), _text("note"))
    with desk().engine.begin() as connection:
        outcome = acts.release(connection, my_scope(), follow_up_id, reason, _by())
    return _told(person_id, outcome if isinstance(outcome, Outcome) else Outcome.DONE, words.RELEASED)


def _cancel(person_id: UUID, follow_up_id: UUID) -> Response:
    reason = _reason(CancelReason)
    with desk().engine.begin() as connection:
        outcome = acts.cancel(connection, my_scope(), follow_up_id, described(reason, _text("note")), _by())
    if isinstance(outcome, StillFollowed):
        _told(person_id, Outcome.DONE, words.NOTED_AWAY)
        flash(words.STILL_FOLLOWED)
        return _back(person_id, desk().unit_name(outcome.unit_code))
    return _told(person_id, outcome, words.NOTED_AWAY if reason in acts.AWAY else words.CANCELLED)


def _told(person_id: UUID, outcome: Outcome | Impossible, done: str) -> Response:
    if outcome is Outcome.UNKNOWN:
        abort(404)
    if isinstance(outcome, Impossible):
        return _back(person_id, words.PROBLEMS[outcome.problem])
    _log.info("follow-up of person %s: %s by staff %s", person_id, request.endpoint, me().id)
    return _back(person_id, done if outcome is Outcome.DONE else words.TOO_LATE)


def _back(person_id: UUID, said: str) -> Response:
    flash(said)
    return redirect(url_for("console.person", person_id=person_id), 303)


def _case() -> NewCase:
    """What the form says."""
    terms, line = _terms(), _line(_text("phone"))
    unit_code = _text("unit") or me().unit_code
    if person_id := _text("person"):
        return NewCase(UUID(person_id) if _is_id(person_id) else abort(404), line, terms, unit_code)
    name, year = _text("name"), _text("year")
    if not name:
        raise _Wrong(words.NAME)
    if not re.fullmatch(r"(19|20)\d\d", year) or int(year) > desk().day().today.year:
        raise _Wrong(words.YEAR)
    gender = _text("gender") if _text("gender") in ("male", "female", "other") else ""
    who = NewPerson(name, int(year), gender, unit_code, _text("hamlet"), _text("address"))
    return NewCase(who, line, terms, unit_code)


def _terms() -> Terms:
    vaccinated = {"yes": True, "no": False}.get(_text("vaccinated"))
    written = re.findall(r"\d+", _text("hours"))
    return Terms(
        group=_text("group"),
        place=_text("place") or "home",
        last_contact_on=_day("last_contact_on"),
        vaccinated=vaccinated,
        hours=tuple(min(int(hour), 99) for hour in written),
        end_on=_day("end_on"),
        document=_text("document"),
    )


def _line(written: str) -> Line | None:
    """Where they answer: a mobile through our cheapest SMS, any other number to be called."""
    if not written:
        return None
    number = phones.e164(written)
    if number is None:
        raise _Wrong(words.PHONE)
    return line_to(number)


def line_to(number: str) -> Line:
    """The same of a number in E.164."""
    pipeline = desk().pipeline
    out = None if number.startswith(_LANDLINE) else pipeline.sms_out
    key = (out.name if out else CALL, number)
    return Line(pipeline.directory.contacts([key])[key], *key)


def _known(person_id: str) -> Dossier:
    with desk().engine.connect() as connection:
        known = dossier(connection, my_scope(), UUID(person_id), desk().day().now) if _is_id(person_id) else None
    return known or abort(404)


def _reason(kinds: type[Reason]) -> Reason:
    chosen = request.form.get("reason", "")
    if chosen not in [each.value for each in kinds]:
        abort(400)
    return kinds(chosen)


def _day(name: str) -> date | None:
    """A day as browsers send it; None if it was left out."""
    written = _text(name)
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise _Wrong(words.DAY) from None


def _text(name: str) -> str:
    return " ".join(request.form.get(name, "").split())[:_LONGEST]


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _by() -> By:
    return By(me().id, desk().day().now)
