"""Receipts in every order, doubled, early and late: the message ends the same, and all that was said is kept."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.messaging.channel import MessageKind, OutcomeUnknown, Refused, SendError, Sent, Status, StatusReport, TryLater
from core.messaging.history import steps
from core.messaging.outbox import Leased, Outcome, claim, settle
from core.messaging.reports import report
from tests.core.messaging.line import LEASE, NOW, Line

_SAID = (Status.SENT, Status.DELIVERED, Status.FAILED, Status.UNKNOWN)
_RANK = {status: rank for rank, status in enumerate(Status)}
_LATER = timedelta(hours=2)

reports = st.lists(st.sampled_from(_SAID), max_size=6)
"""Every order, with doubles."""

endings = st.sampled_from([Sent("SM"), OutcomeUnknown("timeout"), Refused("30007"), TryLater("503")])


def fresh(line: Line) -> UUID:
    """A warning to somebody whom nothing was sent to yet."""
    to = f"+84{uuid4().int % 10**9:09}"
    return line.put(MessageKind.DANGER, to=to, expires_at=NOW + timedelta(days=9))


def take(line: Line, message: UUID, late: timedelta = timedelta()) -> Leased | None:
    with line.engine.begin() as connection:
        leased = claim(connection, "phone", NOW + late, 10, LEASE, bulk=10)
    return next((each for each in leased if each.message.id == message), None)


def end(line: Line, leased: Leased, result: Sent | SendError) -> None:
    with line.engine.begin() as connection:
        settle(connection, [Outcome(leased, result)], NOW)


def say(line: Line, message: UUID, said: list[Status]) -> None:
    for status in said:
        told = StatusReport("phone", f"SM{message}", status, message_id=message)
        with line.engine.begin() as connection:
            assert report(connection, [told], NOW) == ()


def furthest(*statuses: Status) -> Status:
    """UNKNOWN of a provider moves nothing."""
    return max((s for s in statuses), key=lambda s: _RANK[s])


def is_whole(line: Line, message: UUID, said: list[Status]) -> None:
    """Every word of the provider's is kept once, and the last step of the message itself is where it is."""
    with line.engine.connect() as connection:
        told = steps(connection, message)
    row = line.row(message)
    own = [step for step in told if step.source == "row"]
    assert (own[-1].status, own[-1].attempts) == (row["status"], row["attempts"])
    assert {step.status for step in told} >= {status.value for status in said}
    of_provider = [(step.status, step.error) for step in told if step.source == "report"]
    assert len(of_provider) == len(set(of_provider))
    ranks = [_RANK[Status(step.status)] for step in own if step.status not in ("queued", "sending")]
    assert ranks == sorted(ranks)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=reports, after=reports, ending=endings)
def test_before_and_after_the_answer_to_our_request(
    line: Line, before: list[Status], after: list[Status], ending: Sent | SendError
) -> None:
    message = fresh(line)
    leased = take(line, message)
    assert leased is not None
    say(line, message, before)
    end(line, leased, ending)
    say(line, message, after)

    moving = [status for status in (*before, *after) if status is not Status.UNKNOWN]
    own = {Sent: Status.SENT, Refused: Status.FAILED}.get(type(ending), Status.QUEUED)
    assert line.status(message) == furthest(own, *moving)
    is_whole(line, message, [*before, *after])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(early=reports, between=reports, late=reports, first=endings.filter(lambda e: not isinstance(e, Sent | Refused)))
def test_before_and_after_a_retry(
    line: Line, early: list[Status], between: list[Status], late: list[Status], first: SendError
) -> None:
    """What is reported before the next attempt makes it needless."""
    message = fresh(line)
    leased = take(line, message)
    assert leased is not None
    end(line, leased, first)
    say(line, message, early)
    again = take(line, message, _LATER)
    assert (again is None) == any(status is not Status.UNKNOWN for status in early)
    say(line, message, between)
    if again is not None:
        end(line, again, Sent(f"SM{message}"))
    say(line, message, late)

    moving = [status for status in (*early, *between, *late) if status is not Status.UNKNOWN]
    assert line.status(message) == furthest(Status.SENT, *moving)
    is_whole(line, message, [*early, *between, *late])
