"""What conversations cost in SMS parts: all scenarios of the tests, played as `khaibao play` does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

from sqlalchemy import Engine, cast, distinct, func, select
from sqlalchemy.types import Date

from app.play import Difference, Player
from app.play_tally import Tally
from app.play_world import temporary_world
from app.scenario import load
from core.clock import VIETNAM
from core.database.tables import outbox

SCENARIOS = sorted((Path(__file__).parents[1] / "scenarios").glob("*.chat"))
PER_CHECK = 2
"""SMS parts out for a check-in that was asked for and answered by one text: the prompt and the receipt."""


class Day(NamedTuple):
    """One phone on a day on which it was asked how somebody is. `asked`: check-ins; `parts`: SMS parts to it; `texts`:
    messages from it that were answered."""

    asked: int
    parts: int
    texts: int


def measure() -> None:
    """Print parts of each conversation by its form, and of each day with a check-in."""
    tally, days, differ = Tally(), list[Day](), 0
    with temporary_world("phone") as world:
        for path in SCENARIOS:
            try:
                Player(world, load(path), tally).play()
            except Difference:
                differ += 1
            days.extend(asked_days(world.engine))
    for line in tally.lines():
        print(f"sms parts      {line}")
    for line in day_lines(days):
        print(f"sms parts      {line}")
    if differ:
        print(f"sms parts      {differ} of {len(SCENARIOS)} scenarios differ and were played in part: run `make test`")


def day_lines(days: list[Day]) -> Iterator[str]:
    """Days with a check-in; and those on which every check-in was answered by one text."""
    answered = [day.parts / day.asked for day in days if day.texts == day.asked]
    for label, parts in (
        ("days with a check-in", [float(day.parts) for day in days]),
        (f"each check-in answered by one text (wanted {PER_CHECK})", answered),
    ):
        spread = f"median {median(parts):g}, {min(parts):g} to {max(parts):g}" if parts else "none"
        yield f"{label}: {len(parts)}, SMS parts out: {spread}"


def asked_days(engine: Engine) -> Iterator[Day]:
    """The days of the scenario that was played last."""
    day = cast(func.timezone(VIETNAM.key, outbox.c.created_at), Date)
    asked, texts = (func.count(distinct(column)) for column in (outbox.c.due_check_id, outbox.c.inbound_id))
    query = select(asked, func.sum(outbox.c.parts), texts).group_by(outbox.c.contact_id, day).having(asked > 0)
    with engine.connect() as connection:
        yield from (Day(*row) for row in connection.execute(query))


if __name__ == "__main__":
    measure()
