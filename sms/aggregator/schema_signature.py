"""How something is signed, read from a table."""

from __future__ import annotations

from sms.aggregator.signature import DIGESTS, ENCODINGS, Signature
from sms.aggregator.table import Table
from sms.aggregator.template import Template, Values


def signature(table: Table | None, secrets: Values, known: frozenset[str] | None = None) -> Signature | None:
    """How something is signed. `known`: the names that are there; None if they come with the request."""
    if table is None:
        return None
    digests = (*DIGESTS, *(f"hmac-{name}" for name in DIGESTS))
    made = Signature(
        over=Template(table.text("over", hint='say what is signed, as "{cpid}{smsid}{secret.key}"')),
        digest=table.one_of("digest", digests),
        encoding=table.one_of("encoding", ENCODINGS, "hex"),
        key=Template(table.text("key", "")).fill(secrets),
        field=table.text("field", hint="say where it is, as sign or header:X-Sign") if known is None else "",
    )
    secret = {name for name in made.over.names if name.startswith("secret.")}
    for name in sorted(secret - secrets.keys() | (made.over.names - secret - known if known is not None else set())):
        table.tell("over", f"asks for {{{name}}}, which is not known")
    if made.digest.startswith("hmac-") != bool(made.key):
        table.tell("key", 'belongs to hmac digests, and they need it: key = "{secret.NAME}"')
    if not made.key and not secret:
        table.tell("over", "has no secret in it: anybody could make it; put {secret.NAME} where the provider does")
    table.end()
    return made
