"""A cast whose messages go through an ingress."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.ports import ports
from app.settings import Settings
from core.messaging.spool import Spool
from core.pipeline.ingress import Ingress
from core.secrets import Vault
from tests.cast import LAN, Cast

LIMIT = 50_000_000


@dataclass
class Gate:
    """A cast whose messages go through an ingress."""

    cast: Cast
    database: str
    spool: Spool
    ingress: Ingress

    def says(self, *texts: str, who: str = LAN) -> None:
        for each in texts:
            self.ingress.accept([self.cast.message(each, who)])
            self.cast.later(seconds=20)

    def drain(self) -> int:
        return self.ingress.drain()

    def wait_is_over(self) -> None:
        """For entries that failed."""
        self.ingress._failed = {key: replace(each, until=0.0) for key, each in self.ingress._failed.items()}

    def texts(self, who: str = LAN) -> list[str]:
        return [row["text"] for row in self.cast.inbox(who)]


def made(cast: Cast, settings: Settings, limit: int = LIMIT) -> Gate:
    spool = Spool(settings.var_dir / "spool", Vault(settings.data_keys), limit)
    ingress = Ingress(cast.engine, ports(cast.engine, cast.clock.now, lambda: cast.services), spool)
    return Gate(cast, settings.database_url, spool, ingress)
