"""Quiet hours: what we start waits for the morning. Warnings and replies leave at any hour. Pure.

Vietnam has one time and never changes it: an hour is an hour.
"""

from __future__ import annotations

from datetime import datetime

from core.care.rules import RuleSet, in_force
from core.clock import VIETNAM


def is_quiet(now: datetime, rules: RuleSet | None = None) -> bool:
    """Whether nothing leaves now that we start. `rules`: those in force now, if not given.

    From the first hour on, until the second one; across midnight if the first is the greater. Twice the same: never.
    """
    local = now.astimezone(VIETNAM)
    rules = rules or in_force(local.date())
    return in_quiet_hours(local.hour, rules.quiet_hours)


def in_quiet_hours(hour: int, quiet: tuple[int, int]) -> bool:
    """Whether a whole hour of a local day, 0 to 23, is a quiet one."""
    start, end = quiet
    return start <= hour < end if start <= end else hour >= start or hour < end
