"""Signatures as Vietnamese providers make them: a digest over fields in an order of their own, the secret among them.

Pure. `hmac-` digests take the secret as a key instead.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

from sms.aggregator.template import Template, Values

DIGESTS: Final = ("md5", "sha1", "sha256", "sha512")
ENCODINGS: Final = ("hex", "base64")


@dataclass(frozen=True, slots=True)
class Signature:
    """`over` has what is signed, as `{cpid}{smsid}{secret.private_key}`. `field`: where theirs is; "" in our own.

    `digest` is one of DIGESTS, or one behind "hmac-" with the `key`. hex counts in either case.
    """

    over: Template
    digest: str
    encoding: str = "hex"
    key: str = field(default="", repr=False)
    field: str = ""

    def of(self, values: Values) -> str:
        """The signature over these values."""
        signed = self.over.fill(values).encode("utf-8", "surrogateescape")
        raw = self._digest(signed)
        return raw.hex() if self.encoding == "hex" else base64.b64encode(raw).decode()

    def fits(self, given: str, values: Values) -> bool:
        """Whether `given` is it. Takes as long whatever is wrong."""
        wanted = self.of(values)
        if self.encoding == "hex":
            given = given.lower()
        return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())

    def _digest(self, signed: bytes) -> bytes:
        name = self.digest.removeprefix("hmac-")
        if name != self.digest:
            return hmac.digest(self.key.encode(), signed, name)
        return hashlib.new(name, signed, usedforsecurity=False).digest()
