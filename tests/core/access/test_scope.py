"""What staff may see: their unit and all below, nothing beside or above."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from core.access.scope import Scopes
from core.places.tree import UnitTree, ancestry, load, subtree


@pytest.mark.parametrize(
    ("unit", "seen"),
    [
        ("TYT02671", ("TYT02671",)),
        ("CDC15", ("CDC15", "TYT02671", "TYT02680")),
        ("CDC01", ("CDC01",)),
        ("BYT", ("BYT", "CDC01", "CDC15", "TYT02671", "TYT02680")),
        ("gone", ("gone",)),
    ],
)
def test_a_scope_is_a_unit_and_all_below(placed: Engine, unit: str, seen: tuple[str, ...]) -> None:
    with placed.connect() as connection:
        tree = load(connection)

    assert Scopes(lambda: tree).of(unit).codes == seen


def test_a_unit_that_moves_changes_scopes_when_the_tree_is_read_anew() -> None:
    trees = [_tree({"A": None, "B": None, "C": "A"}), _tree({"A": None, "B": None, "C": "B"})]
    scopes = Scopes(lambda: trees[0])

    assert scopes.of("A").codes == ("A", "C")
    trees.pop(0)
    assert scopes.of("A").codes == ("A",)
    assert scopes.of("B").codes == ("B", "C")


def test_a_tree_that_is_a_ring_by_mistake_ends() -> None:
    ring: dict[str, str | None] = {"A": "C", "B": "A", "C": "B", "D": None}

    assert subtree("A", ring) == ("A", "B", "C")
    assert tuple(ancestry("A", ring)) == ("A", "C", "B")


def _tree(parents: dict[str, str | None]) -> UnitTree:
    return UnitTree(facts={}, places={}, parents=parents, centres={})
