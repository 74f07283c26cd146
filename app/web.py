"""The web process: webhooks in, pages out. It never calls a provider.

While the database is away it goes on taking what webhooks bring, into the spool; a page says that it has to wait.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import cast

from flask import Blueprint, Flask, Response, current_app, request
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.middleware.proxy_fix import ProxyFix

from app import home, i18n, wiring
from app.cast import SIGN_INS
from app.certificate import certificate
from app.chat import chat
from app.console import console
from app.metrics import metrics
from app.phone import phone
from app.ports import ports, spool, webhooks
from app.settings import Settings
from app.unit_inbox import blueprint as unit_inbox
from core.clock import Clock
from core.database.engine import is_away, make_engine
from core.messaging.spool import SpoolFull
from core.pipeline.ingress import Ingress
from core.pipeline.services import Services as Pipeline

log = logging.getLogger(__name__)

THREADS = 8
"""Requests that one web worker serves at a time, and so the connections that it may need."""

_PATIENCE = 10.0
"""Seconds that a request waits for a database that hangs: providers wait 15."""

_RETRY_AFTER = "10"  # seconds
_AWAY = "Máy đang bận, xin thử lại sau ít phút. Nguy hiểm: gọi 115 ngay.\nPlease try again in some minutes.\n"
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
    ingress: Ingress


BLUEPRINTS: tuple[Callable[[Services], Blueprint | None], ...] = (
    console,
    chat,
    phone,
    certificate,
    unit_inbox,
    metrics,
)
"""All pages under our address, one maker a line. A maker returns None when its page is off."""


def create_app(settings: Settings, engine: Engine | None = None) -> Flask:
    """The Flask application. Call it after a fork: without `engine` it opens its own. Raises SpoolError."""
    engine = engine or make_engine(
        settings.database_url, settings.cell, pool_size=THREADS, max_overflow=2, name="khaibao web", patience=_PATIENCE
    )
    clock = Clock(engine, demo=settings.demo)
    pipeline = cache(lambda: wiring.services(settings, engine, clock))
    ingress = Ingress(engine, ports(engine, clock.now, pipeline), spool(settings))
    services = Services(settings, engine, clock, pipeline, ingress)
    app = Flask("app")
    app.extensions["khaibao"] = services
    _configure(app, settings)
    i18n.install(app, demo=settings.demo)
    home.install(app, SIGN_INS if settings.demo else (), chat=settings.channel("web") is not None)
    app.register_blueprint(_health())
    _explain_faults(app)
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
    """For the machine that watches us: `live` is the process; `ready`: what comes can be kept, in the migrated database
    or, while that is away, in the spool."""
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
        except SQLAlchemyError as fault:
            if is_away(fault) and services().ingress.spool.accepts():
                return "the database is away: what comes goes into the spool\n", 200
            return "the database does not answer\n", 503
        return "ok\n", 200

    return health


def _explain_faults(app: Flask) -> None:
    """A webhook whose message can be kept nowhere is to be repeated; a page that has to wait says so in words."""

    @app.errorhandler(SpoolFull)
    def full(fault: SpoolFull) -> Response:
        log.error("web: the spool keeps nothing more: %s", fault)
        return _later()

    @app.errorhandler(DBAPIError)
    @app.errorhandler(PoolTimeout)
    def away(fault: DBAPIError | PoolTimeout) -> Response:
        if not is_away(fault):
            raise fault
        return _later()


def _later() -> Response:
    return Response(_AWAY, 503, {"Retry-After": _RETRY_AFTER}, content_type="text/plain; charset=utf-8")
