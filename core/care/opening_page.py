"""What is known before a page of follow-ups is opened: who is on those phones, who is called like that in those units,
who is followed, and who is said to be gone. A few SELECTs, however many people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, SmallInteger, Text, Uuid, bindparam, func, select

from core.care.gone import gone
from core.care.likeness import Described
from core.care.proposals import Listed
from core.care.standing import one_of
from core.database.batch import Row
from core.database.following import follow_ups
from core.database.tables import contacts, members, persons
from core.people.same import kept, of_root

CALL = "call"
"""The channel of a number that gets no text: a landline. It is called."""

Named = tuple[str, str, int | None]
"""The unit, the folded name and the year of birth of somebody."""


@dataclass(slots=True)
class Page:
    """What a page is about to write. `people` by who they are on which phone, `called` by name and year in a unit."""

    people: dict[tuple[UUID, str, int | None], UUID]
    called: dict[tuple[str, str, int | None], list[Described]]
    letters: dict[UUID, list[str]]
    there: set[tuple[UUID, UUID]]  # who has a letter on which contact
    phones: dict[UUID, UUID]  # of a known person: where they wrote last
    followed: dict[UUID, dict[str, Any]]  # their follow-up
    to_verify: dict[UUID, dict[str, Any]]
    gone: set[UUID]  # staff said that they died, or left the province
    made: dict[UUID, Row] = field(default_factory=dict)  # their follow-up, which this page opens or verifies
    new: list[Row] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    verified: list[dict[str, Any]] = field(default_factory=list)
    reached: list[Row] = field(default_factory=list)  # followed without a phone until now
    nearer: list[Listed] = field(default_factory=list)  # followed for less than a list says


def phones_of(connection: Connection, people: Collection[UUID]) -> dict[UUID, UUID]:
    """Where these wrote last, of those who have a phone."""
    return {row.person_id: row.contact_id for row in connection.execute(_PHONES, {"ids": list(people)})}


def known(
    connection: Connection,
    lines: Collection[UUID],
    phones: dict[UUID, UUID],
    given: Iterable[UUID],
    named: Collection[Named],
) -> Page:
    """`lines`: the contacts that were given, which are held; `given`: persons by id, `phones` theirs."""
    people: dict[tuple[UUID, str, int | None], UUID] = {}
    called: dict[Named, list[Described]] = defaultdict(list)
    letters: dict[UUID, list[str]] = defaultdict(list)
    there: set[tuple[UUID, UUID]] = set()
    for row in connection.execute(_ON_PHONES, {"ids": sorted(lines)}):
        letters[row.contact_id].append(row.letter)
        there.add((row.contact_id, row.twin))
        people.setdefault((row.contact_id, row.folded_name, row.year_of_birth), row.person_id)
    for row in connection.execute(_CALLED, _columns(named)):
        here = Described(row.person_id, row.gender or "", row.hamlet, row.address, row.has_phone)
        called[row.unit, row.folded_name, row.year_of_birth].append(here)
    met = {*people.values(), *(each.person_id for those in called.values() for each in those)}
    open_ = [dict(row) for row in connection.execute(_FOLLOWED, {"ids": [*given, *met]}).mappings()]
    of = [(whose, row) for row in open_ for whose in (row["stands"], row["person_id"])]
    followed = {whose: r for whose, r in of if r["status"] != "to_verify"}
    to_verify = {whose: row for whose, row in of if row["status"] == "to_verify"}
    return Page(people, called, letters, there, phones, followed, to_verify, gone(connection, met))


def _columns(named: Collection[Named]) -> Mapping[str, Any]:
    rows = sorted(named, key=str)
    return {"units": [r[0] for r in rows], "names": [r[1] for r in rows], "years": [r[2] for r in rows]}


_IDS = bindparam("ids", type_=ARRAY(Uuid)).any_()
_STANDS = kept().label("person_id")
_ON_PHONES = (
    select(members.c.contact_id, members.c.letter, persons.c.folded_name, persons.c.year_of_birth, _STANDS)
    .add_columns(members.c.person_id.label("twin"))
    .join(persons, persons.c.id == members.c.person_id)
    .where(members.c.contact_id == _IDS)
)
_looked_for = (
    func.unnest(
        bindparam("units", type_=ARRAY(Text)),
        bindparam("names", type_=ARRAY(Text)),
        bindparam("years", type_=ARRAY(SmallInteger)),
    )
    .table_valued("unit", "name", "year")
    .render_derived(name="looked_for")
)
_CALLED = (
    select(
        persons.c.unit_code.label("unit"),
        *(persons.c[name] for name in ("folded_name", "year_of_birth", "gender", "hamlet", "address")),
        select(members.c.person_id).where(members.c.person_id == persons.c.id).exists().label("has_phone"),
        _STANDS,
    )
    .join(
        _looked_for,
        (persons.c.unit_code == _looked_for.c.unit)
        & (persons.c.folded_name == _looked_for.c.name)
        & persons.c.year_of_birth.is_not_distinct_from(_looked_for.c.year),
    )
    .order_by(persons.c.created_at, persons.c.id)
)
_PHONES = (
    select(members.c.person_id, members.c.contact_id)
    .distinct(members.c.person_id)
    .join(contacts, contacts.c.id == members.c.contact_id)
    .where(members.c.person_id == _IDS, contacts.c.channel != CALL)
    .order_by(members.c.person_id, contacts.c.seen_at.desc(), members.c.contact_id)
)
_twin = persons.alias("twin")
_FOLLOWED = (
    select(*(follow_ups.c[name] for name in ("id", "person_id", "contact_id", "unit_code", "status", "group")))
    .add_columns(kept().label("stands"))
    .join(persons, persons.c.id == follow_ups.c.person_id)
    .where(
        follow_ups.c.person_id.in_(select(_twin.c.id).where(of_root(_twin, _IDS))),
        one_of(follow_ups.c.status, "to_verify", "under_follow_up"),
    )
    .order_by(follow_ups.c.id)
    .with_for_update(of=follow_ups, key_share=True)
)
