"""Telling duty phones of alerts by text, and the unit above when nobody takes one in time. Asked by the clock.

Each alert gets a code that no other one has, and goes to the phones on duty of its unit; where there is none, or none
can be reached, to those of the unit above at once. Where nobody is on duty it is told as soon as somebody is; what
nobody took, and is urgent, is told from the station on once more. What is older than two days rests on the pages. The
texts hold the code, where it is and how urgent, and nothing that says who.

Alerts are locked before contacts and nobody is waited for, so two clocks tell nobody twice. Code, texts and deadline
are written in one transaction: a crash leaves all of it or none, and the next round begins again. An alert whose phone
is held by somebody else at that moment is left for the next round, a second later. If a page cannot be written, its
alerts are told one by one, and the one at fault is put off.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Connection,
    Row,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.exc import InterfaceError, OperationalError

from core.care import alert_codes, duty
from core.care.duty import DutyPhone
from core.care.escalation import Escalation, in_force
from core.clock import VIETNAM
from core.conversation.effects import AlertKind
from core.conversation.ids import derived
from core.conversation.messages import N_, Param, Say, Term
from core.database.batch import BatchInsert, BatchUpdate
from core.database.due import alert_notices, alerts
from core.database.shared import Instant
from core.database.tables import persons
from core.messaging.channel import MessageKind
from core.messaging.quiet import is_quiet, may_leave_at
from core.messaging.route import Address
from core.people import contacts
from core.people.addresses import by_contact
from core.pipeline.services import Services
from core.pipeline.tell import Telling, tell
from core.places.tree import UnitTree, ancestry

log = logging.getLogger(__name__)

GOOD_FOR = timedelta(hours=2)
"""How long such a text is worth sending: after that somebody else was told, long ago."""

RETRY = timedelta(minutes=1)
"""How soon it is looked again for somebody on duty, if nobody was; of what may wait for the morning, `SELDOM`."""

SELDOM = timedelta(minutes=5)

_KINDS = bindparam("kinds", type_=ARRAY(Text)).any_()
_NOW = bindparam("now", type_=Instant)
_gravity = case({AlertKind.DANGER.value: 0, AlertKind.URGENT.value: 1}, value=alerts.c.kind, else_=2)
_wanted = (
    alerts.c.status == literal_column("'open'"),  # as the indexes have it
    alerts.c.kind == _KINDS,
    func.greatest(alerts.c.raise_at, alerts.c.moved_at) > bindparam("since", type_=Instant),
    or_(
        and_(alerts.c.code == literal_column("''"), alerts.c.again_at.is_(None)),
        alerts.c.escalate_at <= _NOW,
        alerts.c.again_at <= _NOW,
    ),
)
_FIRST = select(alerts.c.id).where(*_wanted).order_by(_gravity, alerts.c.raise_at, alerts.c.id).limit(bindparam("most"))
_COLUMNS = ("id", "code", "kind", "unit_code", "tier", "told", "raise_at", "again_at")
_DUE = (
    select(*(alerts.c[name] for name in _COLUMNS), persons.c.hamlet)
    .outerjoin(persons, persons.c.id == alerts.c.person_id)
    .where(*_wanted, alerts.c.id == bindparam("ids", type_=ARRAY(Uuid)).any_())
    .order_by(_gravity, alerts.c.raise_at, alerts.c.id)
    .with_for_update(of=alerts, key_share=True, skip_locked=True)
)
_TOLD = BatchUpdate(alerts, "id", ["code", "tier", "escalate_at", "again_at", "told"])
_SENT = ("tier", "message_id", "at")
_NOTICES = BatchInsert(alert_notices, ["alert_id", "duty_id", "told", *_SENT], update=_SENT)
"""Who could not be told until now may be by the same count: nobody else was, else it had grown."""
_PUT_OFF = (
    update(alerts)
    .where(alerts.c.id == bindparam("alert", type_=Uuid))
    .values(escalate_at=None, again_at=bindparam("later", type_=Instant))
)


@dataclass(slots=True)
class _Round:
    """What one round knows. `phones`: on duty now, by unit; `whose`: the contact of each. `held`: contacts that this
    transaction holds; `reach`: all addresses of each."""

    now: datetime
    rules: Escalation
    phones: Mapping[str, Sequence[DutyPhone]]
    whose: Mapping[tuple[str, str], UUID]
    held: frozenset[UUID] = frozenset()
    reach: Mapping[UUID, Sequence[Address]] = field(default_factory=dict)
    told: list[dict[str, Any]] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)

    def of(self, units: Sequence[str]) -> list[DutyPhone]:
        """The phones on duty of these units."""
        return [phone for unit in units for phone in self.phones.get(unit, ())]


@dataclass(frozen=True, slots=True)
class _Alert:
    """An alert that is due: its row, its code, its unit and those above, and which of them is told first now."""

    row: Row[Any]
    code: str
    units: Sequence[str]
    first: int

    @property
    def kind(self) -> AlertKind:
        return AlertKind(self.row.kind)


def notify(services: Services, limit: int = 50) -> int:
    """Tell of at most `limit` alerts; of how many it was decided. Safe to run twice and in two places: a code that two
    rounds drew at once is refused to the later one, which draws another."""
    now = services.clock.now()
    rules = in_force(now.astimezone(VIETNAM).date())
    asked = {"kinds": rules.kinds(quiet=is_quiet(now)), "now": now, "since": now - rules.fresh}
    with services.engine.connect() as connection:
        ids = list(connection.scalars(_FIRST, asked | {"most": limit}))
        if not ids:
            return 0
        on_duty = [phone for phone in duty.listed(connection) if phone.on_duty(now)]
    whose = services.directory.contacts(phone.key for phone in on_duty)
    phones: dict[str, list[DutyPhone]] = {}
    for phone in on_duty:
        phones.setdefault(phone.unit_code, []).append(phone)

    def tell_of(those: Sequence[UUID]) -> int:
        with services.engine.begin() as connection:
            due = connection.execute(_DUE, asked | {"ids": list(those)}).all()
            return _decide(connection, services, due, _Round(now, rules, phones, whose))

    try:
        return tell_of(ids)
    except (OperationalError, InterfaceError):  # the database's, not a row's
        raise
    except Exception as fault:
        log.exception("alerts: a page could not be told", extra={"fault": type(fault).__name__})
    for each in ids:
        try:
            tell_of([each])
        except (OperationalError, InterfaceError):
            raise
        except Exception as fault:
            log.exception("alert could not be told", extra={"alert": str(each), "fault": type(fault).__name__})
            with services.engine.begin() as connection:
                connection.execute(_PUT_OFF, {"alert": each, "later": now + RETRY})
    return len(ids)


def _decide(connection: Connection, services: Services, due: Sequence[Row[Any]], this: _Round) -> int:
    """Tell of each of these alerts, or leave it for the next round; of how many it was decided."""
    parents = services.units().parents
    uncoded = [row.kind in this.rules.night for row in due if not row.code]
    codes = iter(alert_codes.draw(connection, uncoded))
    found = [
        _Alert(row, row.code or next(codes), tuple(ancestry(row.unit_code, parents)), _first(row, this.now))
        for row in due
    ]
    _hold(connection, this, {unit for alert in found for unit in alert.units[alert.first :]})
    for alert in found:
        wanted = {this.whose[phone.key] for phone in this.of(alert.units[alert.first :])}
        if not alert.code:
            _look_again(alert, this)
        elif wanted <= this.held:
            _climb(connection, services, alert, this)
    _TOLD.run(connection, this.told)
    _NOTICES.run(connection, this.notices)
    return len(this.told)


def _first(row: Row[Any], now: datetime) -> int:
    """The unit above the one that was told last; in a new round the alert's own."""
    anew = not row.code or (row.again_at is not None and row.again_at <= now)
    return 0 if anew else row.tier + 1


def _climb(connection: Connection, services: Services, alert: _Alert, this: _Round) -> None:
    """Tell the first unit from there on of which anybody can be told; where there is none, it is begun anew later."""
    tiers = range(alert.first, len(alert.units))
    tier = next((n for n in tiers if _tell_unit(connection, services, alert, n, this)), None)
    if tier is not None:
        until = _until(alert, this)
        changed = {"tier": tier, "escalate_at": until, "again_at": None, "told": alert.row.told + 1}
        this.told.append({"id": alert.row.id, "code": alert.code, **changed})
    elif alert.first == 0:
        _look_again(alert, this)
    else:
        _rest(alert, this)


def _until(alert: _Alert, this: _Round) -> datetime:
    """How long it may stay untaken. What does not break the night waits anew in the morning if the night comes first:
    whoever was told in the evening sleeps."""
    wait = this.rules.waits[alert.kind]
    until = this.now + wait
    if alert.kind in this.rules.night or not is_quiet(until):
        return until
    return may_leave_at(until) + wait


def _look_again(alert: _Alert, this: _Round) -> None:
    """Nobody is on duty, or no code is left: soon somebody may be. It has used none."""
    later = this.now + (RETRY if alert.kind in this.rules.night else SELDOM)
    changed = {"tier": 0, "escalate_at": None, "again_at": later, "told": alert.row.told}
    this.told.append({"id": alert.row.id, "code": alert.row.code, **changed})


def _rest(alert: _Alert, this: _Round) -> None:
    """Everybody was told, and nobody took it."""
    again = this.rules.again.get(alert.kind)
    later = this.now + max(again, this.now - alert.row.raise_at) if again else None
    changed = {"tier": alert.row.tier, "escalate_at": None, "again_at": later, "told": alert.row.told}
    this.told.append({"id": alert.row.id, "code": alert.code, **changed})


def _tell_unit(connection: Connection, services: Services, alert: _Alert, tier: int, this: _Round) -> bool:
    """Text the phones on duty of one unit; whether any of them could be. Who could not is written down as well."""
    told = alert.row.told + 1
    phones = {derived(alert.row.id, f"duty:{phone.id}:{told}"): phone for phone in this.of([alert.units[tier]])}
    say, kind = _say(services, alert, tier), MessageKind.INFO
    if alert.kind in this.rules.night:
        kind = MessageKind.DANGER
    tellings = [_telling(id_, phone, say, kind, this) for id_, phone in phones.items()]
    ways = tell(connection, services, tellings, this.now)
    for id_, phone in phones.items():
        sent = isinstance(ways.get(id_), Address)
        notice = {"alert_id": alert.row.id, "duty_id": phone.id, "told": told, "tier": tier, "at": this.now}
        this.notices.append({**notice, "message_id": id_ if sent else None})
    return any(isinstance(way, Address) for way in ways.values())


def _telling(id_: UUID, phone: DutyPhone, say: Say, kind: MessageKind, this: _Round) -> Telling:
    """To that very phone: only it may answer, so its owner's other addresses are no way."""
    contact = this.whose[phone.key]
    others = frozenset(each.key for each in this.reach.get(contact, ()) if each.address != phone.address)
    return Telling(id_, contact, say, kind, this.now + GOOD_FOR, avoid=others)


def _say(services: Services, alert: _Alert, tier: int) -> Say:
    """The hamlet for the unit itself, and the commune besides for those above; never who, what or how to call them."""
    place = place_of(services.units(), alert.row.unit_code, alert.row.hamlet or "", above=tier > 0)
    urgency = Term(URGENCY.get(alert.kind, LATER))
    params: dict[str, Param] = {"number": alert.code, "urgency": urgency, "place": place}
    return Say(_ABOVE if tier else _HERE, params)


def place_of(units: UnitTree, unit_code: str, hamlet: str, *, above: bool = False) -> str:
    """The hamlet, else the commune, else the unit; for units `above` the commune besides."""
    name = units.facts[unit_code].name if unit_code in units.facts else unit_code
    commune = units.place(unit_code) or name
    return f"{hamlet}, {commune}" if hamlet and above else hamlet or commune


def _hold(connection: Connection, this: _Round, units: Collection[str]) -> None:
    """Make the contacts of these units' phones where they are not there yet, and lock those that nobody else holds."""
    phones = this.of(sorted(units))
    rows = {this.whose[p.key]: {"channel": p.channel, "address": p.address, "seen_at": this.now} for p in phones}
    contacts.ensure(connection, [{"id": id_, **row} for id_, row in rows.items()])
    this.held = frozenset(contacts.lock(connection, sorted(rows), wait=False))
    this.reach = by_contact(connection, this.held)


URGENCY: Mapping[AlertKind, str] = {
    AlertKind.DANGER: N_("NGUY HIỂM"),
    AlertKind.URGENT: N_("KHẨN"),
    AlertKind.LEFT_PLACE: N_("KHẨN"),
    AlertKind.NEW_SIGN: N_("KHẨN"),
}
"""How urgent a kind is, as a duty phone reads it."""

LATER = N_("TRONG NGÀY")
"""Every other kind."""

_HERE = N_("KhaiBao {number} {urgency}: {place}. Nhắn NHAN {number} để nhận việc.")
_ABOVE = N_("KhaiBao {number} {urgency}: {place}. Tuyến dưới chưa ai nhận. Nhắn NHAN {number} để nhận việc.")
