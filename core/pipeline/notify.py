"""Telling duty phones of alerts by text, and the unit above when nobody takes one in time. Asked by the clock.

Each alert gets a code that is unique among those that are open or taken, and goes to the phones on duty of its unit;
where there is none, or none can be reached, to those of the unit above at once. The texts hold the code, where it is
and how urgent, and nothing that says who.

Alerts are locked before contacts and nobody is waited for, so two clocks tell nobody twice. Code, texts and deadline
are written in one transaction: a crash leaves all of it or none, and the next round begins again. An alert whose phone
is held by somebody else at that moment is left for the next round, a second later.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Row, Text, bindparam, case, literal_column, or_, select
from sqlalchemy.exc import IntegrityError

from core.care import duty
from core.care.duty import DutyPhone
from core.care.escalation import Escalation, in_force
from core.clock import VIETNAM
from core.conversation.effects import AlertKind
from core.conversation.ids import derived
from core.conversation.messages import N_, Param, Say, Term
from core.database.batch import BatchInsert, BatchUpdate
from core.database.due import alert_notices, alerts
from core.database.tables import persons
from core.messaging.channel import MessageKind
from core.messaging.route import Address
from core.people import contacts
from core.pipeline.fallback import by_contact
from core.pipeline.services import Services
from core.pipeline.tell import Telling, tell
from core.places.tree import UnitTree, ancestry

GOOD_FOR = timedelta(hours=2)
"""How long such a text is worth sending: after that somebody else was told, long ago."""

_CODES = range(1000, 10_000)  # no zero in front, which people drop
_SPARE = 4  # times as many codes drawn as needed, and
_MORE = 50  # so many besides: enough are free while half of all are in use

_KINDS = bindparam("kinds", type_=ARRAY(Text)).any_()
_gravity = case({AlertKind.DANGER.value: 0, AlertKind.URGENT.value: 1}, value=alerts.c.kind, else_=2)
_wanted = (
    alerts.c.status == literal_column("'open'"),  # as the indexes have it
    alerts.c.kind == _KINDS,
    or_(alerts.c.code == literal_column("''"), alerts.c.escalate_at <= bindparam("now")),
)
_ANY = select(alerts.c.id).where(*_wanted).limit(1)
_DUE = (
    select(*(alerts.c[name] for name in ("id", "code", "kind", "unit_code", "person_id", "tier")), persons.c.hamlet)
    .outerjoin(persons, persons.c.id == alerts.c.person_id)
    .where(*_wanted)
    .order_by(_gravity, alerts.c.raise_at, alerts.c.id)
    .limit(bindparam("most"))
    .with_for_update(of=alerts, key_share=True, skip_locked=True)
)
_USED = select(alerts.c.code).where(
    alerts.c.status.in_(("open", "taken")),
    alerts.c.code != "",
    alerts.c.code == bindparam("codes", type_=ARRAY(Text)).any_(),
)
_TOLD = BatchUpdate(alerts, "id", ["code", "tier", "escalate_at"])
_NOTICES = BatchInsert(alert_notices, ["alert_id", "duty_id", "tier", "message_id", "at"])


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


def notify(services: Services, limit: int = 100) -> int:
    """Tell of at most `limit` alerts; of how many it was decided. Safe to run twice and in two places: a code that two
    rounds drew at once is refused to the later one, which does nothing."""
    now = services.clock.now()
    rules = in_force(now.astimezone(VIETNAM).date())
    asked = {"kinds": [kind.value for kind in rules.waits], "now": now, "most": limit}
    with services.engine.connect() as connection:
        if connection.scalar(_ANY, asked) is None:
            return 0
        on_duty = [phone for phone in duty.listed(connection) if phone.on_duty(now)]
    whose = services.directory.contacts(phone.key for phone in on_duty)
    phones: dict[str, list[DutyPhone]] = {}
    for phone in on_duty:
        phones.setdefault(phone.unit_code, []).append(phone)
    try:
        with services.engine.begin() as connection:
            due = connection.execute(_DUE, asked).all()
            return _decide(connection, services, due, _Round(now, rules, phones, whose))
    except IntegrityError:
        return 0


def _decide(connection: Connection, services: Services, due: Sequence[Row[Any]], this: _Round) -> int:
    """Tell of each of these alerts, or leave it for the next round; of how many it was decided."""
    parents = services.units().parents
    codes = iter(_codes(connection, sum(not row.code for row in due)))
    found = [
        _Alert(
            row, row.code or next(codes, ""), tuple(ancestry(row.unit_code, parents)), row.tier + 1 if row.code else 0
        )
        for row in due
    ]
    _hold(connection, this, {unit for alert in found for unit in alert.units[alert.first :]})
    for alert in found:
        wanted = {this.whose[phone.key] for phone in this.of(alert.units[alert.first :])}
        if alert.code and wanted <= this.held:
            _climb(connection, services, alert, this)
    _TOLD.run(connection, this.told)
    _NOTICES.run(connection, this.notices)
    return len(this.told)


def _climb(connection: Connection, services: Services, alert: _Alert, this: _Round) -> None:
    """Tell the first unit from there on of which anybody can be told; where there is none, nobody is left."""
    tiers = range(alert.first, len(alert.units))
    tier = next((n for n in tiers if _tell_unit(connection, services, alert, n, this)), None)
    until = None if tier is None else this.now + this.rules.waits[AlertKind(alert.row.kind)]
    last = max(alert.row.tier, len(alert.units) - 1) if tier is None else tier
    this.told.append({"id": alert.row.id, "code": alert.code, "tier": last, "escalate_at": until})


def _tell_unit(connection: Connection, services: Services, alert: _Alert, tier: int, this: _Round) -> bool:
    """Text the phones on duty of one unit; whether any of them could be. Who could not is written down as well."""
    phones = {derived(alert.row.id, f"duty:{phone.id}:{tier}"): phone for phone in this.of([alert.units[tier]])}
    say = _say(services, alert, tier)
    tellings = [_telling(id_, phone, say, this) for id_, phone in phones.items()]
    ways = tell(connection, services, tellings, this.now)
    for id_, phone in phones.items():
        sent = isinstance(ways.get(id_), Address)
        notice = {"alert_id": alert.row.id, "duty_id": phone.id, "tier": tier, "at": this.now}
        this.notices.append({**notice, "message_id": id_ if sent else None})
    return any(isinstance(way, Address) for way in ways.values())


def _telling(id_: UUID, phone: DutyPhone, say: Say, this: _Round) -> Telling:
    """To that very phone: only it may answer, so its owner's other addresses are no way."""
    contact = this.whose[phone.key]
    others = frozenset(each.key for each in this.reach.get(contact, ()) if each.address != phone.address)
    return Telling(id_, contact, say, MessageKind.DANGER, this.now + GOOD_FOR, avoid=others)


def _say(services: Services, alert: _Alert, tier: int) -> Say:
    """The hamlet for the unit itself, and the commune besides for those above; never who, what or how to call them."""
    place = place_of(services.units(), alert.row.unit_code, alert.row.hamlet or "", above=tier > 0)
    urgency = Term(URGENCY.get(AlertKind(alert.row.kind), LATER))
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


def _codes(connection: Connection, needed: int) -> list[str]:
    """So many codes that no open or taken alert has, in no order that could be guessed; fewer if most are in use."""
    if not needed:
        return []
    drawn = secrets.SystemRandom().sample(_CODES, min(needed * _SPARE + _MORE, len(_CODES)))
    used = set(connection.scalars(_USED, {"codes": [str(each) for each in drawn]}))
    return [code for each in drawn if (code := str(each)) not in used][:needed]


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
