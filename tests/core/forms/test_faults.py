"""Each thing that may be wrong with a form that loads, by a form that is broken just so."""

from __future__ import annotations

from dataclasses import replace
from gettext import NullTranslations

import pytest

from core.conversation.form import Form, Kind
from core.forms.budget import Parts
from core.forms.check import check, check_all
from core.forms.examples import Reader, examples
from core.forms.load import load
from core.words import Catalogue, load_words
from tests.core.forms.conftest import FORM, SHOP, TAKING

VI = load_words("vi")
TRIP = TAKING[: TAKING.index('[[question]]\nfrom = "visit"')]
"""A form about a person, with a summary and one question."""

BEGUN = TRIP.replace('about = "person"', 'about = "person"\nbegin = ["DI LAI"]')
VALUE = {"good": "tốt", "fair": "tạm được"}


def broken(form: str, old: str, new: str) -> Form:
    assert form.count(old) == 1, "the part to break must be there once"
    return load(form.replace(old, new), "x.toml")


def faults(form: Form, parts: Parts, reader: Reader) -> list[str]:
    return [str(fault) for fault in check(form, parts, [VI], reader)]


@pytest.mark.parametrize("form", [FORM, SHOP, BEGUN], ids=["visit", "shop", "trip"])
def test_there_is_nothing_to_find(form: str, parts: Parts, reader: Reader) -> None:
    assert faults(load(form, "x.toml"), parts, reader) == []


MISSING = [
    (TRIP, "Chuyến nào?", "Đâu?", "trip.begin: missing: nothing begins this form. Say with which words people do"),
    (
        BEGUN,
        'label = "Chuyến"\n',
        "",
        "trip.flight.label: missing: the summary leaves this answer out. Name it in a word or two",
    ),
    (
        BEGUN,
        "Chuyến nào?",
        "{You} đi chuyến nào?",
        "trip.flight.behalf_text: missing: 'text' speaks to {you}, and the form may be for another",
    ),
    (
        SHOP,
        SHOP[SHOP.index("[receipt]") : SHOP.index("[score]")],
        "",
        "shop.score: nobody hears the result: add a [receipt] with {band} and {advice}",
    ),
    (SHOP, "{score}: {band}. ", "{score}. ", "shop.receipt.text: nobody hears the result: say {band}"),
    (
        SHOP,
        SHOP[SHOP.index("[score]") : SHOP.index("[call]")],
        "",
        "shop.receipt.text: says {advice}, and nothing is judged: add a [score], or take it out",
    ),
    (
        SHOP,
        "Đã nhận, mã {code}. {unit}",
        "{name}: {unit}",
        "shop.receipt.worry: says {name}, and no question asks for it: take it out",
    ),
    (
        BEGUN,
        'kind = "text"',
        'kind = "gate"',
        "trip.legal.basis: people declare at a gate because they must: make it a duty, with its document",
    ),
    (SHOP, 'kind = "report"', 'kind = "rapport"', "shop.call.kind: there is no alert 'rapport': use one of danger, "),
]


@pytest.mark.parametrize(("form", "old", "new", "says"), MISSING)
def test_what_is_missing(form: str, old: str, new: str, says: str, parts: Parts, reader: Reader) -> None:
    found = faults(broken(form, old, new), parts, Reader(frozenset(reader.kinds) - {Kind.GATE}, reader.read))
    found = [fault for fault in found if "nothing reads" not in fault]
    assert [fault[: len(says)] for fault in found] == [says]


@pytest.mark.parametrize(
    ("form", "old", "new"),
    [
        (FORM, 'text = "Vì sao?"', 'text = "{You} đến vì sao?"\nbehalf_text = "Vì sao?"'),
        (SHOP, "Có đông người không?", "{You} thấy đông người không?"),
        (BEGUN, '"Chuyến nào?"', '"{You} là gì của người đó?"\nwhen = { on_behalf = [true] }'),
    ],
    ids=["they are there", "nobody else's form", "asked of the writer only"],
)
def test_words_for_another_are_not_always_missing(form: str, old: str, new: str, parts: Parts, reader: Reader) -> None:
    assert faults(broken(form, old, new), parts, reader) == []


def test_a_detail_needs_no_label(parts: Parts, reader: Reader) -> None:
    text = FORM.replace("summary = false", "summary = true").replace('kind = "choice"', 'kind = "choice"\nlabel = "Vì"')
    assert faults(load(text, "x"), parts, reader) == [
        "visit.people.label: missing: the summary leaves this answer out. Name it in a word or two"
    ]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "ví dụ 3.",
            "ví dụ: nhieu.",
            "visit.people.hint: the example 'nhieu' in 'vi' is not understood here: change it",
        ),
        ("ví dụ 3.", "ví dụ 51.", "visit.people.hint: the example '51' in 'vi' is not understood here: change it"),
        (
            "CO hoặc KHONG",
            "CHAC CO",
            "visit.inside.hint: the example 'CHAC CO' in 'vi' is not understood here: change it",
        ),
        (
            "Vì sao?",
            "Vì sao? Ví dụ: choi.",
            "visit.why.text: the example 'choi' in 'vi' is not understood here: change it",
        ),
        ("Ví dụ: cho.", "Ví dụ: GOI.", "visit.place.hint: the example 'GOI' in 'vi' is not understood here: change it"),
        ("1 hoặc 2.", "1, 2 hoặc 3.", "visit.why.hint: the example '3' in 'vi' is not understood here: change it"),
    ],
)
def test_an_example_that_is_not_understood(old: str, new: str, says: str, parts: Parts, reader: Reader) -> None:
    assert says in faults(broken(FORM, old, new), parts, reader)


@pytest.mark.parametrize(
    ("old", "new"),
    [("Ví dụ: cho.", "Xin viết rõ."), ("ví dụ 3.", "từ 1 đến 50."), ("Xin viết số, ví dụ 3.", "Xin nhắn GOI.")],
)
def test_a_hint_without_an_example(old: str, new: str, parts: Parts, reader: Reader) -> None:
    (fault,) = faults(broken(FORM, old, new), parts, reader)
    assert fault.endswith(".hint: has no example in 'vi': add one, as people would write it")


def test_a_command_beside_the_answers_is_no_fault(parts: Parts, reader: Reader) -> None:
    text = "Xin viết số, ví dụ 3. Cần giúp thì nhắn GOI."
    assert faults(broken(FORM, "Xin viết số, ví dụ 3.", text), parts, reader) == []


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("vi", "Ví dụ 36,8. Không đo được thì viết KHONG.", {"36,8", "KHONG"}),
        ("vi", "Ví dụ: so 5 duong Hoang Lien, hoặc: thon Na Ang.", {"so 5 duong Hoang Lien", "thon Na Ang"}),
        ("vi", "Viết năm sinh, ví dụ 1948, hoặc số tuổi, ví dụ 78 tuoi.", {"1948", "78 tuoi"}),
        ("vi", "Xin trả lời 1, 2 hoặc 3.", {"1", "2", "3"}),
        ("vi", "Có thì viết CO và nơi đến, ví dụ: CO, HA NOI.", {"CO", "CO, HA NOI"}),
        ("vi", "Xin viết 12 số của thẻ (ví dụ: 001148000001).", {"001148000001"}),
        ("vi", "Nhắn SUA 4 để sửa. Khẩn cấp gọi 115.", {"SUA 4"}),
        ("vi", "Xin viết họ tên.", set()),
        ("en", "Write degrees, e.g. 36.8. If not measured, write NO.", {"36.8", "NO"}),
        ("en", "For example: so 5 duong Hoang Lien, or: thon Na Ang.", {"so 5 duong Hoang Lien", "thon Na Ang"}),
        ("en", "Please answer 1, 2 or 3.", {"1", "2", "3"}),
    ],
)
def test_where_examples_stand(language: str, text: str, found: set[str]) -> None:
    assert {example.text for example in examples(text, language)} == found


def test_a_language_whose_examples_cannot_be_found(parts: Parts, reader: Reader) -> None:
    km = Catalogue("km", NullTranslations(), {})
    assert "visit: examples in 'km' cannot be found: add its words for them to core/forms/examples.py" in [
        str(fault) for fault in check(load(FORM, "x"), parts, [VI, km], reader)
    ]


def test_a_kind_that_nothing_reads(parts: Parts, reader: Reader) -> None:
    deaf = Reader(frozenset(reader.kinds) - {Kind.NUMBER}, reader.read)
    assert faults(load(FORM, "x"), parts, deaf) == [
        "visit.people.kind: nothing reads a reply of kind number: add its reader to core/conversation/answers.py"
    ]


@pytest.mark.parametrize(
    ("phrase", "means"),
    [
        ("SK", "is the command checkin"),
        ("GỌI", "is the command human"),
        ("STOP", "is the command stop"),
        ("xem lại", "is the command status"),
        ("OK", "is understood as a yes or a no"),
        ("Không", "is understood as a yes or a no"),
        ("ho", "is understood as signs or a temperature"),
        ("37,5", "is understood as signs or a temperature"),
        ("tím môi", "is understood as"),
        ("ĐẾN", "is understood as an answer"),
        ("!?", "has no word that can be typed"),
    ],
)
def test_words_that_mean_something_else(phrase: str, means: str, parts: Parts, reader: Reader) -> None:
    (fault,) = faults(broken(SHOP, '"TU DANH GIA"', f'"{phrase}"'), parts, reader)
    assert fault.startswith(f"shop.begin.2: {phrase!r} {means}")
    assert fault.endswith(": take other words")


@pytest.mark.parametrize("phrase", ["KHAI RUI RO", "PHAN ANH", "NHAP CANH"])
def test_words_that_may_begin_a_form(phrase: str, parts: Parts, reader: Reader) -> None:
    assert faults(broken(SHOP, "TU DANH GIA", phrase), parts, reader) == []


def test_words_that_are_there_twice(parts: Parts, reader: Reader) -> None:
    assert faults(broken(SHOP, "TU DANH GIA", "An toàn cửa hàng"), parts, reader) == [
        "shop.begin.2: 'An toàn cửa hàng' is there twice, accents aside: remove one"
    ]


@pytest.mark.parametrize(
    ("old", "new", "band"),
    [
        ("at = 4", "at = 6", "good"),  # five is the most
        ("at = 4", "at = 2", "fair"),  # with all critical items it is good already from two
        ("at = 2", "at = 0", "poor"),
        ("at = 4\ndays = 30\nwhole = true", "at = 2\ndays = 30", "fair"),
    ],
)
def test_a_band_that_is_never_the_result(old: str, new: str, band: str, parts: Parts, reader: Reader) -> None:
    found = faults(broken(SHOP, old, new), parts, reader)
    says = f"the band {band!r} is never the result: correct 'at', or the order (the best first)"
    assert (found == []) if (old, new) == ("at = 4", "at = 2") else [f.split(": ", 1)[1] for f in found][:1] == [says]


def test_bands_of_risks_go_the_other_way(parts: Parts, reader: Reader) -> None:
    fewer = SHOP.replace('by = "points"', 'by = "points"\nfewer = true').replace("whole = true\n", "")
    (fault,) = faults(load(fewer, "x"), parts, reader)
    assert fault.startswith("shop.score.band.2: the band 'fair' is never the result")
    swapped = fewer.replace("at = 4", "at = 1").replace("at = 2", "at = 4")
    assert faults(load(swapped, "x"), parts, reader) == []


def test_two_bands_of_one_value(parts: Parts, reader: Reader) -> None:
    assert faults(broken(SHOP, 'value = "fair"', 'value = "good"'), parts, reader) == [
        "shop.score.band.2.value: the value 'good' is there twice: rename one"
    ]


def test_a_whole_band_without_critical_items(parts: Parts, reader: Reader) -> None:
    assert faults(broken(SHOP, 'critical = ["masks"]\n', ""), parts, reader) == [
        "shop.score: a band is 'whole', and no item is critical: name the items in 'critical'"
    ]


@pytest.mark.parametrize("condition", ["when = { masks = [true] }", 'any_of = ["masks", "air"]'])
def test_an_item_that_is_not_always_asked(condition: str, parts: Parts, reader: Reader) -> None:
    found = faults(load(f"{SHOP}{condition}\n", "x"), parts, reader)
    assert found == ["shop.crowd.when: counts in the score, also when it is not asked: ask it always"]


def test_two_forms_of_one_title(parts: Parts, reader: Reader) -> None:
    shop = load(SHOP, "x")
    other = replace(shop, key="market", title="AN TOÀN cua hang")
    assert [str(fault) for fault in check_all([shop, other], parts, [VI], reader)] == [
        "market.title: 'AN TOÀN cua hang' in 'vi' is the title of 'shop' too: rename one"
    ]


def test_two_titles_that_are_one_in_another_language(parts: Parts, reader: Reader) -> None:
    shop = load(SHOP, "x")
    other = replace(shop, key="market", title="An toàn chợ")
    en = Catalogue("en", NullTranslations(), {shop.title: "Shop", other.title: "Shop"})
    found = [str(fault) for fault in check_all([shop, other], parts, [VI, en], reader)]
    assert "market.title: 'Shop' in 'en' is the title of 'shop' too: rename one" in found


@pytest.mark.parametrize(("length", "fits"), [(66, True), (67, False)])
def test_titles_that_do_not_fit_behind_the_question_which(
    length: int, fits: bool, parts: Parts, reader: Reader
) -> None:
    one, two = (replace(load(SHOP, "x"), key=key, title=key[0] * length) for key in ("shop", "market"))
    found = [str(fault) for fault in check_all([one, two], parts, [VI], reader)]
    assert (found == []) is fits
    assert all("begins 2 forms, and to ask which takes 2 SMS parts in 'vi': shorten titles" in each for each in found)
