"""The settings: read once from the environment, all mistakes reported together, then never changed.

Each variable may come from a file: `NAME_FILE` holds the path. An empty variable counts as not set.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

from app.channels import CHANNELS, clashes
from app.errors import StartError
from core.database.engine import check_cell, database_url
from core.environment import ORIGIN, Reader, flag, origin, whole
from core.messaging.ports import Config

Network = IPv4Network | IPv6Network

_NO_NETWORKS: tuple[Network, ...] = ()
_NO_KEYS: tuple[str, ...] = ()
_LOOPBACK = ("127.0.0.0/8", "::1/128")
_MAKE_LONG = 'python -c "import secrets; print(secrets.token_urlsafe(48))"'
_MAKE_KEY = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'


class SettingsError(StartError):
    """One line for each variable that is wrong or missing, naming it and what to do. Holds no secret."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Settings:
    """What differs between installations.

    `database_url` is empty when we are to start our own. `data_keys` are Fernet keys: the first encrypts,
    all decrypt. `sms_price` is đồng for one part, `unit_budget` đồng a day (0: no limit). `forward_networks` are the
    private networks that forwards may go to. `public_url` has no slash at its end and is empty when nobody outside
    reaches us. `spool_limit` is bytes of this host's disk. `channels` are those that are on. `metrics_port` is 0 when
    only the web process tells metrics.
    """

    secret_key: str = field(repr=False)
    data_keys: tuple[str, ...] = field(repr=False)
    database_url: str = field(default="", repr=False)
    port: int = 8000
    public_url: str = ""
    var_dir: Path = Path("var")
    demo: bool = False
    cell: str = "cell_main"
    province: str = "15"
    sms_price: int = 350
    unit_budget: int = 0
    web_workers: int = 2
    spool_limit: int = 512_000_000
    channels: tuple[Config, ...] = ()
    forward_networks: tuple[Network, ...] = ()
    metrics_token: str = field(default="", repr=False)
    metrics_port: int = 0

    def channel(self, name: str) -> Config | None:
        """The configuration of a channel; None when it is off."""
        return next((config for config in self.channels if config.profile.name == name), None)


def load(environ: Mapping[str, str]) -> Settings:
    """The settings in `environ`; SettingsError names everything that is wrong with them at once.

    A demo makes its own SECRET_KEY and DATA_KEY and keeps them in VAR_DIR.
    """
    reader = Reader(environ)
    demo = reader.read("DEMO", flag, False, "use 1 or 0")
    var_dir = reader.read("VAR_DIR", _folder, Path("var").absolute(), "give a folder")
    secret_key = _secret_key(reader, demo, var_dir)
    public_url = reader.read("PUBLIC_URL", origin, "", ORIGIN)
    settings = Settings(
        secret_key=secret_key,
        data_keys=_data_keys(reader, demo, var_dir),
        database_url=reader.read("DATABASE_URL", _database, "", "use postgresql://user:password@host/name"),
        port=reader.read("PORT", whole(1, 65535), 8000, "use a number from 1 to 65535"),
        public_url=public_url,
        var_dir=var_dir,
        demo=demo,
        cell=reader.read("CELL", check_cell, "cell_main", "use small letters, digits and _, a letter first"),
        province=reader.read("PROVINCE", _province, "15", "use the two digits of the province's code"),
        sms_price=reader.read("SMS_PRICE", whole(0, 100_000), 350, "use đồng for one SMS part, 0 or more"),
        unit_budget=reader.read("UNIT_BUDGET", whole(0, 2_000_000_000), 0, "use đồng a day, or 0 for no limit"),
        web_workers=reader.read("WEB_WORKERS", whole(1, 64), 2, "use a number from 1 to 64"),
        spool_limit=reader.read("SPOOL_MB", whole(1, 1_000_000), 512, "use a number of megabytes") * 1_000_000,
        channels=tuple(config for plug in CHANNELS for config in plug.load(reader, public_url)),
        forward_networks=_networks(reader, demo),
        metrics_token=reader.read("METRICS_TOKEN", _at_least(16), "", "use at least 16 characters"),
        metrics_port=reader.read("METRICS_PORT", whole(1, 65535), 0, "use a number from 1 to 65535"),
    )
    reader.problems += clashes(settings.channels)
    if demo:
        reader.problems += _real_in_demo(settings)
    if reader.problems:
        raise SettingsError(reader.problems)
    return settings


def _real_in_demo(settings: Settings) -> list[str]:
    """A demo shows its passwords and lets anybody move its clock: real people's messages must not reach it."""
    outside = (place for config in settings.channels for place in config.outside)
    found = [
        f"{variable}: a demo sends to nobody: unset DEMO, or give a server on this machine"
        for variable, address in outside
        if not _is_here(address)
    ]
    if settings.public_url and not _is_here(settings.public_url):
        found.append("PUBLIC_URL: a demo is for this machine alone: unset DEMO, or give http://127.0.0.1:8000")
    return found


def _is_here(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


def _networks(reader: Reader, demo: bool) -> tuple[Network, ...]:
    hint = "use networks as 10.1.0.0/16, separated by commas"
    given = reader.read("FORWARD_NETWORKS", _network_list, _NO_NETWORKS, hint)
    return (*given, *map(ip_network, _LOOPBACK)) if demo else given


def _secret_key(reader: Reader, demo: bool, var_dir: Path) -> str:
    hint = f"use at least 32 characters: {_MAKE_LONG}"
    key = reader.read("SECRET_KEY", _at_least(32), "", hint)
    if key or not demo:
        if not key:
            reader.need("SECRET_KEY", hint)
        return key
    return _kept(reader, var_dir / "secret_key", lambda: secrets.token_urlsafe(48))


def _data_keys(reader: Reader, demo: bool, var_dir: Path) -> tuple[str, ...]:
    hint = f"use Fernet keys, separated by commas: {_MAKE_KEY}"
    keys = reader.read("DATA_KEY", _fernet_keys, _NO_KEYS, hint)
    if keys or not demo:
        if not keys:
            reader.need("DATA_KEY", hint)
        return keys
    return (_kept(reader, var_dir / "data_key", lambda: Fernet.generate_key().decode()),)


def _kept(reader: Reader, path: Path, make: Callable[[], str]) -> str:
    """A demo's key, made once. Two first starts at once agree: the file appears whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            fresh = path.with_name(f"{path.name}.{os.getpid()}")
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(make())
            _publish(fresh, path)
        return path.read_text().strip()
    except OSError as error:
        reader.problems.append(f"VAR_DIR: cannot write in {path.parent} ({error.strerror}): give a folder of yours")
        return ""


def _publish(fresh: Path, path: Path) -> None:
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        return
    finally:
        fresh.unlink()


def _folder(raw: str) -> Path:
    return Path(raw).expanduser().absolute()


def _database(raw: str) -> str:
    return database_url(raw).render_as_string(hide_password=False)


def _province(raw: str) -> str:
    if not (len(raw) == 2 and raw.isascii() and raw.isdigit()):
        raise ValueError(raw)
    return raw


def _at_least(characters: int) -> Callable[[str], str]:
    def long(raw: str) -> str:
        if len(raw) < characters:
            raise ValueError("too short")
        return raw

    return long


def _fernet_keys(raw: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in raw.split(",") if key.strip())
    for key in keys:
        Fernet(key)
    return keys


def _network_list(raw: str) -> tuple[Network, ...]:
    return tuple(ip_network(network.strip()) for network in raw.split(",") if network.strip())
