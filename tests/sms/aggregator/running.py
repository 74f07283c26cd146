"""A provider that runs on loopback, and the beginnings of files that describe it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from cryptography.fernet import Fernet
from sqlalchemy import Engine, create_engine

from core.messaging.ports import Tools
from core.secrets import Vault
from tests.fakes.aggregator import FakeAggregator, Manner, Reply, Request, fake_aggregator

HEAD = '[a1]\nfrom = "KHAIBAO"\n[a1.secrets]\nkey = "env:MADE_UP_KEY"\nword = "env:MADE_UP_TOKEN"\n'
ANSWER = '[a1.send.answer]\ncode = "code"\ngood = ["0"]\nid = "id"\n'


def anybody(request: Request) -> bool:
    return True


@contextmanager
def provider(knows: Callable[[Request], bool] = anybody, other: Reply | None = None) -> Iterator[FakeAggregator]:
    """Takes everything that is not sent to /token or /check."""
    manner = Manner(
        told=lambda r: None if r.path in {"/token", "/check", "/"} else ("", "", ""),
        knows=knows,
        yes=lambda n: {"code": 0, "id": f"m{n}"},
        stranger=Reply({"error": "who are you"}, 401),
        other=lambda r: other or Reply({"access_token": f"t{r.headers.get('X-N', '')}", "expires_in": 3600}),
    )
    with fake_aggregator(manner) as running:
        yield running


def tools(engine: Engine | None = None) -> Tools:
    return Tools(engine or create_engine("postgresql+psycopg://"), Vault([Fernet.generate_key().decode()]), now)


def now() -> datetime:
    return datetime.now(UTC)
