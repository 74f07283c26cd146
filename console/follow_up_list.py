"""Uploading a list of people to be followed: good rows go in, the others are listed with what to do."""

from __future__ import annotations

import io
import logging

from flask import Blueprint, abort, render_template, request

from console import follow_up_words as words
from console.desk import desk
from console.signing import me, my_scope
from core.care import follow_up_import, follow_up_sheet
from core.care.follow_up_import import Into, Report
from core.care.follow_up_rows import Source
from core.care.follow_up_sheet import SheetError

_log = logging.getLogger(__name__)


def add_to(blueprint: Blueprint) -> None:
    """The form and what became of the file."""
    blueprint.add_url_rule("/follow-ups/list", "follow_up_list", _form)
    blueprint.add_url_rule("/follow-ups/list", "take_in_list", _take_in, methods=["POST"])


def _form(report: Report | None = None, why: str = "") -> str:
    units = [(code, desk().unit_name(code)) for code in my_scope().codes]
    dry = request.form.get("dry") == "1"
    shown = {"report": report, "why": why, "units": units, "chosen": request.form.get("unit") or me().unit_code}
    return render_template("console/follow_up_list.html", names=words, dry=dry, **shown)


def _take_in() -> str | tuple[str, int]:
    """Shown as the answer itself: sent again, the same file finds everybody followed already."""
    unit_code, sent = request.form.get("unit", ""), request.files.get("file")
    if unit_code not in my_scope().codes:
        abort(404)
    if sent is None or not sent.filename:
        return _form(why=words.NO_LIST), 422
    day, dry = desk().day(), request.form.get("dry") == "1"
    lines = follow_up_import.lines_of(desk().pipeline, dry=dry)
    rows = follow_up_sheet.read(io.BytesIO(sent.read()), sent.filename, unit_code, day.today)
    into = Into(unit_code, Source("import", by=me().id), day.now, dry)
    whole = Report()
    try:
        for page in follow_up_import.take_in(desk().engine, lines, rows, into):
            whole.opened.extend(page.opened)
            whole.verified.extend(page.verified)
            whole.already.extend(page.already)
            whole.proposed.extend(page.proposed)
            whole.faults.extend(page.faults)
            whole.perhaps.extend(page.perhaps)
            whole.gone.extend(page.gone)
            whole.impossible.extend(page.impossible)
    except SheetError:
        return _form(why=words.NO_LIST), 422
    _log.info("list of %s: %s opened by staff %s", unit_code, len(whole.opened), me().id)
    return _form(whole)
