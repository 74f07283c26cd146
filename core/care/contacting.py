"""How to call somebody back."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from core.database.tables import addresses, contacts


def phone_of(contact_id: ColumnElement[UUID]) -> ColumnElement[str]:
    """A contact's telephone number in E.164, as SQL: the one used last if it is a number, else another of theirs, else
    the one they said in a chat.

    Chat addresses are no numbers: only E.164 starts with "+".
    """
    used_last = addresses.c.address == contacts.c.address
    said = (
        select(func.nullif(contacts.c.phone, ""))
        .where(contacts.c.id == contact_id)
        .correlate_except(contacts)
        .scalar_subquery()
    )
    own = (
        select(addresses.c.address)
        .join(contacts, contacts.c.id == addresses.c.contact_id)
        .where(addresses.c.contact_id == contact_id, addresses.c.address.startswith("+"))
        .order_by(used_last.desc(), addresses.c.address)
        .limit(1)
        .correlate_except(addresses, contacts)
        .scalar_subquery()
    )
    return func.coalesce(own, said)
