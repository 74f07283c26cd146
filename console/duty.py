"""Which phones are texted when a unit's people need somebody. Operators change them: `khaibao duty`."""

from __future__ import annotations

from flask import Blueprint, render_template

from console.desk import desk
from console.signing import my_scope
from core.care import duty

MOST = 500


def add_to(blueprint: Blueprint) -> None:
    """The page."""
    blueprint.add_url_rule("/duty", "duty", _page)


def _page() -> str:
    with desk().engine.connect() as connection:
        phones = duty.listed(connection, my_scope().codes)
    return render_template("console/duty.html", phones=phones[:MOST], now=desk().day().now)
