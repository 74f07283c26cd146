"""Playing scenarios: each line is done or compared, in order, and the first difference ends the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from app import play_help
from app.play_looks import alert_kinds, due_status, failures, newest_record, record_facts, visit_facts
from app.play_tally import Tally
from app.play_world import World
from app.scenario import (
    ANYTHING,
    AddGuard,
    At,
    Deed,
    DueCheck,
    Enrol,
    Gets,
    GoOnDuty,
    NewestRecord,
    NewestVisit,
    OpenAlerts,
    OpenGate,
    OpenVenue,
    Phone,
    Place,
    Scenario,
    Sends,
    Step,
    Wait,
    Writes,
)
from app.scenario_help import AskPresence, Helps
from core.clock import VIETNAM

_NAMED = re.compile(r"\{([a-z]+)\}")
_PARTS = re.compile(rf"({ANYTHING}|{{[a-z]+}})")


class Difference(Exception):
    """What happened is not what the scenario says. The message names file:line, what was expected and what came."""

    def __init__(self, place: Place, problem: str, expected: str, got: str) -> None:
        same = _common(expected, got)
        mark = " " * same + "^" if same < max(len(expected), len(got)) and ANYTHING not in expected[:same] else ""
        lines = [f"{place}: {problem}", f"  expected: {expected}", f"  got:      {got}", f"            {mark}"]
        super().__init__("\n".join(line for line in lines if line.strip()))


@dataclass
class Player:
    """One scenario on its way through a world."""

    world: World
    scenario: Scenario
    tally: Tally = field(default_factory=Tally)
    names: dict[str, str] = field(default_factory=dict)
    _address: str = ""
    _place: Place = field(default_factory=lambda: Place("", 0))

    def play(self) -> Tally:
        """Do and compare every line. Raises Difference."""
        self.world.clear()
        for step in self.scenario.steps:
            self.do(step)
        self._heard_all("the scenario ends")
        if left := self.world.unheard():
            self._differ("a message to another phone is not in the scenario", "", self.world.heard(left[0])[0])
        self.tally.end(self.world.engine)
        return self.tally

    def do(self, step: Step) -> None:
        """Do or compare one line."""
        self._place = step.place
        _DEEDS[type(step.deed)](self, step.deed)

    def _phone(self, deed: Phone) -> None:
        self._heard_all("it goes on with another phone")
        number = deed.number
        self._address = f"+84{number[1:]}" if number.startswith("0") else number

    def _at(self, deed: At) -> None:
        now = self.world.clock.at.astimezone(VIETNAM)
        until = datetime.combine(deed.day or now.date(), deed.hour, VIETNAM)
        if until < now and deed.day is None:
            until += timedelta(days=1)
        if until < now:
            self._differ("time never goes back", f"after {now:%Y-%m-%d %H:%M}", f"{until:%Y-%m-%d %H:%M}")
        self._heard_all("time goes on")
        self.world.go_on(until)

    def _wait(self, deed: Wait) -> None:
        self._heard_all("time goes on")
        self.world.go_on(self.world.clock.at + deed.span)

    def _writes(self, deed: Writes) -> None:
        self._heard_all("the person writes again")
        self.world.type()
        self.world.write(self._address, said(deed.text, self.names))
        if failures(self.world.engine, self.world.contact(self._address)):
            self._differ("the program failed, see its log", "an answer", "none")
        self.tally.turn(self.world.engine, self.world.contact(self._address))

    def _sends(self, deed: Sends) -> None:
        self._heard_all("the person sends something")
        self.world.type()
        self.world.write(self._address, "", deed.media, deed.point)
        self.tally.turn(self.world.engine, self.world.contact(self._address))

    def _gets(self, deed: Gets) -> None:
        heard = self.world.heard(self._address)
        if not heard:
            self._differ("nothing was said", deed.text, "nothing")
        elif (named := captured(deed.text, got := heard.popleft(), self.names)) is None:
            self._differ("something else was said", said(deed.text, self.names), got)
        else:
            self.names.update(named)

    def _record(self, deed: NewestRecord) -> None:
        row = newest_record(self.world.engine, self.world.contact(self._address), deed.form)
        if (row.form if row else "") != deed.form:
            self._differ("the newest record", deed.form or "no record", row.form if row else "no record")
        elif row:
            self._compare("record", deed.facts, record_facts(row))

    def _visit(self, deed: NewestVisit) -> None:
        self._compare("visit", deed.facts, visit_facts(self.world.engine, self.world.contact(self._address)))

    def _compare(self, what: str, facts: tuple[tuple[str, str], ...], known: Mapping[str, str]) -> None:
        for name, expected in facts:
            if (got := known.get(name, "none")) != expected:
                self._differ(f"{name} of the newest {what}", expected, got)

    def _alerts(self, deed: OpenAlerts) -> None:
        kinds = alert_kinds(self.world.engine, self.world.contact(self._address))
        if kinds != deed.kinds:
            self._differ("open alerts", " ".join(deed.kinds) or "none", " ".join(kinds) or "none")

    def _due(self, deed: DueCheck) -> None:
        day: date = deed.day or self.world.clock.at.astimezone(VIETNAM).date()
        due_at = datetime.combine(day, deed.hour, VIETNAM)
        got = due_status(self.world.engine, self.world.contact(self._address), due_at, deed.name)
        if got != deed.status:
            self._differ(f"the check-in due {due_at:%d/%m %H:%M}", deed.status, got)

    def _enrol(self, deed: Enrol) -> None:
        self.world.enrol(self._address, deed.enrolment)

    def _open_venue(self, deed: OpenVenue) -> None:
        self.world.open_venue(deed.code, deed.venue)

    def _guards(self, deed: AddGuard) -> None:
        self.world.add_guard(deed.code, self._address)

    def _open_gate(self, deed: OpenGate) -> None:
        self.world.open_gate(deed.gate)

    def _on_duty(self, deed: GoOnDuty) -> None:
        self.world.go_on_duty(self._address, deed)

    def _presence(self, deed: AskPresence) -> None:
        self.world.ask_presence(self._address, deed)

    def _helps(self, deed: Helps) -> None:
        with self.world.engine.begin() as connection:
            play_help.do(connection, self.world.contact(self._address), deed, self.world.clock.at)

    def _heard_all(self, because: str) -> None:
        if self._address and (heard := self.world.heard(self._address)):
            got = heard.popleft()
            self._differ(f"{because}, and this is not in the scenario", "nothing more", got)

    def _differ(self, problem: str, expected: str, got: str) -> None:
        raise Difference(self._place, problem, expected, got)


def fits(expected: str, got: str) -> bool:
    """Whether a text is the expected one, whatever its names stand for."""
    return captured(expected, got, {}) is not None


def captured(expected: str, got: str, names: Mapping[str, str]) -> Mapping[str, str] | None:
    """What the names of an expected text stand for, if `got` is that text: `{code}` for one word or number, always the
    same one once it is known, ANYTHING for any words (or none). None if it is not."""
    pattern, new = "", set[str]()
    for part in _PARTS.split(said(expected, names)):
        name = part.strip("{}")
        if part == ANYTHING:
            pattern += ".*"
        elif not _NAMED.fullmatch(part):
            pattern += re.escape(part)
        else:
            pattern += f"(?P={name})" if name in new else f"(?P<{name}>\\w+)"
            new.add(name)
    found = re.fullmatch(pattern, got, re.DOTALL)
    return found.groupdict() if found else None


def said(text: str, names: Mapping[str, str]) -> str:
    """A text with what its names stand for, as far as that is known."""
    return _NAMED.sub(lambda name: names.get(name.group(1), name.group()), text)


def _common(one: str, other: str) -> int:
    """How many letters two texts have in common at their beginning."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


_DEEDS: Mapping[type[Deed], Callable[[Player, Any], None]] = {
    Phone: Player._phone,
    At: Player._at,
    Wait: Player._wait,
    Writes: Player._writes,
    Sends: Player._sends,
    Gets: Player._gets,
    NewestRecord: Player._record,
    OpenAlerts: Player._alerts,
    DueCheck: Player._due,
    Enrol: Player._enrol,
    NewestVisit: Player._visit,
    OpenVenue: Player._open_venue,
    AddGuard: Player._guards,
    OpenGate: Player._open_gate,
    GoOnDuty: Player._on_duty,
    AskPresence: Player._presence,
    Helps: Player._helps,
}
