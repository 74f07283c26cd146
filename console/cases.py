"""Cases: levels that wait for the CDC, clusters, tests, and who was near whom."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from console.desk import desk
from console.followed import as_followed
from console.signing import me, my_scope
from core.access.scope import Scope
from core.care import case_lists, cases, levels
from core.care.cases import Near, NewTest, Result, Sample
from core.care.handling import By, Outcome
from core.care.levels import ByHand, Decision
from core.care.standing import Day
from core.conversation.messages import N_

_log = logging.getLogger(__name__)

_SAID = {
    Outcome.DONE: N_("Đã ghi."),
    Outcome.TOO_LATE: N_("Việc này đã có người làm, hoặc đã ghi từ trước."),
    Outcome.WRONG: N_("Chưa ghi: xem lại ngày, lý do và các ô bắt buộc. Ngày không được ở tương lai."),
}
_NO_DAYS = N_("Chưa ghi: ngày tiếp xúc phải có, không ở tương lai, và quy định không nêu số ngày thì ghi ngày cuối.")
_WHO = N_("Chưa ghi: xem lại ngày và họ tên. Nếu trong đơn vị có nhiều người cùng tên, xin ghi cả năm sinh.")


@dataclass(frozen=True, slots=True)
class OnPage:
    """A person's part of the page. `decides`: whether who asks may confirm a level."""

    case: case_lists.PersonsCase
    decides: bool


T = TypeVar("T", Sample, Result)
Deed = Callable[[Connection, Scope, By], Outcome]


def add_to(blueprint: Blueprint) -> None:
    """The page of all cases, and what is done there and on a person's page."""
    add = blueprint.add_url_rule
    add("/cases", "cases", _page)
    add("/cases/clusters", "make_cluster", _make_cluster, methods=["POST"])
    add("/cases/clusters/<uuid:cluster_id>/close", "close_cluster", _close_cluster, methods=["POST"])
    add("/cases/levels/<uuid:proposal_id>/confirm", "confirm_level", _confirm, methods=["POST"])
    add("/cases/levels/<uuid:proposal_id>/reject", "reject_level", _reject, methods=["POST"])
    add("/cases/tests/<uuid:test_id>", "answer_test", _answer, methods=["POST"])
    add("/person/<uuid:person_id>/tests", "add_test", as_followed(_add_test), methods=["POST"])
    add("/person/<uuid:person_id>/contacts", "add_contact", as_followed(_add_contact), methods=["POST"])
    add("/person/<uuid:person_id>/cluster", "set_cluster", as_followed(_set_cluster), methods=["POST"])
    add("/person/<uuid:person_id>/level", "set_level", as_followed(_set_level), methods=["POST"])


def on_page(connection: Connection, scope: Scope, person_id: UUID, day: Day) -> OnPage | None:
    """A person's tests, contacts and cluster; nothing where others act for them."""
    found = case_lists.of_person(connection, scope, person_id, day)
    return OnPage(found, scope.kind in levels.DECIDING) if found else None


def _page() -> str:
    scope, day = my_scope(), desk().day()
    with desk().engine.connect() as connection:
        shown = {
            "proposals": case_lists.proposals(connection, scope),
            "clusters": case_lists.open_clusters(connection, scope, day),
            "pending": case_lists.pending_tests(connection, scope),
            "not_followed": case_lists.not_followed(connection, scope, day),
        }
    decides = scope.kind in levels.DECIDING
    return render_template("console/cases.html", **shown, scope=scope, day=day, decides=decides)


def _confirm(proposal_id: UUID) -> Response:
    told = Decision(proposal_id, _day("last_contact_on"), _text("note"), _day("end_on"))
    return _done(lambda c, scope, by: levels.confirm(c, scope, told, by), "level", wrong=_NO_DAYS)


def _reject(proposal_id: UUID) -> Response:
    told = Decision(proposal_id, note=_text("note"))
    return _done(lambda c, scope, by: levels.reject(c, scope, told, by), "level")


def _set_level(person_id: UUID) -> Response:
    with desk().engine.connect() as connection:
        known = case_lists.of_person(connection, my_scope(), person_id, desk().day())
    since = _day("since")
    if known is None or known.follow_up_id is None:
        abort(404)
    told = ByHand(known.follow_up_id, _text("group"), since or desk().day().today, _text("reason"), _day("end_on"))
    return _done(lambda c, scope, by: levels.set_by_hand(c, scope, told, by), "level", wrong=_NO_DAYS)


def _answer(test_id: UUID) -> Response:
    result = _choice(Result, "result")
    return _done(lambda c, scope, by: cases.answer_test(c, scope, test_id, result, by), "result")


def _add_test(person_id: UUID) -> Response:
    day = _day("sampled_on") or date.max
    test = NewTest(person_id, _choice(Sample, "kind"), day, _choice(Result, "result"), _text("laboratory"))
    return _done(lambda c, scope, by: cases.record_result(c, scope, test, by), "result")


def _add_contact(person_id: UUID) -> Response:
    born, day = _text("year_of_birth"), _day("last_contact_on") or date.max
    year = int(born) if born.isascii() and born.isdigit() and len(born) == 4 else None

    def name(connection: Connection, scope: Scope, by: By) -> Outcome:
        known = cases.called(connection, scope, _text("name"), year)
        if len(known) > 1:
            return Outcome.WRONG
        near = Near(person_id, day, known[0] if known else None, _text("name"), year, _text("note"))
        return cases.name_contact(connection, scope, near, by)

    return _done(name, "contact", wrong=_WHO)


def _set_cluster(person_id: UUID) -> Response:
    cluster = _id("cluster")
    return _done(lambda c, scope, by: cases.put_in_cluster(c, scope, person_id, cluster, by), "cluster")


def _make_cluster() -> Response:
    def make(connection: Connection, scope: Scope, by: By) -> Outcome:
        made = cases.make_cluster(connection, scope, _text("name"), by)
        return Outcome.DONE if made else Outcome.WRONG

    return _done(make, "cluster")


def _close_cluster(cluster_id: UUID) -> Response:
    return _done(lambda c, scope, by: cases.close_cluster(c, scope, cluster_id, by), "cluster")


def _done(deed: Deed, what: str, *, wrong: str = "") -> Response:
    """Do it in one transaction, say how it went, and go back to where they were."""
    with desk().engine.begin() as connection:
        outcome = deed(connection, my_scope(), By(me().id, desk().day().now))
    if outcome is Outcome.UNKNOWN:
        abort(404)
    flash(wrong if wrong and outcome is Outcome.WRONG else _SAID[outcome])
    if outcome is Outcome.DONE:
        _log.info("case: %s entered by staff %s", what, me().id)
    person = request.view_args.get("person_id") if request.view_args else None
    return redirect(url_for("console.person", person_id=person) if person else url_for("console.cases"), 303)


def _text(name: str) -> str:
    return request.form.get(name, "").strip()


def _day(name: str) -> date | None:
    """A day as a date field sends it; None if there is none."""
    try:
        return date.fromisoformat(_text(name))
    except ValueError:
        return None


def _id(name: str) -> UUID | None:
    try:
        return UUID(_text(name))
    except ValueError:
        return None


def _choice(kind: type[T], name: str) -> T:
    try:
        return kind(_text(name))
    except ValueError:
        abort(400)
