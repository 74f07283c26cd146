"""What channels hand in, as the text of a spool's entry and back."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from core.messaging.channel import InboundMessage, Media, Status, StatusReport
from core.messaging.ports import Change, Notice

Item = InboundMessage | StatusReport | Notice

_KINDS: Final = {"message": InboundMessage, "report": StatusReport, "notice": Notice}
_READ: Final = {
    "received_at": datetime.fromisoformat,
    "media": lambda said: Media(said) if said in tuple(Media) else Media.FILE,  # of a newer program
    "status": Status,
    "message_id": UUID,
    "change": Change,
    "also": tuple,
}


def written(item: Item) -> str:
    """The entry's text: JSON, with the kind of the item."""
    if isinstance(item, InboundMessage):
        item = replace(item, point=None)  # where somebody is is kept nowhere, also not for a while
    kind = next(name for name, made in _KINDS.items() if isinstance(item, made))
    return orjson.dumps({"kind": kind, "item": item}).decode()


def read(text: str) -> Item | None:
    """The item; None if this program cannot read it. Fields that it does not know are left out."""
    try:
        whole = orjson.loads(text)
        return _made(_KINDS[whole["kind"]], whole["item"])
    except (ValueError, TypeError, KeyError):
        return None


def _made(kind: type[Any], item: dict[str, Any]) -> Item:
    known = {field.name for field in fields(kind)}
    values = {name: _value(name, value) for name, value in item.items() if name in known}
    made: Item = kind(**values)
    return made


def _value(name: str, value: Any) -> Any:
    return value if value is None or name not in _READ else _READ[name](value)
