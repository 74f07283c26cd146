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
from typing import Any, TypeVar
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from environs import FileAwareEnv

from app.errors import StartError
from core.database.engine import check_cell, database_url

T = TypeVar("T")
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
class Twilio:
    """The account that sends and receives SMS. `sender`, `messaging_service_sid` or both are set."""

    account_sid: str
    auth_token: str = field(repr=False)
    sender: str = ""
    messaging_service_sid: str = ""
    api_url: str = "https://api.twilio.com"


@dataclass(frozen=True, slots=True)
class Settings:
    """What differs between installations.

    `database_url` is empty when we are to start our own. `data_keys` are Fernet keys: the first encrypts,
    all decrypt. `sms_price` is đồng for one part. `forward_networks` are the private networks that
    forwards may go to. `public_url` has no slash at its end and is empty when nobody outside reaches us.
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
    web_workers: int = 2
    twilio: Twilio | None = None
    forward_networks: tuple[Network, ...] = ()

    def channels_off(self) -> dict[str, str]:
        """Channels without their settings, each with the variable that would turn it on."""
        channels = {"SMS through Twilio": (self.twilio, "TWILIO_ACCOUNT_SID")}
        return {name: variable for name, (group, variable) in channels.items() if group is None}


def load(environ: Mapping[str, str]) -> Settings:
    """The settings in `environ`; SettingsError names everything that is wrong with them at once.

    A demo makes its own SECRET_KEY and DATA_KEY and keeps them in VAR_DIR.
    """
    reader = _Reader(environ)
    demo = reader.read("DEMO", _flag, False, "use 1 or 0")
    var_dir = reader.read("VAR_DIR", _folder, Path("var").absolute(), "give a folder")
    secret_key = _secret_key(reader, demo, var_dir)
    settings = Settings(
        secret_key=secret_key,
        data_keys=_data_keys(reader, demo, var_dir),
        database_url=reader.read("DATABASE_URL", _database, "", "use postgresql://user:password@host/name"),
        port=reader.read("PORT", _whole(1, 65535), 8000, "use a number from 1 to 65535"),
        public_url=reader.read("PUBLIC_URL", _origin, "", "use https://name, without a path"),
        var_dir=var_dir,
        demo=demo,
        cell=reader.read("CELL", check_cell, "cell_main", "use small letters, digits and _, a letter first"),
        province=reader.read("PROVINCE", _province, "15", "use the two digits of the province's code"),
        sms_price=reader.read("SMS_PRICE", _whole(0, 100_000), 350, "use đồng for one SMS part, 0 or more"),
        web_workers=reader.read("WEB_WORKERS", _whole(1, 64), 2, "use a number from 1 to 64"),
        twilio=_twilio(reader),
        forward_networks=_networks(reader, demo),
    )
    if demo:
        reader.problems += _real_in_demo(settings)
    if reader.problems:
        raise SettingsError(reader.problems)
    return settings


def _real_in_demo(settings: Settings) -> list[str]:
    """A demo shows its passwords and lets anybody move its clock: real people's messages must not reach it."""
    found = []
    if settings.twilio and not _is_here(settings.twilio.api_url):
        found.append("TWILIO_API_URL: a demo sends to nobody: unset DEMO, or give a server on this machine")
    if settings.public_url and not _is_here(settings.public_url):
        found.append("PUBLIC_URL: a demo is for this machine alone: unset DEMO, or give http://127.0.0.1:8000")
    return found


def _is_here(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


class _Environment(FileAwareEnv):
    """environs over the mapping that it is given, not over the process's own environment."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__()
        self._given = environ

    def _get_value(self, env_key: str, default: Any) -> Any:
        if path := self._given.get(f"{env_key}{self.file_suffix}"):
            return Path(path).read_text(encoding="utf-8").strip()
        return self._given.get(env_key, "").strip() or default


class _Reader:
    """Reads one variable after the other and collects what is wrong."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environment = _Environment(environ)
        self.problems: list[str] = []

    def text(self, name: str) -> str:
        try:
            return self._environment.str(name, "")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a text"
            self.problems.append(f"{name}_FILE: cannot be read ({reason}): give a file with the value")
            return ""

    def read(self, name: str, parse: Callable[[str], T], default: T, hint: str) -> T:
        raw = self.text(name)
        try:
            return parse(raw) if raw else default
        except ValueError:
            self.problems.append(f"{name}: is not usable: {hint}")
            return default

    def need(self, name: str, hint: str) -> None:
        """Report `name` as missing, once."""
        if not any(problem.startswith((f"{name}:", f"{name}_FILE:")) for problem in self.problems):
            self.problems.append(f"{name}: is missing: {hint}")


def _twilio(reader: _Reader) -> Twilio | None:
    """All of the group or none of it: half an account is a mistake, not a channel that is off."""
    sid, token, sender, service = (
        reader.text(f"TWILIO_{name}") for name in ("ACCOUNT_SID", "AUTH_TOKEN", "FROM", "MESSAGING_SERVICE_SID")
    )
    api_url = reader.read("TWILIO_API_URL", _origin, "https://api.twilio.com", "use https://name, without a path")
    if not (sid or token or sender or service):
        return None
    for name, value in (("ACCOUNT_SID", sid), ("AUTH_TOKEN", token)):
        if not value:
            reader.need(f"TWILIO_{name}", "copy it from Twilio's console, or remove the other TWILIO_ variables")
    if not (sender or service):
        reader.need("TWILIO_FROM", "give the number that sends, or TWILIO_MESSAGING_SERVICE_SID")
    return Twilio(sid, token, sender, service, api_url)


def _networks(reader: _Reader, demo: bool) -> tuple[Network, ...]:
    hint = "use networks as 10.1.0.0/16, separated by commas"
    given = reader.read("FORWARD_NETWORKS", _network_list, _NO_NETWORKS, hint)
    return (*given, *map(ip_network, _LOOPBACK)) if demo else given


def _secret_key(reader: _Reader, demo: bool, var_dir: Path) -> str:
    hint = f"use at least 32 characters: {_MAKE_LONG}"
    key = reader.read("SECRET_KEY", _long, "", hint)
    if key or not demo:
        if not key:
            reader.need("SECRET_KEY", hint)
        return key
    return _kept(reader, var_dir / "secret_key", lambda: secrets.token_urlsafe(48))


def _data_keys(reader: _Reader, demo: bool, var_dir: Path) -> tuple[str, ...]:
    hint = f"use Fernet keys, separated by commas: {_MAKE_KEY}"
    keys = reader.read("DATA_KEY", _fernet_keys, _NO_KEYS, hint)
    if keys or not demo:
        if not keys:
            reader.need("DATA_KEY", hint)
        return keys
    return (_kept(reader, var_dir / "data_key", lambda: Fernet.generate_key().decode()),)


def _kept(reader: _Reader, path: Path, make: Callable[[], str]) -> str:
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


def _flag(raw: str) -> bool:
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }
    if raw.lower() not in words:
        raise ValueError(raw)
    return words[raw.lower()]


def _folder(raw: str) -> Path:
    return Path(raw).expanduser().absolute()


def _database(raw: str) -> str:
    return database_url(raw).render_as_string(hide_password=False)


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        if not least <= int(raw) <= most:
            raise ValueError(raw)
        return int(raw)

    return parse


def _origin(raw: str) -> str:
    parts = urlsplit(raw)
    more = parts.path.strip("/") or parts.query or parts.fragment or parts.username
    if parts.scheme not in {"http", "https"} or not parts.hostname or more:
        raise ValueError(raw)
    port = f":{parts.port}" if parts.port else ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def _province(raw: str) -> str:
    if not (len(raw) == 2 and raw.isascii() and raw.isdigit()):
        raise ValueError(raw)
    return raw


def _long(raw: str) -> str:
    if len(raw) < 32:
        raise ValueError("too short")
    return raw


def _fernet_keys(raw: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in raw.split(",") if key.strip())
    for key in keys:
        Fernet(key)
    return keys


def _network_list(raw: str) -> tuple[Network, ...]:
    return tuple(ip_network(network.strip()) for network in raw.split(",") if network.strip())
