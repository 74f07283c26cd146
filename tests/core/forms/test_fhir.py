"""A form as a FHIR R4 Questionnaire: what the standard asks of one, and what of ours must be found in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from core.conversation.form import VITALS, Form, Kind
from core.conversation.signs import SIGNS
from core.conversation.understanding import Choice
from core.forms.fhir import Publication, questionnaire
from core.forms.fhir_words import Json
from core.forms.load import load, load_all
from core.words import load_words
from tests.core.forms.conftest import FORM, SHOP, TAKING

WORDS = (load_words("vi"), load_words("en"))
PUBLICATION = Publication("https://example.org/fhir", "draft", date(2026, 11, 2), WORDS, 14)
VISIT, SHOP_FORM = load(FORM, "visit.toml"), load(SHOP, "shop.toml")
FORMS = [*load_all().values(), VISIT, SHOP_FORM, load(TAKING, "trip.toml", {"visit": VISIT})]

TYPES = {"group", "display", "boolean", "decimal", "integer", "date", "string", "text", "choice", "open-choice"}
BEHIND_NO_QUESTION = {"legal", "on_behalf", "score", "band"}
"""What has an item and is no question of the form."""


def published(form: Form) -> Json:
    return questionnaire(form, PUBLICATION)


def flat(items: list[Json]) -> Iterator[Json]:
    """All items, each before those within it: the order in which people meet them."""
    for item in items:
        yield item
        yield from flat(item.get("item", []))


def item(form: Form, link: str) -> Json:
    """The one item of that linkId."""
    (found,) = (each for each in flat(published(form)["item"]) if each["linkId"] == link)
    return found


def coded(form: Form, link: str) -> list[tuple[str, str]]:
    return [(code["system"], code["code"]) for code in item(form, link).get("code", [])]


def bounds(form: Form, link: str) -> dict[str, object]:
    """The values of its extensions, by the last step of their url."""
    extensions = item(form, link)["extension"]
    return {e["url"].rsplit("/", 1)[1]: next(v for k, v in e.items() if k != "url") for e in extensions}


@pytest.fixture(params=FORMS, ids=lambda form: form.key)
def form(request: pytest.FixtureRequest) -> Form:
    chosen: Form = request.param
    return chosen


def test_it_says_what_it_is() -> None:
    made = published(SHOP_FORM)
    assert {key: made[key] for key in made if key not in ("item", "_title")} == {
        "resourceType": "Questionnaire",
        "language": "vi",
        "url": "https://example.org/fhir/Questionnaire/shop",
        "identifier": [{"system": "https://example.org/fhir/NamingSystem/form-hash", "value": SHOP_FORM.hash}],
        "version": "1",
        "name": "Shop",
        "title": "An toàn cửa hàng",
        "status": "draft",
        "date": "2026-11-02",
        "purpose": "duty: Luật 114/2025/QH15",
    }


def test_without_a_place_on_the_web_it_is_named_all_the_same() -> None:
    made = questionnaire(VISIT, Publication("urn:khaibao", "active", date(2026, 1, 1), WORDS, 14))
    assert (made["url"], made["status"]) == ("urn:khaibao:Questionnaire:visit", "active")


def test_its_name_is_one_that_programs_take(form: Form) -> None:
    assert re.fullmatch(r"[A-Z][A-Za-z0-9_]{0,254}", published(form)["name"])  # que-0


def test_every_key_of_an_answer_is_a_link_once(form: Form) -> None:
    links = [each["linkId"] for each in flat(published(form)["item"])]
    assert len(links) == len(set(links))  # que-2
    wanted = {key for question in form.questions for key in (question.key, *question.owned())}
    assert wanted | set(form.assumed) <= set(links)


def test_there_is_nothing_beside_its_questions(form: Form) -> None:
    known = {key for question in form.questions for key in (question.key, *question.owned())}
    known |= {f"{question.key}_gone" for question in form.questions if question.kind is Kind.SIGNS}
    links = {each["linkId"] for each in flat(published(form)["item"]) if "." not in each["linkId"]}
    assert links - known - set(form.assumed) - BEHIND_NO_QUESTION <= {"temperature"}


def test_a_condition_names_what_stands_before_it(form: Form) -> None:
    seen: dict[str, str] = {}
    for each in flat(published(form)["item"]):
        for condition in each.get("enableWhen", []):
            assert condition["operator"] == "="
            (answer,) = condition.keys() - {"question", "operator"}
            assert (seen[condition["question"]], answer) in {
                ("boolean", "answerBoolean"),
                ("choice", "answerCoding"),
                ("decimal", "answerDecimal"),
                ("text", "answerString"),
            }
        assert ("enableWhen" in each) == ("enableBehavior" in each)  # que-12
        seen[each["linkId"]] = each["type"]


def test_each_item_is_of_a_type_that_may_have_what_it_has(form: Form) -> None:
    for each in flat(published(form)["item"]):
        assert each["type"] in TYPES
        assert ("item" in each) or each["type"] != "group"  # que-1
        if each["type"] == "display":
            assert not each.keys() & {"item", "code", "required", "repeats", "readOnly"}  # que-1, 3, 6, 9
        assert "answerOption" not in each or each["type"] == "choice"
        assert not ("answerOption" in each and "initial" in each)  # que-11


def said(form: Form) -> Iterator[tuple[str, Json]]:
    """Every text to people, and its element with the translations."""
    made = published(form)
    yield made["title"], made["_title"]
    for each in flat(made["item"]):
        if "text" in each:
            yield each["text"], each["_text"]
        for option in each.get("answerOption", []):
            yield option["valueCoding"]["display"], option["valueCoding"]["_display"]


@pytest.mark.parametrize("form", load_all().values(), ids=load_all().keys(), indirect=True)
def test_every_text_is_translated(form: Form) -> None:
    for text, element in said(form):
        (translation,) = element["extension"]
        parts = {part["url"]: part for part in translation["extension"]}
        english = parts["content"]["valueString"]
        assert translation["url"] == "http://hl7.org/fhir/StructureDefinition/translation"
        assert parts["lang"] == {"url": "lang", "valueCode": "en"}
        assert text != english
        assert "{" not in text + english


def test_the_other_language_may_come_first() -> None:
    made = questionnaire(load_all()["checkin"], Publication("urn:x", "draft", date(2026, 1, 1), WORDS[::-1], 14))
    assert (made["language"], made["title"]) == ("en", "Health check-in")
    assert made["_title"]["extension"][0]["extension"] == [
        {"url": "lang", "valueCode": "vi"},
        {"url": "content", "valueString": "Theo dõi sức khỏe"},
    ]


def test_the_window_is_filled_in() -> None:
    assert "14 ngày qua bác" in item(load_all()["declaration"], "signs")["text"]


def test_what_follows_a_yes_stands_within_it() -> None:
    (place,) = item(VISIT, "inside")["item"]
    assert (place["linkId"], place["type"], place["required"]) == ("place", "text", True)
    assert place["enableWhen"] == [{"question": "inside", "operator": "=", "answerBoolean": True}]
    assert place["enableBehavior"] == "all"


def test_all_conditions_must_hold() -> None:
    people = item(VISIT, "people")
    why = {"system": "https://example.org/fhir/CodeSystem/why", "code": "work"}
    assert people["enableWhen"] == [
        {"question": "why", "operator": "=", "answerCoding": why},
        {"question": "inside", "operator": "=", "answerBoolean": True},
    ]
    assert people["enableBehavior"] == "all"


def test_one_of_several_answers_is_enough() -> None:
    form = load(FORM.replace('["work"], inside = [true]', '["work", "sale"]'), "x")
    people = item(form, "people")
    assert [each["answerCoding"]["code"] for each in people["enableWhen"]] == ["work", "sale"]
    assert people["enableBehavior"] == "any"


def test_one_of_several_and_another_condition() -> None:
    form = load(FORM.replace('["work"], inside', '["work", "sale"], inside'), "x")
    around = item(form, "people.1")
    assert (around["type"], around["enableBehavior"], len(around["enableWhen"])) == ("group", "any", 2)
    (people,) = around["item"]
    assert people["enableWhen"] == [{"question": "inside", "operator": "=", "answerBoolean": True}]


def test_any_of_several_yeses() -> None:
    form = load(
        SHOP + "\n" + SHOP[SHOP.rindex("[[question]]") :].replace('"crowd"', '"who"') + 'any_of = ["masks", "air"]', "x"
    )
    who = item(form, "who")
    assert [each["question"] for each in who["enableWhen"]] == ["masks", "air"]
    assert who["enableBehavior"] == "any"


def test_a_condition_on_a_number_or_a_text() -> None:
    more = '\n[[question]]\nkey = "more"\nkind = "text"\ntext = "Ai?"\nhint = "Ví dụ: Lan."\n'
    form = load(f'{FORM}{more}when = {{ people = [7], place = ["cho"] }}\n', "x")
    answers = [(each["question"], *list(each.values())[2:]) for each in item(form, "more")["enableWhen"]]
    assert answers == [("people", 7), ("place", "cho")]


def test_the_mode_of_the_conversation_is_no_condition() -> None:
    at_home = item(load_all()["checkin"], "at_home")
    assert "enableWhen" not in at_home
    assert at_home["required"] is False  # whoever writes all in one text is not asked


def test_who_declares_for_another_says_so_first() -> None:
    phone = item(load_all()["declaration"], "phone")
    assert phone["enableWhen"] == [{"question": "on_behalf", "operator": "=", "answerBoolean": True}]
    assert phone["required"] is False
    assert item(load_all()["declaration"], "on_behalf")["type"] == "boolean"
    assert not any(each["linkId"] == "on_behalf" for each in published(SHOP_FORM)["item"])


def test_each_of_several_is_an_answer_of_its_own() -> None:
    rules = item(SHOP_FORM, "rules")
    assert rules["type"] == "group"
    assert [(each["linkId"], each["type"], each["required"]) for each in rules["item"]] == [
        ("masks", "boolean", True),
        ("air", "boolean", True),
        ("space", "boolean", True),
    ]


def test_any_sign_may_be_named_and_what_is_offered_comes_first() -> None:
    form = load_all()["declaration"]
    signs = item(form, "signs")
    codes = [option["valueCoding"]["code"] for option in signs["answerOption"]]
    assert (signs["type"], signs["repeats"]) == ("choice", True)
    assert sorted(codes) == sorted(SIGNS)
    assert codes[:6] == [choice.value for choice in form.question("signs").choices]
    assert [each["linkId"] for each in signs["item"]] == ["signs_gone", "temperature"]
    assert [each["linkId"] for each in item(load_all()["checkin"], "signs")["item"]] == ["signs_gone"]


def test_gender_has_the_codes_of_fhir() -> None:
    options = item(load_all()["declaration"], "gender")["answerOption"]
    assert [(o["valueCoding"]["system"], o["valueCoding"]["code"]) for o in options] == [
        ("http://hl7.org/fhir/administrative-gender", code) for code in ("male", "female", "other")
    ]


def test_a_country_has_its_own_code() -> None:
    why = replace(VISIT.question("why"), choices=(Choice("VN", "Việt Nam"), Choice("LA", "Lào")))
    options = item(replace(VISIT, questions=(why,)), "why")["answerOption"]
    assert [(o["valueCoding"]["system"], o["valueCoding"]["code"]) for o in options] == [
        ("urn:iso:std:iso:3166", "VN"),
        ("urn:iso:std:iso:3166", "LA"),
    ]


VITAL_SIGNS = {
    "temperature": (["8310-5"], "Cel", "decimal", 34.0, 43.0),
    "spo2": (["2708-6", "59408-5"], "%", "integer", 40, 100),
    "pulse": (["8867-4"], "/min", "integer", 20, 250),
    "breaths": (["9279-1"], "/min", "integer", 5, 90),
    "systolic": (["8480-6"], "mm[Hg]", "integer", 50, 280),
    "diastolic": (["8462-4"], "mm[Hg]", "integer", 20, 180),
}
"""Codes and units of the FHIR vital-signs profile; what a meter can show."""


def test_all_that_is_measured_is_known() -> None:
    assert VITAL_SIGNS.keys() == {"temperature", *VITALS}


@pytest.mark.parametrize("key", VITAL_SIGNS)
def test_what_is_measured_has_its_code_and_unit(key: str) -> None:
    codes, unit, kind, low, high = VITAL_SIGNS[key]
    form = asking(Kind.VITALS)
    ucum = {"system": "http://unitsofmeasure.org", "code": unit, "display": unit}
    assert coded(form, key) == [("http://loinc.org", code) for code in codes]
    assert bounds(form, key) == {"questionnaire-unit": ucum, "minValue": low, "maxValue": high}
    assert item(form, key)["type"] == kind
    assert isinstance(bounds(form, key)["minValue"], type(low))


def asking(kind: Kind) -> Form:
    """A form whose last question, "why", is of that kind."""
    text = FORM.replace(FORM[FORM.index("choices = [") : FORM.index('[[question]]\nkey = "people"')], "")
    text = text[: text.index('[[question]]\nkey = "people"')]
    return load(text.replace('"choice"', f'"{kind}"') + ("low = 1\nhigh = 9\n" if kind is Kind.NUMBER else ""), "x")


def test_a_temperature_that_is_asked_for() -> None:
    form = load_all()["checkin"]
    assert coded(form, "temperature") == [("http://loinc.org", "8310-5")]
    assert item(form, "temperature")["text"].startswith("Nhiệt độ của bác")


def test_a_number_keeps_to_its_bounds() -> None:
    assert bounds(VISIT, "people") == {"minValue": 1, "maxValue": 50}


@pytest.mark.parametrize(
    ("sign", "snomed"),
    [
        ("cough", ["49727002"]),
        ("chills", ["43724002"]),
        ("diarrhea", ["62315008"]),
        ("chest_pain", ["29857009"]),
        ("fever", []),
    ],
)
def test_a_sign_that_is_asked_by_itself_has_our_code_and_a_certain_one(sign: str, snomed: list[str]) -> None:
    form = load(SHOP.replace("air", sign), "x")
    ours = ("https://example.org/fhir/CodeSystem/signs", sign)
    assert coded(form, sign) == [ours, *(("http://snomed.info/sct", code) for code in snomed)]
    assert coded(form, "masks") == []


def test_how_an_assessment_was_judged_is_read_only() -> None:
    score, band = item(SHOP_FORM, "score"), item(SHOP_FORM, "band")
    assert (score["type"], score["readOnly"], band["type"], band["readOnly"]) == ("decimal", True, "choice", True)
    assert [each["valueCoding"]["code"] for each in band["answerOption"]] == ["good", "fair", "poor"]


def test_what_is_taken_for_granted_is_there() -> None:
    assert item(VISIT, "nationality") == {"linkId": "nationality", "type": "string", "initial": [{"valueString": "VN"}]}


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in (Kind.CHOICE, Kind.SEVERAL, Kind.GENDER)])
def test_every_kind_has_a_type(kind: Kind) -> None:
    assert item(asking(kind), "why")["type"] in TYPES
