"""What a step asks the pipeline to do. Plain facts: carried out in the same transaction as the reply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from core.conversation.form import Answers
from core.conversation.messages import Term
from core.conversation.parsers.visit import Direction
from core.conversation.volunteer_effects import VolunteerEffect


class AlertKind(StrEnum):
    """Why a human is wanted."""

    DANGER = "danger"  # danger signs said, or feared and not denied
    URGENT = "urgent"  # a record whose level asks for a health worker now
    NEW_SIGN = "new_sign"  # of somebody who was exposed: not there at the last check-in
    LEFT_PLACE = "left_place"  # not where they are to stay
    SEEN_ILL = "seen_ill"  # a volunteer tells of signs of somebody who did not agree to be declared for
    UNFINISHED = "unfinished"  # signs said in a form that was not ended
    CALL_BACK = "call_back"  # asked for a person
    MISUNDERSTOOD = "misunderstood"  # three replies that could not be read
    WRONG_NUMBER = "wrong_number"
    RISK = "risk"  # declared a contact or an epidemic area: to be verified
    REPORT = "report"  # tells of somebody or something that a unit should look at
    MY_DATA = "my_data"  # wants their data seen, corrected or deleted
    DUTY_STOPPED = "duty_stopped"  # a duty phone said STOP: it is told of nothing


SOMEBODY = "?"
"""In place of a letter: about somebody, and not whoever answers alone on this phone. A volunteer says it of others."""


@dataclass(frozen=True, slots=True)
class SaveRecord:
    """Write one version of a declaration or check-in, and its person.

    `letter` is the member it is about; `person_id` may be new. `root` is the first version's id, and that of a
    first version itself. A record that is not confirmed is forwarded after a while all the same.
    """

    form: str
    form_hash: str
    letter: str
    person_id: UUID
    answers: Answers
    code: str
    version: int
    root: UUID
    confirmed: bool
    on_behalf: bool
    legal_basis: str
    check_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ConfirmRecord:
    """The person saw the summary of this version and said that it is right."""

    root: UUID
    version: int


@dataclass(frozen=True, slots=True)
class RaiseAlert:
    """Tell the unit's staff; with `wait`, only if nothing settles it before. `letter`: about whom, "" if not known.
    `reasons`: of the triage table."""

    kind: AlertKind
    signs: tuple[str, ...] = ()
    wait: timedelta = timedelta(0)
    letter: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NameAlerts:
    """It is known now about whom danger was said that was told of nobody yet: about `letter`. Meant are the alerts
    with any of these signs, raised at `since` or later, that nobody has closed. `told_of`: the letter that they have:
    "", or SOMEBODY."""

    letter: str
    signs: tuple[str, ...]
    since: datetime
    told_of: str = ""


@dataclass(frozen=True, slots=True)
class TellSeenIll:
    """Somebody of whom no record may be written was seen like that, by the answers of a check-in: it is triaged and
    told to the unit, and not kept as a record. `letter`: "" if it is not known of whom. `only_urgent`: only if triage
    finds that a health worker has to call; else nothing is told."""

    letter: str
    answers: Answers
    only_urgent: bool = False


@dataclass(frozen=True, slots=True)
class SettleWaiting:
    """The waiting alert of this kind about that person is decided: raise it now, or withdraw it. `signs`: which ones
    (None: all); an alert that has others as well waits on, with those. `of_phone`: it was raised about the phone's own
    people, also if this message is about a household that its owner helps."""

    kind: AlertKind
    raise_now: bool
    letter: str = ""
    signs: tuple[str, ...] | None = None
    of_phone: bool = False


@dataclass(frozen=True, slots=True)
class StopReminders:
    """We start nothing at this address any more, or (`stop` False) we may again."""

    stop: bool = True


@dataclass(frozen=True, slots=True)
class SetHours:
    """The hours (0-23, local) at which those under follow-up here want to be asked."""

    hours: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody goes in or out of the venue of that code: whoever writes, or the owner of `phone` (E.164) if the writer
    is a guard there. The pipeline looks both up and words the answer; `you` is how to speak to whoever writes.
    `letter`: about whom on the writer's phone, "" if not known.
    """

    direction: Direction
    code: str
    you: Term
    phone: str = ""
    letter: str = ""


@dataclass(frozen=True, slots=True)
class AnswerVisit:
    """The person says whether they were there."""

    visit_id: UUID
    yes: bool


@dataclass(frozen=True, slots=True)
class AnswerPresence:
    """What became of a question for a sign of presence: there, late, not_there, refused. `place`: what a shared point
    said (near, far, unknown), never the point."""

    check_id: UUID
    outcome: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Unlink:
    """This number belongs to somebody else: forget who answers here."""


@dataclass(frozen=True, slots=True)
class SayPhone:
    """Staff can call them at that number (E.164)."""

    phone: str


@dataclass(frozen=True, slots=True)
class AskCertificate:
    """Say whether somebody was given a paper with that code. The pipeline looks it up and words the answer."""

    code: str


@dataclass(frozen=True, slots=True)
class AskLinkCode:
    """Make a code by which another address of the same person joins this one."""


@dataclass(frozen=True, slots=True)
class TextLinkCode:
    """Text a code to that mobile (E.164); whoever types it here holds that phone."""

    phone: str


@dataclass(frozen=True, slots=True)
class UseLinkCode:
    """A code was typed."""

    code: str


@dataclass(frozen=True, slots=True)
class SharePhone:
    """Their own number (E.164), which the chat's provider vouches for."""

    phone: str


@dataclass(frozen=True, slots=True)
class TakeAlert:
    """A duty phone takes the alert of that code; "": it asks which ones are open. The pipeline words the answer."""

    code: str


@dataclass(frozen=True, slots=True)
class CloseAlert:
    """A duty phone is done with the alert of that code ("": it forgot the code). `said`: how it ended, as typed."""

    code: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class PartLinks:
    """Undo a link."""


LinkEffect = AskLinkCode | TextLinkCode | UseLinkCode | SharePhone | PartLinks
"""What `core.pipeline.links` carries out and words."""

DutyEffect = TakeAlert | CloseAlert
"""What `core.pipeline.duty` carries out and words."""

Effect = (
    SaveRecord
    | ConfirmRecord
    | RaiseAlert
    | NameAlerts
    | TellSeenIll
    | SettleWaiting
    | StopReminders
    | SetHours
    | Visit
    | AnswerVisit
    | AnswerPresence
    | Unlink
    | SayPhone
    | AskCertificate
    | LinkEffect
    | DutyEffect
    | VolunteerEffect
)
