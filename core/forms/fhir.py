"""A form as a FHIR R4 Questionnaire, in plain dicts ready for JSON (https://hl7.org/fhir/R4/questionnaire.html).

Each key of an answer is a linkId, once. What is asked only in one mode of the conversation has no condition here; a
form that may be for another says so in an item of its own.
"""

from __future__ import annotations

from core.conversation.form import Form
from core.forms.fhir_items import items
from core.forms.fhir_words import Json, Publication

__all__ = ["Publication", "questionnaire"]


def questionnaire(form: Form, publication: Publication) -> Json:
    """The whole Questionnaire. Its `url` with its `version` is what a response names; the identifier is our hash."""
    return {
        "resourceType": "Questionnaire",
        "language": publication.words[0].language,
        "url": publication.url("Questionnaire", form.key),
        "identifier": [{"system": publication.url("NamingSystem", "form-hash"), "value": form.hash}],
        "version": form.version,
        "name": "".join(part.capitalize() for part in form.key.split("_")),
        **publication.said("title", form.title),
        "status": publication.status,
        **({"subjectType": ["Patient"]} if form.about == "person" else {}),
        "date": publication.day.isoformat(),
        "purpose": f"{form.legal.basis}: {form.legal.document}",
        "item": list(items(form, publication)),
    }
