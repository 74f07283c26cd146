"""A volunteer's phone without a database, and the household that they look after."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

import orjson

from core.conversation.context import Context, Duty, Home, Member, State
from core.conversation.engine import Step, step
from core.conversation.messages import Inbound
from core.conversation.session import Session, from_json, to_json
from core.messaging.channel import MessageKind
from core.pipeline.advance import advance
from tests.core.conversation.walk import NEAR, NOON, RULES, library

OWN = Member(UUID(int=1), "A", "Lý Văn Tư", 1984, "male", unit_code=NEAR.code)
MAY = Member(UUID(int=11), "A", "Mẩy", 1950, "female")
SAU = Member(UUID(int=12), "B", "Sáu", 1980, "male")
LATE = timedelta(minutes=40)


def home(*members: Member, without: str = "") -> Home:
    """The household of bà Mẩy; `without`: the letters of those who have not agreed."""
    label = "nhà bà Mẩy"
    return Home(UUID(int=77), label, NEAR, State.SILENT, members or (MAY, SAU), without=frozenset(without))


@dataclass
class Volunteer:
    """A conversation of a volunteer, who is at that household already."""

    context: Context
    session: Session
    now: datetime = NOON

    @classmethod
    def at(cls, there: Home | None = None, own: Member = OWN) -> Volunteer:
        """At a household, with the list behind them."""
        duty = Duty(UUID(int=5), "Tư", NEAR.code, active=True, homes=(there or home(),))
        phone = cls(Context(UUID(int=7), NEAR, "000000001", RULES, (own,), duty=duty), Session())
        phone.says("DANH SACH")
        phone.says("1")
        return phone

    def __post_init__(self) -> None:
        self._numbers = count(1)

    def says(self, text: str, after: timedelta = timedelta(seconds=20), at: datetime | None = None) -> Step:
        """Send one text and go on from what it led to. `at`: when it was written, if it comes later than that."""
        self.now += after
        inbound = Inbound(UUID(int=next(self._numbers) + (0x0193 << 112)), text, at or self.now)
        made = step(self.session, inbound, library(), self.context, self.now)
        about = advance(self.context.at(made.home), made.effects, self._code, self.now)
        self.context = self.context.back(about)
        self.session = from_json(orjson.loads(orjson.dumps(to_json(made.session))))
        return made

    def give_away(self) -> None:
        """The household is somebody else's now."""
        assert self.context.duty
        self.context = replace(self.context, duty=replace(self.context.duty, homes=()))

    def stop(self) -> None:
        """They are no volunteer any more."""
        self.context = replace(self.context, duty=None)

    def _code(self) -> str:
        return f"{next(self._numbers):09d}"


def made_of(step: Step, *kinds: type) -> list[object]:
    """Its effects of those kinds."""
    return [effect for effect in step.effects if isinstance(effect, kinds)]


def sources(step: Step) -> list[str]:
    """The source texts of its replies."""
    return [reply.say.text for reply in step.replies]


def says_115(step: Step) -> bool:
    """Whether it says to call 115."""
    return any(reply.kind is MessageKind.DANGER for reply in step.replies)
