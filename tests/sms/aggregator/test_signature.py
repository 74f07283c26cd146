"""Signatures against digests that md5sum and openssl made, and that are written out here."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from sms.aggregator.signature import Signature
from sms.aggregator.template import Template
from tests.contract.kits.aggregator import example
from tests.sms.aggregator.desk import one

ESMS_KEY = "17417a0d20114d36a902e49cad0e97f3"  # the made-up key of their document
VCOM_KEY = "5fdc57e97198o1"  # likewise


def signature(folder: Path, name: str, **secrets: str) -> Signature:
    """That of the shipped example."""
    inbound = one(folder, example(name), secrets).provider.inbound
    assert inbound is not None
    assert inbound.hook.guard.signature is not None
    return inbound.hook.guard.signature


def test_esms_signs_with_md5_in_hex(tmp_path: Path) -> None:
    """Their document: hash("abcdef", "1234", "xyz") = MD5("abcdef1234xyz17417a0d20114d36a902e49cad0e97f3")."""
    made = signature(
        tmp_path, "esms", ESMS_API_KEY="a", ESMS_SECRET_KEY="b", ESMS_PRIVATE_KEY="c", ESMS_CALLBACK_TOKEN="d"
    )
    theirs = {"cpid": "abcdef", "smsid": "1234", "content": "xyz", "secret.private_key": ESMS_KEY}
    assert made.of(theirs) == "3bce677365c1c8e8539bc6bcb76ad828"
    assert hashlib.md5(b"abcdef1234xyz17417a0d20114d36a902e49cad0e97f3").hexdigest() == made.of(theirs)
    assert made.fits("3BCE677365C1C8E8539BC6BCB76AD828", theirs)
    said = theirs | {"content": "KHAI toi bị sốt", "receiverTime": "20261121130101"}
    assert made.of(said) == "de881e15608c7e782e85d6638051029d"


def test_vcom_signs_with_sha256_in_base64(tmp_path: Path) -> None:
    made = signature(tmp_path, "vcom", VCOM_CLIENT_ID="demo", VCOM_SECURE_KEY=VCOM_KEY)
    theirs = {
        "client_id": "demo",
        "request_id": "1297875832",
        "phone": "84900000001",
        "secret.secure_key": VCOM_KEY,
        "time": "1795245781",
    }
    literal = b"demo1297875832849000000015fdc57e97198o11795245781"
    assert made.of(theirs) == "mOdP16HENPE8BTk67AyihMGKFLwDIPIU9SJqJxTqhXo="
    assert base64.b64encode(hashlib.sha256(literal).digest()).decode() == made.of(theirs)
    assert not made.fits("modp16henpe8btk67ayihmgkflwdipiu9sjqjxtqhxo=", theirs)


def test_vcom_wants_our_replies_signed_too(tmp_path: Path) -> None:
    made = one(
        tmp_path, example("vcom"), {"VCOM_CLIENT_ID": "demo", "VCOM_SECURE_KEY": VCOM_KEY}
    ).provider.send.signature
    assert made is not None
    ours = {
        "secret.client_id": "demo",
        "reply_to": "1297875832",
        "id": "01a1ff6a-f4ac-7405-8588-e566a651fee6",
        "secret.secure_key": VCOM_KEY,
        "time": "1795245781",
    }
    assert made.of(ours) == "zemW2HsbVHd/BQdQeW3RmbzbUXziiwRTlmHyKTyT7cc="


@pytest.mark.parametrize(
    ("digest", "encoding", "expected"),
    [
        ("hmac-sha256", "hex", "88a67f24bbcdaed0e6c997404bb79a743baf44c6bab2f4c27328e3009d22e342"),
        ("hmac-sha1", "base64", "tVV6S488wwjRnrT2nzNjkqMe73s="),
        ("hmac-md5", "hex", "2177cc8b8d24a28cd536621dd0355a1c"),
        ("sha1", "hex", hashlib.sha1(b'{"a":1}').hexdigest()),
        ("sha512", "base64", base64.b64encode(hashlib.sha512(b'{"a":1}').digest()).decode()),
    ],
)
def test_every_digest_and_encoding(digest: str, encoding: str, expected: str) -> None:
    made = Signature(Template("{request.body}"), digest, encoding, "key" if digest.startswith("hmac") else "")
    assert made.of({"request.body": '{"a":1}'}) == expected
    assert made.fits(expected, {"request.body": '{"a":1}'})
    assert not made.fits(expected, {"request.body": '{"a":2}'})
    assert not made.fits("", {"request.body": '{"a":1}'})
    assert not made.fits("ký", {"request.body": '{"a":1}'})


def test_a_key_is_not_shown() -> None:
    assert "hidden" not in repr(Signature(Template("{a}"), "hmac-sha256", key="hidden"))
