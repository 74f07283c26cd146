"""Messages that our own fault keeps us from reading: what a human is told, and with what a last attempt begins.

Nobody is left alone with a fault of ours. Danger is raised at the first attempt that fails, since the last comes some
ten minutes later; at the last a human is asked to look, whether it could be read in the end or not.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from core.conversation.context import Context
from core.conversation.effects import SOMEBODY, AlertKind, RaiseAlert
from core.conversation.form import Library
from core.conversation.parsers import danger
from core.conversation.session import Session
from core.conversation.turn import about

log = logging.getLogger(__name__)

LOOK = RaiseAlert(AlertKind.MISUNDERSTOOD)
"""A human reads the message and calls."""


def alarm(text: str, session: Session, context: Context) -> tuple[RaiseAlert, ...]:
    """The alert for a message that has to wait; none without danger. If that cannot be read either, a human looks.
    It is about whom the step would take it to be about, so that the step adds none when it can read at last."""
    try:
        signs = danger.find(text, context.rules.limits).present
    except Exception:
        log.exception("danger not read")
        return (LOOK,)
    # A volunteer's text may be about another household.
    letter = SOMEBODY if session.serving else about(text, session, context)
    return (RaiseAlert(AlertKind.DANGER, signs, letter=letter),) if signs else ()


def anew(session: Session, library: Library) -> Session:
    """The same contact with nothing going on. The newest record stays, if this program has the form it was made with:
    after a step back to an older program it may not."""
    last = session.last if session.last and session.last.form_hash in library.versions else None
    serving = session.serving  # what is said next is still about that household, not about whoever writes
    if serving and serving.session:
        serving = replace(serving, session=anew(serving.session, library))
    how = Session(language=session.language, chosen=session.chosen, accents=session.accents)
    return replace(how, last=last, serving=serving)
