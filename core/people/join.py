"""Two contacts become one: the same person wrote from both. What they said and what is to come moves to the one.

Both contacts are locked by the caller's transaction, so no message of either is read meanwhile. A crash before the
commit leaves two; after it one. Other processes may still believe in the old one: what they read then goes by the
cell's own `addresses` (`addresses.hear`), and they look again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Uuid, bindparam, delete, select, update
from uuid_utils.compat import uuid7

from core.conversation.context import free_letter
from core.conversation.session import LastRecord, Session, from_json, to_json
from core.database.shared import directory
from core.database.tables import (
    addresses,
    alerts,
    contacts,
    due_checks,
    follow_ups,
    inbox,
    members,
    outbox,
    persons,
    records,
    visits,
)
from core.people import contacts as contact_rows

_GONE, _KEPT = bindparam("gone", type_=Uuid), bindparam("kept", type_=Uuid)
_PEOPLE = (
    select(
        members.c.contact_id,
        members.c.letter,
        members.c.person_id,
        persons.c.folded_name,
        persons.c.year_of_birth,
        persons.c.gender,
        follow_ups.c.id.label("follow_up_id"),
    )
    .join(persons, persons.c.id == members.c.person_id)
    .outerjoin(follow_ups, (follow_ups.c.person_id == persons.c.id) & (follow_ups.c.status == "under_follow_up"))
    .where(members.c.contact_id.in_([_GONE, _KEPT]))
    .order_by(members.c.letter)
)
_OPEN_ALERTS = alerts.c.status.in_(("waiting", "open", "taken"))
_MOVES = (
    update(directory).where(directory.c.contact_id == _GONE),
    update(addresses).where(addresses.c.contact_id == _GONE),
    update(follow_ups).where(follow_ups.c.contact_id == _GONE),
    update(due_checks).where(due_checks.c.contact_id == _GONE, due_checks.c.status == "not_performed"),
    update(visits).where(visits.c.contact_id == _GONE),
    update(inbox).where(inbox.c.contact_id == _GONE),
)
_SESSIONS = select(contacts.c.id, contacts.c.session).where(contacts.c.id.in_([_GONE, _KEPT]))
_SAVE = update(contacts).where(contacts.c.id == bindparam("whose"))


def join(connection: Connection, kept: UUID, gone: UUID) -> None:
    """Whatever belongs to `gone` and is not over belongs to `kept`. Both are locked.

    People of the same name, year of birth and gender are taken for one unless the one that goes is followed up:
    records that staff should see as one person's are theirs to merge. Others get the next free letters. A form that is
    going on on one side only goes on.
    """
    if kept == gone:
        return
    both = {"kept": kept, "gone": gone}
    letters = _letters(connection, both)
    for letter, new in letters.items():
        moved = update(alerts).where(alerts.c.contact_id == gone, alerts.c.letter == letter, _OPEN_ALERTS)
        connection.execute(moved.values(contact_id=kept, letter=new))
    rest = update(alerts).where(alerts.c.contact_id == gone, _OPEN_ALERTS)
    connection.execute(rest.values(contact_id=kept))
    for statement in _MOVES:
        connection.execute(statement.values(contact_id=kept), both)
    _move_outbox(connection, both)
    _join_sessions(connection, both, letters)


def _letters(connection: Connection, both: Mapping[str, UUID]) -> dict[str, str]:
    """Put the people of `gone` on `kept`; the new letter of each old one."""
    people = connection.execute(_PEOPLE, both).all()
    here = {row.letter: row for row in people if row.contact_id == both["kept"]}
    there = [row for row in people if row.contact_id == both["gone"]]
    connection.execute(delete(members).where(members.c.contact_id == both["gone"]))
    letters: dict[str, str] = {}
    for row in there:
        same = next((letter for letter, other in here.items() if _is_same(row, other)), None)
        letters[row.letter] = same or free_letter(here)
        if same is None:
            here[letters[row.letter]] = row
            who = {"contact_id": both["kept"], "letter": letters[row.letter], "person_id": row.person_id}
            connection.execute(members.insert().values(who))
        said = update(records).where(records.c.person_id == row.person_id, records.c.contact_id == both["gone"])
        connection.execute(said.values(contact_id=both["kept"]))
    return letters


def _move_outbox(connection: Connection, both: Mapping[str, UUID]) -> None:
    """Behind what `kept` was sent, in the same order."""
    ours = connection.scalars(select(contacts.c.seq).where(contacts.c.id == both["kept"])).one()
    theirs = connection.scalars(select(contacts.c.seq).where(contacts.c.id == both["gone"])).one()
    moved = update(outbox).where(outbox.c.contact_id == both["gone"])
    connection.execute(moved.values(contact_id=both["kept"], seq=outbox.c.seq + ours))
    connection.execute(_SAVE.values(seq=ours + theirs), {"whose": both["kept"]})


def _is_same(row: Row[Any], other: Row[Any]) -> bool:
    if row.person_id == other.person_id:
        return True
    said = (row.folded_name, row.year_of_birth, row.gender)
    known = all(said) and row.follow_up_id is None
    return known and said == (other.folded_name, other.year_of_birth, other.gender)


def _join_sessions(connection: Connection, both: Mapping[str, UUID], letters: dict[str, str]) -> None:
    """The conversation goes on where a form is open; `kept` wins if both or neither has one."""
    found = {row.id: from_json(row.session) for row in connection.execute(_SESSIONS, both)}
    ours, theirs = found[both["kept"]], found[both["gone"]]
    taken = set(letters.values())
    if theirs.letter and theirs.letter not in letters:  # somebody new, declared just now
        letters = {**letters, theirs.letter: free_letter(taken | {ours.letter})}
    moved = renamed(theirs, letters)
    session = joined(ours, moved)
    _store(connection, both["kept"], session)
    _store(connection, both["gone"], Session(language=theirs.language))


def joined(ours: Session, theirs: Session) -> Session:
    """One session of two."""
    going_on = theirs if theirs.busy and not ours.busy else ours
    known = {record.letter: record for record in (*theirs.together, *ours.together)}
    return replace(
        going_on,
        language=ours.language if ours.chosen else going_on.language,
        chosen=ours.chosen or theirs.chosen,
        accents=ours.accents,
        last=_newest(ours.last, theirs.last),
        together=tuple(known.values()),
        others=tuple(dict.fromkeys((*ours.others, *theirs.others))),
        agreed=tuple(dict.fromkeys((*ours.agreed, *theirs.agreed))),
    )


def renamed(session: Session, letters: Mapping[str, str]) -> Session:
    """The same with other letters for its people."""

    def new(letter: str) -> str:
        return letters.get(letter, letter)

    def record(each: LastRecord) -> LastRecord:
        return replace(each, letter=new(each.letter))

    return replace(
        session,
        letter=new(session.letter),
        doubt_of=new(session.doubt_of),
        waiting=tuple(new(letter) for letter in session.waiting),
        correcting=record(session.correcting) if session.correcting else None,
        last=record(session.last) if session.last else None,
        together=tuple(record(each) for each in session.together),
        others=tuple(new(letter) for letter in session.others),
        agreed=tuple(_agreed(each, letters) for each in session.agreed),
    )


def _agreed(each: str, letters: Mapping[str, str]) -> str:
    letter, mark, form = each.partition(":")
    return f"{letters.get(letter, letter)}{mark}{form}"


def _newest(first: LastRecord | None, second: LastRecord | None) -> LastRecord | None:
    return max((each for each in (first, second) if each), key=lambda each: each.at, default=None)


def _store(connection: Connection, whose: UUID, session: Session) -> None:
    values = {"session": to_json(session), "language": session.language, "accents": session.accents}
    connection.execute(_SAVE.values(values), {"whose": whose})


def add_phone(connection: Connection, contact: UUID, channel: str, phone: str, cell: str) -> None:
    """They hold this phone as well: messages may go there."""
    key = {"channel": channel, "address": phone, "contact_id": contact}
    connection.execute(directory.insert().values({**key, "cell": cell}))
    connection.execute(addresses.insert().values(key))


def detach(connection: Connection, channel: str, address: str, now: datetime) -> UUID:
    """This address belongs to somebody else than the others of its contact: a contact of its own, which knows nothing.

    Its messages that wait to be sent are withdrawn.
    """
    fresh = uuid7()
    contact_rows.ensure(connection, [{"id": fresh, "channel": channel, "address": address, "seen_at": now}])
    for table in (directory, addresses):
        here = (table.c.channel == channel, table.c.address == address)
        connection.execute(update(table).where(*here).values(contact_id=fresh))
    queued = (outbox.c.channel == channel, outbox.c.address == address, outbox.c.status == "queued")
    unsent = update(outbox).where(*queued, outbox.c.kind == "reminder")
    connection.execute(unsent.values(status="withdrawn"))
    return fresh


def several(connection: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these contacts that have more than one address."""
    found = connection.scalars(select(addresses.c.contact_id).where(addresses.c.contact_id.in_(ids))).all()
    return {each for each in found if found.count(each) > 1}
