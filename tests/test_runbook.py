"""The rules of Prometheus, the runbook's chapters, the exported metrics and the commands speak of the same things."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from sqlalchemy import Engine

from app.cli import main
from app.settings import Settings
from app.web import create_app

DOCS = Path(__file__).parents[1] / "docs"
RUNBOOK = (DOCS / "runbook.md").read_text(encoding="utf-8")
RULES = (DOCS / "alarms.yml").read_text(encoding="utf-8")
OF_PROMETHEUS = {"up"}
_RULE = re.compile(
    r"^      - alert: (?P<name>\w+)\n"
    r"        expr: (?P<when>.+)\n"
    r"        for: (?P<span>\d+)m\n"
    r"        labels: \{severity: (?:now|today)\}\n"
    r'        annotations: \{summary: "[^"\n]+", runbook: "docs/runbook\.md#(?P<anchor>\w+)"\}$',
    re.MULTILINE,
)
_MINUTES = {"1": "for 1 minute.", **{str(n): f"for {n} minutes." for n in range(2, 61)}}
_PARTS = ("**People**: ", "**Look**: ", "**Do**: ", "**Ends** ")


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    when: str
    minutes: str
    anchor: str


ALARMS = [Rule(m["name"], m["when"], m["span"], m["anchor"]) for m in _RULE.finditer(RULES)]
CHAPTERS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", RUNBOOK, re.MULTILINE | re.DOTALL))


def test_every_rule_is_written_in_one_shape() -> None:
    head = "groups:\n  - name: khaibao\n    rules:\n"
    assert len(ALARMS) == RULES.count("- alert:") > 20
    assert _RULE.sub("", RULES).split(head)[1].strip() == ""
    assert len({rule.name for rule in ALARMS}) == len(ALARMS)


@pytest.mark.parametrize("rule", ALARMS, ids=lambda rule: rule.name)
def test_every_alarm_has_a_chapter(rule: Rule) -> None:
    chapter = CHAPTERS[rule.name]
    assert chapter.startswith(f"`{rule.when}` {_MINUTES[rule.minutes]}\n")
    assert [part for part in _PARTS if f"\n{part}" not in chapter] == []
    assert rule.anchor == rule.name.lower()
    assert [rule.when.count(mark) for mark in "({["] == [rule.when.count(mark) for mark in ")}]"]


def test_every_chapter_of_an_alarm_has_a_rule() -> None:
    assert {name for name in CHAPTERS if name.startswith("KhaiBao")} == {rule.name for rule in ALARMS}
    assert set(re.findall(r"\bKhaiBao[A-Z]\w+", RUNBOOK)) == {rule.name for rule in ALARMS}


def samples(engine: Engine, settings: Settings) -> set[str]:
    """Every name that a rule may use of what is exported."""
    said = create_app(settings, engine).test_client().get("/metrics").text
    names: set[str] = set()
    for name, kind in re.findall(r"^# TYPE (\w+) (\w+)$", said, re.MULTILINE):
        names |= {f"{name}_{end}" for end in ("bucket", "sum", "count")} if kind == "histogram" else {name}
    return names


def test_every_metric_of_a_rule_is_exported(engine: Engine, settings: Settings) -> None:
    exported = samples(engine, settings)
    used = {name for rule in ALARMS for name in re.findall(r"\b(?:khaibao_\w+|up\b)", rule.when)}
    assert used - exported - OF_PROMETHEUS == set()
    named = set(re.findall(r"`[^`\n]*?\b(khaibao_\w+)", RUNBOOK))
    assert {name for name in named if name not in exported and f"{name}_total" not in exported} == set()
    assert all(re.search(r"_(seconds|bytes|total|count|sum|bucket)$", name) or "_" in name for name in exported)


COMMANDS = sorted(set(re.findall(r"`(?:[^`\n]*\* )?khaibao ([^`\n]+)`|^ +\S.*  khaibao (.+)$", RUNBOOK, re.MULTILINE)))


@pytest.mark.parametrize("line", [one or other for one, other in COMMANDS])
def test_every_command_that_is_named_exists(line: str) -> None:
    command: click.Command = main
    context = click.Context(main)
    for word in line.split():
        if isinstance(command, click.Group):
            found = command.get_command(context, word)
            assert found is not None, f"khaibao {line}: no {word}"
            command, context = found, click.Context(found)
        elif word.startswith("--"):
            options = {name for parameter in command.params for name in parameter.opts} | {"--help"}
            assert word in options, f"khaibao {line}: no {word}"
    assert not isinstance(command, click.Group) or line in ("spool",)
