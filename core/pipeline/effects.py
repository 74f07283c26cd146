"""Carrying out what steps asked for: rows collected over a batch, written in a few statements.

The table at the end says which effect is written by what. Rows carry ids that come from the inbound message's, so
a batch that is run again writes the same rows or none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from sqlalchemy import Connection

from core.care import alerts, due, follow_up_risk, lost, presence, presence_end, records, visits
from core.care.follow_up_risk import Risk
from core.care.rules import in_force
from core.care.triage import Level
from core.clock import VIETNAM
from core.conversation.effects import (
    AlertKind,
    AnswerPresence,
    AnswerVisit,
    AskCertificate,
    ConfirmRecord,
    DutyEffect,
    Effect,
    LinkEffect,
    NameAlerts,
    RaiseAlert,
    SaveRecord,
    SayPhone,
    SetHours,
    SettleWaiting,
    StopReminders,
    TellSeenIll,
    Unlink,
    Visit,
)
from core.conversation.fold import fold
from core.conversation.form import Answers
from core.conversation.ids import derived
from core.conversation.volunteer_effects import VolunteerEffect
from core.forwarding import jobs
from core.messaging.channel import InboundMessage
from core.people import addresses, contacts, households, join, persons, wrong_number
from core.pipeline.assess import assess, moved, seen_ill
from core.pipeline.cause import Cause
from core.pipeline.services import Services
from core.pipeline.visits import Visits


class Effects:
    """What one batch's steps asked for. `unit_of`: contacts whose unit became known. `venues`: what was looked up."""

    def __init__(self, services: Services, now: datetime, venues: Visits) -> None:
        self._services = services
        self.venues = venues
        self._now = now
        self._rules = in_force(now.astimezone(VIETNAM).date())
        self._met: list[dict[str, Any]] = []
        self._people: list[dict[str, Any]] = []
        self._links: list[dict[str, Any]] = []
        self._joined: list[dict[str, Any]] = []
        self._records: list[dict[str, Any]] = []
        self._confirmed: list[dict[str, Any]] = []
        self._answered: list[dict[str, Any]] = []
        self._corrected: list[dict[str, Any]] = []
        self._risks: list[Risk] = []
        self._alerts: list[dict[str, Any]] = []
        self._told: dict[UUID, None] = {}  # alerts of whom nothing could be written down
        self._named: list[dict[str, Any]] = []
        self._settled: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._stops: list[dict[str, Any]] = []
        self._stopped: dict[UUID, None] = {}
        self._hours: list[dict[str, Any]] = []
        self._unlinked: dict[UUID, InboundMessage] = {}
        self._visits: list[dict[str, Any]] = []
        self._phones: list[dict[str, Any]] = []
        self._visits_answered: list[dict[str, Any]] = []
        self._presence: list[dict[str, Any]] = []
        self._moved: list[dict[str, Any]] = []
        self.unit_of: dict[UUID, str] = {}

    def add(self, cause: Cause, effects: Sequence[Effect]) -> None:
        """Collect the rows of one step: all of them, or none if that raises."""
        before = {name: rows.copy() for name, rows in vars(self).items() if isinstance(rows, list | dict)}
        try:
            for effect in effects:
                _TABLE[type(effect)](self, effect, cause)
        except Exception:
            vars(self).update(before)
            raise

    def write(self, connection: Connection) -> None:
        """Write all rows, parents before children; nothing is sent for what is not there."""
        self._part(connection)
        persons.meet(connection, self._met)
        persons.save(connection, self._people)
        persons.link(connection, self._links)
        households.part(connection, [row["id"] for row in self._people], self._now)
        for joined in self._joined:
            households.join(connection, joined["home"], [joined["person"]], self._now)
        fresh = records.insert(connection, self._records)
        fresh += records.confirm(connection, self._confirmed)
        records.supersede(connection, self._records)
        lost.found(connection, [row["person_id"] for row in self._records], self._now)
        jobs.enqueue(connection, fresh, self._services.destinations(), self._now)
        follow_up_risk.open_to_verify(connection, self._risks, self._now)
        due.answer(connection, self._answered)
        due.correct(connection, self._corrected)
        alerts.settle(connection, list(self._settled.values()), self._now)
        alerts.insert(connection, alerts.fresh(connection, self._alerts, self._told))
        alerts.name(connection, self._named)
        alerts.move(connection, self._moved)
        addresses.stop(connection, self._stops)
        due.set_hours(connection, self._hours, self._now)
        contacts.say_phone(connection, self._phones)
        visits.insert(connection, self._visits)
        visits.answer(connection, self._visits_answered)
        presence.answer(connection, self._presence)
        presence_end.stopped(connection, list(self._stopped))

    def _save_record(self, effect: SaveRecord, cause: Cause) -> None:
        context = cause.context
        member = context.member(effect.letter)
        answers = effect.answers
        unit = str(answers.get("unit") or context.told(member))
        found = assess(effect, cause, self._rules)
        if member is None or context.home is None:  # a volunteer changes nothing of who somebody is
            self._person(effect, member is None, unit)
        if member is None and context.home:
            self._joined.append({"home": context.home.id, "person": effect.person_id})
        elif member is None:
            link = {"contact_id": context.contact_id, "letter": effect.letter, "person_id": effect.person_id}
            self._links.append(link)
        self._records.append(self._record(effect, cause, unit, found.triaged.level))
        if effect.form == follow_up_risk.FORM:
            self._risks.append(Risk(effect.root, effect.person_id, context.contact_id, unit, answers))
        lives = "unit" in answers and "full_name" in answers  # else it is where something is, or happens
        told = context.told(member) if member and member.group and lives else unit
        if lives and not effect.on_behalf and context.home is None:
            self.unit_of[context.contact_id] = unit
        if lives:
            self._moved += moved(effect, context, told)
        # a temperature without a word about signs is an answer, but not that all is well
        status = found.status if "signs" in answers else "seen_not_ok"
        if effect.check_id:
            record = self._records[-1]["id"]
            self._answered.append({"id": effect.check_id, "status": status, "record_id": record})
        elif effect.version > 1:
            self._corrected.append({"record_id": effect.root, "status": status})
        if found.raised:
            self._raise(found.raised, cause, told, effect.person_id)

    def _person(self, effect: SaveRecord, new: bool, unit: str) -> None:
        answers = effect.answers
        if "full_name" in answers:
            folded = fold(str(answers["full_name"])).text
            self._people.append(
                {
                    "id": effect.person_id,
                    "full_name": answers["full_name"],
                    "folded_name": folded,
                    "sort_key": persons.sort_key(folded),
                    "year_of_birth": answers.get("year_of_birth"),
                    "gender": answers.get("gender"),
                    "nationality": answers.get("nationality", "VN"),
                    "unit_code": unit,
                    "address": answers.get("address") or "",
                    "created_at": self._now,
                }
            )
        elif new:
            self._met.append({"id": effect.person_id, "unit_code": None, "created_at": self._now})

    def _record(self, effect: SaveRecord, cause: Cause, unit: str, level: Level) -> dict[str, Any]:
        confirmed = self._now if effect.confirmed else None
        later = derived(cause.inbound_id, f"record:{effect.form}:{effect.letter}")
        return {
            "id": effect.root if effect.version == 1 else later,
            "root": effect.root,
            "version": effect.version,
            "code": effect.code,
            "form": effect.form,
            "form_hash": effect.form_hash,
            "person_id": effect.person_id,
            "contact_id": cause.context.contact_id,
            "inbound_id": cause.inbound_id,
            "channel": cause.message.channel,
            "unit_code": unit,
            "answers": effect.answers,
            "signs": _codes(effect.answers),
            "temperature": effect.answers.get("temperature"),
            "level": level,
            "legal_basis": effect.legal_basis,
            "on_behalf": effect.on_behalf,
            "entered_by": cause.context.duty.id if cause.context.home and cause.context.duty else None,
            "declared_at": cause.message.received_at,
            "confirmed_at": confirmed,
            "forwarded_at": confirmed,
        }

    def _confirm(self, effect: ConfirmRecord, cause: Cause) -> None:
        row = {"root": effect.root, "version": effect.version, "confirmed_at": self._now}
        self._confirmed.append(row)

    def _raise(self, effect: RaiseAlert, cause: Cause, unit: str = "", person: UUID | None = None) -> None:
        context = cause.context
        if effect.kind in alerts.ONCE and self._raised(context.contact_id, effect.kind, "open"):
            return
        about = context.member(effect.letter) if effect.letter else context.alone(cause.others)
        whose = context.whose(effect.letter)
        row = {
            "id": derived(cause.inbound_id, f"alert:{effect.kind}:{whose}"),
            "kind": effect.kind,
            "letter": whose,
            "contact_id": context.contact_id,
            "person_id": person or (about.person_id if about else None),
            "unit_code": unit or self._told_of(effect, cause) or context.told(about),
            "signs": effect.signs,
            "reasons": effect.reasons,
            "inbound_id": cause.inbound_id,
            "status": "waiting" if effect.wait else "open",
            "raise_at": self._now + effect.wait,
        }
        waiting = self._raised(context.contact_id, effect.kind, "waiting") if effect.wait else []
        joined = next((a for a in waiting if a["letter"] == whose), None)
        if joined is None or effect.kind not in alerts.UNITED:
            self._alerts.append(row)
        else:
            signs = dict.fromkeys((*joined["signs"], *effect.signs))
            self._alerts[self._alerts.index(joined)] = joined | {"signs": tuple(signs)}

    def _seen_ill(self, effect: TellSeenIll, cause: Cause) -> None:
        """Once for what was said of a person while staff have it, however often somebody tries to declare it."""
        if alert := seen_ill(effect, cause, self._rules):
            self._raise(alert, cause)
        if alert and cause.context.member(effect.letter):
            self._told[self._alerts[-1]["id"]] = None

    def _name(self, effect: NameAlerts, cause: Cause) -> None:
        """Of somebody new there is no person yet: their declaration brings them (`alerts.move`)."""
        context, about = cause.context, cause.context.member(effect.letter)
        unnamed, named = context.whose(effect.told_of), context.whose(effect.letter)
        row = {"contact": context.contact_id, "unnamed": unnamed, "named": named}
        person, unit = (about.person_id, context.told(about)) if about else (None, None)
        self._named.append({**row, "person": person, "unit": unit, "said": effect.signs, "since": effect.since})

    def _told_of(self, effect: RaiseAlert, cause: Cause) -> str:
        """The unit where a report says that something happens: its staff look at it, wherever who tells of it lives."""
        told = (each["unit_code"] for each in self._records if each["inbound_id"] == cause.inbound_id)
        return next(told, "") if effect.kind is AlertKind.REPORT else ""

    def _raised(self, contact: UUID, kind: AlertKind, status: str) -> list[dict[str, Any]]:
        """The alerts of this batch that are like that."""
        same = (contact, kind, status)
        return [a for a in self._alerts if (a["contact_id"], a["kind"], a["status"]) == same]

    def _settle(self, effect: SettleWaiting, cause: Cause) -> None:
        """What waits in the database is settled by the first word on it, what waits in this batch by the next."""
        whose = effect.letter if effect.of_phone else cause.context.whose(effect.letter)
        about = {"contact_id": cause.context.contact_id, "kind": effect.kind, "letter": whose}
        row = about | {"status": "open" if effect.raise_now else "withdrawn", "signs": effect.signs}
        waits = (about | {"status": "waiting"}).items()
        self._alerts = [self._decided(a, row) if waits <= a.items() else a for a in self._alerts]
        first = self._settled.setdefault(tuple(about.values()), row)
        self._settled[tuple(about.values())] = first | {"signs": _both(first["signs"], effect.signs)}

    def _decided(self, waiting: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
        """An alert of this batch, as `alerts.settle` would leave it."""
        left = () if row["signs"] is None else tuple(sign for sign in waiting["signs"] if sign not in row["signs"])
        return waiting | ({"signs": left} if left else {"status": row["status"], "raise_at": self._now})

    def _stop(self, effect: StopReminders, cause: Cause) -> None:
        """A telephone number is one address, through whichever gateway."""
        at = self._now if effect.stop else None
        if effect.stop:
            self._stopped[cause.context.contact_id] = None
        message, sms = cause.message, self._services.sms
        for channel in sms if message.channel in sms else (message.channel,):
            self._stops.append({"channel": channel, "address": message.address, "stopped_at": at})

    def _set_hours(self, effect: SetHours, cause: Cause) -> None:
        self._hours.append({"contact_id": cause.context.contact_id, "hours": effect.hours})

    def _visit(self, effect: Visit, cause: Cause) -> None:
        if row := self.venues.row(effect, cause):
            self._visits.append(row)

    def _answer_visit(self, effect: AnswerVisit, cause: Cause) -> None:
        at = {"confirmed_at": self._now if effect.yes else None, "denied_at": None if effect.yes else self._now}
        self._visits_answered.append({"id": effect.visit_id, **at})

    def _answer_presence(self, effect: AnswerPresence, cause: Cause) -> None:
        said = {"outcome": effect.outcome, "place": effect.place, "answered_at": cause.message.received_at}
        self._presence.append({"id": effect.check_id, **said})

    def _unlink(self, effect: Unlink, cause: Cause) -> None:
        contact = cause.context.contact_id
        self._links = [link for link in self._links if link["contact_id"] != contact]
        self._unlinked[contact] = cause.message

    def _say_phone(self, effect: SayPhone, cause: Cause) -> None:
        self._phones.append({"id": cause.context.contact_id, "phone": effect.phone})

    def _part(self, connection: Connection) -> None:
        """Nobody known answers there any more: on one of several addresses, which then stands alone, or at all."""
        if not self._unlinked:
            return
        linked = join.several(connection, list(self._unlinked))
        for contact in linked:
            message = self._unlinked[contact]
            join.detach(connection, message.channel, message.address, self._now)
            self._services.directory.forget(contact)
        wrong_number.cut(connection, [contact for contact in self._unlinked if contact not in linked], self._now)

    def _leave(self, effect: Effect, cause: Cause) -> None:
        """Another carries it out: `core.pipeline.links`, `.duty`, `.certificates`, `.volunteers`."""


def _both(first: tuple[str, ...] | None, then: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """The signs that two words settle; None stands for all."""
    return None if first is None or then is None else (*first, *then)


def _codes(answers: Answers) -> tuple[str, ...]:
    signs = answers.get("signs")
    return signs if isinstance(signs, tuple) else ()


_TABLE: Mapping[type, Callable[..., None]] = {
    SaveRecord: Effects._save_record,
    ConfirmRecord: Effects._confirm,
    RaiseAlert: Effects._raise,
    NameAlerts: Effects._name,
    TellSeenIll: Effects._seen_ill,
    SettleWaiting: Effects._settle,
    StopReminders: Effects._stop,
    SetHours: Effects._set_hours,
    Visit: Effects._visit,
    AnswerVisit: Effects._answer_visit,
    AnswerPresence: Effects._answer_presence,
    Unlink: Effects._unlink,
    SayPhone: Effects._say_phone,
    **dict.fromkeys(
        (AskCertificate, *get_args(LinkEffect), *get_args(DutyEffect), *get_args(VolunteerEffect)), Effects._leave
    ),
}
