"""XEM and a code: whether somebody's paper is true. One SELECT for a batch, and none where nobody asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from core.care import certificate
from core.care.certificate import Certificate
from core.care.release_code import is_release_code, spoken, written_in
from core.conversation.effects import AskCertificate
from core.conversation.engine import Step
from core.conversation.messages import Param, Reply, Say
from core.messaging.channel import MessageKind
from core.pipeline.inbox import Arrived
from core.pipeline.services import Services


class Certificates:
    """The papers that a batch's texts ask about. `units`: their names by code."""

    def __init__(self, known: Mapping[str, Certificate], units: Mapping[str, str]) -> None:
        self._known = known
        self._units = units

    def said(self, made: Step) -> Step:
        """The step with the answers: behind danger, before what it asks."""
        asked = [each.code for each in made.effects if isinstance(each, AskCertificate)]
        if not asked:
            return made
        danger = tuple(reply for reply in made.replies if reply.kind is MessageKind.DANGER)
        others = tuple(reply for reply in made.replies if reply.kind is not MessageKind.DANGER)
        answers = tuple(Reply(self._answer(code), MessageKind.INFO) for code in asked)
        return replace(made, replies=(*danger, *answers, *others))

    def _answer(self, code: str) -> Say:
        params: dict[str, Param] = {"code": spoken(code)}
        if not is_release_code(code):
            return Say(certificate.TYPO, params)
        found = self._known.get(code)
        if found is None:
            return Say(certificate.UNKNOWN, params)
        days: dict[str, Param] = {"start": f"{found.start_on:%d/%m/%Y}", "end": f"{found.end_on:%d/%m/%Y}"}
        text = certificate.VALID_EARLY if found.early else certificate.VALID
        return Say(text, params | days | {"unit": self._units.get(found.unit_code, found.unit_code)})


def look_up(connection: Connection, services: Services, arrived: Sequence[Arrived]) -> Certificates:
    """What the texts may ask about: whatever in them can be a code."""
    codes = sorted({code for each in arrived if is_release_code(code := written_in(each.message.text))})
    if not codes:
        return Certificates({}, {})
    known = certificate.find(connection, codes)
    facts = services.units().facts
    return Certificates(known, {code: unit.name for code, unit in facts.items()})
