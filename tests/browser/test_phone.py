"""The simulated phone in a real browser: typed, sent, answered, paid for, and never sent twice."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FloatRect, Locator, Page, Route, expect
from sqlalchemy import func, select

from core.clock import VIETNAM
from core.database.tables import inbox
from sms.text import measure
from tests.browser.conftest import Site

pytestmark = pytest.mark.slow

MAY, LUU, TUA = "0900000011", "0900000013", "0900000014"


@pytest.fixture
def phone(page: Page) -> Callable[[str], Page]:
    def take(number: str) -> Page:
        page.goto(f"/phone?number={number}")
        return page

    return take


def write(page: Page, text: str) -> None:
    page.get_by_label("Tin nhắn", exact=True).fill(text)
    page.keyboard.press("Enter")


def sent(page: Page) -> Locator:
    return page.locator("#log .mine .said")


def received(page: Page) -> Locator:
    return page.locator("#log .theirs .said")


def written(site: Site, text: str) -> int:
    with site.services.engine.connect() as connection:
        return connection.scalars(select(func.count()).where(inbox.c.text == text)).one()


def test_a_text_is_answered_and_both_show_what_they_cost(phone: Callable[[str], Page]) -> None:
    page = phone(LUU)
    expect(page.get_by_text("Chưa có tin nhắn nào.")).to_be_visible()
    page.keyboard.type("MENU")  # at once: the field has the keyboard
    expect(page.locator("#counter")).to_have_text("1 phần GSM-7 · 4/160 · 350 đ")
    page.keyboard.press("Enter")

    expect(sent(page)).to_have_text("MENU")
    expect(received(page)).to_have_count(1)
    answer = received(page).inner_text()
    cost = measure(answer)
    expect(page.locator("#log .mine .price")).to_have_text("1 phần GSM-7 · 4/160 · 350 đ")
    expect(page.locator("#log .theirs .price")).to_contain_text(f"{cost.encoding} · {cost.units}/{cost.room}")
    expect(page.locator("#by_person")).to_have_text("1 tin · 1 phần · 350 đ")
    expect(page.get_by_role("status")).to_contain_text(answer[:40])
    expect(page.get_by_label("Tin nhắn", exact=True)).to_have_value("")


def test_an_impatient_person_sends_one_message(phone: Callable[[str], Page], site: Site) -> None:
    page = phone(LUU)
    page.get_by_label("Tin nhắn", exact=True).fill("SK OK")
    page.get_by_role("button", name="Gửi").dblclick()
    page.keyboard.press("Enter")

    expect(received(page)).not_to_have_count(0)
    assert written(site, "SK OK") == 1


def test_an_answer_lost_on_the_way_sends_no_second_message(
    phone: Callable[[str], Page], site: Site, faults: list[str]
) -> None:
    page = phone(LUU)
    tries: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and len(tries) < 2:
            tries.append(str(route.request.post_data))
            route.fetch()  # it arrived, and was kept
            route.abort()
        else:
            route.continue_()

    page.route("**/phone/messages*", lose)
    write(page, "SK 37,5 ho")

    expect(sent(page)).to_have_count(1)
    expect(page.get_by_label("Tin nhắn", exact=True)).to_have_value("")
    assert len(tries) == 2
    assert tries[0] == tries[1]
    assert written(site, "SK 37,5 ho") == 1
    faults.clear()


def test_a_server_that_is_away_keeps_the_text_and_says_so(phone: Callable[[str], Page], faults: list[str]) -> None:
    page = phone(LUU)
    page.route("**/phone/messages*", lambda route: route.abort())
    write(page, "SK OK")

    expect(page.get_by_role("alert")).to_have_text("Chưa gửi được. Bấm Gửi lần nữa, tin không bị gửi đôi.")
    expect(page.get_by_label("Tin nhắn", exact=True)).to_have_value("SK OK")
    page.unroute("**/phone/messages*")
    page.get_by_role("button", name="Gửi").click()
    expect(sent(page)).to_have_text("SK OK")
    expect(page.locator("#fault")).to_be_hidden()
    faults.clear()


def test_the_keys_write_letters_by_taps_and_digits_when_held(phone: Callable[[str], Page]) -> None:
    page = phone(LUU)
    field = page.get_by_label("Tin nhắn", exact=True)
    for key in "744":
        page.locator(f'[data-key="{key}"]').click()
    expect(field).to_have_value("ph")
    page.get_by_role("button", name="Xóa").click()
    page.locator('[data-key="0"]').click()
    page.locator('[data-key="5"]').click(delay=700)
    page.locator('[data-key="5"]').click(delay=700)
    expect(field).to_have_value("p 55")
    page.locator('[data-key="#"]').click()
    for key in "2233":
        page.locator(f'[data-key="{key}"]').click()
    expect(field).to_have_value("p 552233")
    page.get_by_role("button", name="Gửi").click()
    expect(sent(page)).to_have_text("p 552233")


def test_an_example_fills_the_field_and_waits_to_be_sent(phone: Callable[[str], Page]) -> None:
    page = phone(LUU)
    page.get_by_role("button", name="SK 37,5 ho dau hong").click()

    expect(page.get_by_label("Tin nhắn", exact=True)).to_have_value("SK 37,5 ho dau hong")
    expect(page.get_by_label("Tin nhắn", exact=True)).to_be_focused()
    expect(sent(page)).to_have_count(0)


def test_each_phone_keeps_its_own_conversation_and_others_tell_of_news(phone: Callable[[str], Page]) -> None:
    page = phone(LUU)
    write(page, "MENU")
    expect(received(page)).to_have_count(1)
    page.get_by_role("link", name="Số mới").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("0900 000 050")
    expect(sent(page)).to_have_count(0)
    page.evaluate(
        """body => fetch("/phone/messages", {method: "POST", body: JSON.stringify(body),
           headers: {"Content-Type": "application/json"}})""",
        {"id": "0" * 32, "number": LUU, "text": "MENU"},
    )
    other = page.locator(f'.owners [data-number="{LUU}"]')
    expect(other.locator(".unread")).to_have_text("1 tin mới")
    other.click()
    expect(sent(page)).to_have_text(["MENU", "MENU"])
    expect(page.locator(f'.owners [data-number="{LUU}"] .unread')).to_be_hidden()


def test_the_clock_moves_to_the_next_reminder_and_the_phone_rings(phone: Callable[[str], Page], site: Site) -> None:
    page = phone(MAY)
    site.tick()
    before = site.services.clock.now()
    page.get_by_role("button", name="Đến 8 giờ sáng mai").click()
    expect(page.locator("#now")).to_have_text(re.compile("^08:0"))
    count = received(page).count()
    site.tick()

    expect(received(page)).to_have_count(count + 1)
    expect(received(page).last).to_contain_text("hoi tham")
    page.get_by_role("button", name="Đến giờ nhắc tới").click()
    expect(page.locator("#now")).to_have_text(re.compile("^16:0"))
    page.get_by_role("button", name="+1 giờ").click()
    expect(page.locator("#now")).to_have_text(re.compile("^17:0"))
    assert (site.services.clock.now() - before).total_seconds() > 9 * 3600


def test_what_people_write_is_text_on_the_page(phone: Callable[[str], Page]) -> None:
    page = phone(LUU)
    write(page, "<img src=x onerror=alert(1)> & <b>khoe</b>")

    expect(sent(page)).to_have_text("<img src=x onerror=alert(1)> & <b>khoe</b>")
    expect(page.locator("#log img, #log b")).to_have_count(0)


def test_the_live_counter_agrees_with_what_is_charged(phone: Callable[[str], Page]) -> None:
    """The page counts by itself while a person types: the same algorithm in another language."""
    page = phone(LUU)
    texts = [*_EDGES, *_made_up_texts(400)]
    counted = page.evaluate(
        """async texts => {
            const { measure } = await import("/phone/static/parts.js");
            return texts.map(text => { const m = measure(text); return [m.encoding, m.units, m.parts, m.room]; });
        }""",
        texts,
    )
    charged = [measure(text) for text in texts]

    assert counted == [[m.encoding, m.units, m.parts, m.room] for m in charged]
    assert {m.parts for m in charged} >= {1, 2, 3}


_EDGES = [
    "",
    "a" * 160,
    "a" * 161,
    "a" * 306,
    "a" * 307,
    "€" * 80,
    "€" * 81,
    "a" * 152 + "€" + "a" * 10,
    "ạ" * 70,
    "ạ" * 71,
    "ạ" * 134,
    "ạ" * 135,
    "a\u0323" * 70,  # decomposed: composes to 70 units
    "ạ" * 66 + "😷" + "ạ" * 10,  # a pair at the border of a part
    "ạ" * 66 + "👩\u200d⚕️" + "ạ" * 10,
    "ạ" * 66 + "🇻🇳🇻🇳" + "ạ" * 10,
    "ạ" * 65 + "👍🏽" + "ạ" * 10,
    "ạ" + "\u0301" * 200,
    "à la £5 [ok] {€}",
]


def _made_up_texts(count: int) -> list[str]:
    chance = random.Random(7)
    letters = "aho 12,.ạđườ€^[]\n\u0301\u0323😷🇻🇳👍🏽\u200dé"
    return ["".join(chance.choices(letters, k=chance.randrange(260))) for _ in range(count // 2)] + [
        "".join(chance.choices("khai ho sot 37,5€[]~", k=chance.randrange(500))) for _ in range(count // 2)
    ]


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_it_fits_every_screen(phone: Callable[[str], Page], width: int) -> None:
    page = phone(TUA)
    page.set_viewport_size({"width": width, "height": 740})
    page.reload()
    write(page, "MENU " + "w" * 90)
    expect(sent(page).last).to_have_text("MENU " + "w" * 90)

    assert page.evaluate("document.documentElement.scrollWidth") == width
    whole(page.locator(".owners [aria-current]"), width)
    for name in ("Gửi", "Xóa", "+10 phút", "+1 giờ", "Đến 8 giờ sáng mai", "Đến giờ nhắc tới"):
        assert whole(page.get_by_role("button", name=name), width)["height"] >= 40  # a thumb's width


def whole(shown: Locator, width: int) -> FloatRect:
    """Where it stands; nothing of it is cut off at the sides."""
    box = shown.bounding_box()
    assert box is not None
    assert 0 <= box["x"] <= box["x"] + box["width"] <= width
    return box


def test_every_control_has_a_name_and_the_keyboard_reaches_it(phone: Callable[[str], Page]) -> None:
    page = phone(LUU)
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, a, input, textarea")].filter(
            e => !(e.ariaLabel || e.innerText?.trim() || e.labels?.length)).map(e => e.outerHTML)"""
    )
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.dataset.key || ''"))

    assert nameless == []
    assert {"text", "send", "wipe", "log", "other", "0", "5", "#"} <= reached


def test_the_page_speaks_english_when_asked(phone: Callable[[str], Page], site: Site) -> None:
    page = phone(LUU)
    page.get_by_role("link", name="English").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).to_contain_text("0900 000 013")
    today = site.services.clock.now().astimezone(VIETNAM).date()
    expect(page.locator("#day")).to_contain_text(f"{today:%A}, {today:%d/%m/%Y}")
    page.get_by_role("link", name="Tiếng Việt").click()
    expect(page.get_by_role("button", name="Gửi")).to_be_visible()
