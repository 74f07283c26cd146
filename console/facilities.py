"""Facilities: their roster by room, who comes, moves and leaves, and the round of checks morning and afternoon."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from console.desk import desk
from console.followed import as_followed, back
from console.signing import me, my_scope
from core.access.scope import Scope
from core.care import facilities
from core.care.entered import Entry, Half, Means, Problem, Round, enter, half_of
from core.care.facilities import Facility, FacilityError, Guest, NewFacility
from core.care.handling import By, Outcome
from core.care.standing import Day, day_of
from core.conversation.messages import N_
from core.conversation.signs import SIGNS

_log = logging.getLogger(__name__)

OFFERED = ("fever", "cough", "sore_throat", "runny_nose", "fatigue", "shortness_of_breath", "drowsiness", "blue_lips")
"""Signs on a round's page; what else is said goes on the person's own."""

HALVES = {Half.MORNING: N_("sáng"), Half.AFTERNOON: N_("chiều")}
PROBLEMS: Mapping[Problem, str] = {
    Problem.NOT_HERE: N_("không còn được theo dõi ở đây: xem lại danh sách"),
    Problem.ANSWERED: N_("buổi này đã có câu trả lời như vậy: không ghi hai lần"),
    Problem.MOVED: N_("đã đổi phòng sau khi mở trang: xem lại rồi ghi riêng"),
    Problem.EARLY: N_("chưa đến giờ của buổi này: ghi lại sau"),
    Problem.TEMPERATURE: N_("nhiệt độ không đọc được hoặc không thể có: ghi số từ 34 đến 43"),
    Problem.NOT_SAID: N_("chỉ có nhiệt độ: chọn “Khỏe” hoặc đánh dấu dấu hiệu"),
    Problem.BOTH: N_("vừa chọn “Khỏe” vừa có sốt hoặc dấu hiệu: hỏi lại rồi sửa"),
}
_SAID = {
    Outcome.DONE: N_("Đã ghi."),
    Outcome.TOO_LATE: N_("Không đổi gì: người này đã ở phòng đó hoặc không ở khu nào, hoặc khu đã đóng."),
    Outcome.WRONG: N_("Chưa ghi: khu đã đủ người, hoặc chưa ghi phòng."),
}
_NOT_EMPTY = N_("Chưa đóng được: trong khu còn người. Cho họ về nhà hoặc chuyển đi trước.")
_BAD = N_("Chưa thêm: xem lại tên, loại và số chỗ.")


@dataclass(frozen=True, slots=True)
class OnPage:
    """A person's part of the page. `now`: the facility they are in; `ours`: the scope's."""

    now: Facility | None
    ours: bool
    room: str
    open: tuple[Facility, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """What one row of a round's page said. `entry` is None where nothing was filled in."""

    entry: Entry | None
    problem: Problem | None
    heat: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A row as the page showed it: who, and in which room. `guest`: as they are there now, None if they are not."""

    person_id: UUID
    room: str
    guest: Guest | None


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a page that was sent: by person the rows that did not go in, and why not; how many did."""

    kept: Mapping[UUID, Filled]
    wrong: Mapping[UUID, tuple[Guest | None, str]]
    saved: int


def add_to(blueprint: Blueprint) -> None:
    """The list, a facility's page, and what is done there and on a person's page."""
    add = blueprint.add_url_rule
    add("/facilities", "facilities", _page, methods=["GET", "POST"])
    add("/facilities/<uuid:facility_id>", "facility", _facility, methods=["GET", "POST"])
    add("/facilities/<uuid:facility_id>/close", "close_facility", _close, methods=["POST"])
    add("/person/<uuid:person_id>/facility", "set_facility", as_followed(_set), methods=["POST"])


def on_page(connection: Connection, scope: Scope, person_id: UUID, _day: Day) -> OnPage | None:
    """Where somebody under follow-up is; nothing where the scope has no facility, and they are in none."""
    where = facilities.room_of(connection, scope, person_id)
    known = facilities.listed(connection, scope) if where else ()
    if where is None or not (known or where[0]):
        return None
    now = facilities.where_they_are(connection, where[0]) if where[0] else None
    ours = now is not None and now.unit_code in scope.codes
    return OnPage(now, ours, where[1], tuple(each for each in known if each.active))


def _page() -> str | Response:
    scope = my_scope()
    if request.method == "POST":
        _add(scope)
        return redirect(url_for("console.facilities"), 303)
    with desk().engine.connect() as connection:
        found = facilities.listed(connection, scope)
    return render_template("console/facilities.html", found=found, scope=scope, kinds=facilities.KINDS)


def _add(scope: Scope) -> None:
    places = request.form.get("capacity", "").strip()
    capacity = int(places) if places.isascii() and places.isdigit() and len(places) <= 4 else None
    names = ("name", "kind", "address", "phone")
    name, kind, address, phone = (request.form.get(each, "")[:200] for each in names)
    new = NewFacility(name, kind, scope.unit_code, address, phone, capacity)
    try:
        if places and capacity is None:
            raise FacilityError("no number")
        with desk().engine.begin() as connection:
            facilities.add(connection, scope, new, desk().day().now)
    except FacilityError:
        flash(_BAD)
    else:
        flash(_SAID[Outcome.DONE])


def _facility(facility_id: UUID) -> str:
    scope, day = my_scope(), desk().day()
    on, half = _on(day), _half(day)
    room, page = request.values.get("room", ""), request.values.get("page", 1, int)
    done = Done({}, {}, 0)
    with desk().engine.begin() as connection:
        known = facilities.one(connection, scope, facility_id)
        if known is None:
            abort(404)
        if request.method == "POST":
            done = _save(connection, scope, (half, on, facility_id), _sent(connection, facility_id, on))
        rooms = facilities.rooms(connection, facility_id)
        total = rooms.get(room, 0) if room else sum(rooms.values())
        pages = max(1, -(-total // facilities.MOST))
        page = max(1, min(page, pages))
        guests = facilities.roster(connection, facility_id, on, room, page)
    seen = [(name, list(inside)) for name, inside in groupby(guests, key=lambda guest: guest.room)]
    shown = {"facility": known, "rooms": seen, "all_rooms": rooms, "units": scope.codes, "done": done}
    when = {"day": day, "on": on, "half": half, "halves": HALVES, "yesterday": day.today - timedelta(days=1)}
    part = {"room": room or None, "page": page if page > 1 else None}
    cut = {"part": part, "page": page, "pages": pages, "total": total, "shown": len(guests)}
    sent = request.method == "POST"
    return render_template("console/facility.html", **shown, **when, **cut, sent=sent, offered=OFFERED)


def _sent(connection: Connection, facility_id: UUID, on: Day) -> list[Sent]:
    """The rows that the page had, as it showed them: who came since was not seen by whoever filled it in."""
    rows = [(_uuid(name.removeprefix("row-")), room) for name, room in request.form.items() if name.startswith("row-")]
    there = facilities.those(connection, facility_id, on, [person for person, _ in rows])
    now = {guest.who.person_id: guest for guest in there}
    return [Sent(person, room, now.get(person)) for person, room in rows]


def _save(connection: Connection, scope: Scope, when: tuple[Half, Day, UUID], rows: Sequence[Sent]) -> Done:
    """Write down what is right."""
    filled = {row.person_id: read(row, when[0]) for row in rows}
    wrong = {person: row.problem for person, row in filled.items() if row.problem}
    entries = [row.entry for row in filled.values() if row.entry is not None and not row.problem]
    pipeline = desk().pipeline
    means = Means(pipeline.codes.next, pipeline.destinations())
    round_ = Round(when[0], entries, when[1].today, when[2])
    answer = enter(connection, scope, round_, By(me().id, desk().day().now), means)
    wrong |= {person: problem for person, problem in answer.items() if problem}
    saved = len(entries) - sum(1 for problem in answer.values() if problem)
    _log.info("facility: %s checks entered by staff %s", saved, me().id)
    guests = {row.person_id: row.guest for row in rows}
    why = {person: (guests.get(person), PROBLEMS[problem]) for person, problem in wrong.items()}
    return Done({person: filled[person] for person in wrong}, why, saved)


def read(row: Sent, half: Half) -> Filled:
    """One row of the form. That a whole room is well counts for those of whom nothing else was said, who have not
    answered for themselves, and who are still in it."""
    form, key = request.form, row.person_id.hex
    heat = form.get(f"heat-{key}", "").strip()[:10]
    signs = tuple(sign for sign in SIGNS if sign in form.getlist(f"signs-{key}"))
    own = bool(heat or signs or f"well-{key}" in form)
    with_room = not signs and row.room in form.getlist("room-well") and (own or not _answered(row.guest, half))
    well = f"well-{key}" in form or with_room
    degrees = _degrees(heat)
    if not own and not well:
        return Filled(None, None, heat)
    problem = Problem.TEMPERATURE if heat and degrees is None else None
    if not own and (row.guest is None or row.guest.room != row.room):
        problem = Problem.MOVED
    return Filled(Entry(row.person_id, well, signs, degrees), problem, heat)


def _answered(guest: Guest | None, half: Half) -> bool:
    checks = guest.checks if guest else ()
    return any(half_of(at) is half and status in ("seen_ok", "seen_not_ok") for at, status in checks)


def _degrees(text: str) -> float | None:
    """Also with the comma that people write; None for what is no number."""
    whole, _, part = text.replace(",", ".").partition(".")
    digits = whole.isascii() and whole.isdigit() and (not part or (part.isascii() and part.isdigit()))
    return round(float(f"{whole}.{part or 0}"), 1) if digits else None


def _on(day: Day) -> Day:
    """The day of the round: today, or yesterday for a round that was written on paper."""
    asked = request.values.get("day", "")
    days = {each.isoformat(): each for each in (day.today, day.today - timedelta(days=1))}
    if asked and asked not in days:
        abort(400)
    return day if asked in ("", day.today.isoformat()) else day_of(day.start - timedelta(seconds=1))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        abort(400)


def _half(day: Day) -> Half:
    """The one that was asked for, else the one it is time for."""
    asked = request.values.get("half", "")
    return Half(asked) if asked in set(Half) else half_of(day.now)


def _close(facility_id: UUID) -> Response:
    with desk().engine.begin() as connection:
        outcome = facilities.close(connection, my_scope(), facility_id)
    _say(outcome, wrong=_NOT_EMPTY)
    return redirect(url_for("console.facilities"), 303)


def _set(person_id: UUID) -> Response:
    by = By(me().id, desk().day().now)
    with desk().engine.begin() as connection:
        outcome = _moved(connection, person_id, by)
    _say(outcome)
    return back()


def _moved(connection: Connection, person_id: UUID, by: By) -> Outcome:
    wanted = request.form.get("facility", "")
    if wanted == "home":
        return facilities.leave(connection, my_scope(), person_id, by)
    where = _uuid(wanted), request.form.get("room", "")
    return facilities.put(connection, my_scope(), person_id, where, by)


def _say(outcome: Outcome, *, wrong: str = "") -> None:
    if outcome is Outcome.UNKNOWN:
        abort(404)
    flash(wrong if wrong and outcome is Outcome.WRONG else _SAID[outcome])
