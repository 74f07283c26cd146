"""The web process: webhooks in, pages out. It never calls a provider."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import cast

from flask import Blueprint, Flask, Response, current_app, request
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix

from app import home, i18n, wiring
from app.cast import SIGN_INS
from app.chat import chat
from app.console import console
from app.metrics import metrics
from app.phone import phone
from app.ports import webhooks
from app.settings import Settings
from app.unit_inbox import blueprint as unit_inbox
from core.clock import Clock
from core.database.engine import make_engine
from core.pipeline.services import Services as Pipeline

THREADS = 8
"""Requests that one web worker serves at a time, and so the connections that it may need."""

_MAX_BODY = 1_000_000  # bytes; the largest webhook is some kilobytes
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # Flask-WTF checks the referrer of a form over https
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@dataclass(frozen=True, slots=True)
class Services:
    """What a page or a webhook may use. `pipeline` is made when first asked for: it reads the database."""

    settings: Settings
    engine: Engine
    clock: Clock
    pipeline: Callable[[], Pipeline]


BLUEPRINTS: tuple[Callable[[Services], Blueprint | None], ...] = (
    console,
    chat,
    phone,
    unit_inbox,
    metrics,
)
"""All pages under our address, one maker a line. A maker returns None when its page is off."""


def create_app(settings: Settings, engine: Engine | None = None) -> Flask:
    """The Flask application. Call it after a fork: without `engine` it opens its own."""
    engine = engine or make_engine(
        settings.database_url, settings.cell, pool_size=THREADS, max_overflow=2, name="khaibao web"
    )
    clock = Clock(engine, demo=settings.demo)
    services = Services(settings, engine, clock, cache(lambda: wiring.services(settings, engine, clock)))
    app = Flask("app")
    app.extensions["khaibao"] = services
    _configure(app, settings)
    i18n.install(app, demo=settings.demo)
    home.install(app, SIGN_INS if settings.demo else (), chat=settings.channel("web") is not None)
    app.register_blueprint(_health())
    for make in BLUEPRINTS:
        if blueprint := make(services):
            app.register_blueprint(blueprint)
    for routes in webhooks(services):
        app.register_blueprint(routes)
    return app


def services() -> Services:
    """Those of the application that serves the current request."""
    return cast(Services, current_app.extensions["khaibao"])


def _configure(app: Flask, settings: Settings) -> None:
    secure = settings.public_url.startswith("https://")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=_MAX_BODY,
        SESSION_COOKIE_NAME="khaibao",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
    )
    app.after_request(_hsts if secure else _guard)
    if settings.public_url:  # only then is there a proxy in front whose headers can be believed
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]


def _guard(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if not request.path.startswith("/static/") and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"  # a shared computer keeps nobody's answers
    return response


def _hsts(response: Response) -> Response:
    response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return _guard(response)


def _health() -> Blueprint:
    """For the machine that watches us: `live` is the process, `ready` is the database, migrated."""
    health = Blueprint("health", __name__, url_prefix="/health")

    @health.get("/live")
    def live() -> str:
        return "ok\n"

    @health.get("/ready")
    def ready() -> tuple[str, int]:
        try:
            with services().engine.begin() as connection:
                connection.execute(text("SET LOCAL statement_timeout = '2s'"))
                connection.execute(text("SELECT FROM shared.installation"))
        except SQLAlchemyError:
            return "the database does not answer\n", 503
        return "ok\n", 200

    return health
