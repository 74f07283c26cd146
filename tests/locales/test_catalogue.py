"""The catalogues say everything, in one SMS part where that is promised."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from core.conversation.form import Form, Kind
from core.conversation.messages import Degrees, Listed, Param, Say, Term
from core.conversation.wording import numbered, word, word_choices
from core.forms.budget import LONGEST
from core.forms.load import load_all
from core.forms.texts import FACTS, placeholders
from core.places.admin import load as load_places
from core.places.units import UnitType, units
from core.words import languages, load_words
from sms.text import measure, unaccent

ROOT = Path(__file__).parents[2]
LOCALES = ROOT / "locales"
OTHERS = languages()[1:]

SAID: Mapping[str, Param] = {
    **LONGEST,
    "phone": "0214 3800 115",
    "code": "412 738 605",
    "minutes": 240,
    "echo": Listed((Say("{t} độ", {"t": Degrees(38.5)}), Term("ho"), Term("khó thở"))),
    "signs": Listed((Term("khó thở"), Term("tím môi"))),
    "sign": Term("mất vị giác hoặc khứu giác"),
    "people": Listed(("A Mẩy", "B Chung", "C Nguyệt")),
    "who": "Phương Thảo",
    "first": "A",
    "last": "20",
    "second": "B",
    "hours": "7, 12, 17",
    "until": "31/12/2026",
    "start": "31/12/2026",
    "end": "31/12/2026",
    "when": "08:15 21/11",
    "left": 14,
    "t": Degrees(37.5),
    "n": 12,
    "label": Term("Nhiệt độ"),
    "said": Term("không có dấu hiệu"),
    "venue": "Bệnh viện Đa khoa tỉnh Lào Cai, cơ sở 2",
    "number": "1234566",
    "word": "VAO",
    "other": "0900 000 001",
    "kept": 30,
    "day": "31/12",
    "upper": 140,
    "lower": 90,
    "detail": "Hà Nội",
    "place": Term("phường Văn Miếu - Quốc Tử Giám"),
    "example": Term("phường Văn Miếu - Quốc Tử Giám"),
    "score": "100/100",
    "band": Term("Được đón khách, còn thiếu"),
    "advice": Term("Xin bổ sung điều còn thiếu."),
    "again": "31/12/2026",
    "home": "nhà ông Nguyễn Văn Hoàng",
    "homes": 30,
    "silent": 12,
    "nurse": 3,
    "letter": "C",
    "volunteer": "Nguyễn Thị Phương Thảo",
    "person": "Phương Thảo",
    "items": "...",
    "hint": "...",
    "urgency": Term("NGUY HIỂM"),
    "result": Term("đã gặp, không có gì nặng"),
    "why": Listed((Term("khó thở"), Term("tím môi"))),
    "done": "18.812",
    "of": "20.000",
    "percent": "94",
    "share": "95",
    "organisation": "Trường THPT số 1 Bát Xát (bịa)",
}
"""Every parameter that a text to people may name, as long as it usually gets."""

HINT = "{hint}"
BY_NUMBER = "Xin trả lời bằng số, ví dụ 1 2. Không có gì thì viết KHONG."
LONGER = 1
"""Parts for the last attempt to be understood, with a long hint, at the station with the longest name."""


def read(path: Path) -> Catalog:
    return read_po(BytesIO(path.read_bytes()))


def messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def source(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def forms(message: Message) -> tuple[str, ...]:
    """The translation; each of its plural forms if it counts."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


TEMPLATE = messages(read(LOCALES / "khaibao.pot"))
SPOKEN = [m for m in TEMPLATE if any(file.startswith("core/") for file, _ in m.locations)]
TRANSLATED = {language: read(LOCALES / language / "LC_MESSAGES" / "khaibao.po") for language in OTHERS}


def each_is_right(texts: Iterable[Message], check: Callable[[Message], None]) -> None:
    """One test for thousands of texts: a test each took longer to run than to check. All that are wrong are named."""
    wrong = []
    for message in texts:
        try:
            check(message)
        except AssertionError as why:
            wrong.append(f"{source(message)!r}: {why or 'wrong'}")
    assert not wrong, "\n".join(wrong)


def test_the_template_holds_what_the_program_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    target = tmp_path / "now.pot"
    command = ["pybabel", "-q", "extract", "-F", "locales/babel.cfg", "-k", "N_", "-o", str(target), "."]
    CommandLineInterface().run(command)  # type: ignore[no-untyped-call]
    assert {m.id for m in TEMPLATE} == {m.id for m in messages(read(target))}, "run the commands of locales/README.md"


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_holds_what_the_template_holds(language: str) -> None:
    catalogue = TRANSLATED[language]
    assert {m.id for m in messages(catalogue)} == {m.id for m in TEMPLATE}
    assert not catalogue.obsolete


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated(language: str) -> None:
    catalogue = TRANSLATED[language]

    def check(message: Message) -> None:
        assert all(forms(message))
        assert not message.fuzzy
        assert not list(message.check(catalogue))

    each_is_right(messages(catalogue), check)


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_fills_in_what_the_source_does(language: str) -> None:
    def check(message: Message) -> None:
        named = placeholders(source(message))
        for said in forms(message):
            assert placeholders(said) <= named
            assert named - placeholders(said) <= {"you", "You"}, "only the form of address may be left out"

    each_is_right(messages(TRANSLATED[language]), check)


def test_every_placeholder_is_known() -> None:
    def check(message: Message) -> None:
        assert placeholders(source(message)) <= {*SAID, *FACTS, "Place"}, "add it to SAID, at its longest"

    each_is_right(SPOKEN, check)


def test_the_longest_station_is_the_longest() -> None:
    stations = (unit for unit in units(load_places()) if unit.type is UnitType.COMMUNE_STATION)
    assert max(len(unit.short_name) for unit in stations) == len(str(LONGEST["unit"]))


def filled(text: str) -> Iterator[Say]:
    """The text at its longest; with each hint that it may carry."""
    hints = {q.hint for form in load_all().values() for q in form.questions} if HINT in text else {"..."}
    yield from (Say(text, {**SAID, "hint": Say(hint, SAID)}) for hint in hints)


def allowed(text: str) -> int:
    return LONGER if {"unit", "hint"} <= placeholders(text) else 1


@pytest.mark.parametrize("language", languages())
def test_every_text_keeps_to_its_parts(language: str) -> None:
    def check(message: Message) -> None:
        for say in filled(source(message)):
            said = unaccent(word(say, load_words(language)))
            cost = measure(said)
            assert cost.encoding == "GSM-7", said
            assert cost.parts <= allowed(say.text), f"{cost.units} septets: {said}"

    each_is_right(SPOKEN, check)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("form", load_all().values(), ids=load_all().keys())
def test_signs_by_number_keep_to_one_part(form: Form, language: str) -> None:
    assert BY_NUMBER in map(source, SPOKEN)
    words = load_words(language)
    for question in form.questions:
        if question.kind is Kind.SIGNS:
            said = word(Say(BY_NUMBER, SAID), words) + numbered(word_choices(question.choices, words))
            assert measure(unaccent(said)).parts == 1, said
