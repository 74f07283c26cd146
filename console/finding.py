"""Finding a person. What was typed travels in a POST: it stands in no address, history or log."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.desk import desk
from console.signing import my_scope
from core.care.find import MOST, find

LONGEST = 100  # characters of a name or code


def add_to(blueprint: Blueprint) -> None:
    """The form and its answer."""
    blueprint.add_url_rule("/find", "find", _page, methods=["GET", "POST"])


def _page() -> str | Response:
    asked = request.form.get("q", "").strip()[:LONGEST]
    if not asked:
        return render_template("console/find.html", asked="", found=(), most=MOST)
    with desk().engine.connect() as connection:
        found = find(connection, my_scope(), asked)
    if len(found) == 1:
        return redirect(url_for("console.person", person_id=found[0].person_id), 303)
    return render_template("console/find.html", asked=asked, found=found, most=MOST, several=my_scope().several)
