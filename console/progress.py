"""Progress: how many have declared, by unit and organisation; as a page and as CSV."""

from __future__ import annotations

import csv
import io

from flask import Blueprint, Response, render_template, request

from console.desk import desk
from console.signing import my_scope
from core.care import progress as boards
from core.care.progress import Board


def add_to(blueprint: Blueprint) -> None:
    """The page, and each of its tables as a file."""
    blueprint.add_url_rule("/progress", "progress", _page)
    blueprint.add_url_rule("/progress.csv", "progress_csv", _csv)


def _page() -> str:
    scope, day = my_scope(), desk().day()
    with desk().engine.connect() as connection:
        units = boards.by_unit(connection, scope, day)
        organisations = boards.by_organisation(connection, scope, day)
    return render_template("console/progress.html", units=units, organisations=organisations, day=day)


def _csv() -> Response:
    """What is not shown on the page is empty here."""
    count = boards.by_organisation if request.args.get("by") == "organisation" else boards.by_unit
    with desk().engine.connect() as connection:
        board = count(connection, my_scope(), desk().day())
    return Response(
        written(board), mimetype="text/csv", headers={"Content-Disposition": "attachment; filename=progress.csv"}
    )


def written(board: Board) -> str:
    """The lines of a board and their sum, as CSV."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("code", "people", "declared", "updated"))
    for line in (*board.lines, board.total):
        writer.writerow((line.code or "total", line.people, line.declared, line.updated))
    return out.getvalue()
