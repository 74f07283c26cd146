"""What a staff member may see: their unit and every unit below it. Every query of the console takes a scope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.places.tree import UnitTree, subtree


@dataclass(frozen=True, slots=True)
class Scope:
    """A staff member's unit, and the codes of all units whose people they may see. `kind`: the unit's type."""

    unit_code: str
    codes: tuple[str, ...]
    kind: str = ""

    @property
    def several(self) -> bool:
        """Whether a list must say of which unit each row is."""
        return len(self.codes) > 1


class Scopes:
    """Scopes by unit, kept until the tree is read anew."""

    def __init__(self, units: Callable[[], UnitTree]) -> None:
        self._units = units
        self._known: tuple[UnitTree | None, dict[str, Scope]] = (None, {})

    def of(self, unit_code: str) -> Scope:
        """The scope of that unit's staff. A unit that the tree lacks sees itself alone."""
        tree = self._units()
        kept, scopes = self._known
        if kept is not tree:
            scopes = {}
            self._known = (tree, scopes)
        if unit_code not in scopes:
            scopes[unit_code] = Scope(unit_code, subtree(unit_code, tree.parents), tree.types.get(unit_code, ""))
        return scopes[unit_code]
