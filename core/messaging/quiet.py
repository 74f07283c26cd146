"""Quiet hours: what we start waits for the morning. Warnings and replies leave at any hour. Pure.

Vietnam has one time and never changes it: an hour is an hour.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from core.care.rules import RuleSet, in_force
from core.clock import VIETNAM
from core.conversation.context import in_quiet_hours

_DAY = timedelta(days=1)


def is_quiet(now: datetime, rules: RuleSet | None = None) -> bool:
    """Whether nothing leaves now that we start. `rules`: those in force now, if not given."""
    local = now.astimezone(VIETNAM)
    rules = rules or in_force(local.date())
    return in_quiet_hours(local.hour, rules.quiet_hours)


def may_leave_at(now: datetime, rules: RuleSet | None = None) -> datetime:
    """When something that we start may leave: now, or at the end of the quiet hours."""
    local = now.astimezone(VIETNAM)
    rules = rules or in_force(local.date())
    if not is_quiet(now, rules):
        return now
    end = local.replace(hour=rules.quiet_hours[1], minute=0, second=0, microsecond=0)
    return end if end > local else end + _DAY
