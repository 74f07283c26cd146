"""FHIR's names for what forms ask: systems, extensions, codes of measurements and signs, with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.conversation.messages import N_
from core.conversation.parsers.measured import What
from core.conversation.parsers.vitals import RANGES

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
GENDER = "http://hl7.org/fhir/administrative-gender"
COUNTRY = "urn:iso:std:iso:3166"

_EXTENSION = "http://hl7.org/fhir/StructureDefinition"
TRANSLATION = f"{_EXTENSION}/translation"
UNIT = f"{_EXTENSION}/questionnaire-unit"
LOWEST = f"{_EXTENSION}/minValue"
HIGHEST = f"{_EXTENSION}/maxValue"


@dataclass(frozen=True, slots=True)
class Measure:
    """A measurement: its name, its LOINC codes with theirs, its UCUM unit, and the numbers that are possible."""

    name: str
    loinc: tuple[tuple[str, str], ...]
    unit: str
    low: float
    high: float


def _measure(what: What, name: str, unit: str, *loinc: tuple[str, str]) -> Measure:
    return Measure(name, loinc, unit, *RANGES[what])


_SATURATION = "Oxygen saturation in Arterial blood"

MEASURES: Mapping[str, Measure] = {
    "temperature": _measure(What.TEMPERATURE, N_("Nhiệt độ"), "Cel", ("8310-5", "Body temperature")),
    "spo2": _measure(
        What.SPO2,
        N_("Oxy máu (SpO2)"),
        "%",
        ("2708-6", _SATURATION),
        ("59408-5", f"{_SATURATION} by Pulse oximetry"),
    ),
    "pulse": _measure(What.PULSE, N_("Mạch"), "/min", ("8867-4", "Heart rate")),
    "breaths": _measure(What.BREATHS, N_("Nhịp thở"), "/min", ("9279-1", "Respiratory rate")),
    "systolic": _measure(What.SYSTOLIC, N_("Huyết áp, số trên"), "mm[Hg]", ("8480-6", "Systolic blood pressure")),
    "diastolic": _measure(What.DIASTOLIC, N_("Huyết áp, số dưới"), "mm[Hg]", ("8462-4", "Diastolic blood pressure")),
}
"""By the key of the answer. Codes and units: FHIR R4, vital signs (https://hl7.org/fhir/R4/observation-vitalsigns.html);
there saturation is 2708-6, and 59408-5 beside it when a pulse oximeter was used."""

SNOMED_SIGNS: Mapping[str, tuple[str, str]] = {
    "cough": ("49727002", "Cough"),
    "chills": ("43724002", "Chill"),
    "diarrhea": ("62315008", "Diarrhea"),
    "chest_pain": ("29857009", "Chest pain"),
}
"""Only those signs whose code is certain: they stand in HL7's value set for COVID-19."""
