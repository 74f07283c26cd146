"""Three rows of one woman, merged one after the other: one person for every reader, and undone step by step."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from core.care import progress
from core.care.dossier import dossier
from core.database.households import merges
from core.database.tables import persons
from core.people import merging
from tests.console.ward import HERE, NURSE, Ward

A, B, C = "Lò Thị A", "Lò Thị B", "Lò Thị C"


class Three:
    """Each declared once, on a phone of her own."""

    def __init__(self, ward: Ward) -> None:
        self.ward = ward
        self.ids = {name: ward.person(name) for name in (A, B, C, "Lò Thị D")}
        self.names = {id_: name for name, id_ in self.ids.items()}
        for number, name in enumerate((A, B, C)):
            ward.record(self.ids[name], "declaration", code=str(number) * 9)

    def merge(self, kept: str, gone: str) -> bool:
        pair = self.ids[kept], self.ids[gone]
        with self.ward.engine.begin() as connection:
            return merging.merge(connection, self.ward.scope(), pair, self.ward.staff[NURSE], self.ward.now)

    def undo(self, gone: str) -> None:
        whose, by = self.ids[gone], self.ward.staff[NURSE]
        with self.ward.engine.begin() as connection:
            assert merging.undo(connection, self.ward.scope(), whose, by, self.ward.now)

    def stand(self) -> dict[str, str]:
        """For whom each stands who was merged."""
        with self.ward.engine.connect() as connection:
            rows = connection.execute(
                select(persons.c.id, persons.c.merged_into).where(persons.c.merged_into.is_not(None))
            )
            return {self.names[row.id]: self.names[row.merged_into] for row in rows}

    def open_merges(self) -> int:
        with self.ward.engine.connect() as connection:
            return len(connection.scalars(select(merges.c.id).where(merges.c.undone_at.is_(None))).all())


@pytest.fixture
def three(engine: Engine) -> Three:
    return Three(Ward(engine).settle_in())


def test_whoever_was_merged_into_her_goes_with_her(three: Three) -> None:
    assert three.merge(B, A)
    assert three.merge(C, B)
    assert three.stand() == {A: C, B: C}
    ward = three.ward
    with ward.engine.connect() as connection:
        counted = progress.by_unit(connection, ward.scope(), ward.day(), ward.tree().parents).leaves[HERE]
        page = dossier(connection, ward.scope(), three.ids[C], ward.now)
        shown = merging.read(connection, ward.scope(), three.ids[C])
    assert (counted.people, counted.declared) == (2, 1), "C, and D who said nothing"
    assert page is not None
    assert len(page.versions) == 3
    assert shown is not None
    assert {one.name for one in shown.merged} == {A, B}


def test_undoing_it_takes_her_out_with_whoever_she_is(three: Three) -> None:
    for kept, gone in ((B, A), (C, B), ("Lò Thị D", C)):
        assert three.merge(kept, gone)
    assert three.stand() == dict.fromkeys((A, B, C), "Lò Thị D")
    three.undo(B)
    assert three.stand() == {A: B, C: "Lò Thị D"}
    three.undo(C)
    assert three.stand() == {A: B}
    three.undo(A)
    assert (three.stand(), three.open_merges()) == ({}, 0)


def test_each_of_them_can_be_taken_out_alone(three: Three) -> None:
    for kept, gone in ((B, A), (C, B)):
        assert three.merge(kept, gone)
    three.undo(A)
    assert three.stand() == {B: C}
    three.undo(B)
    assert (three.stand(), three.open_merges()) == ({}, 0)
    assert not three.merge(A, A)
    assert three.merge(B, A), "as before, and she alone"
    assert three.stand() == {A: B}
