"""What the pipeline is given by a channel's webhook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from core.messaging.channel import InboundMessage, StatusReport
from core.messaging.ports import Notice, Ports

NOW = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)


@dataclass
class Core:
    """It may refuse. `strange`: provider ids that it does not know. `order`: what came, in its order."""

    accepted: list[InboundMessage] = field(default_factory=list)
    reported: list[StatusReport] = field(default_factory=list)
    noticed: list[Notice] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    strange: tuple[str, ...] = ()
    broken: bool = False

    def ports(self) -> Ports:
        return Ports(self.accept, self.report, self.notice, lambda: NOW)

    def accept(self, messages: Sequence[InboundMessage]) -> None:
        self._note("message")
        self.accepted += messages

    def report(self, reports: Sequence[StatusReport]) -> Sequence[StatusReport]:
        self._note("report")
        self.reported += reports
        return [r for r in reports if r.provider_id in self.strange]

    def notice(self, notices: Sequence[Notice]) -> None:
        self._note("notice")
        self.noticed += notices

    def _note(self, what: str) -> None:
        if self.broken:
            raise ConnectionError
        self.order.append(what)

    @property
    def untouched(self) -> bool:
        return not self.order
