"""One channel of a whole installation: real webhooks in, the real pipeline, the real client out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import Engine, RowMapping, Table, func, insert, select, update
from werkzeug.test import TestResponse

from app.channels import by_name, plug_of
from app.ports import tools
from app.settings import Settings, load
from app.web import create_app, services
from core.database.shared import channel_states
from core.database.tables import addresses, contacts, inbox, outbox
from core.messaging.channel import Channel, MessageKind, Sender
from core.messaging.dispatch import Dispatcher
from core.messaging.ports import Config
from core.messaging.silence import Ability, ability
from tests.cast import found
from tests.contract.kit import Hook, Kit

QUICK = 0.6  # seconds that a send may take here
PUBLIC = "http://127.0.0.1:8000"


@dataclass
class Stage:
    """The person writes by `post`, we answer by `send`."""

    kit: Kit
    engine: Engine
    web: FlaskClient
    settings: Settings
    later: timedelta = timedelta()

    @property
    def config(self) -> Config:
        found = self.settings.channel(self.kit.name)
        assert found is not None
        return found

    def channel(self) -> Channel:
        return by_name(self.settings.channels)[self.kit.name]

    def ability(self) -> Ability:
        """What the provider can do about a send without an answer."""
        return ability(self._sender(self.config.profile.timeout))

    def now(self) -> datetime:
        return datetime.now(UTC) + self.later

    def wait_for(self, id: UUID) -> None:
        """Until a message may be tried again, and its provider too."""
        self.later += max(self.message(id)["due_at"] - self.now(), timedelta())
        with self.engine.begin() as connection:
            connection.execute(update(channel_states).values(open_until=func.clock_timestamp()))

    def post(self, hook: Hook) -> TestResponse:
        return self.web.open(hook.path, method=hook.method, data=hook.body, headers=dict(hook.headers))

    def hears(self, text: str, id: str = "") -> None:
        """The person writes, and that is acknowledged."""
        answer = self.post(self.kit.says(text, id or uuid4().hex))
        assert answer.status_code < 300, answer.text

    def drain(self) -> None:
        """The database is back: what the spool holds is read."""
        with self.web.application.app_context():
            services().ingress.drain()

    def send(self, timeout: float = 15.0) -> None:
        """Everything that is due leaves."""

        async def work() -> None:
            sender = self._sender(timeout)
            dispatcher = Dispatcher(self.engine, sender, self.now, chance=lambda: 0.5)
            try:
                while await dispatcher.turn():
                    pass
            finally:
                await sender.close()

        asyncio.run(work())

    def _sender(self, timeout: float) -> Sender:
        config: Any = self.config
        quick = replace(config, profile=replace(config.profile, timeout=timeout, rate=None, spacing=0.0))
        return plug_of(config).sender(quick, tools(self.settings, self.engine, self.now))

    def put(self, text: str, kind: MessageKind = MessageKind.INFO) -> UUID:
        """A message of ours to the person, who has written before."""
        (contact,) = self.rows(contacts)
        row = {
            "id": uuid4(),
            "contact_id": contact["id"],
            "seq": 1000 + len(self.rows(outbox)),
            "channel": self.kit.name,
            "address": self.kit.address,
            "kind": kind,
            "priority": 1,
            "text": text,
            "parts": 1,
            "created_at": self.now(),
            "due_at": self.now(),
            "expires_at": self.now() + timedelta(hours=6),
        }
        with self.engine.begin() as connection:
            connection.execute(insert(outbox).values(row))
        return UUID(str(row["id"]))

    def rows(self, table: Table) -> list[RowMapping]:
        with self.engine.connect() as connection:
            order = table.c["seq"] if "seq" in table.c and table is outbox else next(iter(table.c))
            return list(connection.execute(select(table).order_by(order)).mappings())

    def message(self, id: UUID) -> RowMapping:
        return next(row for row in self.rows(outbox) if row["id"] == id)

    def texts(self) -> list[str]:
        return [row["text"] for row in self.rows(inbox)]

    def replies(self) -> list[str]:
        return [row["text"] for row in self.rows(outbox)]

    def address(self) -> RowMapping:
        return next(row for row in self.rows(addresses) if row["address"] == self.kit.address)


@contextmanager
def stage(kit: Kit, engine: Engine, environ: Mapping[str, str]) -> Iterator[Stage]:
    """An installation whose channel is the kit's."""
    settings = load({**environ, "PUBLIC_URL": PUBLIC, **kit.environ})
    found(engine)
    yield Stage(kit, engine, create_app(settings, engine).test_client(), settings)
