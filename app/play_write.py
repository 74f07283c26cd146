"""Writing down what was said: for editing words. Whoever does it reads the difference before it is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.play import Difference, Player, captured
from app.scenario import ANYTHING, Gets, Scenario, Step

_CODE = re.compile(r"\b\d{3} \d{3} \d{3}\b")  # a receipt's, another one each time


@dataclass
class Writer(Player):
    """Plays a scenario to its end whatever is said. `lines` are the file's with the `<` lines anew."""

    lines: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    def do(self, step: Step) -> None:
        """Expected words are left out; what comes is written behind the line that brought it."""
        if isinstance(step.deed, Gets):
            return
        super().do(step)
        heard = self.world.heard(self._address)
        expected = _expected_after(self.scenario, step)
        while heard:
            self.lines.append(self._written(heard.popleft(), expected))

    def write(self) -> str:
        """The file's new text."""
        steps = {step.place.line: step for step in self.scenario.steps}
        self.world.clear()
        for number, line in enumerate(self.scenario.lines, start=1):
            step = steps.get(number)
            if step is None or not isinstance(step.deed, Gets):
                self.lines.append(line)
            if step is not None:
                self.do(step)
        return "\n".join(self.lines) + "\n"

    def _written(self, got: str, expected: Iterable[str]) -> str:
        """As it stood if that still fits: then ANYTHING and names stay. A receipt's code is written as ANYTHING."""
        for text in expected:
            if (named := captured(text, got, self.names)) is not None:
                self.names.update(named)
                return f"< {text}"
        return "< " + _CODE.sub(ANYTHING, got).replace("\n", "\\n")

    def _heard_all(self, because: str) -> None:
        """Everything was written down already."""

    def _differ(self, problem: str, expected: str, got: str) -> None:
        self.differences.append(Difference(self._place, problem, expected, got))


def _expected_after(scenario: Scenario, step: Step) -> list[str]:
    """The texts that stood behind a line."""
    after = scenario.steps[scenario.steps.index(step) + 1 :]
    found = []
    for each in after:
        if not isinstance(each.deed, Gets):
            break
        found.append(each.deed.text)
    return found
