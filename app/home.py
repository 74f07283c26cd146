"""The first page: what this is, and the doors into it. Only a demo shows doors that anyone may open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Flask, render_template


@dataclass(frozen=True, slots=True)
class SignIn:
    """A made-up member of staff of a demo. `role` is a source text. The password is no secret: it is on the page."""

    login: str
    password: str
    role: str
    unit_code: str


def install(app: Flask, sign_ins: Sequence[SignIn], *, chat: bool = False) -> None:
    """Answer at / under the endpoint `home`, which every page's header links to."""
    app.add_url_rule("/", "home", _page(sign_ins, chat=chat))


def _page(sign_ins: Sequence[SignIn], *, chat: bool) -> Callable[[], str]:
    return lambda: render_template("home.html", sign_ins=sign_ins, chat=chat)
