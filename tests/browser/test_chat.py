"""The web chat in a real browser: with and without JavaScript, by keyboard alone, and on to a telephone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from core.database.tables import records
from tests.browser.conftest import Site
from tests.browser.test_phone import received, write
from tests.outage import away

pytestmark = pytest.mark.slow

DECLARED = (
    ("tap", "1 Có"),
    ("say", "sốt nhẹ, ho"),
    ("tap", "Không có gì"),
    ("tap", "2 Không"),
    ("say", "Hoàng Thị Lựu"),
    ("say", "1998"),
    ("tap", "2 Nữ"),
    ("say", "xã Bát Xát, Lào Cai"),
    ("say", "thôn Bản Qua"),
    ("say", "đúng rồi"),
)


def ours(page: Page) -> Locator:
    return page.locator("#log .theirs .said")


def says(page: Page, text: str) -> None:
    page.get_by_label("Trả lời", exact=True).fill(text)
    page.get_by_role("button", name="Gửi", exact=True).click()


def declares(page: Page) -> None:
    page.goto("/chat")
    page.get_by_role("button", name="Khai báo y tế").click()
    for count, (how, what) in enumerate(DECLARED, start=1):
        expect(ours(page)).to_have_count(count)
        if how == "tap":
            page.get_by_role("button", name=what, exact=True).click()
        else:
            says(page, what)
    expect(ours(page).last).to_contain_text("Đã nhận tờ khai của Hoàng Thị Lựu")


@pytest.fixture
def old(browser: Browser, site: Site) -> Iterator[Page]:
    """A telephone's browser of years ago: small, and without JavaScript."""
    context = browser.new_context(base_url=site.url, viewport={"width": 320, "height": 480}, java_script_enabled=False)
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def written(site: Site) -> list[str]:
    with site.services.engine.connect() as connection:
        return [row["full_name"] for row in connection.scalars(select(records.c.answers)) if "full_name" in row]


def test_a_declaration_by_words_and_buttons(page: Page, site: Site) -> None:
    declares(page)
    assert written(site) == ["Hoàng Thị Lựu"]


def test_the_same_without_javascript_on_a_small_screen(old: Page, site: Site) -> None:
    declares(old)
    assert written(site) == ["Hoàng Thị Lựu"]
    box = old.get_by_label("Trả lời", exact=True).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320


def test_by_keyboard_alone(page: Page) -> None:
    page.goto("/chat")
    expect(page.get_by_label("Trả lời", exact=True)).to_be_focused()
    page.keyboard.type("KHAI")
    page.keyboard.press("Enter")
    expect(ours(page)).to_have_count(1)
    expect(page.get_by_label("Trả lời", exact=True)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="2 Không")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(ours(page)).to_have_count(2)


def test_what_comes_later_is_shown_and_read_aloud_by_itself(page: Page, site: Site) -> None:
    """The page in another tab: its log is a live region, and shows what arrives."""
    page.goto("/chat")
    says(page, "MENU")
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    other = page.context.new_page()
    other.goto("/chat")
    says(other, "KHAI")
    expect(ours(page)).to_have_count(2)
    expect(page.get_by_role("button", name="1 Có")).to_be_visible()


def test_a_form_begun_here_goes_on_by_sms(page: Page, site: Site) -> None:
    page.goto("/chat")
    page.get_by_role("button", name="Khai báo y tế").click()
    page.get_by_role("button", name="1 Có").click()
    says(page, "không sốt, không ho, không khó thở")
    page.get_by_role("button", name="Chuyển sang SMS, Zalo").click()
    expect(page.locator("#log")).to_contain_text("Hoặc nhắn vào đây")
    found = re.search(r"LIEN KET (\d{4} \d{4})", page.locator("#log").inner_text())
    assert found
    phone = page.context.new_page()
    phone.goto("/phone?number=0900000017")
    write(phone, f"LIEN KET {found[1]}")
    expect(received(phone).last).to_contain_text("Da noi lam mot")
    write(phone, "khong gap ai")
    expect(received(phone).last).to_contain_text("co di khoi tinh khong")


def test_words_of_people_are_never_code(page: Page) -> None:
    page.goto("/chat")
    says(page, "<img src=x onerror=alert(1)>")
    expect(page.locator("#log .mine .said")).to_have_text("<img src=x onerror=alert(1)>")
    assert page.locator("#log img").count() == 0


def test_a_long_list_of_buttons_stays_on_the_screen(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/chat")
    page.get_by_role("button", name="Khai báo y tế").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_same_words_to_two_questions_are_two_answers(page: Page) -> None:
    """Typed as fast as fingers go, and faster than the server answers."""
    page.goto("/chat")
    says(page, "KHAI")
    expect(ours(page)).to_have_count(1)
    for count in (2, 3, 4):
        says(page, "có" if count == 2 else "không")
        expect(page.locator("#log .mine")).to_have_count(count)
    expect(ours(page)).to_have_count(4)


def test_without_a_connection_nothing_is_lost(page: Page, faults: list[str]) -> None:
    page.goto("/chat")
    page.context.set_offline(True)
    says(page, "MENU")
    expect(page.get_by_text("Chưa gửi được")).to_be_visible()
    expect(page.get_by_label("Trả lời", exact=True)).to_have_value("MENU")
    page.context.set_offline(False)
    page.get_by_role("button", name="Gửi", exact=True).click()
    expect(ours(page)).to_have_count(1)
    expect(page.get_by_text("Chưa gửi được")).to_be_hidden()
    faults.clear()  # the browser complained of the connection


def test_while_the_database_is_away_it_says_so_and_keeps_what_is_written(
    page: Page, site: Site, faults: list[str]
) -> None:
    page.goto("/chat")
    says(page, "KHAI")
    expect(ours(page)).to_have_count(1)
    with away(site.settings.database_url):
        says(page, "đồng ý")
        expect(page.get_by_text("Tin đã gửi được giữ lại")).to_be_visible()
    expect(ours(page)).to_have_count(2)
    expect(page.get_by_text("Tin đã gửi được giữ lại")).to_be_hidden()
    faults[:] = [fault for fault in faults if "503" not in fault]
