"""How a message is laid out for Telegram: the text and the rows of buttons."""

from __future__ import annotations

from uuid import uuid4

import pytest

from bot.telegram import PROFILE
from bot.telegram.render import laid_out, render
from core.conversation.understanding import Choice
from core.messaging.buttons import payloads
from core.messaging.channel import OutboundMessage


def lay(text: str, *choices: Choice) -> tuple[str, list[list[str]]]:
    words, rows = laid_out(OutboundMessage(uuid4(), "telegram", "900000001", text, choices))
    return words, [[choice.label for choice in row] for row in rows]


def labelled(*labels: str) -> tuple[Choice, ...]:
    return payloads((Choice(str(n), label) for n, label in enumerate(labels)), "3f9a1c")


@pytest.mark.parametrize(
    ("labels", "rows"),
    [
        ((), []),
        (("Có", "Không"), [["Có", "Không"]]),
        (("Nam", "Nữ", "Khác"), [["Nam", "Nữ"], ["Khác"]]),
        (("Có", "Người từ vùng dịch về"), [["Có"], ["Người từ vùng dịch về"]]),
        (tuple("abcdefghijklm"), [["a", "b"], ["c", "d"], ["e", "f"], ["g", "h"], ["i", "j"], ["k", "l"], ["m"]]),
    ],
)
def test_rows(labels: tuple[str, ...], rows: list[list[str]]) -> None:
    assert lay("Bác có sốt không?", *labelled(*labels)) == ("Bác có sốt không?", rows)


def test_a_payload_that_telegram_would_refuse_makes_numbers_of_all() -> None:
    long = Choice("ấ" * 22, "Thôn Ná Ảng")
    assert len(long.value.encode()) > 64
    assert lay("Ở đâu?", Choice("kb:3f9a1c:no", "Không"), long) == ("Ở đâu? 1 Không 2 Thôn Ná Ảng", [])


@pytest.mark.parametrize(
    ("text", "length"),
    [("a" * 4096, 4096), ("a" * 4097, 4096), ("ế" * 5000, 4096), ("🤒" * 2049, 2048), ("a" + "🤒" * 2048, 2048)],
)
def test_it_is_cut_at_what_telegram_takes_and_never_within_a_letter(text: str, length: int) -> None:
    words, _ = lay(text)
    assert words == text[:length]
    assert len(words.encode("utf-16-le")) <= 2 * 4096


def test_vietnamese_is_composed() -> None:
    assert lay("A\u0306")[0] == "Ă"


def test_more_choices_than_buttons_are_numbered() -> None:
    many = tuple(Choice(str(n), f"Thôn {n}") for n in range(PROFILE.buttons + 1))
    assert render("Ở đâu?", many, accents=False).choices == ()
    assert render("Ở đâu?", many[:-1], accents=False).choices == many[:-1]
