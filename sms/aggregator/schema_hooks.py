"""The provider's requests to us, read from tables: messages from people, reports of ours, and how they are known."""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_network
from typing import Final

from sms.aggregator.schema_requests import broken
from sms.aggregator.schema_signature import signature
from sms.aggregator.settings import Ack, Format, Guard, Hook, Inbound, Moment, Network, Reports, State, Token
from sms.aggregator.table import Table
from sms.aggregator.template import Template, Values

FORMS: Final = ("unix", "unix_ms", "iso")
_DAY: Final = 86_400
_FIELDS: Final = ("query", "form", "json")
_ACKS: Final = ("text", "json", "xml")


def inbound(table: Table | None, secrets: Values) -> Inbound | None:
    """Where a person's message is in the provider's request."""
    if table is None:
        return None
    made = Inbound(
        hook=_hook(table, secrets),
        sender=table.text("sender", hint="say which field has the person's number"),
        text=table.text("text", hint="say which field has their words"),
        id=table.text("id", ""),
        repeats=table.number("repeats", 10, 1, 300),
        recipient=table.text("recipient", ""),
        recipients=table.texts("recipients"),
        keyword=table.text("keyword", ""),
    )
    if made.recipients and not made.recipient:
        table.tell("recipient", "is missing: say which field has our number, or remove recipients")
    table.end()
    return made


def reports(table: Table | None, secrets: Values) -> Reports | None:
    """Where a report is in the provider's request."""
    if table is None:
        return None
    status = table.text("status", hint="say which field has the state")
    states = table.pairs("states")
    for value, word in states.items():
        if word not in set(State):
            table.tell(f"states.{value}", f"is not usable: use one of {', '.join(State)}")
    made = Reports(
        hook=_hook(table, secrets),
        status=Template(status if "{" in status else f"{{{status}}}"),
        states={value: State(word) for value, word in states.items() if word in set(State)},
        id=table.text("id", ""),
        ours=table.text("ours", ""),
        error=table.text("error", ""),
    )
    if not (made.id or made.ours):
        table.tell("id", "is missing: say which field has the provider's id, or in ours which one has our id")
    if not states:
        table.tell("states", f"is missing: say what each state means: {', '.join(State)}")
    table.end()
    return made


def _hook(table: Table, secrets: Values) -> Hook:
    return Hook(
        method=table.one_of("method", ("POST", "GET"), "POST"),
        format=Format(table.one_of("format", _FIELDS, "json")),
        guard=_guard(table, secrets),
        ack=_ack(table.inner("ack")),
        when=table.pairs("when"),
    )


def _guard(table: Table, secrets: Values) -> Guard:
    allow = table.texts("allow")
    made = Guard(
        signature=signature(table.inner("signature"), secrets),
        token=_token(table.inner("token"), secrets),
        allow=tuple(network for each in allow if (network := _network(table, each))),
        moment=_moment(table),
    )
    if not (made.signature or made.token or made.allow):
        table.tell("signature", "is missing: give a signature, a token or allow, or anybody could write in their name")
    return made


def _network(table: Table, raw: str) -> Network | None:
    try:
        return ip_network(raw)
    except ValueError:
        table.tell("allow", 'is not usable: use addresses or networks, as ["203.0.113.7", "198.51.100.0/24"]')
        return None


def _token(table: Table | None, secrets: Values) -> Token | None:
    if table is None:
        return None
    place, _, name = table.text("in", hint="use path, query:NAME or header:NAME").partition(":")
    if "in" in table and (place not in {"path", "query", "header"} or bool(name) == (place == "path")):
        table.tell("in", "is not usable: use path, query:NAME or header:NAME")
    secret = Template(table.text("secret", hint='name it: "{secret.NAME}"'))
    if not secret.names or secret.names - secrets.keys():
        table.tell("secret", "is not known: use {secret.NAME}, with NAME under secrets")
    table.end()
    return Token(place, name, secret.fill(secrets))


def _moment(table: Table) -> Moment | None:
    where, form = table.text("time", ""), table.text("time_format", "unix")
    if form not in FORMS and not _is_strptime(form):
        table.tell("time_format", f"is not usable: use {', '.join(FORMS)}, or a pattern as %Y%m%d%H%M%S")
    age = table.number("max_age", 0, 0, 30 * _DAY)
    if bool(where) != bool(age):
        table.tell("max_age", "and time belong together: time names the field, max_age the seconds that it may be old")
    return Moment(where, form, age) if where and age else None


def _is_strptime(form: str) -> bool:
    sample = datetime(2026, 11, 21, 13, 1, 1)  # noqa: DTZ001 - a pattern is tried, nothing is dated
    try:
        return datetime.strptime(sample.strftime(form), form) == sample  # noqa: DTZ007
    except ValueError:
        return False


def _ack(table: Table | None) -> Ack:
    if table is None:
        return Ack()
    form = Format(table.one_of("format", _ACKS, "text"))
    body = table.any("body")
    made = Ack(
        table.number("status", 200, 200, 299), form, Template(body or "") if isinstance(body, str | None) else body
    )
    if problem := broken(form, made.body):
        table.tell("body", problem)
    table.end()
    return made
