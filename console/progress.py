"""Progress: how many have declared, by unit and organisation, against targets; as a page and as CSV."""

from __future__ import annotations

import csv
import io
from datetime import date
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.desk import desk
from console.signing import me, my_scope
from core.care import progress as boards
from core.care import targets as aims
from core.care.progress import Board
from core.care.targets import Kind, NewTarget, Set
from core.conversation.messages import N_
from core.conversation.wording import word
from core.people import organisations
from core.words import load_words

_TITLE = 80
_REFUSED = {
    Set.UNKNOWN: N_("Không thấy đơn vị hoặc tổ chức đó."),
    Set.MEMBERS_ONLY: N_(
        "Mục tiêu mọi người đều khai chỉ đặt cho thành viên một tổ chức. Với cả đơn vị, xin chọn dưới 100."
    ),
    Set.WRONG: N_("Xin viết tỷ lệ từ 1 đến 100, số dân từ 1 trở lên và một ngày."),
}


def add_to(blueprint: Blueprint) -> None:
    """The page, each of its tables as a file, and its targets."""
    blueprint.add_url_rule("/progress", "progress", _page)
    blueprint.add_url_rule("/progress.csv", "progress_csv", _csv)
    blueprint.add_url_rule("/progress/targets", "add_target", _add, methods=["POST"])
    blueprint.add_url_rule("/progress/targets/<uuid:target>/remove", "remove_target", _remove, methods=["POST"])


def _page() -> str:
    scope, day, parents = my_scope(), desk().day(), desk().console.units().parents
    with desk().engine.connect() as connection:
        residents = boards.by_unit(connection, scope, day, parents)
        members = boards.by_organisation(connection, scope, day, parents)
        found = [aims.standing(each, residents, members) for each in aims.listed(connection, scope)]
        known = organisations.listed(connection, scope)
    texts = [aims.leaders_text(each, desk().unit_name(each.target.unit_code)) for each in found]
    return render_template(
        "console/progress.html",
        units=residents.board(scope.unit_code),
        organisations=members.board(scope.unit_code),
        standings=[(each, word(text, load_words("vi"))) for each, text in zip(found, texts, strict=True)],
        known=known,
        names={each.code: each.name for each in known},
        day=day,
        scope=scope,
    )


def _csv() -> Response:
    """What is not shown on the page is empty here."""
    count = boards.by_organisation if request.args.get("by") == "organisation" else boards.by_unit
    scope = my_scope()
    with desk().engine.connect() as connection:
        board = count(connection, scope, desk().day(), desk().console.units().parents).board(scope.unit_code)
    return Response(
        written(board), mimetype="text/csv", headers={"Content-Disposition": "attachment; filename=progress.csv"}
    )


def written(board: Board) -> str:
    """The lines of a board and their sum, as CSV. The sum is named "shown" where it leaves hidden lines out."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("code", "people", "declared", "updated"))
    for line in (*board.lines, board.total):
        sum_ = "shown" if line.partial else "total"
        writer.writerow((line.code or sum_, line.people, line.declared, line.updated))
    return out.getvalue()


def _add() -> AnyResponse:
    said = request.form
    unit, _, organisation = said.get("whose", "").partition(" ")
    due, kind = said.get("due_on", ""), said.get("kind", "")
    if kind not in list(Kind):
        abort(400)
    try:
        share, day = int(said.get("share", "")), date.fromisoformat(due)
        population = int(said["population"]) if said.get("population") else None
    except ValueError:
        flash(_REFUSED[Set.WRONG])
        return redirect(url_for("console.progress"), 303)
    title = " ".join(said.get("title", "").split())[:_TITLE]
    new = NewTarget(unit, Kind(kind), share, day, population, organisation, title)
    with desk().engine.begin() as connection:
        done = aims.add(connection, my_scope(), new, me().id, desk().day().now)
    if done is not Set.DONE:
        flash(_REFUSED[done])
    return redirect(url_for("console.progress"), 303)


def _remove(target: UUID) -> AnyResponse:
    with desk().engine.begin() as connection:
        if not aims.remove(connection, my_scope(), target):
            abort(404)
    return redirect(url_for("console.progress"), 303)
