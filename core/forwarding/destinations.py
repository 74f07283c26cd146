"""Where a unit's records go. A destination receives the records of its unit and of every unit below it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from core.database.shared import destinations, units
from core.forwarding.webhook import new_secret
from core.places.tree import ancestry
from core.secrets import Vault


class DestinationError(Exception):
    """The destination cannot be registered or changed. The message says why."""


@dataclass(frozen=True, slots=True)
class Destination:
    """An endpoint. `secret` and `old_secret` are encrypted: `signing_secrets` opens them."""

    id: UUID
    unit_code: str
    url: str
    secret: bytes
    old_secret: bytes | None
    paused_at: datetime | None


def register(connection: Connection, vault: Vault, unit_code: str, url: str) -> tuple[UUID, str]:
    """A new destination; its id and its signing secret, which is shown this once. Raises DestinationError."""
    check_url(url)
    if connection.scalar(select(units.c.code).where(units.c.code == unit_code)) is None:
        raise DestinationError(f"no unit {unit_code}")
    made, secret = uuid7(), new_secret()
    row = {"id": made, "unit_code": unit_code, "url": url, "secret": vault.encrypt(secret)}
    added = insert(destinations).values(row).on_conflict_do_nothing().returning(destinations.c.id)
    if connection.scalar(added) is None:
        raise DestinationError(f"{unit_code} already has this destination")
    return made, secret


def check_url(url: str) -> None:
    """Refuse what is no endpoint. What its name resolves to is checked at each connection (`guard`)."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise DestinationError("not a URL") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        raise DestinationError("not an https URL")
    if parts.username or parts.password or parts.fragment:
        raise DestinationError("a destination's URL holds no password and no fragment")


def load(connection: Connection, unit_code: str | None = None) -> tuple[Destination, ...]:
    """All destinations, or one unit's own, in the order of registering."""
    wanted = select(destinations).order_by(destinations.c.id)
    if unit_code is not None:
        wanted = wanted.where(destinations.c.unit_code == unit_code)
    return tuple(Destination(**row) for row in connection.execute(wanted).mappings())


def rotate(connection: Connection, vault: Vault, destination_id: UUID) -> str:
    """A new secret. The one before signs beside it until `end_rotation`: no delivery is refused meanwhile."""
    secret = new_secret()
    values = {"secret": vault.encrypt(secret), "old_secret": destinations.c.secret}
    _change(connection, destination_id, values)
    return secret


def end_rotation(connection: Connection, destination_id: UUID) -> None:
    """The receiver knows the new secret: sign with it alone."""
    _change(connection, destination_id, {"old_secret": None})


def pause(connection: Connection, destination_id: UUID, now: datetime) -> None:
    """Deliver nothing there until `resume`; what comes meanwhile waits."""
    _change(connection, destination_id, {"paused_at": now})


def resume(connection: Connection, destination_id: UUID) -> None:
    """Deliver there again."""
    _change(connection, destination_id, {"paused_at": None})


def _change(connection: Connection, destination_id: UUID, values: Mapping[str, object]) -> None:
    changed = update(destinations).where(destinations.c.id == destination_id).values(values)
    if connection.scalar(changed.returning(destinations.c.id)) is None:
        raise DestinationError("no such destination")


def signing_secrets(destination: Destination, vault: Vault) -> tuple[str, ...]:
    """The secrets to sign with, the new one first. Raises `secrets.SealedError`."""
    stored = (destination.secret, destination.old_secret)
    return tuple(vault.decrypt(secret) for secret in stored if secret is not None)


def load_parents(connection: Connection) -> dict[str, str | None]:
    """The tree: each unit's parent."""
    return {row.code: row.parent for row in connection.execute(select(units.c.code, units.c.parent))}


def load_by_unit(connection: Connection) -> dict[str, tuple[UUID, ...]]:
    """For every unit that reaches any: the destinations of its records. Small; read it once and keep it."""
    own, parents = group(load(connection)), load_parents(connection)
    reached = {code: for_unit(code, parents, own) for code in parents}
    return {code: ids for code, ids in reached.items() if ids}


def group(held: Iterable[Destination]) -> dict[str, tuple[UUID, ...]]:
    """The ids of each unit's own destinations."""
    own: dict[str, tuple[UUID, ...]] = {}
    for destination in held:
        own[destination.unit_code] = (*own.get(destination.unit_code, ()), destination.id)
    return own


def for_unit(
    unit_code: str, parents: Mapping[str, str | None], own: Mapping[str, tuple[UUID, ...]]
) -> tuple[UUID, ...]:
    """The destinations of a unit's records: its own first, then its parent's, and so on to the top."""
    return tuple(held for code in ancestry(unit_code, parents) for held in own.get(code, ()))
