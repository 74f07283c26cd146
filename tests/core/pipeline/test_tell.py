"""What we begin ourselves goes where a person can be reached, once, in their order; or it is said why it does not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, insert, select, update

from core.conversation.ids import derived
from core.conversation.messages import Say
from core.database.tables import addresses, contacts, outbox
from core.messaging.channel import MessageKind
from core.messaging.route import Address, Barred
from core.pipeline.tell import Telling, tell
from tests.cast import HOA, Cast


def telling(cast: Cast, word: str, **changes: object) -> Telling:
    given = {
        "id": derived(cast.contact(HOA), word),
        "contact_id": cast.contact(HOA),
        "say": Say(word),
        "kind": MessageKind.REMINDER,
        "expires_at": cast.clock.at + timedelta(hours=1),
    }
    return Telling(**(given | changes))  # type: ignore[arg-type]


def told(cast: Cast, engine: Engine, *tellings: Telling) -> Mapping[UUID, Address | Barred]:
    with engine.begin() as connection:
        return tell(connection, cast.services, tellings, cast.clock.at)


@pytest.fixture
def hoa(cast: Cast) -> Cast:
    cast.writes("KHAI", who=HOA)
    return cast


def test_it_is_in_line_after_what_was_said_before(hoa: Cast, engine: Engine) -> None:
    first, second = telling(hoa, "mot"), telling(hoa, "hai")

    ways = told(hoa, engine, first, second)

    assert {way.key for way in ways.values() if isinstance(way, Address)} == {("phone", HOA)}
    with engine.connect() as connection:
        texts = connection.scalars(select(outbox.c.text).order_by(outbox.c.seq)).all()
        newest = connection.scalar(select(contacts.c.seq))
        assert texts[-2:] == ["mot", "hai"]
        assert newest == len(texts)


def test_who_said_stop_is_told_nothing_and_the_reason_is_known(hoa: Cast, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(addresses).values(stopped_at=hoa.clock.at))
    one = telling(hoa, "mot")

    assert told(hoa, engine, one) == {one.id: Barred.STOPPED}


def test_an_address_that_did_not_answer_is_avoided(hoa: Cast, engine: Engine) -> None:
    one = telling(hoa, "mot", avoid=frozenset({("phone", HOA)}))

    assert told(hoa, engine, one) == {one.id: Barred.OFF}


def test_who_said_stop_where_they_wrote_last_is_not_asked_elsewhere_instead(hoa: Cast, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(addresses).values(stopped_at=hoa.clock.at))
        connection.execute(
            insert(addresses).values(
                channel="web", address="another", contact_id=hoa.contact(HOA), heard_at=hoa.clock.at
            )
        )
    one = telling(hoa, "mot", avoid=frozenset({("phone", HOA)}))

    assert told(hoa, engine, one) == {one.id: Barred.STOPPED}


def test_who_is_held_by_somebody_else_is_left_for_the_next_time(hoa: Cast, engine: Engine) -> None:
    with engine.begin() as other:
        other.execute(select(contacts.c.id).with_for_update())

        assert told(hoa, engine, telling(hoa, "mot")) == {}
