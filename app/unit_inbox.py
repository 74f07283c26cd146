"""A demo's made-up health unit: its own system, which receives what KhaiBao forwards, and a page that shows it.

It is written as an integrator would write it: the signature is checked with the standard library of Standard
Webhooks, a `webhook-id` seen before is counted and not stored again, and the answer is 204 once it is stored.
It can be switched off, to see that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert
from standardwebhooks import Webhook, WebhookVerificationError
from werkzeug.wrappers import Response

from app import i18n
from core.care.standing import DAILY
from core.clock import VIETNAM
from core.conversation.labels import SIGN_LABELS
from core.database.shared import demo_received
from core.forwarding import destinations
from core.secrets import Vault

if TYPE_CHECKING:
    from app.web import Services

PATH = "/demo/unit"
_SHOWN = 50  # rows of the page


@dataclass(frozen=True, slots=True)
class Received:
    """One row of the page. `times`: how often it came; `json`: the whole body, indented."""

    webhook_id: str
    at: str
    times: int
    checkin: bool
    urgent: bool
    confirmed: bool
    code: str
    version: int
    person: str
    signs: tuple[str, ...]
    temperature: float | None
    json: str


def blueprint(services: Services) -> Blueprint | None:
    """None outside a demo. Its `receive` takes no CSRF token: exempt "app.unit_inbox.receive"."""
    if not services.settings.demo:
        return None
    made = Blueprint("unit_inbox", __name__, url_prefix=PATH)
    vault = Vault(services.settings.data_keys)
    down = services.settings.var_dir / "demo_unit_down"

    @made.post("")
    def receive() -> tuple[str, int]:
        if down.exists():
            return "", 503
        with services.engine.begin() as connection:
            body = verified(request.get_data(), dict(request.headers), _secrets(connection, vault))
            if body is None:
                return "", 403
            _store(connection, request.headers["webhook-id"], body, services)
        return "", 204

    @made.get("")
    def page() -> str:
        with services.engine.connect() as connection:
            rows, total = _read(connection)
        name = "unit_inbox_list.html" if request.args.get("part") == "list" else "unit_inbox.html"
        return render_template(name, rows=rows, total=total, down=down.exists())

    @made.post("/switch")
    def switch() -> Response:
        _switch(down, request.form.get("down") == "1")
        return redirect(url_for("unit_inbox.page"), 303)

    return made


def verified(payload: bytes, headers: dict[str, str], secrets: Iterable[str]) -> dict[str, Any] | None:
    """The body, if one of the secrets signed it in the last five minutes."""
    for secret in secrets:
        try:
            body = Webhook(secret).verify(payload, headers)
        except (WebhookVerificationError, ValueError):  # ValueError: what is no signature, no text or no JSON at all
            continue
        return body if isinstance(body, dict) else None
    return None


def _secrets(connection: Connection, vault: Vault) -> list[str]:
    """Those of the destinations that lead here: a real unit would have been given its own once."""
    here = [d for d in destinations.load(connection) if d.url.endswith(PATH)]
    return [secret for d in here for secret in destinations.signing_secrets(d, vault)]


def _store(connection: Connection, webhook_id: str, body: dict[str, Any], services: Services) -> None:
    row = insert(demo_received).values(webhook_id=webhook_id, received_at=services.clock.now(), body=body)
    again = {"times": demo_received.c.times + 1}
    connection.execute(row.on_conflict_do_update(index_elements=["webhook_id"], set_=again))


def _switch(down: Path, off: bool) -> None:
    """A file, since the web process has several workers and each must see it."""
    if off:
        down.parent.mkdir(parents=True, exist_ok=True)
        down.touch()
    else:
        down.unlink(missing_ok=True)


def _read(connection: Connection) -> tuple[list[Received], int]:
    newest = demo_received.c.received_at.desc(), demo_received.c.webhook_id.desc()
    rows = connection.execute(select(demo_received).order_by(*newest).limit(_SHOWN)).mappings()
    return [_shown(dict(row)) for row in rows], connection.scalar(select(func.count()).select_from(demo_received)) or 0


def _shown(row: dict[str, Any]) -> Received:
    data = row["body"]["data"]
    person = data["person"]
    born = f" ({person['year_of_birth']})" if person["year_of_birth"] else ""
    words = i18n.words()
    return Received(
        webhook_id=row["webhook_id"],
        at=row["received_at"].astimezone(VIETNAM).strftime("%H:%M:%S %d/%m/%Y"),
        times=row["times"],
        checkin=data["form"] in DAILY,
        urgent=data["level"] == "urgent",
        confirmed=data["confirmed"],
        code=data["code"],
        version=data["version"],
        person=person["full_name"] + born,
        signs=tuple(words.gettext(SIGN_LABELS.get(code, code)) for code in data["signs"]),
        temperature=data["temperature"],
        json=orjson.dumps(row["body"], option=orjson.OPT_INDENT_2).decode(),
    )
