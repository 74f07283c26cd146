"""A simulator to try things on: real screens over the test's database, a clock and an `accept` that only note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, insert
from werkzeug.test import TestResponse

from app import home, i18n
from core.database.tables import addresses, contacts, inbox, outbox
from core.messaging.channel import InboundMessage
from sms.phone.receive import MadeUp, Simulator, blueprint
from sms.phone.screen import Screens

NOW = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)  # half past seven in the morning in Vietnam
MAY, LAN = "+84900000011", "+84900000012"
PEOPLE = (MadeUp(MAY, "Bà Mẩy (bịa)", "73 tuổi"), MadeUp(LAN, "Chị Lan <bịa>", "28 tuổi"))
PRICE = 350


@dataclass
class Desk:
    """`sent` and `moved` are what the page asked for; `wrote` and `got` put rows on a phone."""

    engine: Engine
    sent: list[InboundMessage] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    _contacts: dict[str, UUID] = field(default_factory=dict)
    _seq: Any = field(default_factory=lambda: count(1))

    @property
    def screens(self) -> Screens:
        return Screens(self.engine, PRICE)

    def client(self) -> FlaskClient:
        app = Flask("app")
        app.secret_key = "made up"
        i18n.install(app, demo=True)
        home.install(app, ())
        simulator = Simulator(self._accept, self.screens, lambda: NOW, self.moved.append, i18n.words, PEOPLE)
        app.register_blueprint(blueprint(simulator))
        return app.test_client()

    def wrote(self, text: str, minute: float = 0, number: str = MAY, **values: Any) -> None:
        row = {
            "id": uuid4(),
            "channel": "phone",
            "external_id": uuid4().hex,
            "contact_id": self.contact(number),
            "address": number,
            "text": text,
            "received_at": NOW + timedelta(minutes=minute),
            "state": "done",
        }
        self._insert(inbox, row | values)

    def got(self, text: str, minute: float = 0, number: str = MAY, **values: Any) -> None:
        at = NOW + timedelta(minutes=minute)
        row = {
            "id": uuid4(),
            "contact_id": self.contact(number),
            "seq": next(self._seq),
            "channel": "phone",
            "address": number,
            "kind": "question",
            "priority": 1,
            "text": text,
            "parts": 1,
            "status": "delivered",
            "created_at": at,
            "due_at": at,
            "expires_at": at + timedelta(days=1),
            "sent_at": at,
        }
        self._insert(outbox, row | values)

    def contact(self, number: str) -> UUID:
        if number not in self._contacts:
            made = self._contacts[number] = uuid4()
            self._insert(contacts, {"id": made, "channel": "phone", "address": number, "seen_at": NOW})
            self._insert(addresses, {"channel": "phone", "address": number, "contact_id": made})
        return self._contacts[number]

    def _accept(self, messages: Sequence[InboundMessage]) -> None:
        self.sent.extend(messages)

    def _insert(self, table: Any, row: Mapping[str, Any]) -> None:
        with self.engine.begin() as connection:
            connection.execute(insert(table), row)


def post(client: FlaskClient, path: str, body: object, **headers: str) -> TestResponse:
    """As our own page posts it: `Sec_Fetch_Site="..."` and the like replace what a browser says."""
    named = {"Sec-Fetch-Site": "same-origin"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(path, json=body, headers={name: value for name, value in named.items() if value})
