"""What a volunteer's texts, and the answers of those whom they help, ask the pipeline to do
(`core.pipeline.volunteers`). Some of them are looked up and worded there."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Enrol:
    """Somebody wants to help there; the unit decides."""

    name: str
    unit_code: str


@dataclass(frozen=True, slots=True)
class Resign:
    """They help no more: their households go back to the unit's list."""


@dataclass(frozen=True, slots=True)
class FindHomes:
    """Households of their own unit by words of a name. The pipeline words what it finds, and shows it by numbers."""

    said: str


@dataclass(frozen=True, slots=True)
class AskForHome:
    """They want to look after a household that they found: its people are asked, or staff decide."""

    home_id: UUID


@dataclass(frozen=True, slots=True)
class AskConsent:
    """Ask those of the household who have not agreed yet, each on their own phone. The pipeline says who has one."""

    home_id: UUID


@dataclass(frozen=True, slots=True)
class SpokenConsent:
    """These people (by letter) agreed by word of mouth, the volunteer says."""

    home_id: UUID
    letters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerConsent:
    """Somebody answered a question about consent."""

    consent_id: UUID
    yes: bool


@dataclass(frozen=True, slots=True)
class WithdrawConsents:
    """Whatever those who answer on this phone agreed to is over."""


@dataclass(frozen=True, slots=True)
class NoteVisit:
    """They were at the household."""

    home_id: UUID
    note: str


@dataclass(frozen=True, slots=True)
class PassNeed:
    """What the household lacks: `kind` is food, medicine or other."""

    home_id: UUID
    kind: str
    note: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """Offer the household to the volunteer with that phone (E.164). The pipeline answers."""

    home_id: UUID
    phone: str


@dataclass(frozen=True, slots=True)
class AnswerHandOver:
    """They take what other volunteers offer them, or do not. The pipeline answers."""

    yes: bool


@dataclass(frozen=True, slots=True)
class AskToJoin:
    """They want to join the organisation of that code: what that means is said first. The pipeline words it. `letter`:
    who of the phone."""

    code: str
    letter: str


@dataclass(frozen=True, slots=True)
class JoinOrganisation:
    """They agreed to what was said, and are a member. The pipeline answers."""

    code: str
    letter: str


@dataclass(frozen=True, slots=True)
class LeaveOrganisations:
    """Nobody of the phone is a member of that organisation any more ("": of the only one). The pipeline answers."""

    code: str


VolunteerEffect = (
    Enrol
    | Resign
    | FindHomes
    | AskForHome
    | AskConsent
    | SpokenConsent
    | AnswerConsent
    | WithdrawConsents
    | NoteVisit
    | PassNeed
    | HandOver
    | AnswerHandOver
    | AskToJoin
    | JoinOrganisation
    | LeaveOrganisations
)
