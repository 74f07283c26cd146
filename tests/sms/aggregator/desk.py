"""Reading a provider's file and hearing what its requests to us come to, without a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.middleware.proxy_fix import ProxyFix

from core.environment import Reader
from core.messaging.channel import InboundMessage, StatusReport
from core.messaging.ports import Ports
from sms.aggregator.config import AggregatorConfig, load
from sms.aggregator.receive import blueprint

NOW = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
SECRETS = {"MADE_UP_KEY": "k1", "MADE_UP_TOKEN": "token0token0token0to"}

SEND = """
[a1.secrets]
key = "env:MADE_UP_KEY"
word = "env:MADE_UP_TOKEN"
[a1.send]
url = "https://sms.example/send"
body = { to = "{to}", text = "{text}" }
[a1.send.answer]
code = "code"
good = ["0"]
"""
"""The shortest provider, whose name is a1."""


@dataclass
class Desk:
    """What was handed in. `unknown`: provider ids that are of no message of ours."""

    messages: list[InboundMessage] = field(default_factory=list)
    reports: list[StatusReport] = field(default_factory=list)
    unknown: frozenset[str] = frozenset()

    def ports(self) -> Ports:
        return Ports(self.messages.extend, self._report, lambda notices: None, lambda: NOW)

    def _report(self, reports: Sequence[StatusReport]) -> Sequence[StatusReport]:
        self.reports.extend(reports)
        return [report for report in reports if report.provider_id in self.unknown]


def read(folder: Path, text: str, environ: Mapping[str, str] = SECRETS) -> tuple[tuple[AggregatorConfig, ...], Reader]:
    """The providers in `text`, and the reader with what is wrong."""
    file = folder / "providers.toml"
    file.write_text(text, encoding="utf-8")
    reader = Reader({"SMS_AGGREGATORS": str(file), **environ})
    return load(reader, "https://khaibao.example"), reader


def one(folder: Path, text: str, environ: Mapping[str, str] = SECRETS) -> AggregatorConfig:
    """The only provider in `text`, which is right."""
    (config,), reader = read(folder, text, environ)
    assert reader.problems == []
    return config


def web(config: AggregatorConfig, desk: Desk, proxy: bool = False) -> FlaskClient:
    """Its routes, behind a proxy or not."""
    app = Flask("test")
    app.register_blueprint(blueprint(config, desk.ports()))
    if proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1)  # type: ignore[method-assign]
    return app.test_client()
