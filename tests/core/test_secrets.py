"""Secrets are kept encrypted, and a key can be replaced without losing what the old one wrote."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from core.secrets import SealedError, Vault

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))


def test_it_opens_what_it_closed() -> None:
    stored = Vault([OLD]).encrypt("whsec_abc")
    assert b"whsec" not in stored
    assert Vault([OLD]).decrypt(stored) == "whsec_abc"


def test_a_new_key_in_front_still_opens_the_old() -> None:
    vault = Vault([NEW, OLD])
    assert vault.decrypt(Vault([OLD]).encrypt("a")) == "a"
    assert Vault([NEW]).decrypt(vault.encrypt("b")) == "b"


def test_without_its_key_it_stays_closed() -> None:
    with pytest.raises(SealedError):
        Vault([OTHER]).decrypt(Vault([OLD]).encrypt("a"))


@pytest.mark.parametrize("keys", [[], ["short"]])
def test_it_refuses_to_start_without_good_keys(keys: list[str]) -> None:
    with pytest.raises(ValueError):
        Vault(keys)
