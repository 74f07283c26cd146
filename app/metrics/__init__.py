"""/metrics for Prometheus: what the processes of this machine counted, and what the database says at each look.

It holds counts only. Who may read it: with METRICS_TOKEN whoever brings that (`Authorization: Bearer`), from anywhere;
without, only addresses of private networks, so that a page that the world reaches does not tell it how many fell ill.
"""

from __future__ import annotations

import hmac
import time
from ipaddress import ip_address
from typing import TYPE_CHECKING

from flask import Blueprint, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from app.channels import by_name
from app.metrics.database import Database
from app.metrics.host import Disk, Kept
from app.metrics.process import Counted
from app.settings import Settings
from core.metrics import REQUESTS

if TYPE_CHECKING:
    from app.web import Services


def local(settings: Settings) -> CollectorRegistry:
    """What can be told without a database."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Counted())
    registry.register(Disk(settings.var_dir))
    return registry


def allowed(settings: Settings, given: str, address: str) -> bool:
    """May somebody at `address` with the header Authorization `given` read?"""
    if settings.metrics_token:
        return hmac.compare_digest(given.encode(), f"Bearer {settings.metrics_token}".encode())
    try:
        return ip_address(address).is_private
    except ValueError:
        return False


def metrics(services: Services) -> Blueprint:
    """Everything under /metrics, and a watch over how long requests take."""
    pages = Blueprint("metrics", __name__)
    registry = local(services.settings)
    registry.register(Kept(services.ingress.spool, services.settings.spool_limit))
    sms = [name for name, channel in by_name(services.settings.channels).items() if channel.profile.sms]
    registry.register(Database(services.engine, services.clock, services.settings.cell, sms))

    @pages.get("/metrics")
    def read() -> Response:
        if not allowed(services.settings, request.headers.get("Authorization", ""), request.remote_addr or ""):
            return Response("not for you\n", 403)
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    pages.before_app_request(_begin)
    pages.after_app_request(_end)
    return pages


def _begin() -> None:
    g.begun = time.monotonic()


def _end(response: Response) -> Response:
    begun = g.pop("begun", None)
    if begun is not None:
        REQUESTS.labels(_route(), f"{response.status_code // 100}xx").observe(time.monotonic() - begun)
    return response


def _route() -> str:
    """A webhook by its rule, whose secret and varying parts are placeholders; pages by the part they belong to."""
    rule = request.url_rule
    if rule is None:
        return "none"
    return rule.rule if rule.rule.startswith(("/sms/", "/bot/", "/health/")) else request.blueprint or "home"
