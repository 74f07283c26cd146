"""On the page of somebody into whom another one was merged staff act on whichever of the two is followed: a try, a test
or a room is written down of the person whose follow-up is open. Then they are back on the page they came from.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from console.desk import desk
from core.people.same import followed_as

View = Callable[[UUID], Response]


def as_followed(view: View) -> View:
    """A view of `/person/<person_id>/...` that is given the person who is followed."""

    @wraps(view)
    def acting(person_id: UUID) -> Response:
        with desk().engine.connect() as connection:
            whose = followed_as(connection, person_id)
        return view(whose)

    return acting


def back() -> Response:
    """To the page of the person in the address."""
    return redirect(url_for("console.person", **(request.view_args or {})), 303)
