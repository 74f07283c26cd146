"""Offering a follow-up to another unit, taking one over, and the list of both."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from console.desk import desk
from console.followed import as_followed, back
from console.signing import me, my_scope
from core.access.scope import Scope
from core.care import transfers
from core.care.case_lists import acts_for
from core.care.handling import By, Outcome
from core.care.standing import Day
from core.care.transfers import Answer, Offer, TransferRow
from core.conversation.messages import N_

_log = logging.getLogger(__name__)

_SAID = {
    Outcome.DONE: N_("Đã ghi."),
    Outcome.TOO_LATE: N_("Đề nghị chuyển này đã có trả lời, đã rút, hoặc người này không còn được theo dõi ở đó."),
    Outcome.WRONG: N_("Chưa ghi: từ chối thì phải có lý do."),
}
_NO_UNIT = N_("Chưa chuyển: không tìm thấy đơn vị này, hoặc có nhiều đơn vị trùng tên. Xin chọn trong danh sách.")
_ELSEWHERE = N_(
    "Chưa chuyển: đơn vị thuộc tỉnh khác. Hiện chỉ chuyển được trong cùng một tỉnh; xin gọi điện cho CDC tỉnh đó."
)


@dataclass(frozen=True, slots=True)
class OnPage:
    """A person's part of the page. `newest`: the last offer; `acts`: whether they may be offered to somebody."""

    newest: TransferRow | None
    acts: bool
    units: tuple[str, ...]


def add_to(blueprint: Blueprint) -> None:
    """The list, and what is done there and on a person's page."""
    add = blueprint.add_url_rule
    add("/transfers", "transfers", _page)
    add("/person/<uuid:person_id>/transfer", "offer_transfer", as_followed(_offer), methods=["POST"])
    add("/transfers/<uuid:transfer_id>/answer", "answer_transfer", _answer, methods=["POST"])
    add("/transfers/<uuid:transfer_id>/withdraw", "withdraw_transfer", _withdraw, methods=["POST"])


def on_page(connection: Connection, scope: Scope, person_id: UUID, _day: Day) -> OnPage | None:
    """Where somebody goes or went, and to whom they could be offered."""
    newest = transfers.of_person(connection, scope, person_id)
    unit = acts_for(connection, scope, person_id)
    if newest is None and unit is None:
        return None
    tree = desk().console.units()
    names = (
        ()
        if unit is None
        else sorted(
            facts.name
            for code, facts in tree.facts.items()
            if code != unit and not transfers.elsewhere(tree, unit, code)
        )
    )
    return OnPage(newest, unit is not None, tuple(names))


def _page() -> str:
    scope, day = my_scope(), desk().day()
    with desk().engine.connect() as connection:
        found = transfers.listed(connection, scope, day.now)
    return render_template("console/transfers.html", found=found, scope=scope)


def _offer(person_id: UUID) -> Response:
    tree, scope = desk().console.units(), my_scope()
    with desk().engine.begin() as connection:
        unit = acts_for(connection, scope, person_id)
        if unit is None:
            abort(404)
        called = transfers.units_called(tree, request.form.get("unit", "")[:200], unit)
        near = [code for code in called if not transfers.elsewhere(tree, unit, code)]
        if len(near) != 1:
            flash(_ELSEWHERE if called and not near else _NO_UNIT)
            return back()
        told = Offer(person_id, near[0], request.form.get("reason", ""))
        outcome = transfers.offer(connection, scope, told, _by(), tree)
    _say(outcome, "offered")
    return back()


def _answer(transfer_id: UUID) -> Response:
    form = request.form
    if form.get("answer") not in ("accept", "refuse"):
        abort(400)
    fields = (form.get(name, "") for name in ("word", "hamlet", "address"))
    said = Answer(transfer_id, form["answer"] == "accept", *fields)
    with desk().engine.begin() as connection:
        outcome = transfers.answer(connection, my_scope(), said, _by())
    _say(outcome, form["answer"])
    return redirect(url_for("console.transfers"), 303)


def _withdraw(transfer_id: UUID) -> Response:
    with desk().engine.begin() as connection:
        outcome = transfers.withdraw(connection, my_scope(), transfer_id, _by())
    _say(outcome, "withdrawn")
    return redirect(url_for("console.transfers"), 303)


def _say(outcome: Outcome, what: str) -> None:
    if outcome is Outcome.UNKNOWN:
        abort(404)
    flash(_SAID[outcome])
    if outcome is Outcome.DONE:
        _log.info("transfer: %s by staff %s", what, me().id)


def _by() -> By:
    return By(me().id, desk().day().now)
