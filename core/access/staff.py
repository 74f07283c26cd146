"""Staff accounts and sign-in. Times are the wall's: a demo's moved clock opens no lock.

A guess is counted and committed before its password is looked at, in one UPDATE that a locked account does not
match: of any number of guesses at once, no more than five are looked at. A crash in between leaves one failure
too many, never one too few.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Connection, Engine, Text, bindparam, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from core.access import passwords
from core.database.shared import Instant, staff, units

FAILURES = 5
"""Wrong passwords in a row that lock an account."""

LOCK = timedelta(minutes=15)
"""How long they lock it, and each further one: some hundred guesses a day, and no stranger keeps a nurse out for long.
"""

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_NOW = bindparam("now", type_=Instant)
_WANTED = bindparam("wanted", type_=Text)

_failures = func.least(staff.c.failures + 1, 1000)
_COUNT = (
    update(staff)
    .where(staff.c.login == _WANTED, staff.c.active, or_(staff.c.locked_until.is_(None), staff.c.locked_until <= _NOW))
    .values(failures=_failures, locked_until=case((_failures >= FAILURES, _NOW + LOCK)))
    .returning(staff.c.id, staff.c.password_hash)
)
_LOCKED = select(staff.c.id, staff.c.password_hash).where(
    staff.c.login == _WANTED, staff.c.active, staff.c.locked_until > _NOW
)
_COLUMNS = (staff.c.id, staff.c.login, staff.c.name, staff.c.unit_code, staff.c.session_token)


class StaffError(Exception):
    """The account cannot be made or changed. The message says why."""


class Reason(StrEnum):
    """Why somebody was not let in. For the log: a person is told the same in all cases."""

    WRONG = "wrong"  # login or password
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who may sign in. `session_token` names their sessions; a new one ends them all."""

    id: UUID
    login: str
    name: str
    unit_code: str
    session_token: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The right password of an account that is open."""

    staff: Staff


@dataclass(frozen=True, slots=True)
class Refused:
    """Not let in."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Account:
    """A line of the list of accounts."""

    login: str
    name: str
    unit_code: str
    active: bool
    locked_until: datetime | None


def create(connection: Connection, login: str, name: str, unit_code: str, password: str) -> UUID:
    """A new account; its id. Raises StaffError."""
    known = tidy(login)
    if not _LOGIN.fullmatch(known):
        raise StaffError("a login has 2 to 40 letters without accents, digits, dots, _ or -")
    if not passwords.LEAST <= len(password) <= passwords.MOST:
        raise StaffError(f"a password has {passwords.LEAST} to {passwords.MOST} characters")
    if connection.scalar(select(units.c.code).where(units.c.code == unit_code)) is None:
        raise StaffError(f"no unit {unit_code}")
    row = {"id": uuid7(), "login": known, "name": name.strip(), "unit_code": unit_code}
    with passwords.room():
        secret = {"password_hash": passwords.hashed(password), "session_token": _token()}
    made = connection.scalar(insert(staff).values(row | secret).on_conflict_do_nothing().returning(staff.c.id))
    if made is None:
        raise StaffError(f"there is already a login {known}")
    return UUID(str(made))


def tidy(login: str) -> str:
    """A login as stored: small letters, no spaces around it."""
    return login.strip().lower()


def find(connection: Connection, login: str) -> Staff | None:
    """The open account of that login."""
    row = connection.execute(select(*_COLUMNS).where(staff.c.login == tidy(login), staff.c.active)).one_or_none()
    return Staff(*row) if row else None


def by_token(connection: Connection, token: str) -> Staff | None:
    """Whose session it is; nobody's once the account is locked or signed out everywhere."""
    row = connection.execute(select(*_COLUMNS).where(staff.c.session_token == token, staff.c.active)).one_or_none()
    return Staff(*row) if row else None


def sign_in(
    engine: Engine, login: str, password: str, now: datetime, known: Collection[UUID] = ()
) -> SignedIn | Refused:
    """Let somebody in, or count one failure. A lock does not keep out whoever asks from a browser that these `known`
    accounts were signed in to; who calls counts those tries. No connection is held while the password is hashed (some
    50 ms). Raises `passwords.Busy`, and then nothing is counted.
    """
    asked = {"wanted": tidy(login), "now": now}
    with passwords.room():
        with engine.begin() as connection:
            found = connection.execute(_COUNT, asked).one_or_none()
            locked = None if found else connection.execute(_LOCKED, asked).one_or_none()
        if locked and locked.id in known:
            found = locked
        right = passwords.matches(found.password_hash if found else None, password)  # an unknown login takes as long
        if found and right:
            return _let_in(engine, found.id, found.password_hash, password)
    return Refused(Reason.LOCKED if locked else Reason.WRONG)


def _let_in(engine: Engine, staff_id: UUID, stored: str, password: str) -> SignedIn | Refused:
    """Forget the failures. An account that was closed or whose password changed meanwhile stays out."""
    fresh = passwords.hashed(password) if passwords.outdated(stored) else stored
    opened = (
        update(staff)
        .where(staff.c.id == staff_id, staff.c.active, staff.c.password_hash == stored)
        .values(failures=0, locked_until=None, password_hash=fresh)
        .returning(*_COLUMNS)
    )
    with engine.begin() as connection:
        row = connection.execute(opened).one_or_none()
    return SignedIn(Staff(*row)) if row else Refused(Reason.WRONG)


def sign_out_everywhere(connection: Connection, staff_id: UUID) -> None:
    """End every session of the account."""
    connection.execute(update(staff).where(staff.c.id == staff_id).values(session_token=_token()))


def lock(connection: Connection, login: str) -> None:
    """Close the account and end its sessions. Raises StaffError."""
    _change(connection, login, {"active": False, "session_token": _token()})


def unlock(connection: Connection, login: str) -> None:
    """Open the account again, also one that wrong passwords locked. Raises StaffError."""
    _change(connection, login, {"active": True, "failures": 0, "locked_until": None})


def accounts(connection: Connection) -> tuple[Account, ...]:
    """All accounts by login."""
    columns = (staff.c.login, staff.c.name, staff.c.unit_code, staff.c.active, staff.c.locked_until)
    return tuple(Account(*row) for row in connection.execute(select(*columns).order_by(staff.c.login)))


def names(connection: Connection, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """What these colleagues are called."""
    wanted = select(staff.c.id, staff.c.name).where(staff.c.id.in_(ids))
    return {row.id: row.name for row in connection.execute(wanted)} if ids else {}


def _change(connection: Connection, login: str, values: Mapping[str, object]) -> None:
    if connection.execute(update(staff).where(staff.c.login == tidy(login)).values(values)).rowcount != 1:
        raise StaffError(f"no login {tidy(login)}")


def _token() -> str:
    return secrets.token_urlsafe(32)
