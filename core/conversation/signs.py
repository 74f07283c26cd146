"""The codes of signs, gravest first, and which of them mean danger."""

from __future__ import annotations

SIGNS = (
    "unconscious",
    "convulsion",
    "blue_lips",
    "shortness_of_breath",
    "drowsiness",
    "coughing_blood",
    "chest_pain",
    "pneumonia",
    "fever",
    "cough",
    "sore_throat",
    "fatigue",
    "muscle_ache",
    "headache",
    "chills",
    "runny_nose",
    "loss_of_taste_or_smell",
    "diarrhea",
    "nausea_or_vomiting",
    "rash",
    "haemorrhage",
    "red_eyes",
)
"""Order of gravity: the order in which signs are named back and asked about."""

LOW_OXYGEN, FAST_BREATHING = "low_oxygen", "fast_breathing"

MEASURED = (LOW_OXYGEN, FAST_BREATHING)
"""What alerts name besides signs: numbers beyond a limit. They are measured, not said, and no answer to a question."""

DANGER = frozenset({"unconscious", "convulsion", "blue_lips", "shortness_of_breath", "drowsiness"})
"""Say "call 115" at once (Decision 5599/BYT-MT and the home-care guide; a dated rule table replaces this set)."""
