"""What the channel needs to know: a file of providers, read once at the start.

The file holds no secret: it names variables of the environment. Everything that is wrong with it is told at once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from core.environment import Reader
from core.messaging.channel import ChannelProfile, Rate
from sms.aggregator import PROFILE
from sms.aggregator.schema import provider
from sms.aggregator.settings import Provider
from sms.aggregator.table import Table

VARIABLE: Final = "SMS_AGGREGATORS"
_PLACE: Final = "/sms/aggregator"


@dataclass(frozen=True, slots=True)
class AggregatorConfig:
    """One provider. `public_url` has no slash at its end; empty: no report can be asked for."""

    provider: Provider
    profile: ChannelProfile
    public_url: str = ""

    @property
    def outside(self) -> tuple[tuple[str, str], ...]:
        """Where messages are sent, and where tokens are asked for."""
        return tuple((VARIABLE, url) for url in self._urls())

    @property
    def inbound(self) -> str:
        """The path for messages from people, without a token."""
        return f"{_PLACE}/{self.profile.name}/inbound"

    @property
    def status(self) -> str:
        """The path for reports, without a token."""
        return f"{_PLACE}/{self.profile.name}/status"

    def _urls(self) -> Iterator[str]:
        send, check = self.provider.send, self.provider.check
        yield send.request.url.text
        if send.auth.request:
            yield send.auth.request.url.text
        if check:
            yield check.request.url.text


def load(reader: Reader, public_url: str) -> tuple[AggregatorConfig, ...]:
    """The providers of the file SMS_AGGREGATORS; empty without it. What is wrong is told to `reader`."""
    path = reader.text(VARIABLE)
    if not path:
        return ()
    told: list[str] = []
    found = tuple(_configs(_read(Path(path), told), reader, public_url, told))
    reader.problems += [f"{VARIABLE}: {path}: {problem}" for problem in told]
    return found


def _read(path: Path, told: list[str]) -> Mapping[str, Any]:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        told.append(f"cannot be read ({error.strerror}): give the path of a TOML file")
    except UnicodeDecodeError:
        told.append("is no text in UTF-8: save it as UTF-8")
    except tomllib.TOMLDecodeError as error:
        told.append(f"is no TOML: {_where(error)}: look at its quotes and brackets there")
    else:
        if not raw:
            told.append("has no provider: copy one of sms/aggregator/examples")
        return raw
    return {}


def _where(error: tomllib.TOMLDecodeError) -> str:
    """The line and column alone: the rest of the message quotes the file."""
    _, _, place = str(error).rpartition("(at ")
    return place.rstrip(")") or "somewhere"


def _configs(raw: Mapping[str, Any], reader: Reader, public_url: str, told: list[str]) -> Iterator[AggregatorConfig]:
    for name, given in raw.items():
        if not isinstance(given, Mapping):
            told.append(f"{name}: belongs into a provider: write [NAME] above it")
            continue
        table = Table(given, name, told)
        made = AggregatorConfig(provider(table, name, reader), _profile(table, name), public_url)
        table.end()
        yield made


def _profile(table: Table, name: str) -> ChannelProfile:
    send, status = table.raw.get("send"), table.raw.get("status")
    return replace(
        PROFILE,
        name=name,
        max_text=table.number("max_text", PROFILE.max_text, 70, 10_000),
        timeout=float(table.number("timeout", int(PROFILE.timeout), 1, 60)),
        in_flight=table.number("in_flight", PROFILE.in_flight, 1, 100),
        rate=Rate.a_minute(most) if (most := table.number("per_minute", 0, 0, 100_000)) else None,
        price=table.number("price", PROFILE.price, 0, 100_000),
        window=timedelta(hours=hours) if (hours := table.number("window_hours", 0, 0, 8760)) else None,
        once=isinstance(send, Mapping) and send.get("once") is True,
        reports=isinstance(status, Mapping) and bool(status.get("ours")),
    )
