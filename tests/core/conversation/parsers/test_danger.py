"""Danger is heard wherever it is said, doubted where it may be denied, and left where it is denied."""

from __future__ import annotations

import pytest

from core.conversation.lexicon import load, phrases
from core.conversation.limits import Limits
from core.conversation.parsers import danger, symptoms
from core.conversation.parsers.danger import Danger
from core.conversation.signs import DANGER, SIGNS
from core.conversation.understanding import Understood
from tests.core.conversation.parsers.cast import LIMITS

BREATH = ("shortness_of_breath",)
OXYGEN, FAST = ("low_oxygen",), ("fast_breathing",)

PLAIN = {
    "kho tho qua": BREATH,
    "me toi tho khong noi": BREATH,
    "khong tho duoc": BREATH,
    "ko tho dc bs oi": BREATH,
    "khotho": BREATH,
    "SpO2 90": OXYGEN,
    "spo2: 88%": OXYGEN,
    "oxy của mẹ em chỉ còn 88": OXYGEN,
    "spo2 sáng 90 chiều spo2 95": OXYGEN,
    "spo2 88 kho tho": (*BREATH, *OXYGEN),
    "37,2 ho spo2 97 nhip tho 32": FAST,
    "nhip tho 35": FAST,
    "thở 40 lần, spo2 90": (*OXYGEN, *FAST),
    "gasping for air": BREATH,
    "SK 38 kho tho": BREATH,
    "khó thở quá, làm sao bây giờ": BREATH,
    "Nguyen Van A 1948 dang kho tho": BREATH,
    "do kho tho roi": BREATH,
    "không sốt nhưng khó thở": BREATH,
    "tim moi": ("blue_lips",),
    "tim tai ca nguoi": ("blue_lips",),
    "bé co giật": ("convulsion",),
    "bat tinh": ("unconscious",),
    "hon me": ("unconscious",),
    "bà cụ li bì": ("drowsiness",),
    "năm ngoái viêm phổi, giờ khó thở": BREATH,
    "khó thở, năm ngoái cũng bị": BREATH,
    "khó thở, hồi nhỏ bị suyễn": BREATH,
    "hồi nhỏ hay khó thở, bây giờ khó thở quá": BREATH,
    "lo mo, kho tho": ("shortness_of_breath", "drowsiness"),
}

DOUBTFUL = (
    "khong sot, ho, kho tho",
    "khong ho kho tho",
    "khong, kho tho",
    "kho tho khong",
    "co kho tho khong",
    "hinh nhu kho tho",
    "chac la kho tho",
    "neu kho tho thi sao",
    "het kho tho chua",
    "no kho tho",
    "năm ngoái khó thở quá",
    "khó thở hồi tháng trước",
    "năm ngoái khó thở, giờ vẫn bị",
    "hồi nhỏ khó thở, giờ thì sốt",
    "từng bị khó thở",
    "khó thở mần răng chừ",
    "kho thp",
    "kjo tho",
    "kho-tho",
    "nhip tho 100",
)

NEITHER = (
    "khong kho tho",
    "ko bi kho tho",
    "chua thay kho tho",
    "het kho tho",
    "het kho tho roi",
    "khong con kho tho",
    "năm ngoái khó thở, giờ khỏe",
    "khỏe, hồi nhỏ hay khó thở",
    "khong sot khong ho khong kho tho",
    "no shortness of breath",
    "kho hieu",
    "kho qua",
    "khó ở",
    "kho ngu",
    "spo2 97",
    "spo2 93",
    "đỡ 80% rồi",
    "pin còn 50%",
    "khỏe 90%",
    "nhip tho 18",
    "ngat mui",
    "ho xiu",
    "tim dap nhanh",
    "toi di tim nha",
    "co giao",
    "Nguyen Van Kho",
    "ok",
    "",
)


@pytest.mark.parametrize("text", PLAIN)
def test_said_plainly_is_present(text: str) -> None:
    assert danger.find(text, LIMITS) == Danger(present=PLAIN[text])


@pytest.mark.parametrize("text", DOUBTFUL)
def test_what_may_be_meant_is_asked(text: str) -> None:
    found = danger.find(text, LIMITS)
    assert not found.present
    assert found.doubtful == BREATH


@pytest.mark.parametrize("text", NEITHER)
def test_what_is_denied_or_something_else_is_left(text: str) -> None:
    assert danger.find(text, LIMITS) == Danger()


def test_the_limits_in_force_say_what_is_too_low_or_too_fast() -> None:
    strict = Limits(spo2_danger=95, spo2_urgent=97, breaths_danger=((13, 25),), breaths_urgent=((13, 21),))
    assert danger.find("spo2 94", LIMITS) == Danger()
    assert danger.find("spo2 94", strict) == Danger(present=OXYGEN)
    assert danger.find("nhip tho 26", LIMITS) == Danger()
    assert danger.find("nhip tho 26", strict) == Danger(present=FAST)


@pytest.mark.parametrize(("age", "present"), [(None, FAST), (41, FAST), (13, FAST), (4, ())])
def test_how_fast_is_too_fast_depends_on_the_age_if_it_is_known(age: int | None, present: tuple[str, ...]) -> None:
    assert danger.find("nhip tho 32", LIMITS, age) == Danger(present=present)


EVERY_PHRASE = [
    (code, phrase.replace("!", ""))
    for lexicon in ("signs", "signs_english")
    for code in load(lexicon).words
    for phrase in phrases(lexicon, code)
]
LISTS = ("không sốt, {}", "khong ho {}", "ko dau hong va {}", "chưa sốt, ho, {}", "không {}, ho", "hết sốt, {}")
DOUBTS = ("hình như {}", "chắc {}", "không biết có {} không", "có {} không", "{} không?", "có thể {}", "{} hay sao")
BUTS = ("không nhưng {}", "không sốt nhưng {}", "bình thường nhưng {}", "chưa hết {}", "vẫn còn {}", "hết sốt còn {}")


ONE_WITH_COUGH = ("cough", "coughing_blood")  # "ho đờm", "ho khạc máu" are one sign, not two


def none_at_all(text: str) -> bool:
    said = symptoms.parse(text)
    return isinstance(said, Understood) and not said.value.present


def test_every_sign_of_the_lexicon_is_known_and_read() -> None:
    for code, phrase in EVERY_PHRASE:
        said = symptoms.parse(phrase)
        assert code in SIGNS
        assert isinstance(said, Understood) and code in said.value.present, phrase


@pytest.mark.parametrize("pattern", LISTS)
def test_one_negator_never_covers_a_list(pattern: str) -> None:
    apart = [phrase for code, phrase in EVERY_PHRASE if code not in ONE_WITH_COUGH]
    wrong = [text for phrase in apart if none_at_all(text := pattern.format(phrase))]
    assert not wrong, wrong


@pytest.mark.parametrize("pattern", DOUBTS)
def test_a_doubt_or_a_question_is_never_sure(pattern: str) -> None:
    sure = [
        text for _, phrase in EVERY_PHRASE if isinstance(symptoms.parse(text := pattern.format(phrase)), Understood)
    ]
    assert not sure, sure


@pytest.mark.parametrize("pattern", BUTS)
def test_a_sign_after_but_or_still_is_never_none(pattern: str) -> None:
    wrong = [text for _, phrase in EVERY_PHRASE if none_at_all(text := pattern.format(phrase))]
    assert not wrong, wrong


@pytest.mark.parametrize("pattern", (*LISTS[:4], LISTS[5], *DOUBTS, *BUTS))
def test_danger_is_never_lost_in_a_sentence(pattern: str) -> None:
    grave = [phrase for code, phrase in EVERY_PHRASE if code in DANGER]
    lost = [text for phrase in grave if danger.find(text := pattern.format(phrase), LIMITS) == Danger()]
    assert not lost, lost
