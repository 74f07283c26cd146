"""What becomes of a message in line that is not to be sent any more."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Text, case, literal_column, null

from core.database.tables import outbox
from core.messaging.channel import Status

WITHDRAWN: Final[dict[str, Any]] = {
    "status": case(
        (outbox.c.lease.is_(None), literal_column(f"'{Status.WITHDRAWN}'", Text)),
        else_=literal_column(f"'{Status.UNKNOWN}'", Text),
    ),
    "lease": null(),
    "lease_until": null(),
}
"""Values for an UPDATE of queued rows. One that still has its token reached the provider perhaps, and no answer came:
`withdrawn` would say that nobody ever got it."""
