"""What we print is a Questionnaire to somebody else's program too."""

from __future__ import annotations

import json
from datetime import date

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire
from pydantic import ValidationError

from core.conversation.form import Form
from core.forms.fhir import Publication, questionnaire
from core.forms.fhir_words import Json
from core.forms.load import load, load_all
from core.words import load_words
from tests.core.forms.conftest import FORM, SHOP

FORMS = [*load_all().values(), load(FORM, "visit.toml"), load(SHOP, "shop.toml")]


def published(form: Form, base: str = "https://example.org/fhir") -> Json:
    words = (load_words("vi"), load_words("en"))
    return questionnaire(form, Publication(base, "active", date(2026, 11, 2), words, 14))


@pytest.mark.parametrize("base", ["https://example.org/fhir", "urn:khaibao"])
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.key)
def test_it_is_read_and_comes_back_whole(form: Form, base: str) -> None:
    sent = json.dumps(published(form, base))
    assert json.loads(Questionnaire.model_validate_json(sent).model_dump_json()) == json.loads(sent)


@pytest.mark.parametrize(
    "wrong",
    [
        {"staus": "draft"},
        {"status": None},
        {"date": "2/11/2026"},
        {"item": [{"text": "Ai?"}]},
        {"subjectType": "Patient"},
    ],
    ids=["a slip in a name", "no status", "no date", "no link", "one for a list"],
)
def test_that_program_finds_what_is_wrong(wrong: Json) -> None:
    with pytest.raises(ValidationError):
        Questionnaire.model_validate({**published(FORMS[0]), **wrong})
