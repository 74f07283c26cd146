from __future__ import annotations

import pytest

from bot.render import fitted, renderer
from core.conversation.understanding import Choice
from core.messaging.channel import Rendered

YES_NO = (Choice("yes", "Có"), Choice("no", "Không"))


@pytest.mark.parametrize("accents", [True, False])
def test_accents_stay(accents: bool) -> None:
    assert renderer(5)("Bác có sốt không?", (), accents=accents) == Rendered("Bác có sốt không?", 1)


def test_as_many_choices_as_can_be_tapped_are_buttons() -> None:
    assert renderer(2)("Bác có sốt không?", YES_NO, accents=True) == Rendered("Bác có sốt không?", 1, YES_NO)


@pytest.mark.parametrize("buttons", [0, 1])
def test_more_are_numbered_in_the_text(buttons: int) -> None:
    rendered = renderer(buttons)("Bác có sốt không?", YES_NO, accents=True)
    assert rendered == Rendered("Bác có sốt không? 1 Có 2 Không", 1)


def test_words_are_composed_and_cut_to_what_fits() -> None:
    assert fitted("A\u0306m", 5) == "Ăm"
    assert fitted("ă" * 9, 5) == "ă" * 5
