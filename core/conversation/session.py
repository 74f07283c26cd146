"""Where a contact is in its conversation. Goes to and from JSON; small, since it is written at every turn."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from core.conversation.form import Answers, Value
from core.conversation.understanding import Choice


class Stage(StrEnum):
    """What the next message is expected to be."""

    IDLE = "idle"
    WHO = "who"  # whom the record is about
    WHICH = "which"  # which of several forms
    WHOSE = "whose"  # whose part of the last text is to be corrected
    LEGAL = "legal"  # agrees, or not
    ASKING = "asking"  # an answer to `pending`
    SUMMARY = "summary"  # "right", or what to correct
    CANCEL = "cancel"  # a bare HUY: the form, or the reminders


@dataclass(frozen=True, slots=True)
class LastRecord:
    """The newest record of this contact, kept for SUA and XEM."""

    form_hash: str
    letter: str
    root: UUID
    version: int
    code: str
    at: datetime
    answers: Answers
    on_behalf: bool = False

    def asked(self) -> Answers:
        """The answers, with what decides which questions they belong to."""
        return {**self.answers, "guided": False, "on_behalf": self.on_behalf}


@dataclass(frozen=True, slots=True)
class Serving:
    """A volunteer at work. `since`: when this household, or the list, was taken up; `at`: when they last wrote of it.
    `home`: the household; None while only a list is shown. `shown`: the households of the list, by their numbers.
    `session`: the conversation about the household's people, whose letters are not those of the volunteer's own phone.
    """

    since: datetime
    at: datetime
    home: UUID | None = None
    shown: tuple[UUID, ...] = ()
    session: Session | None = None


@dataclass(frozen=True, slots=True)
class Served:
    """A household that a volunteer was with, and when: what was written then may be about it, however late it comes."""

    home: UUID
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Unsure:
    """A volunteer's text of which it was asked at `at` whether it is about that household or about their own people;
    or is to be asked, and came at `at`."""

    home: UUID
    said: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Joining:
    """The organisation, by its code, which the person of that letter was asked at `at` whether they join."""

    code: str
    letter: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """One contact's conversation. The default is "nothing going on".

    `trail`: keys answered so far, in order, for QUAY LAI and SUA. `options`: the numbered choices of the last
    text. `held`: what was said before it could be taken. `place`: texts that named a part of where somebody lives.
    `doubt`: danger signs asked about; `doubt_mark`: of that question's buttons, which answer it as long as it is open.
    `waiting`: about whom an alert is held back until the form ends; `told`: signs
    in it that were said in this form. `correcting`: the record
    whose answers are being corrected. `guided`: asked question by question. `wrong_at`: when it was asked whether the
    number is wrong. `together`: the newest record of today of each person here. `others`:
    letters of people who were declared by somebody else. `begun_at`: when the form was begun. `agreed`: "A:risk": to
    which forms whom agreed. `serving`: of a volunteer at work, `served`: the last households before, `unsure`: what of
    theirs is asked about, `late`: what is asked about next; all else here is about their own phone.
    """

    language: str = "vi"
    chosen: bool = False
    accents: bool = False
    stage: Stage = Stage.IDLE
    form: str = ""
    letter: str = ""
    on_behalf: bool = False
    guided: bool = False
    correcting: LastRecord | None = None
    answers: Answers = field(default_factory=dict)
    trail: tuple[str, ...] = ()
    pending: str = ""
    options: tuple[Choice, ...] = ()
    held: str = ""
    place: tuple[str, ...] = ()
    misses: int = 0
    strays: int = 0
    asked_at: datetime | None = None
    begun_at: datetime | None = None
    waiting: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    doubt: tuple[str, ...] = ()
    doubt_at: datetime | None = None
    doubt_of: str = ""
    doubt_mark: str = ""
    wrong_at: datetime | None = None
    last: LastRecord | None = None
    together: tuple[LastRecord, ...] = ()
    others: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()
    serving: Serving | None = None
    served: tuple[Served, ...] = ()
    unsure: Unsure | None = None
    late: tuple[Unsure, ...] = ()
    joining: Joining | None = None

    @property
    def newest(self) -> Session:
        """The conversation that goes on: a volunteer's about a household, or this one."""
        return (self.serving and self.serving.session) or self

    @property
    def busy(self) -> bool:
        """Whether a form is going on."""
        return self.stage is not Stage.IDLE

    @property
    def mark(self) -> str:
        """Six hexadecimal digits for what is being asked: the same when it is asked again, another for anything else.
        A button carries it, so that a tap on an old one is known as such.
        """
        if unsure := self.unsure:
            return hashlib.blake2s(repr((str(unsure.home), unsure.at.timestamp())).encode(), digest_size=3).hexdigest()
        if serving := self.serving:
            within = serving.session.mark if serving.session else ""
            at_work = (str(serving.home), serving.since.timestamp(), within)
            return hashlib.blake2s(repr(at_work).encode(), digest_size=3).hexdigest()
        seen = self.last if self.stage is Stage.SUMMARY else self.correcting
        version = (str(seen.root), seen.version) if seen else ()
        options = tuple(choice.value for choice in self.options)
        since = tuple(at and at.timestamp() for at in (self.wrong_at, None if self.busy else self.asked_at))
        about = (self.form, self.letter, self.on_behalf, self.begun_at and self.begun_at.timestamp())
        joins = (self.joining.code, self.joining.letter, self.joining.at.timestamp()) if self.joining else ()
        asked = (self.stage, about, self.pending, options, version, self.doubt, self.doubt_of, since, *joins)
        return hashlib.blake2s(repr(asked).encode(), digest_size=3).hexdigest()


FRESH: Mapping[str, Any] = {
    "correcting": None,
    "answers": {},
    "trail": (),
    "pending": "",
    "options": (),
    "held": "",
    "place": (),
    "told": (),
    "misses": 0,
    "strays": 0,
    "begun_at": None,
}
"""What a session changes to when a form begins."""

IDLE: Mapping[str, Any] = {
    **FRESH,
    "stage": Stage.IDLE,
    "form": "",
    "letter": "",
    "on_behalf": False,
    "guided": False,
    "asked_at": None,
}
"""What a session changes to when a form ends. Language, doubt and the last record stay."""


_PLAIN: tuple[tuple[str, Any], ...] = tuple((f.name, getattr(Session(), f.name)) for f in fields(Session))
"""What each field is with nothing going on."""


def to_json(session: Session) -> dict[str, Any]:
    """Only what differs from nothing going on."""
    said = ((name, getattr(session, name), plain) for name, plain in _PLAIN)
    return {name: _out(value) for name, value, plain in said if value != plain}


def from_json(data: Mapping[str, Any]) -> Session:
    """The reverse of `to_json`, also of what an older or a newer program wrote: fields that are unknown here are left
    aside, missing ones have their default. A form that cannot go on without what is lost has ended."""
    known = {name: _IN[name](value) for name, value in data.items() if name in _IN}
    lost = any(name in known and known[name] is None for name in ("stage", "correcting"))
    return Session(**{**known, **(IDLE if lost else {})})


def _out(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Choice):
        return [value.value, value.label]
    if isinstance(value, LastRecord | Serving | Served | Unsure | Joining | Session):
        whole = ((f.name, getattr(value, f.name)) for f in fields(value))
        return to_json(value) if isinstance(value, Session) else {name: _out(each) for name, each in whole}
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, tuple):
        return [_out(item) for item in value]
    return value


def _same(value: Any) -> Any:
    return value


def _answers(data: Mapping[str, Any]) -> dict[str, Value]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}


def _choices(data: list[list[str]]) -> tuple[Choice, ...]:
    return tuple(Choice(value, label) for value, label in data)


def _stage(value: str) -> Stage | None:
    return next((stage for stage in Stage if stage == value), None)


def _record(data: Mapping[str, Any]) -> LastRecord | None:
    """None if it lacks what this program needs of it."""
    known = {name: read(data[name]) for name, read in _IN_RECORD.items() if name in data}
    return LastRecord(**known) if known.keys() >= _NEEDED else None


def _serving(data: Mapping[str, Any]) -> Serving:
    return Serving(
        since=datetime.fromisoformat(data["since"]),
        at=datetime.fromisoformat(data["at"]),
        home=UUID(data["home"]) if data["home"] else None,
        shown=tuple(UUID(each) for each in data["shown"]),
        session=from_json(data["session"]) if data["session"] else None,
    )


def _served(data: list[Mapping[str, Any]]) -> tuple[Served, ...]:
    at = datetime.fromisoformat
    return tuple(Served(UUID(each["home"]), at(each["since"]), at(each["until"])) for each in data)


def _unsure(data: Mapping[str, Any]) -> Unsure:
    return Unsure(UUID(data["home"]), data["said"], datetime.fromisoformat(data["at"]))


def _late(data: list[Mapping[str, Any]]) -> tuple[Unsure, ...]:
    return tuple(_unsure(each) for each in data)


def _joining(data: Mapping[str, Any]) -> Joining:
    return Joining(data["code"], data["letter"], datetime.fromisoformat(data["at"]))


def _records(data: list[Mapping[str, Any]]) -> tuple[LastRecord, ...]:
    return tuple(record for each in data if (record := _record(each)))


_IN_RECORD: Mapping[str, Callable[[Any], Any]] = {
    "form_hash": _same,
    "letter": _same,
    "root": UUID,
    "version": _same,
    "code": _same,
    "at": datetime.fromisoformat,
    "answers": _answers,
    "on_behalf": _same,
}
_NEEDED = {f.name for f in fields(LastRecord) if f.default is MISSING}

_IN: Mapping[str, Callable[[Any], Any]] = {
    "language": _same,
    "chosen": _same,
    "accents": _same,
    "stage": _stage,
    "form": _same,
    "letter": _same,
    "on_behalf": _same,
    "guided": _same,
    "correcting": _record,
    "answers": _answers,
    "trail": tuple,
    "pending": _same,
    "options": _choices,
    "held": _same,
    "place": tuple,
    "misses": _same,
    "strays": _same,
    "asked_at": datetime.fromisoformat,
    "begun_at": datetime.fromisoformat,
    "waiting": tuple,
    "told": tuple,
    "doubt_of": _same,
    "doubt_mark": _same,
    "doubt": tuple,
    "doubt_at": datetime.fromisoformat,
    "wrong_at": datetime.fromisoformat,
    "last": _record,
    "together": _records,
    "others": tuple,
    "agreed": tuple,
    "serving": _serving,
    "served": _served,
    "unsure": _unsure,
    "late": _late,
    "joining": _joining,
}
