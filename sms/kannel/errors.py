"""What Kannel's answers and the operators' refusals mean for a message."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from core.messaging.channel import OutcomeUnknown, Refused, SendError, TryLater, Unreachable

AWAY: Final = timedelta(seconds=10)
"""Until a Kannel that is away or full is asked again."""

MENDING: Final = timedelta(seconds=30)
"""Until a Kannel that refuses our password is asked again."""

ACCEPTED: Final = ("0: Accepted", "3: Queued")
"""How Kannel says with 202 that it took a message and wrote it down: it leaves now, or when the operator is back."""

ANSWERS: Final[Mapping[str, Callable[[], SendError]]] = {
    "Authorization failed": lambda: TryLater("403 password", MENDING, whole=True),
    "Temporal failure": lambda: TryLater("503 busy", AWAY, whole=True),
    "Not routable": lambda: Refused("403 no route"),
    "Number(s) has/have been denied": lambda: Unreachable("black-list"),
    "Sender missing": lambda: TryLater("400 sender", MENDING, whole=True),
}
"""By how an answer begins (gw/smsbox.c of 1.4.5). The rest of an answer is never kept: it may hold the number."""

UNREACHABLE: Final = frozenset({"NACK 11"})
"""SMPP's command_status ESME_RINVDSTADR (0x0B): no such number. What else an operator refuses, it may take later."""

TOO_LATE: Final = "NACK/validity expired"
"""How a report says that Kannel dropped a message that waited for the operator."""

_NACK = re.compile(r"NACK/(\d{1,6})\b")
_STATE = re.compile(r"\bstat:([A-Z]{1,8})\b")
_NUMBER = re.compile(r"\berr:([0-9A-Fa-f]{1,4})\b")


def error(status: int, answer: str) -> SendError | None:
    """What Kannel's answer to a send means; None: it took the message.

    Another success is somebody else's, or a Kannel that we do not know: it may have taken the message. A 404 or a
    500 has not.
    """
    if status == 202 and answer.startswith(ACCEPTED):
        return None
    for beginning, made in ANSWERS.items():
        if answer.startswith(beginning):
            return made()
    if 200 <= status < 300 or status == 504:
        return OutcomeUnknown(str(status))
    if status == 400:
        return Refused("400")
    return TryLater(str(status), MENDING, whole=True)


def code(answer: str) -> str:
    """The reason within a report's `%A`: "NACK 11", or an SMPP receipt's "UNDELIV 012". "" if there is none.

    Nothing else of it: an operator's receipt quotes the first words of the text.
    """
    if refused := _NACK.match(answer):
        return f"NACK {refused[1]}"
    found = (_STATE.search(answer), _NUMBER.search(answer))
    return " ".join(match[1] for match in found if match)
