"""Two contacts become one: the same person wrote from both. What they said and what is to come moves to the one.

Both contacts are locked by the caller's transaction, so no message of either is read meanwhile. A crash before the
commit leaves two; after it one. Other processes may still believe in the old one: what they read then goes by the
cell's own `addresses` (`addresses.hear`), and they look again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Uuid, bindparam, delete, exists, func, or_, select, update
from uuid_utils.compat import uuid7

from core.conversation.context import free_letter
from core.conversation.session import LastRecord, Session, Stage, from_json, to_json
from core.database.due import alerts, due_checks, presence_checks
from core.database.following import follow_ups
from core.database.households import consents, household_members, households, organisation_members, volunteers
from core.database.shared import directory, link_codes
from core.database.tables import addresses, contacts, inbox, members, outbox, persons, records, visits
from core.messaging.withdrawn import WITHDRAWN
from core.people import contacts as contact_rows
from core.people import volunteers as volunteer_rows

_GONE, _KEPT = bindparam("gone", type_=Uuid), bindparam("kept", type_=Uuid)
_followed = follow_ups.c.status.in_(("to_verify", "under_follow_up"))
_bound = or_(
    *(
        exists().where(table.c.person_id == persons.c.id, still.is_(None))
        for table, still in (
            (household_members, household_members.c.left_at),
            (organisation_members, organisation_members.c.left_at),
            (consents, consents.c.withdrawn_at),
        )
    )
)
"""Whether they live in a household, belong to something or agreed to something: that needs their phone."""

_PEOPLE = (
    select(
        members.c.contact_id,
        members.c.letter,
        members.c.person_id,
        persons.c.folded_name,
        persons.c.year_of_birth,
        persons.c.gender,
        follow_ups.c.id.label("follow_up_id"),
        _bound.label("bound"),
    )
    .join(persons, persons.c.id == members.c.person_id)
    .outerjoin(follow_ups, (follow_ups.c.person_id == persons.c.id) & (_followed))
    .where(members.c.contact_id.in_([_GONE, _KEPT]))
    .order_by(members.c.letter)
)
_SAID_BY_GONE = select(inbox.c.id).where(inbox.c.contact_id == _GONE)
_OPEN_ALERTS = alerts.c.status.in_(("waiting", "open", "taken"))
_MOVES = (
    update(directory).where(directory.c.contact_id == _GONE),
    update(addresses).where(addresses.c.contact_id == _GONE),
    update(follow_ups).where(follow_ups.c.contact_id == _GONE),
    update(due_checks).where(due_checks.c.contact_id == _GONE, due_checks.c.status == "not_performed"),
    update(presence_checks).where(presence_checks.c.contact_id == _GONE),
    update(visits).where(visits.c.contact_id == _GONE),
    update(link_codes).where(link_codes.c.contact_id == _GONE),
    update(inbox).where(inbox.c.contact_id == _GONE),
    update(volunteers).where(volunteers.c.contact_id == _GONE),
    update(consents).where(consents.c.contact_id == _GONE),
    update(households).where(households.c.contact_id == _GONE),
)
_CONTACTS = select(*(contacts.c[name] for name in ("id", "session", "seq", "seen_at", "forget_at", "phone"))).where(
    contacts.c.id.in_([_GONE, _KEPT])
)
_BY_LETTER = (Stage.WHO, Stage.WHOSE)
"""Stages whose options are letters of people."""

_SAVE = update(contacts).where(contacts.c.id == bindparam("whose"))


def join(connection: Connection, kept: UUID, gone: UUID, writer: UUID, now: datetime) -> None:
    """Whatever belongs to `gone` belongs to `kept`. Both are locked; one of them is `writer`, who said so just now.

    People of the same name, year of birth and gender are taken for one unless the one that goes is followed, or to be,
    or lives in a household, belongs to something or agreed to something: whether they are one is for staff to say
    then. Others get the next free letters. If a form is open on both sides the writer's goes on: it is what they see.
    """
    if kept == gone:
        return
    both = {"kept": kept, "gone": gone}
    rows = {row.id: row for row in connection.execute(_CONTACTS, both)}
    ours, theirs = from_json(rows[kept].session), from_json(rows[gone].session)
    letters = _letters(connection, both, mentioned(ours))
    taken = {*letters.values(), *mentioned(ours), *_letters_of(connection, kept)}
    for letter in sorted(mentioned(theirs) - letters.keys()):  # somebody new, of whom nothing is written down yet
        letters[letter] = free_letter(taken)
        taken.add(letters[letter])
    _move_alerts(connection, both, letters)
    volunteer_rows.unite(connection, kept, gone, now)
    for statement in _MOVES:
        connection.execute(statement.values(contact_id=kept), both)
    _move_outbox(connection, both, rows)
    moved = renamed(theirs, letters)
    session = joined(moved, ours) if writer == gone else joined(ours, moved)
    store(connection, kept, session)
    store(connection, gone, Session(language=theirs.language))


def _letters(connection: Connection, both: Mapping[str, UUID], reserved: Collection[str]) -> dict[str, str]:
    """Put the people of `gone` on `kept`; the new letter of each old one. No two get the same."""
    people = connection.execute(_PEOPLE, both).all()
    here = {row.letter: row for row in people if row.contact_id == both["kept"]}
    there = [row for row in people if row.contact_id == both["gone"]]
    connection.execute(delete(members).where(members.c.contact_id == both["gone"]))
    letters: dict[str, str] = {}
    for row in there:
        free = (letter for letter in here if letter not in letters.values())
        same = next((letter for letter in free if _is_same(row, here[letter])), None)
        letters[row.letter] = same or free_letter({*here, *reserved})
        if same is None:
            here[letters[row.letter]] = row
            who = {"contact_id": both["kept"], "letter": letters[row.letter], "person_id": row.person_id}
            connection.execute(members.insert().values(who))
        said = update(records).where(records.c.person_id == row.person_id, records.c.contact_id == both["gone"])
        connection.execute(said.values(contact_id=both["kept"]))
    return letters


def _letters_of(connection: Connection, contact: UUID) -> set[str]:
    return set(connection.scalars(select(members.c.letter).where(members.c.contact_id == contact)))


def mentioned(session: Session) -> set[str]:
    """Every letter that a session speaks of."""
    records_ = (session.correcting, session.last, *session.together)
    agreed = (each.partition(":")[0] for each in session.agreed)
    options = (choice.value for choice in session.options) if session.stage in _BY_LETTER else ()
    named = (session.letter, session.doubt_of, *session.waiting, *session.others, *agreed, *options)
    return {each for each in (*named, *(r.letter for r in records_ if r)) if each and each.isalpha() and each.isupper()}


def _move_alerts(connection: Connection, both: Mapping[str, UUID], letters: Mapping[str, str]) -> None:
    """All of them, also closed ones: a message may have raised several, one a letter, and stays so. In two steps, for
    on the way no two may have the same letter.
    """
    of_gone = (alerts.c.contact_id == both["gone"], or_(_OPEN_ALERTS, alerts.c.inbound_id.in_(_SAID_BY_GONE)))
    for letter in letters:
        away = update(alerts).where(*of_gone, alerts.c.letter == letter).values(letter=f"~{letter}")
        connection.execute(away, both)
    for letter, new in letters.items():
        back = update(alerts).where(*of_gone, alerts.c.letter == f"~{letter}").values(letter=new)
        connection.execute(back, both)
    connection.execute(update(alerts).where(*of_gone).values(contact_id=both["kept"]), both)


def _move_outbox(connection: Connection, both: Mapping[str, UUID], rows: Mapping[UUID, Row[Any]]) -> None:
    """Behind what `kept` was sent, in the same order; and when they wrote last, and are to be forgotten."""
    ours, theirs = rows[both["kept"]], rows[both["gone"]]
    moved = update(outbox).where(outbox.c.contact_id == both["gone"])
    connection.execute(moved.values(contact_id=both["kept"], seq=outbox.c.seq + ours.seq))
    forget = [row.forget_at for row in (ours, theirs) if row.forget_at]
    values = {"seq": ours.seq + theirs.seq, "seen_at": max(ours.seen_at, theirs.seen_at)}
    number = select(addresses.c.address).where(addresses.c.contact_id == both["kept"], addresses.c.address.like("+%"))
    values["phone"] = connection.scalar(number.limit(1)) or ours.phone or theirs.phone
    looked_at = {"forget_at": min(forget, default=None)}  # the words of a stranger moved here: they go in their time
    connection.execute(_SAVE.values(**values, **looked_at), {"whose": both["kept"]})


def _is_same(row: Row[Any], other: Row[Any]) -> bool:
    if row.person_id == other.person_id:
        return True
    said = (row.folded_name, row.year_of_birth, row.gender)
    known = all(said) and row.follow_up_id is None and not row.bound
    return known and said == (other.folded_name, other.year_of_birth, other.gender)


def joined(first: Session, second: Session) -> Session:
    """One session of two. The first goes on; the second if only there a form is open."""
    going_on = second if second.busy and not first.busy else first
    known = {record.letter: record for record in sorted((*second.together, *first.together), key=lambda r: r.at)}
    chosen = next((session for session in (first, second) if session.chosen), going_on)
    return replace(
        going_on,
        language=chosen.language,
        chosen=chosen.chosen,
        accents=first.accents or second.accents,
        last=_newest(first.last, second.last),
        together=tuple(known.values()),
        others=tuple(dict.fromkeys((*first.others, *second.others))),
        agreed=tuple(dict.fromkeys((*first.agreed, *second.agreed))),
        waiting=tuple(dict.fromkeys((*first.waiting, *second.waiting))),
        serving=first.serving or second.serving,
    )


def renamed(session: Session, letters: Mapping[str, str]) -> Session:
    """The same with other letters for its people."""

    def new(letter: str) -> str:
        return letters.get(letter, letter)

    def record(each: LastRecord) -> LastRecord:
        return replace(each, letter=new(each.letter))

    by_letter = session.stage in _BY_LETTER

    return replace(
        session,
        letter=new(session.letter),
        options=tuple(replace(c, value=new(c.value)) for c in session.options) if by_letter else session.options,
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


def store(connection: Connection, whose: UUID, session: Session) -> None:
    """Write the session of a contact that this transaction holds."""
    values = {"session": to_json(session), "language": session.language, "accents": session.accents}
    connection.execute(_SAVE.values(values), {"whose": whose})


def add_phone(connection: Connection, contact: UUID, channel: str, phone: str, cell: str) -> None:
    """They hold this phone as well: messages may go there."""
    key = {"channel": channel, "address": phone, "contact_id": contact}
    connection.execute(_SAVE.values(phone=phone), {"whose": contact})
    connection.execute(directory.insert().values({**key, "cell": cell}))
    connection.execute(addresses.insert().values(key))


def detach(connection: Connection, channel: str, address: str, now: datetime) -> UUID:
    """This address belongs to somebody else than the others of its contact: a contact of its own, which knows nothing.
    A telephone number is one address, through whichever gateway.

    Its reminders that wait to be sent are withdrawn.
    """
    fresh = uuid7()
    contact_rows.ensure(connection, [{"id": fresh, "channel": channel, "address": address, "seen_at": now}])
    old = connection.scalars(
        select(addresses.c.contact_id).where(addresses.c.channel == channel, addresses.c.address == address)
    ).one()
    for table in (directory, addresses):
        here = (table.c.contact_id == old, table.c.address == address)
        connection.execute(update(table).where(*here).values(contact_id=fresh))
    queued = (outbox.c.contact_id == old, outbox.c.address == address, outbox.c.status == "queued")
    unsent = update(outbox).where(*queued, outbox.c.kind == "reminder")
    connection.execute(unsent.values(WITHDRAWN))
    return fresh


def several(connection: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these contacts that have more than one address; a number is one, through whichever gateway."""
    of_them = select(addresses.c.contact_id).where(addresses.c.contact_id.in_(ids)).group_by(addresses.c.contact_id)
    return set(connection.scalars(of_them.having(func.count(addresses.c.address.distinct()) > 1)))


def chats_of(connection: Connection, contact: UUID, but: tuple[str, str]) -> list[tuple[str, str]]:
    """Channel and address of each chat of this contact, but for one."""
    rows = connection.execute(select(addresses.c.channel, addresses.c.address).where(addresses.c.contact_id == contact))
    return [(row.channel, row.address) for row in rows if not row.address.startswith("+") and tuple(row) != but]
