"""Conversations without a database: a phone, what is known of it, and the engine, one text after the other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from uuid import UUID

import orjson

from core.care.rules import in_force
from core.conversation.context import Check, Context, Member, UnitFacts
from core.conversation.engine import Step, step
from core.conversation.form import Kind, Library
from core.conversation.messages import Inbound
from core.conversation.session import Session, Stage, from_json, to_json
from core.forms.load import load_all
from core.pipeline.advance import advance
from core.places.admin import load
from core.places.answer import unit_reader

FITTING = "→"
"""Stands for a text that answers whatever was asked."""

_ANSWERS = {
    Kind.SIGNS: "ho",
    Kind.SEVERAL: "khong",
    Kind.CHOICE: "1",
    Kind.YESNO: "khong",
    Kind.TEXT: "thon na ang",
    Kind.NAME: "Tran Van Nam",
    Kind.BIRTH: "2015",
    Kind.GENDER: "nam",
    Kind.UNIT: "xa bat xat, lao cai",
    Kind.PHONE: "0900000001",
    Kind.TEMPERATURE: "37,1",
    Kind.DATE: "20/11",
    Kind.COMING: "20/11",
    Kind.ID: "C1234567",
    Kind.VITALS: "spo2 97",
}
_BY_STAGE = {
    Stage.IDLE: "KHAI",
    Stage.LEGAL: "dong y",
    Stage.SUMMARY: "ok",
    Stage.WHO: "1",
    Stage.WHICH: "1",
    Stage.WHOSE: "1",
    Stage.CANCEL: "3",
}

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
_RULES = in_force(date(2026, 11, 21))
RULES = _RULES.told()
NEAR = UnitFacts("TYT02683", "Trạm Y tế xã Bát Xát", "0214 3800 115")
LONGEST = UnitFacts("TYT00001", "Trạm Y tế phường Văn Miếu - Quốc Tử Giám", "024 3800 1155")
PROVINCE = UnitFacts("CDC15", "CDC Lào Cai")

_LAN = Member(UUID(int=1), "A", "Nguyễn Thị Phương Thảo", 1984, "female", unit_code="TYT02683")
_HOA = Member(UUID(int=2), "B", "Trần Thị Hoa", 1953, "female", unit_code="TYT02683")
_NAM = Member(UUID(int=3), "C", "Trần Hoàng Nam", 2015, "male", unit_code="TYT02683")
_CHECK = Check(UUID(int=9), NOON, NOON - timedelta(minutes=5))
_FOLLOWED = replace(_HOA, letter="A", follow_up_until=date(2026, 12, 1), check=_CHECK)

PHONES: dict[str, Context] = {
    "a stranger": Context(UUID(int=7), PROVINCE, "", RULES),
    "known": Context(UUID(int=7), NEAR, "", RULES, (_LAN,)),
    "under follow-up, just asked": Context(UUID(int=7), LONGEST, "", RULES, (_FOLLOWED,)),
    "a household": Context(UUID(int=7), LONGEST, "", RULES, (_LAN, _HOA, _NAM)),
    "nameless": Context(UUID(int=7), PROVINCE, "", RULES, (Member(UUID(int=4), "A"),)),
}
"""What is known of a phone before its owner writes."""


@cache
def library() -> Library:
    """The forms of today, and the places of Lào Cai first."""
    forms = {form.key: form for form in load_all().values()}
    return Library(
        {form.hash: form for form in forms.values()},
        {key: form.hash for key, form in forms.items()},
        unit_reader(load(), "15"),
    )


@dataclass(frozen=True)
class Turn:
    """One text: the moment before it, and what it led to."""

    session: Session
    context: Context
    text: str
    now: datetime
    made: Step


@dataclass
class Phone:
    """A conversation as it goes. What a step did is known to the next one, as the pipeline would have it."""

    context: Context
    session: Session = field(default_factory=Session)
    now: datetime = NOON

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self.context = replace(self.context, code=self._code())

    def says(self, text: str, after: timedelta = timedelta(seconds=20)) -> Turn:
        """Send one text and go on from what it led to; the session is stored and read again."""
        self.now += after
        text = self._fitting() if text == FITTING else text
        inbound = Inbound(UUID(int=next(self._numbers) + (0x0193 << 112)), text, self.now)
        made = step(self.session, inbound, library(), self.context, self.now)
        turn = Turn(self.session, self.context, text, self.now, made)
        self.context = advance(self.context, made.effects, self._code, self.now)
        self.session = from_json(orjson.loads(orjson.dumps(to_json(made.session))))
        return turn

    def _fitting(self) -> str:
        session = self.session
        if session.stage in _BY_STAGE:
            return _BY_STAGE[session.stage]
        return _ANSWERS[library().versions[session.form].question(session.pending).kind]

    def _code(self) -> str:
        return f"{next(self._numbers):09d}"
