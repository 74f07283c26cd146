"""Our own requests, read from tables: sending, the access token before it, and the question how our account is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit
from xml.etree import ElementTree

from core.environment import url
from sms.aggregator.pick import PATTERN
from sms.aggregator.schema_signature import signature
from sms.aggregator.settings import Answer, Auth, Check, Format, Meaning, Request, Send
from sms.aggregator.table import Table
from sms.aggregator.template import Template, Tree, Values, in_json, in_xml, names_in

_GIVEN: Final = frozenset(
    {
        "to",
        "text",
        "text_b64",
        "from",
        "id",
        "id_hex",
        "unicode",
        "time",
        "reply_to",
        "signature",
        "status_url",
        "token",
    }
)
"""What templates of our own requests may ask for, besides `secret.NAME`."""

_METHODS: Final = ("POST", "GET", "PUT")
_PHONES: Final = ("84", "0", "+84")
_AUTHS: Final = ("none", "basic", "bearer", "oauth2")


def send(table: Table, secrets: Values) -> Send:
    made = Send(
        request=request(table, secrets),
        answer=_answer(table.inner("answer") or table),
        auth=_auth(table.inner("auth"), secrets),
        phone=table.one_of("phone", _PHONES, "84"),
        unicode=_pair(table),
        signature=signature(table.inner("signature"), secrets, known=_GIVEN),
        once=table.flag("once"),
    )
    if "answer" not in table:
        table.tell("answer", f"is missing: say in [{table.where}.answer] which answer is a success")
    if made.once and not asks(made.request) & {"id", "id_hex"}:
        table.tell("once", "needs our id in the request: put {id} where the provider wants it")
    if made.signature is None and "signature" in asks(made.request):
        table.tell("signature", f"is missing: say in [{table.where}.signature] what {{signature}} is made of")
    table.end()
    return made


def request(table: Table, secrets: Values, known: frozenset[str] = _GIVEN) -> Request:
    """A request of ours, tried once with made-up values."""
    form = Format(table.one_of("format", tuple(Format), "json"))
    body = table.any("body")
    made = Request(
        method=table.one_of("method", _METHODS, "POST"),
        url=Template(table.parsed("url", _template_url, "", "use a whole address: https://name/path", needed=True)),
        format=form,
        headers={name: Template(value) for name, value in table.pairs("headers").items()},
        body=Template(body) if isinstance(body, str) else body or {},
    )
    for name in sorted(asks(made) - known - secrets.keys()):
        table.tell("body", f"asks for {{{name}}}, which is not known: README.md of sms/aggregator has all names")
    if problem := broken(form, made.body):
        table.tell("body", problem)
    return made


def asks(made: Request) -> frozenset[str]:
    """All names in a request's templates."""
    body = made.body.names if isinstance(made.body, Template) else names_in(made.body)
    return body.union(made.url.names, *(value.names for value in made.headers.values()))


def _template_url(raw: str) -> str:
    """With its holes as they are. The host is none: messages go where the file says."""
    parts = urlsplit(url(raw))
    if "{" in parts.netloc:
        raise ValueError(raw)
    return raw


def broken(form: Format, body: Template | Tree) -> str:
    """What is wrong with a body, whatever its values. A table fits fields and JSON, a text fits the rest and JSON."""
    if not isinstance(body, Template):
        fits = form in {Format.QUERY, Format.FORM, Format.JSON} or not body
        return "" if fits and isinstance(body, dict | list) else f"is no text: {form} needs a text in quotes"
    tries: dict[Format, Callable[[], object]] = {
        Format.JSON: lambda: json.loads(body.fill(dict.fromkeys(body.names, "x"), in_json)),
        Format.XML: lambda: ElementTree.fromstring(body.fill(dict.fromkeys(body.names, "x"), in_xml)),  # noqa: S314 - the operator's own
    }
    if form in {Format.QUERY, Format.FORM}:
        return f"is no table: {form} needs one, with a line for each field"
    try:
        tries.get(form, lambda: None)()
    except (ValueError, ElementTree.ParseError):
        return f"is no {form}: look at its quotes and ends"
    return ""


def _answer(table: Table) -> Answer:
    errors = table.pairs("errors")
    for code, word in errors.items():
        if word not in set(Meaning):
            table.tell(f"errors.{code}", f"is not usable: use one of {', '.join(Meaning)}")
    made = Answer(
        http=table.parsed("http", _span, (200, 299), "use a range of statuses, as 200-299"),
        code=_picks(table, "code"),
        good=frozenset(table.texts("good")),
        id=_picks(table, "id"),
        errors={code: Meaning(word) for code, word in errors.items() if word in set(Meaning)},
        otherwise=Meaning(table.one_of("otherwise", tuple(Meaning), "permanent")),
        retry_after=table.text("retry_after", "Retry-After"),
    )
    if bool(made.code) != bool(made.good):
        table.tell("good", "and code belong together: code says where the answer's code is, good which is a success")
    if "" in made.good and not made.id:
        table.tell("id", "is missing: an answer without a code is a success only if it has an id")
    if table.where.endswith(".answer"):
        table.end()
    return made


def _picks(table: Table, key: str) -> tuple[str, ...]:
    found = table.texts(key)
    for pick in found:
        try:
            usable = not pick.startswith(PATTERN) or re.compile(pick.removeprefix(PATTERN)).groups == 1
        except re.error:
            usable = False
        if not usable:
            table.tell(key, "is no pattern with one group, as re:<id>([0-9]+)</id>")
    return found


def _span(raw: str) -> tuple[int, int]:
    low, _, high = raw.partition("-")
    return int(low), int(high or low)


def _pair(table: Table) -> tuple[str, str]:
    found = table.texts("unicode")
    if found and len(found) != 2:
        table.tell("unicode", 'is not usable: use the flag without and with accents, as ["0", "1"]')
    return (found[0], found[1]) if len(found) == 2 else ("0", "1")


def _auth(table: Table | None, secrets: Values) -> Auth:
    if table is None:
        return Auth()
    kind = table.one_of("kind", _AUTHS)
    made = _token_first(table, secrets) if kind == "oauth2" else _known(table, kind)
    for name in sorted(made.user.names | made.password.names | made.token.names):
        if name not in secrets:
            table.tell(kind, f"asks for {{{name}}}, which is not known: use {{secret.NAME}}")
    table.end()
    return made


def _known(table: Table, kind: str) -> Auth:
    """Auth without a step before it."""
    if kind == "basic":
        return Auth(kind, Template(table.text("user")), Template(table.text("password")))
    return Auth(kind, token=Template(table.text("token"))) if kind == "bearer" else Auth()


def _token_first(table: Table, secrets: Values) -> Auth:
    return Auth(
        "oauth2",
        request=request(table, secrets, frozenset({"id", "id_hex", "time"})),
        pick=table.texts("token") or ("access_token",),
        seconds=table.texts("seconds") or ("expires_in",),
        lifetime=table.number("lifetime", 3000, 30, 86_400 * 365),
    )


def check(table: Table | None, secrets: Values) -> Check | None:
    if table is None:
        return None
    made = Check(request(table, secrets, frozenset({"from", "time", "token"})), _answer(table.inner("answer") or table))
    table.end()
    return made
