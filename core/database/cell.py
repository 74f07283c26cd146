"""All tables of a cell at once, for what needs to know every one of them: migrations, copies, checks."""

from __future__ import annotations

from core.database import due, following, households
from core.database.tables import cell

__all__ = ["cell", "due", "following", "households"]
