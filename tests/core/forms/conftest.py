"""Small forms to break, and what a text costs."""

from __future__ import annotations

from datetime import date

import pytest

from core.conversation.answers import KINDS, Asked, Read, read
from core.conversation.form import Form, Gate, Library, Question
from core.conversation.understanding import Unclear
from core.forms.budget import Parts
from core.forms.examples import Reader
from core.places.admin import load as load_places
from core.places.answer import unit_reader
from sms.text import measure, unaccent

FORM = '''# A form with a branch.
key = "visit"
version = "1"
title = "Ra vào"
quick = ["why"]
summary = false
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
text = "Có ở trong không?"
hint = "Xin viết CO hoặc KHONG."
detail = "place"

[[question]]
key = "place"
kind = "text"
text = """
Ở đâu?
key = "a trap"
"""
hint = "Ví dụ: cho."
when = { inside = [true] }

[[question]]
key = "why"
kind = "choice"
text = "Vì sao?"
hint = "Xin trả lời 1 hoặc 2."
choices = [
    { value = "work", label = "Làm việc" },
    { value = "sale", label = "Mua bán" },
]

[[question]]
key = "people"
kind = "number"
text = "Mấy người?"
hint = "Xin viết số, ví dụ 3."
low = 1
high = 50
when = { why = ["work"], inside = [true] }
parts = 2
'''

SHOP = """# An assessment that whoever writes makes of a place.
key = "shop"
version = "1"
title = "An toàn cửa hàng"
summary = false
about = "writer"
begin = ["AN TOAN CUA HANG", "TU DANH GIA"]

[legal]
basis = "duty"
document = "Luật 114/2025/QH15"
text = "{unit} xin {you} tự đánh giá."
behalf_text = "{unit} xin {you} tự đánh giá."

[receipt]
text = "Đã nhận, mã {code}. {score}: {band}. {advice} Làm lại: {again}."
worry = "Đã nhận, mã {code}. {unit} sẽ gọi."

[score]
by = "points"
critical = ["masks"]
points = { masks = 2 }

[[score.band]]
value = "good"
label = "tốt"
advice = "Được mở."
at = 4
days = 30
whole = true

[[score.band]]
value = "fair"
label = "tạm được"
advice = "Cần sửa."
at = 2
days = 7

[[score.band]]
value = "poor"
label = "chưa được"
advice = "Xin đóng cửa."
days = 1

[call]
kind = "report"
keys = ["crowd"]

[[question]]
key = "rules"
kind = "several"
text = "Cửa hàng có gì?"
hint = "Xin trả lời bằng số, ví dụ 1 2. Không có gì thì viết KHONG."
choices = [
    { value = "masks", label = "Khẩu trang" },
    { value = "air", label = "Thoáng" },
    { value = "space", label = "Giãn cách" },
]

[[question]]
key = "crowd"
kind = "yesno"
text = "Có đông người không?"
hint = "Có thì viết CO. Không thì viết KHONG."
"""
"""A form with all that may stand at the end of one: a receipt, a score, a call."""

TAKING = """key = "trip"
version = "1"
title = "Đi lại"
about = "person"

[legal]
basis = "consent"
document = "Luật 91/2025/QH15"
text = "{unit} xin {you} cho biết."
behalf_text = "{You} khai hộ."

[[question]]
key = "flight"
kind = "text"
label = "Chuyến"
text = "Chuyến nào?"
hint = "Ví dụ: VN 123."

[[question]]
from = "visit"
keys = ["inside", "place", "why"]

[[question]]
key = "seat"
kind = "text"
label = "Ghế"
text = "Ghế nào?"
hint = "Ví dụ: 12A."
"""
"""A form that takes questions over from FORM."""


@pytest.fixture
def parts() -> Parts:
    """SMS parts of a text as it leaves, without accents."""
    return lambda text: measure(unaccent(text)).parts


@pytest.fixture(scope="session")
def reader() -> Reader:
    """Reads replies as the program does, in Lào Cai on the first of March."""
    today = date(2026, 3, 1)
    library = Library({}, {}, unit_reader(load_places(), "15"), (Gate("LCA", "Lào Cai", today),))

    def said(text: str, question: Question, form: Form) -> Read | Unclear:
        return read(text, Asked(question, (), library, today, form))

    return Reader(KINDS, said)
