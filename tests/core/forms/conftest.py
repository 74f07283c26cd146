"""A small form to break, and what a text costs."""

from __future__ import annotations

import pytest

from core.forms.budget import Parts
from sms.text import measure, unaccent

FORM = '''# A form with a branch.
key = "visit"
version = "1"
title = "Ra vào"
quick = ["why"]

[legal]
basis = "consent"
document = "Luật 91/2025/QH15"
text = "{unit} xin {you} cho biết."
behalf_text = "{You} khai hộ."

[assumed]
nationality = "VN"

[[question]]
key = "inside"
kind = "yesno"
label = "Ở trong"
text = "{You} ở trong không?"
hint = "Xin viết CO hoặc KHONG."
detail = "place"

[[question]]
key = "place"
kind = "text"
text = """
{You} ở đâu?
key = "a trap"
"""
hint = "Ví dụ: cho."
when = { inside = [true] }

[[question]]
key = "why"
kind = "choice"
text = "Vì sao?"
hint = "Xin chọn số."
choices = [
    { value = "work", label = "Làm việc" },
    { value = "sale", label = "Mua bán" },
]

[[question]]
key = "people"
kind = "number"
text = "Mấy người?"
hint = "Xin viết số."
low = 1
high = 50
when = { why = ["work"], inside = [true] }
parts = 2
'''


@pytest.fixture
def parts() -> Parts:
    """SMS parts of a text as it leaves, without accents."""
    return lambda text: measure(unaccent(text)).parts
