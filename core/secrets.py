"""Keeping secrets in the database: encrypted with DATA_KEY, so that a copy of the database signs nothing."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class SealedError(Exception):
    """What was stored opens with none of our keys. The message holds neither."""


class Vault:
    """Encrypts with the first key and decrypts with any: put a new DATA_KEY in front to rotate.

    `keys`: Fernet keys (32 bytes, url-safe base64). Raises ValueError on none or on a malformed one.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("a vault needs at least one key")
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def encrypt(self, text: str) -> bytes:
        """The bytes to store."""
        return self._fernet.encrypt(text.encode())

    def decrypt(self, stored: bytes) -> str:
        """What `encrypt` was given. Raises SealedError."""
        try:
            return self._fernet.decrypt(stored).decode()
        except InvalidToken:
            raise SealedError("stored under another DATA_KEY") from None
