"""Which phones are texted when a unit's people need somebody. Operators change them: `khaibao duty`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from flask import Blueprint, render_template
from sqlalchemy import Connection

from console.desk import desk
from console.signing import my_scope
from core.care import duty
from core.care.duty import DutyPhone
from core.conversation.messages import N_
from core.messaging.route import Address, Barred, barred
from core.people import addresses

MOST = 500

DEAF: Final[Mapping[Barred, str]] = {
    Barred.STOPPED: N_("đã nhắn STOP, không nhận tin báo: nhắn BAT DAU từ máy này"),
    Barred.UNREACHABLE: N_("tin không tới máy này: cần số khác"),
    Barred.WINDOW: N_("chưa nhắn hoặc lâu không nhắn: từ máy này nhắn một tin, kênh này không cho gửi trước"),
    Barred.OFF: N_("kênh nhắn tin này đang tắt"),
}
"""Why a phone is told of nothing, and what to do."""


def add_to(blueprint: Blueprint) -> None:
    """The page."""
    blueprint.add_url_rule("/duty", "duty", _page)


def _page() -> str:
    now = desk().day().now
    with desk().engine.connect() as connection:
        phones = duty.listed(connection, my_scope().codes)[:MOST]
        deaf = _deaf(connection, phones, now)
    return render_template("console/duty.html", phones=phones, now=now, deaf=deaf)


def _deaf(connection: Connection, phones: Sequence[DutyPhone], now: datetime) -> Mapping[UUID, str]:
    """Of those that cannot be told now: why. The rule is the sender's."""
    known = addresses.known(connection, {phone.key for phone in phones})
    why = {phone.id: barred(known.get(phone.key, Address(*phone.key)), desk().pipeline.on, now) for phone in phones}
    return {id_: DEAF[reason] for id_, reason in why.items() if reason}
