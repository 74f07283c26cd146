"""How urgent a record is. A pure function of what was said and the rules of the day."""

from __future__ import annotations

from enum import StrEnum

from core.care.rules import RuleSet
from core.conversation.form import Answers
from core.conversation.signs import DANGER


class Level(StrEnum):
    """Which list a record puts its person on."""

    NONE = "none"  # nothing said that anybody must act on
    SIGNS = "signs"  # to be looked at
    URGENT = "urgent"  # a health worker now; danger signs were told to call 115 besides


def triage(answers: Answers, rules: RuleSet, *, confined: bool = False, age: int | None = None) -> Level:
    """The level of one record's answers. A sign that is over is a sign, not an emergency.

    `age` in years, None if not known. `confined`: the person is to stay where they are, so that being elsewhere is to
    be looked at (domain, section 3).
    """
    signs, gone = _codes(answers, "signs"), _codes(answers, "signs_gone")
    temperature = answers.get("temperature")
    heat = temperature if isinstance(temperature, float) else 0.0
    grave = (signs - gone) & (DANGER | rules.urgent_signs)
    if heat > rules.high_fever or grave or rules.limits.urgent(answers, age):
        return Level.URGENT
    away = confined and answers.get("at_home") is False
    return Level.SIGNS if signs or heat >= rules.fever or away else Level.NONE


def _codes(answers: Answers, key: str) -> frozenset[str]:
    value = answers.get(key)
    return frozenset(value) if isinstance(value, tuple) else frozenset()
