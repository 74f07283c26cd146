"""A provider's requests to us: messages from people, and reports of ours.

A forged request gets 403. A genuine one that we cannot use is acknowledged, with a log line by its id: repeating it
would not help. What can be kept nowhere is a 503: most providers then repeat it. Tokens may be in the path and words in
the query: log lines have neither.
"""

from __future__ import annotations

import json
import logging
import re
import time
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Response, abort, request

from core.messaging.channel import InboundMessage, StatusReport
from core.messaging.ports import Ports
from sms.aggregator.config import AggregatorConfig
from sms.aggregator.guard import Asked, trusted
from sms.aggregator.pick import at
from sms.aggregator.repeats import ids
from sms.aggregator.settings import Ack, Format, Hook, Inbound, Reports, State
from sms.aggregator.states import state_of
from sms.aggregator.template import Template, Values, fill_tree, in_json, in_xml, names_in, plain
from sms.numbers import e164

log = logging.getLogger(__name__)

_ID = re.compile(r"[\x21-\x7e]{1,128}")
_NUMBER = re.compile(r"(?:84|0)[35789][0-9]{8}")
_CODE = re.compile(r"[A-Za-z0-9_.:\-]{1,40}")
_TYPES: Final = {Format.JSON: "application/json", Format.XML: "text/xml; charset=utf-8"}
_ESCAPES: Final = {Format.JSON: in_json, Format.XML: in_xml}


def blueprint(config: AggregatorConfig, ports: Ports) -> Blueprint:
    """The routes that this provider calls. One address may serve both: `when` tells its requests apart."""
    pages = Blueprint(f"aggregator_{config.profile.name}", __name__)
    desk = _Desk(config, ports)
    for path, part in ((config.inbound, config.provider.inbound), (config.status, config.provider.reports)):
        if part is not None:
            _route(pages, path, part, desk)
    return pages


def _route(pages: Blueprint, path: str, part: Inbound | Reports, desk: _Desk) -> None:
    def answer(token: str = "") -> Response:
        return desk.answer(part, token)

    for rule in (path, f"{path}/<token>"):
        pages.add_url_rule(rule, f"{type(part).__name__}{rule.count('/')}", answer, methods=[part.hook.method])


class _Desk:
    """Hands in what one provider brings."""

    def __init__(self, config: AggregatorConfig, ports: Ports) -> None:
        self._name = config.profile.name
        self._provider = config.provider
        self._ports = ports

    def answer(self, part: Inbound | Reports, token: str) -> Response:
        """One request: known, read, handed in, acknowledged."""
        tree = _fields(part.hook.format)
        asked = Asked(
            tree, request.args, request.headers, request.get_data(cache=True), request.remote_addr or "", token
        )
        if wrong := trusted(part.hook.guard, asked, self._provider.secrets, time.time()):
            log.warning("%s: forged request: %s", self._name, wrong)
            abort(403)
        self._take(part, tree)
        return _acknowledged(part.hook.ack, tree)

    def _take(self, part: Inbound | Reports, tree: Any) -> None:
        meant = self._meant(part, tree)
        if isinstance(meant, Inbound):
            message = self._message(meant, tree)
            if message is not None:
                self._ports.accept([message])
        elif isinstance(meant, Reports):
            report = self._report(meant, tree)
            for unknown in self._ports.report([report]) if report else ():
                log.warning("%s: a report of no message of ours: %s", self._name, _named(unknown.provider_id))

    def _meant(self, part: Inbound | Reports, tree: Any) -> Inbound | Reports | None:
        """What the request is about: by the route, or by `when` if there is one."""
        for each in (part, self._provider.reports, self._provider.inbound):
            if each is not None and (each is part or each.hook.when) and _holds(each.hook, tree):
                return each
        log.info("%s: nothing that we know", self._name)
        return None

    def _message(self, part: Inbound, tree: Any) -> InboundMessage | None:
        given, text, ours = at(tree, part.sender), at(tree, part.text), at(tree, part.recipient)
        external, *also = (at(tree, part.id),) if part.id else ids(_whole(), time.time(), part.repeats)
        if external is None or not _ID.fullmatch(external) or given is None or text is None:
            log.warning("%s: an unusable message: %s", self._name, _named(external))
            return None
        sender = e164(given)
        if sender is None or sender == e164(self._provider.sender):
            log.info("%s: message %s comes from no person's number", self._name, _named(external))
            return None
        if part.recipients and ours not in part.recipients:
            log.info("%s: message %s is not for us", self._name, _named(external))
            return None
        words = _without(at(tree, part.keyword), text)
        return InboundMessage(self._name, external, sender, words, self._ports.clock(), also=tuple(also))

    def _report(self, part: Reports, tree: Any) -> StatusReport | None:
        provider_id, ours = at(tree, part.id) if part.id else "", _uuid(at(tree, part.ours) if part.ours else None)
        state = state_of(part.states, part.status.fill({name: at(tree, name) or "" for name in part.status.names}))
        known = bool(provider_id and _ID.fullmatch(provider_id))
        if state is None or not (known or ours):
            log.warning("%s: an unusable report: %s", self._name, _named(provider_id))
            return None
        code = at(tree, part.error) if part.error else None
        return StatusReport(
            self._name,
            provider_id if known and provider_id else str(ours),
            state.status,
            error=code if code and _CODE.fullmatch(code) else "",
            message_id=ours,
            unreachable=state is State.UNREACHABLE,
            opted_out=state is State.OPTED_OUT,
        )


def _fields(form: Format) -> Any:
    """The request's fields; empty if it is of another kind than agreed."""
    if form is Format.JSON:
        return request.get_json(force=True, silent=True) or {}
    return (request.form if form is Format.FORM else request.args).to_dict()


def _whole() -> bytes:
    return request.query_string + b"\n" + request.get_data(cache=True)


def _holds(hook: Hook, tree: Any) -> bool:
    return all(at(tree, path) == wanted for path, wanted in hook.when.items())


def _without(keyword: str | None, text: str) -> str:
    """The text behind the short code's keyword, if there is any."""
    head, _, rest = text.strip().partition(" ")
    return rest if keyword and rest and head.casefold() == keyword.casefold() else text


def _acknowledged(ack: Ack, tree: Any) -> Response:
    return Response(_body(ack, tree), ack.status, content_type=_TYPES.get(ack.format, "text/plain; charset=utf-8"))


def _body(ack: Ack, tree: Any) -> str:
    """The body, with fields of the request in it, each escaped for its format."""
    if isinstance(ack.body, Template):
        return ack.body.fill(_named_fields(ack.body.names, tree), _ESCAPES.get(ack.format, plain))
    return json.dumps(fill_tree(ack.body, _named_fields(names_in(ack.body), tree)), ensure_ascii=False)


def _named_fields(names: frozenset[str], tree: Any) -> Values:
    return {name: at(tree, name) or "" for name in names}


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _named(external: str | None) -> str:
    """The provider's id for a log line, unless there seems to be a number in it."""
    if not external or not _ID.fullmatch(external):
        return "without an id"
    return "with a number for an id" if _NUMBER.search(external) else external
