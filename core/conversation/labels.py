"""What codes are called, as Vietnamese source texts. Small letters: they stand inside sentences and lists."""

from __future__ import annotations

from collections.abc import Mapping

from core.conversation.messages import N_

SIGN_LABELS: Mapping[str, str] = {
    "unconscious": N_("bất tỉnh"),
    "convulsion": N_("co giật"),
    "blue_lips": N_("tím môi"),
    "shortness_of_breath": N_("khó thở"),
    "drowsiness": N_("lơ mơ"),
    "coughing_blood": N_("ho ra máu"),
    "chest_pain": N_("đau ngực"),
    "pneumonia": N_("viêm phổi"),
    "fever": N_("sốt"),
    "cough": N_("ho"),
    "sore_throat": N_("đau họng"),
    "fatigue": N_("mệt"),
    "muscle_ache": N_("đau cơ"),
    "headache": N_("đau đầu"),
    "chills": N_("ớn lạnh"),
    "runny_nose": N_("sổ mũi"),
    "loss_of_taste_or_smell": N_("mất vị giác hoặc khứu giác"),
    "diarrhea": N_("tiêu chảy"),
    "nausea_or_vomiting": N_("buồn nôn hoặc nôn"),
    "rash": N_("phát ban"),
    "haemorrhage": N_("xuất huyết dưới da"),
    "red_eyes": N_("đỏ mắt"),
    "low_oxygen": N_("oxy máu thấp"),
    "fast_breathing": N_("thở nhanh"),
}
"""Every code of `core.conversation.signs.SIGNS`, in its order, then those of MEASURED."""

GENDER_LABELS: Mapping[str, str] = {"male": N_("Nam"), "female": N_("Nữ"), "other": N_("Khác")}

YES_NO: Mapping[bool, str] = {True: N_("Có"), False: N_("Không")}
