"""VAO and RA: read strictly, since "vao" and "ra" are words of every other sentence. 1234566 and 7654325 are codes."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.check_digit import is_checked, with_check_digit
from core.conversation.parsers import command
from core.conversation.parsers.command import Command
from core.conversation.parsers.visit import Direction, Fault, Said, is_mobile, parse
from core.conversation.understanding import Understood

IN, OUT = Direction.IN, Direction.OUT
CODE = "1234566"


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("VAO 1234566", IN),
        ("vào 1234566", IN),
        ("Vao1234566", IN),
        ("VAO: 123 4566", IN),
        ("vao 123.4566.", IN),
        ("VAO 1-234-566", IN),
        ("VAO 12 34 56 6", IN),
        ("vao cho 1234566", IN),
        ("vào chợ 1234566", IN),
        ("vào cổng mã số 1234566", IN),
        ("check in 1234566", IN),
        ("check-in 1234566", IN),
        ("enter 1234566", IN),
        ("đến 1234566", IN),
        ("in 1234566", IN),
        ("<VAO> [1234566]", IN),
        ("VAO dau cach 1234566", IN),
        ("RA 1234566", OUT),
        ("ra khoi 1234566", OUT),
        ("ra về 1234566", OUT),
        ("check out 1234566", OUT),
        ("ve 1234566", OUT),
        ("VAO 1234566 nhé", IN),
        ("RA 1234566 cam on", OUT),
    ],
)
def test_a_code_behind_the_word_is_a_visit(text: str, way: Direction) -> None:
    assert parse(text) == Said(way, CODE)
    assert isinstance(command.parse(text), Understood)


@pytest.mark.parametrize("text", ["da em vao 1234566", "toi muon vao cho 1234566", "me vao 1234566", "em ra 1234566"])
def test_who_is_named_in_front_may_be_somebody_else(text: str) -> None:
    said = parse(text)

    assert said
    assert (said.code, said.fault, said.plain) == (CODE, None, False)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("VAO 1234566 38,2 ho", "38,2 ho"),
        ("VAO 1234566, kho tho", "kho tho"),
        ("ra 1234566 375", "375"),
        ("VAO 1234566 cho me toi", "cho me toi"),
    ],
)
def test_what_is_said_behind_it_is_kept(text: str, rest: str) -> None:
    said = parse(text)

    assert said
    assert (said.code, said.rest, said.plain, said.phone) == (CODE, rest, False, "")


@pytest.mark.parametrize(
    "text",
    [
        "VAO 1234566 0900000013",
        "vao 123 4566 0900 000 013",
        "VAO 1234566, 0900.000.013",
        "VAO 1234566 +84 900 000 013",
        "VAO 1234566 cho 0900000013",
        "VAO 1234566 sdt: 84900000013",
    ],
)
def test_a_guard_names_a_phone(text: str) -> None:
    assert parse(text) == Said(IN, CODE, "+84900000013", plain=False)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("VAO", Fault.NO_CODE),
        ("vào ạ", Fault.NO_CODE),
        ("em ra", Fault.NO_CODE),
        ("VAO 0900000013", Fault.NO_CODE),
        ("VAO 1234567", Fault.CHECK),
        ("vao 1235466", Fault.CHECK),
        ("VAO 0123456", Fault.CHECK),
        ("VAO 123456", Fault.LENGTH),
        ("VAO 123 456", Fault.LENGTH),
        ("VAO 12345678", Fault.LENGTH),
        ("VAO 123456 0900000013", Fault.LENGTH),
        ("VAO 123456 38,2 ho", Fault.LENGTH),
        ("VAO 1234566 02143800115", Fault.PHONE),
        ("VAO 1234566 09000000", Fault.PHONE),
        ("VAO 1234566 +86 138 0013 8000", Fault.PHONE),
        ("VAO 1234566 0900000013 0900000014", Fault.PHONE),
    ],
)
def test_what_is_meant_as_a_visit_and_is_none_says_why(text: str, fault: Fault) -> None:
    said = parse(text)

    assert said
    assert (said.fault, said.phone) == (fault, "")


@pytest.mark.parametrize(
    "text",
    [
        *("", "1234566", "ra mo hoi", "vao vien hom qua", "ra vien 1234566", "vao luc 8h", "vao 10 gio", "ra 2 lan"),
        *("vao 15.8.2021", "vao 15 8 2021", "vao 2021-8-15", "vao 15.8.21", "vao 2021", "vao 1234", "Ra Lan"),
        *("check in", "checkin", "den", "ve", "den 1234567", "den 1234566 sot", "toi den 1234567", "ve hom 1234566"),
        *("vao 20.000.000", "khong vao 1234566", "bao giờ ra 1234566", "vảo 1234566", "SK 38,2 ho", "0900000013"),
        "toi vua vao cho mua it do xong thi thay met",
    ],
)
def test_everything_else_is_something_else(text: str) -> None:
    assert parse(text) is None
    said = command.parse(text)
    assert not (isinstance(said, Understood) and said.value is Command.VISIT)


WORDS = st.sampled_from(["VAO", "vao", "Vào", "RA", "ra", "check in", "vào chợ", "check out"])
CODES = st.integers(100_000, 999_999).map(lambda number: with_check_digit(str(number)))


@given(WORDS, CODES, st.sets(st.integers(1, 6)), st.sampled_from([" ", "."]))
def test_spaces_and_dots_within_a_code_do_not_matter(word: str, code: str, cuts: set[int], mark: str) -> None:
    typed = "".join(f"{mark}{digit}" if place in cuts else digit for place, digit in enumerate(code))
    said = parse(f"{word} {typed}")

    sizes = [len(group) for group in typed.split(mark)]
    if len(sizes) == 3 and 4 in (sizes[0], sizes[2]) and sizes[1] <= 2:
        assert said is None or said.fault, "it may be a date"
    else:
        assert said
        assert (said.code, said.fault) == (code, None)


@given(WORDS, st.from_regex(r"[1-9][0-9]{6}", fullmatch=True))
def test_a_code_is_never_taken_without_its_check_digit(word: str, digits: str) -> None:
    said = parse(f"{word} {digits}")

    assert said
    assert (said.fault is None) == is_checked(digits)


@pytest.mark.parametrize("text", ["VÀO chợ 1234566", "Đến 1234566", "vào cổng 1234566 nhé"])
def test_letters_and_their_composition_do_not_matter(text: str) -> None:
    forms = (text, text.lower(), text.upper(), unicodedata.normalize("NFD", text))

    assert len({parse(form) for form in forms}) == 1


@pytest.mark.parametrize(
    ("address", "mobile"), [("+84900000001", True), ("+842143800115", False), ("+8613800138000", False), ("", False)]
)
def test_only_a_vietnamese_mobile_can_be_asked(address: str, mobile: bool) -> None:
    assert is_mobile(address) is mobile


@pytest.mark.parametrize(
    "text",
    [
        "VAO 0900000015 1234566",
        "RA 0900 000 015 123 4566",
        "vao 0900.000.015, 1234566",
        "VAO +84900000015 1234566",
    ],
)
def test_the_telephone_may_stand_before_the_code(text: str) -> None:
    way = OUT if text.startswith("RA") else IN
    assert parse(text) == Said(way, CODE, "+84900000015", plain=False)


def test_a_wrong_code_behind_the_telephone_is_told() -> None:
    assert parse("VAO 0900000015 1234567") == Said(IN, "1234567", "+84900000015", plain=False, fault=Fault.CHECK)
