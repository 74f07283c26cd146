"""The silence ladder, climbed by the clock: what is done about somebody who does not answer, rung by rung.

Only rows are written. A check-in's row moves on in the transaction that writes what was done or why not
(`ladder_steps`) and the message, if there is one: a crash leaves all or none. The ids follow from the check-in and the
rung, so that two clocks do it once. A message is about its check-in, so that an answer that comes before it left
withdraws it. Contacts that somebody else holds are left for the next time. Who is lost is ended behind that, a few in a
transaction: a person's text waits for none of it longer than for a commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, update

from core.care import lost
from core.clock import VIETNAM
from core.conversation.ids import derived
from core.database.batch import Batch, BatchInsert
from core.database.due import due_checks, ladder_steps
from core.messaging.channel import MessageKind
from core.messaging.route import Address, Barred
from core.people.lines import hold
from core.pipeline.services import Services
from core.pipeline.tell import Telling, tell
from core.reminders import hearing, ladder, silent, unseen
from core.reminders.hearing import NONE, Many
from core.reminders.ladder import Night, Rung, Step
from core.reminders.may import Facts, Why, may, moment
from core.reminders.others import OTHERS, tell_household, tell_volunteer
from core.reminders.round import DONE, Climb, Round, unit_of
from core.reminders.rows import text_id
from core.reminders.words import answers, nudge, whom_of

_STEPS = BatchInsert(ladder_steps, ["id", "due_check_id", "person_id", "rung", "step", "outcome", "message_id", "at"])
_MOVED = Batch(due_checks, ["id", "rung", "climb_at"])
_MOVE = (
    update(due_checks)
    .where(due_checks.c.id == _MOVED.data.c.id, due_checks.c.rung <= _MOVED.data.c.rung)
    .where(due_checks.c.climb_at.is_not(None))  # an answer that came meanwhile has ended it
    .values(rung=_MOVED.data.c.rung, climb_at=_MOVED.data.c.climb_at)
)
_OVER = (Why.NOT_FOLLOWED, Why.UNVERIFIED, Why.LOST, Why.ENDED, Why.WATCHED, Why.ANSWERED)
_JUDGED = (*OTHERS, Step.LOST)  # by their silence
_FEW = 50  # of those who are lost, in one transaction
_NOT_YET = timedelta(days=1)  # until it is looked again whether somebody is lost


def climb(services: Services, limit: int = 500) -> int:
    """Climb the rungs that are due, at most on `limit` check-ins; on how many something was done. Call again while it
    is `limit`."""
    at = moment(services.clock.now())
    with services.engine.begin() as connection:
        due = silent.climbing(connection, at.now, limit)
        if not due:
            return 0
        this = Round(connection, services, ladder.in_force(at.today), at)
        moved = [_postponed(this, check) for check in due]
        climbs = [_decided(this, check) for check, move in zip(due, moved, strict=True) if move is None]
        this = replace(this, many=_many(this, climbs))
        others = [one for one in climbs if not _is_given_up(one)]
        written = _write(this, _worded(this, _held(this, others)))
        given_up, kept = _unseen(this, [one for one in climbs if _is_given_up(one)])
        _move(connection, [move for move in moved if move] + written + kept)
    gone = 0
    for start in range(0, len(given_up), _FEW):
        with services.engine.begin() as connection:
            gone += _give_up(replace(this, connection=connection), given_up[start : start + _FEW])
    return len(due) - (len(others) - len(written)) - (len(given_up) - gone)


def _postponed(this: Round, check: Row[Any]) -> dict[str, Any] | None:
    """The row as it is to be if no rung of it is climbed now; None if one is."""
    if check.seen or _is_over(this, check):
        return {"id": check.id, "rung": check.rung, "climb_at": None}
    number = check.rung + 1
    turn = this.ladder.climb_at(number, _asked_at(check))
    rung = this.ladder.rung(number)
    if rung is not None and rung.step is Step.LOST and check.end_on < this.at.today:
        return {"id": check.id, "rung": check.rung, "climb_at": None}  # whoever is held back is asked nothing any more
    if turn is None or rung is None or turn > this.at.now:
        return {"id": check.id, "rung": check.rung, "climb_at": turn}
    waits = rung.night is Night.WAIT and this.at.quiet and not _is_closed(check, rung, this.at.waking)
    if waits and not this.ladder.is_passed(number, _asked_at(check), this.at.now):
        return {"id": check.id, "rung": check.rung, "climb_at": this.at.waking}
    return None


def _is_closed(check: Row[Any], rung: Rung, then: datetime) -> bool:
    """Whether it is too late for that rung then. Others are told of a silence that lasts, also behind the check-in's
    end, while their days go on."""
    return check.closes_at <= then and (rung.step not in OTHERS or check.end_on < then.astimezone(VIETNAM).date())


def _is_over(this: Round, check: Row[Any]) -> bool:
    """Whether nobody would be reminded of it any more, whatever way there is."""
    facts = Facts(check.follow_up, check.watch_from, check.status, None, check.closes_at, check.reminded_at, None)
    return may(facts, this.at).why in _OVER


def _asked_at(check: Row[Any]) -> datetime:
    """When they were asked, or were to be."""
    at: datetime = check.reminded_at or check.due_at
    return at


def _decided(this: Round, check: Row[Any]) -> Climb:
    """Whether the rung may be climbed, as far as the hour tells."""
    number = check.rung + 1
    rung = this.ladder.rung(number)
    assert rung is not None  # noqa: S101 - `_postponed` ended it
    if this.ladder.is_passed(number, _asked_at(check), this.at.now):
        return Climb(check, number, rung, "passed")
    if rung.night is Night.ANY:
        return Climb(check, number, rung, DONE)
    if this.at.quiet:
        return Climb(check, number, rung, "night")
    return Climb(check, number, rung, "closed" if _is_closed(check, rung, this.at.now) else "")


def _many(this: Round, climbs: Sequence[Climb]) -> Many:
    """Where so many were asked, since those whose silence is judged now, that somebody is heard if anything is."""
    judged = [one.check.due_at for one in climbs if one.rung.step in _JUDGED and one.outcome in ("", DONE)]
    if not judged:
        return NONE
    first = min(judged).astimezone(VIETNAM).date()
    days = (first + timedelta(days=n) for n in range((this.at.today - first).days + 1))
    return hearing.many(this.connection, days, this.ladder.deaf_from, this.services.sms)


def _is_given_up(one: Climb) -> bool:
    return one.rung.step is Step.LOST and one.outcome == DONE


def _unseen(this: Round, climbs: Sequence[Climb]) -> tuple[list[Climb], list[dict[str, Any]]]:
    """Those of whom it is known that they are lost; of the others the rows as they are to be. Who was heard of has
    later check-ins by which they may be; of who was not asked often enough it is looked again."""
    known = unseen.unseen(this.connection, [one.check.id for one in climbs], this.at.today, this.many)
    lost_ones, kept = [], []
    for one in climbs:
        facts = known[one.check.id]
        if facts.heard or facts.seen_to or facts.days < this.ladder.lost_days:
            turn = None if facts.heard else this.at.now + _NOT_YET
            kept.append({"id": one.check.id, "rung": one.check.rung, "climb_at": turn})
        else:
            lost_ones.append(one)
    return lost_ones, kept


def _held(this: Round, climbs: Sequence[Climb]) -> list[Climb]:
    """The same without those to be asked on a phone that somebody else holds, and of whom something came meanwhile: a
    text names only who is silent while their phone is held. The others' turn is at the next look."""
    asked = [one for one in climbs if not one.outcome and one.rung.step not in OTHERS and one.check.contact_id]
    lines = hold(this.connection, {one.check.contact_id for one in asked})
    known = silent.standing(this.connection, [one.check.id for one in asked if one.check.contact_id in lines])
    gone = {one.check.id for one in asked if known.get(one.check.id) != (one.check.rung, one.check.contact_id)}
    return [one for one in climbs if one.check.id not in gone]


def _worded(this: Round, climbs: Sequence[Climb]) -> list[Climb]:
    """The same, each with a message or a reason."""
    climbs = _as_asked(this, climbs)
    made = [one for one in climbs if one.outcome]
    for step, deed in _DEEDS.items():
        if those := [one for one in climbs if not one.outcome and one.rung.step is step]:
            made += deed(this, those)
    return made


def _as_asked(this: Round, climbs: Sequence[Climb]) -> list[Climb]:
    """The same; of whom it is not known that they are silent, with the reason. Who was not asked is not asked once
    more either; who cannot be asked is left to others."""
    ones = [one for one in climbs if not one.outcome and one.rung.step is not Step.OTHER_CHANNEL]
    known = unseen.asked(this.connection, [one.check.id for one in ones], this.many)

    def outcome(one: Climb) -> str:
        facts = known.get(one.check.id)
        if one.outcome or facts is None or facts.hears:
            return one.outcome
        if one.rung.step is Step.NUDGE:
            return "not_asked" if one.check.reminded_at and not facts.left else ""
        return "deaf" if facts.left else "not_asked" if facts.can else ""

    return [replace(one, outcome=outcome(one)) for one in climbs]


def _nudge(this: Round, climbs: Sequence[Climb]) -> Iterable[Climb]:
    """One text a phone, about all of its people whose turn it is."""
    yield from _to_themselves(this, climbs, {})


def _other_channel(this: Round, climbs: Sequence[Climb]) -> Iterable[Climb]:
    since = min(_asked_at(one.check) for one in climbs)
    whose = [one.check.contact_id for one in climbs if one.check.contact_id]
    yield from _to_themselves(this, climbs, silent.asked_at(this.connection, whose, since))


def _to_themselves(this: Round, climbs: Sequence[Climb], avoid: Mapping[UUID, set[tuple[str, str]]]) -> Iterable[Climb]:
    by_phone: dict[UUID, list[Climb]] = {}
    for one in climbs:
        if one.check.contact_id is None or one.check.letter is None:
            yield Climb(one.check, one.number, one.rung, Why.NO_PHONE)
        elif one.check.reminded_at is None:  # whatever kept us from asking
            yield Climb(one.check, one.number, one.rung, "not_asked")
        else:
            by_phone.setdefault(one.check.contact_id, []).append(one)
    for contact, those in by_phone.items():
        first = those[0].check
        people = [one.check for one in those]
        whom = whom_of(people, alone=first.alone, year=this.at.today.year)
        telling = Telling(
            text_id(f"rung:{those[0].number}", contact, [check.id for check in people], max(map(_asked_at, people))),
            contact,
            nudge(unit_of(this, first).name, whom),
            MessageKind.REMINDER,
            first.closes_at,
            answers(whom),
            first.id,
            _everywhere(this, avoid.get(contact, set())),
        )
        for one in those:
            yield Climb(one.check, one.number, one.rung, "", telling)


def _everywhere(this: Round, asked: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """A telephone number is one address, through whichever gateway."""
    sms = this.services.sms
    return frozenset((c, address) for name, address in asked for c in (sms if name in sms else (name,)))


def _write(this: Round, climbs: Sequence[Climb]) -> list[dict[str, Any]]:
    """Tell, write down what was done; the rows as they are to be. Of a contact that somebody else holds, none."""
    tellings = {one.telling.id: one.telling for one in climbs if one.telling}
    ways = tell(this.connection, this.services, list(tellings.values()), this.at.now)
    held = [one for one in climbs if one.telling is None or one.telling.id in ways]
    _STEPS.run(this.connection, [_step(this, one, ways) for one in held])
    return [_next(this, one) for one in held]


def _give_up(this: Round, climbs: Sequence[Climb]) -> int:
    """End the follow-ups of these as lost; how many. Of who is heard of at this moment nothing is written down: all is
    undone and done again without them, and the next time it is known that they answered."""
    going = lost.hold(this.connection, {one.check.follow_up_id for one in climbs})
    while those := [one for one in climbs if one.check.follow_up_id in going]:
        with this.connection.begin_nested() as attempt:
            lost.lose(this.connection, going, this.at.now)
            _STEPS.run(this.connection, [_step(this, one, {}) for one in those])
            silent_ones = lost.unheard(this.connection, going)
            silent_ones -= unseen.heard(this.connection, [one.check.id for one in those])
            if silent_ones == going:
                _move(this.connection, [_next(this, one) for one in those])
                return len(those)
            attempt.rollback()
        going = silent_ones
    return 0


def _step(this: Round, one: Climb, ways: Mapping[UUID, Address | Barred]) -> dict[str, Any]:
    outcome, message = one.outcome, None
    if one.telling is not None:
        way = ways[one.telling.id]
        outcome = DONE if isinstance(way, Address) else way.value
        message = one.telling.id if isinstance(way, Address) else None
        if one.rung.step is Step.OTHER_CHANNEL and way is Barred.OFF:
            outcome = "no_other"
    return {
        "id": derived(one.check.id, f"step:{one.number}"),
        "due_check_id": one.check.id,
        "person_id": one.check.person_id,
        "rung": one.number,
        "step": one.rung.step,
        "outcome": outcome,
        "message_id": message,
        "at": this.at.now,
    }


def _next(this: Round, one: Climb) -> dict[str, Any]:
    turn = this.ladder.climb_at(one.number + 1, _asked_at(one.check))
    return {"id": one.check.id, "rung": one.number, "climb_at": turn}


def _move(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(_MOVE, _MOVED.parameters(sorted(rows, key=lambda row: row["id"])))


_DEEDS: Mapping[Step, Callable[[Round, Sequence[Climb]], Iterable[Climb]]] = {
    Step.NUDGE: _nudge,
    Step.OTHER_CHANNEL: _other_channel,
    Step.HOUSEHOLD: tell_household,
    Step.VOLUNTEER: tell_volunteer,
}
