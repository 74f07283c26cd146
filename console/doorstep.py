"""Before a password is looked at: how often an address may try, and which browsers an account knows.

A stranger who guesses locks an account for a while, and could do so again and again. A browser that was let in to
that account before tries all the same: it shows a signed cookie that names the accounts, and has five tries of its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from uuid import UUID

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from core.access.attempts import Attempts, origin
from core.access.staff import FAILURES, LOCK

RETRY_AFTER = 60
"""Seconds after which somebody who was sent away may try again."""

_COOKIE = "khaibao_known"
_DAYS = 180
_ACCOUNTS = 8  # of one browser: a station's computer serves its whole shift


@dataclass(frozen=True, slots=True)
class Doorstep:
    """The attempts of one process."""

    by_address: Attempts
    by_browser: Attempts


def doorstep() -> Doorstep:
    """An empty one."""
    return Doorstep(Attempts(20, timedelta(seconds=RETRY_AFTER)), Attempts(FAILURES, LOCK))


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser and the accounts that it was let in to, the newest first."""

    name: str
    accounts: tuple[UUID, ...] = ()


def browser() -> Browser:
    """That of the current request; one that nobody knows without a cookie of ours."""
    try:
        name, accounts = _signer().loads(request.cookies.get(_COOKIE, ""), max_age=_DAYS * 86400)
        return Browser(name, tuple(UUID(account) for account in accounts))
    except (BadSignature, ValueError, TypeError):
        return Browser(secrets.token_urlsafe(12))


def remember(answer: Response, known: Browser, account: UUID) -> None:
    """Let this browser try when strangers have locked the account."""
    accounts: Collection[UUID] = [account, *(other for other in known.accounts if other != account)][:_ACCOUNTS]
    answer.set_cookie(
        _COOKIE,
        _signer().dumps([known.name, [str(one) for one in accounts]]),
        max_age=_DAYS * 86400,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )


def whence() -> str:
    """Where the current request comes from, as attempts are counted."""
    return origin(request.remote_addr)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(cast(str, current_app.secret_key), salt="known browser")
