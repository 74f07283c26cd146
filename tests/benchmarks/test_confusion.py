"""The confusion list finds what is wrong, and says what of it is dangerous."""

from __future__ import annotations

import pytest

from tests.benchmarks.confusion import Confusion, Read, confusions, harm, lines
from tests.benchmarks.understanding import reading

COUGH: dict[str, object] = {"temperature": 37.5, "symptoms": ["cough"]}
NO_SIGNS: dict[str, object] = {"temperature": 37.5, "symptoms": []}


@pytest.mark.parametrize(
    ("kind", "meant", "got", "dangerous"),
    [
        ("symptoms", ["cough"], [], "a sign lost, none read (cough)"),
        ("symptoms", ["cough", "fever"], ["cough"], "a sign lost, others read (fever)"),
        ("symptoms", [], ["cough"], ""),
        ("symptoms", ["cough"], None, ""),
        ("symptoms", None, [], "unclear read as sure"),
        ("checkin", COUGH, NO_SIGNS, "a sign lost, none read (cough)"),
        ("checkin", COUGH, {"temperature": 37.5, "symptoms": None}, "a sign lost, none read (cough)"),
        ("checkin", NO_SIGNS, COUGH, ""),
        ("yesno", False, True, "a no read as yes or back"),
        ("yesno", False, "back", "a no read as yes or back"),
        ("yesno", True, False, ""),
        ("yesno", False, None, ""),
        ("yesno", None, True, "unclear read as sure"),
        ("command", None, "stop", "unclear read as sure"),
        ("temperature", 37.5, 38.5, ""),
    ],
)
def test_harm_is_told_from_a_question_more(kind: str, meant: object, got: object, dangerous: str) -> None:
    assert harm(Read(kind, "-", meant, got)) == dangerous


def test_what_is_right_is_no_confusion() -> None:
    read = [Read("yesno", "co", True, True), Read("symptoms", "ho sot", ["cough", "fever"], ["fever", "cough"])]
    assert not confusions(read)


def test_each_confusion_is_counted_and_the_dangerous_ones_come_first() -> None:
    read = [
        *[Read("command", "?", "stop", "back")] * 3,
        Read("birth", "?", "1950", "1905"),
        Read("yesno", "khong", False, True),
        Read("yesno", "co", True, True),
    ]
    found = confusions(read)
    assert found == {
        Confusion("command", "stop", "back", ""): 3,
        Confusion("birth", "value", "other value", ""): 1,
        Confusion("yesno", "no", "yes", "a no read as yes or back"): 1,
    }
    assert [" ".join(line.split()) for line in lines(found)] == [
        "yesno no -> yes: 1 DANGEROUS: a no read as yes or back",
        "command stop -> back: 3",
        "birth value -> other value: 1",
    ]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [("yesno", "khong", False), ("yesno", "quay lai", "back"), ("command", "quay lai", "back")],
)
def test_a_reply_is_read_as_the_engine_would(kind: str, text: str, value: object) -> None:
    """Which asks whether it is the command "back" before it asks whether it is a no."""
    assert reading(kind, text) == value


def test_a_wrong_label_is_found() -> None:
    """Read by the parsers themselves, "khong" is no yes and "ho" is no health."""
    read = [Read(kind, text, meant, reading(kind, text)) for kind, text, meant in _MISLABELLED]
    assert len(confusions(read)) == len(_MISLABELLED)


_MISLABELLED: tuple[tuple[str, str, object], ...] = (
    ("yesno", "khong", True),
    ("symptoms", "ho", []),
    ("temperature", "37,5", 38.0),
    ("command", "stop", None),
)
