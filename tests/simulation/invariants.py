"""What must be true on every day of an outbreak, whatever people do. Each rule is one SELECT over everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Select, case, cast, extract, func, or_, select, true
from sqlalchemy.types import Integer

from core.access.scope import Scope
from core.care.rules import in_force
from core.care.standing import day_of, place
from core.database.due import alert_notices, alerts, due_checks
from core.database.following import follow_ups
from core.database.tables import inbox, outbox, records
from tests.simulation.outbreak import Outbreak, Station
from tests.simulation.people import DANGER

_local_hour = cast(extract("hour", func.timezone("Asia/Ho_Chi_Minh", outbox.c.created_at)), Integer)
_ASKED_AFTER_AN_ANSWER = (
    select(due_checks.c.id)
    .join(records, records.c.id == due_checks.c.record_id)
    .join(outbox, outbox.c.due_check_id == due_checks.c.id)
    .where(outbox.c.created_at > records.c.declared_at, outbox.c.sent_at.is_not(None))
)
_TWICE = (
    select(due_checks.c.person_id, due_checks.c.due_at)
    .group_by(due_checks.c.person_id, due_checks.c.due_at)
    .having(func.count() > 1)
)
_DANGER_UNHEARD = (
    select(inbox.c.id)
    .outerjoin(alerts, (alerts.c.inbound_id == inbox.c.id) & (alerts.c.kind == "danger"))
    .where(inbox.c.text.contains(DANGER), alerts.c.id.is_(None))
)
_ON_ITS_WAY = outbox.c.status.in_(("queued", "sending", "sent", "delivered"))  # a note that nobody could be told is not
_UNCARED_FOR = select(alerts.c.id).where(alerts.c.kind == "danger", alerts.c.status != "closed")
_STILL_OPEN = select(follow_ups.c.id).where(follow_ups.c.status.in_(("to_verify", "under_follow_up")))
_DUE_FOR_EVER = select(due_checks.c.id).where(due_checks.c.status == "not_performed")


@dataclass(frozen=True, slots=True)
class Invariants:
    """Asks them of one outbreak."""

    outbreak: Outbreak

    def every_day(self, day: int) -> None:
        """At the end of each day, before midnight."""
        assert self._found(_ASKED_AFTER_AN_ANSWER) == [], f"day {day}: asked after an answer"
        assert self._found(_outside_hours(self._quiet())) == [], f"day {day}: asked at night"
        assert self._found(_TWICE) == [], f"day {day}: due twice"
        assert self._found(_DANGER_UNHEARD) == [], f"day {day}: danger without an alert"
        assert self._found(_danger_untold(self.outbreak.stations)) == [], (
            f"day {day}: nobody was told of danger within a minute"
        )
        self._everybody_is_on_one_list()

    def at_the_end(self) -> None:
        """The day after the last."""
        assert self._found(_STILL_OPEN) == []
        assert self._found(_DUE_FOR_EVER) == []
        assert self._found(_UNCARED_FOR) == []

    def _everybody_is_on_one_list(self) -> None:
        now = self.outbreak.cast.clock.at
        with self.outbreak.cast.engine.connect() as connection:
            seen = [
                place(connection, Scope(station.code, (station.code,)), day_of(now), 10_000)
                for station in self.outbreak.stations
            ]
            followed = connection.scalars(
                select(follow_ups.c.person_id).where(follow_ups.c.status == "under_follow_up")
            ).all()
        named = [person for placed in seen for on in placed.values() for person in on.people]
        assert len(named) == len(set(named))
        assert set(followed) <= set(named)

    def _quiet(self) -> tuple[int, int]:
        return in_force(self.outbreak.cast.today()).quiet_hours

    def _found(self, statement: Select[Any]) -> list[Row[Any]]:
        with self.outbreak.cast.engine.connect() as connection:
            return list(connection.execute(statement.limit(5)))


def _danger_untold(stations: Sequence[Station]) -> Select[Any]:
    """Alerts of which the nurse of the person's own station was not told in time."""
    hers = case({station.code: station.duty for station in stations}, value=alerts.c.unit_code)
    return (
        select(alerts.c.id)
        .join(inbox, inbox.c.id == alerts.c.inbound_id)
        .outerjoin(alert_notices, alert_notices.c.alert_id == alerts.c.id)
        .outerjoin(outbox, (outbox.c.id == alert_notices.c.message_id) & (outbox.c.address == hers) & _ON_ITS_WAY)
        .where(alerts.c.kind == "danger")
        .group_by(alerts.c.id, inbox.c.received_at)
        .having(func.coalesce(func.min(outbox.c.created_at) > inbox.c.received_at + timedelta(minutes=1), true()))
    )


def _outside_hours(quiet: tuple[int, int]) -> Select[Any]:
    """What we began in quiet hours."""
    start, end = quiet
    at_night = or_(_local_hour >= start, _local_hour < end)
    return select(outbox.c.id).where(outbox.c.priority >= 2, at_night)
