"""A provider's tables as `settings.Provider`. Nothing raises: what is wrong is told, and something harmless stands in
for it."""

from __future__ import annotations

import re

from core.environment import Reader
from sms.aggregator.schema_hooks import inbound, reports
from sms.aggregator.schema_requests import check, send
from sms.aggregator.settings import Provider
from sms.aggregator.table import Table
from sms.aggregator.template import Values

_VARIABLE = re.compile(r"env:([A-Z][A-Z0-9_]*)")
_NAME = re.compile(r"[a-z][a-z0-9_]{1,19}")


def provider(table: Table, name: str, reader: Reader) -> Provider:
    """One provider of the file."""
    if not _NAME.fullmatch(name):
        table.tell("(its name)", "is not usable: use 2 to 20 small letters, digits and _, a letter first")
    secrets = _secrets(table, reader)
    return Provider(
        name=name,
        title=table.text("title", name),
        sender=table.text("from", ""),
        send=send(table.inner("send") or _missing(table, "send"), secrets),
        inbound=inbound(table.inner("inbound"), secrets),
        reports=reports(table.inner("status"), secrets),
        check=check(table.inner("check"), secrets),
        secrets=secrets,
    )


def _missing(table: Table, key: str) -> Table:
    table.tell(key, f"is missing: say in [{table.where}.{key}] how a message is sent")
    return Table({}, f"{table.where}.{key}", [])


def _secrets(table: Table, reader: Reader) -> Values:
    """By their names in the file. Only names of variables stand there, so that the file can be shown to anybody."""
    inner = table.inner("secrets")
    if inner is None:
        return {}
    found: dict[str, str] = {}
    for key in inner.raw:
        named = _VARIABLE.fullmatch(inner.text(key))
        found[f"secret.{key}"] = reader.text(named[1]) if named else ""
        if named is None:
            inner.tell(key, 'is no variable: put the secret into one of the environment and write "env:ITS_NAME"')
        elif not found[f"secret.{key}"]:
            inner.tell(key, f"{named[1]} is not set: give the variable its value, or a file by {named[1]}_FILE")
    return found
