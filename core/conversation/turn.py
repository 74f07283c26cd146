"""One turn of one conversation: what the steps below `engine.step` read, and where they put what they decide."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.conversation.context import Context, Member, free_letter
from core.conversation.effects import SOMEBODY, Effect
from core.conversation.form import Form, Library, Question
from core.conversation.limits import age_in
from core.conversation.messages import N_, Inbound, Param, Reply, Say, Term
from core.conversation.parsers import danger, on_behalf
from core.conversation.parsers.danger import Danger
from core.conversation.session import Session
from core.conversation.understanding import Choice
from core.messaging.channel import MessageKind

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(slots=True)
class Turn:
    """The mutable middle of a pure function: made by `step`, gone when it returns."""

    session: Session
    inbound: Inbound
    library: Library
    context: Context
    now: datetime
    replies: list[Reply] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    _danger: tuple[str, int | None, Danger] | None = None
    recalled: str = field(init=False)  # words of earlier texts that were held back, for this one to decide on

    def __post_init__(self) -> None:
        self.recalled = self.session.held

    def danger(self) -> Danger:
        """Danger in what the person wrote: looked for once, however many ask."""
        asked = self.text, self.age()
        if self._danger is None or self._danger[:2] != asked:
            self._danger = (*asked, danger.find(self.text, self.context.rules.limits, self.age()))
        return self._danger[2]

    @property
    def text(self) -> str:
        """What the person wrote."""
        return self.inbound.text

    @property
    def today(self) -> date:
        """The person's day, in Vietnam."""
        return self.now.astimezone(VIETNAM).date()

    def is_today(self, at: datetime) -> bool:
        """Whether that was on the person's day."""
        return at.astimezone(VIETNAM).date() == self.today

    @property
    def form(self) -> Form:
        """The version of the form that is going on."""
        return self.library.versions[self.session.form]

    @property
    def pending(self) -> Question:
        """The question that was asked last."""
        return self.form.question(self.session.pending)

    @property
    def form_of_last(self) -> Form:
        """The version of the form that the newest record was made with."""
        assert self.session.last is not None  # noqa: S101 - asked only where there is a record
        return self.library.versions[self.session.last.form_hash]

    @property
    def member(self) -> Member | None:
        """The known person that the form going on is about."""
        return self.context.member(self.session.letter)

    def change(self, **fields: Any) -> None:
        """Replace fields of the session."""
        self.session = replace(self.session, **fields)

    def do(self, effect: Effect) -> None:
        """Ask the pipeline for something, in the same transaction."""
        self.effects.append(effect)

    def say(
        self,
        text: str,
        kind: MessageKind = MessageKind.INFO,
        choices: tuple[Choice, ...] = (),
        **params: Param,
    ) -> None:
        """Add a message. Unit, telephone, form of address and days are known to every text."""
        self.replies.append(Reply(Say(text, {**self.facts(), **params}), kind, choices))

    def facts(self) -> dict[str, Param]:
        """What every text may name."""
        unit = self.context.unit
        return {
            "unit": unit.name,
            "phone": unit.phone,
            "you": self.address_as(),
            "days": self.context.rules.window_days,
        }

    def address_as(self) -> Term:
        """How to speak to whoever holds the phone: by age and gender once known, "bác" until then."""
        if self.session.on_behalf or self.context.home:
            return Term(N_("bác"))
        member, answers = self.member if self.session.letter else self.alone(), self.session.answers
        year = answers.get("year_of_birth") or (member.year_of_birth if member else None)
        gender = answers.get("gender") or (member.gender if member else None)
        return Term(address_as(year, gender, self.today.year))

    def age(self) -> int | None:
        """Years of age of whoever a message is about, if that is known."""
        member = self.context.member(self.subject())
        year = self.session.answers.get("year_of_birth") or (member.year_of_birth if member else None)
        return age_in(self.today.year, year)

    def new_letter(self) -> str:
        """A letter for somebody new who is not the one that a form is going on about."""
        gone = self.context.home.gone if self.context.home else ()
        return free_letter((*(m.letter for m in self.context.members), self.session.letter, *gone))

    def subject(self) -> str:
        """The letter of whoever a message is about; "" if there are several."""
        return subject(self.session, self.context)

    def about(self) -> str:
        """The letter of whoever danger in this message is about."""
        return about(self.text, self.session, self.context)

    def alone(self) -> Member | None:
        """The one person who answers here, if there is just one: not somebody whom the phone's owner declared."""
        return self.context.alone(self.session.others)

    def is_other(self, member: Member) -> bool:
        """Whether somebody else declared them here."""
        return self.context.is_other(member, self.session.others)


def subject(session: Session, context: Context) -> str:
    """The letter of whoever a message is about: of the form going on, or the only person here (who may be new); "" if
    there are several."""
    if session.letter or not context.members:
        return session.letter or context.free_letter()
    alone = context.alone(session.others)
    return alone.letter if alone else ""


def about(text: str, session: Session, context: Context) -> str:
    """The letter of whoever danger in a text is about: who tells of a relative does not speak of themselves. Of a phone
    of which nothing is known, everything is about the one person whose name is asked for then."""
    known = bool(context.members) and not session.on_behalf and context.home is None
    return SOMEBODY if known and on_behalf.of_relative(text) else subject(session, context)


def address_as(year: object, gender: object, this_year: int) -> str:
    """How to speak to somebody of that year of birth and gender, as a source text; "bác" while it is not known."""
    if not isinstance(year, int) or this_year - year >= 60:
        return N_("bác")
    if this_year - year < 18:
        return N_("em")
    return {"male": N_("anh"), "female": N_("chị")}.get(str(gender), N_("bạn"))
