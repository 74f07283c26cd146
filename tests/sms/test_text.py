from __future__ import annotations

import unicodedata

import pytest
import smsutil  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from sms.text import Encoding, Parts, measure, split, unaccent

GSM = "aA1 é@_\n|^€{}[]~\\\f"
VIETNAMESE = "ăâđêôơưáàảãạằẳệộ"
PLAIN = st.text(alphabet=GSM, min_size=1, max_size=400)
MIXED = st.text(alphabet=GSM + VIETNAMESE + "🙂😷", min_size=1, max_size=250)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Parts("GSM-7", 0, 1)),
        ("a" * 160, Parts("GSM-7", 160, 1)),
        ("a" * 161, Parts("GSM-7", 161, 2)),
        ("a" * 306, Parts("GSM-7", 306, 2)),
        ("a" * 307, Parts("GSM-7", 307, 3)),
        ("€" * 80, Parts("GSM-7", 160, 1)),
        ("{}" * 80, Parts("GSM-7", 320, 3)),
        ("ạ" * 70, Parts("UCS-2", 70, 1)),
        ("ạ" * 71, Parts("UCS-2", 71, 2)),
        ("ạ" * 135, Parts("UCS-2", 135, 3)),
        ("🙂" * 35, Parts("UCS-2", 70, 1)),
        ("🙂" * 36, Parts("UCS-2", 72, 2)),
        ("`", Parts("UCS-2", 1, 1)),
        ("a\x1bb", Parts("UCS-2", 3, 1)),
        ("\u2126", Parts("GSM-7", 1, 1)),
    ],
)
def test_it_counts_what_the_operator_charges(text: str, expected: Parts) -> None:
    assert measure(text) == expected


def test_it_composes_before_it_counts() -> None:
    written = "Đã nhận khai báo"
    assert measure(unicodedata.normalize("NFD", written)) == Parts("UCS-2", 16, 1)


def test_only_seven_accented_vietnamese_letters_are_in_the_default_alphabet() -> None:
    bases = {**dict.fromkeys("aăâeêioôơuưy", True), "đ": False}
    tones = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    lower = {unicodedata.normalize("NFC", b + t) for b, toned in bases.items() for t in tones if toned or not t}
    letters = {c for low in lower for c in (low, low.upper()) if not c.isascii()}
    assert len(letters) == 134
    assert {c for c in letters if measure(c).encoding == "GSM-7"} == set("àèéìòùÉ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Đã nhận khai báo", "Da nhan khai bao"),
        (unicodedata.normalize("NFD", "Không sốt, khó thở"), "Khong sot, kho tho"),
        ("ĐẶNG đường", "DANG duong"),
        ("37,5 °C", "37,5 °C"),
    ],
)
def test_it_takes_the_accents_off(text: str, expected: str) -> None:
    assert unaccent(text) == expected


def test_an_escape_pair_is_never_cut() -> None:
    first, second = split("a" * 152 + "€" + "b" * 100)
    assert (first, second) == ("a" * 152, "€" + "b" * 100)


def test_a_surrogate_pair_is_never_cut() -> None:
    first, second = split("ạ" * 66 + "🙂" + "b" * 10)
    assert (first, second) == ("ạ" * 66, "🙂" + "b" * 10)


@pytest.mark.parametrize("sign", ["q\u0323\u0301", "👩‍⚕️", "👍🏽", "🇻🇳", "☎️"])
def test_what_shows_as_one_sign_stays_together(sign: str) -> None:
    first, second = split("ạ" * 66 + sign + "b" * 70)[:2]
    assert first == "ạ" * 66
    assert second.startswith(sign)


def test_two_flags_are_two_signs() -> None:
    assert split("ạ" * 63 + "🇻🇳🇱🇦" + "b" * 10)[0] == "ạ" * 63 + "🇻🇳"


def test_a_cluster_longer_than_a_part_is_cut_all_the_same() -> None:
    endless = "q" + "\u0336" * 200
    assert "".join(split(endless)) == endless
    assert measure(endless) == Parts("UCS-2", 201, 3)


@settings(max_examples=150, deadline=None)
@given(st.one_of(PLAIN, MIXED))
def test_it_agrees_with_smsutil(text: str) -> None:
    theirs = smsutil.split(text)
    units = theirs.total_bytes if theirs.encoding == "gsm0338" else theirs.total_bytes // 2
    encoding: Encoding = "GSM-7" if theirs.encoding == "gsm0338" else "UCS-2"
    assert measure(text) == Parts(encoding, units, len(theirs.parts))
    assert list(split(text)) == [part.content for part in theirs.parts]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_parts_join_to_the_composed_text_and_fit(text: str) -> None:
    parts = split(text)
    encoding = measure(text).encoding
    room = {"GSM-7": 153, "UCS-2": 67}[encoding]
    assert "".join(parts) == unicodedata.normalize("NFC", text)
    assert len(parts) == 1 or all(_units(part, encoding) <= room for part in parts)


def _units(part: str, encoding: str) -> int:
    if encoding == "GSM-7":
        return sum(2 if c in "\f^{}\\[~]|€" else 1 for c in part)
    return len(part.encode("utf-16-be", "surrogatepass")) // 2
