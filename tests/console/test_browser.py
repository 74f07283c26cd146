"""The page of the day in a real Chromium: news comes by itself, and takes nothing out of a nurse's hands."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server

from core.access import staff as accounts
from core.database.due import alerts
from tests.browser.conftest import CHROMIUM
from tests.console.ward import NURSE, PASSWORD, Ward, clock

Open = Callable[..., Page]

SOON = 5000
"""Milliseconds until news must show: a second on a machine that does nothing else (measured: 0.4 s on average)."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no Chromium here: install it, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    """The console on loopback, under the policy that the web process sends."""
    app.after_request(_strict)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_page(chromium: Browser, url: str) -> Iterator[Open]:
    """Signs the nurse in and shows the day. The browser may complain of nothing."""
    contexts, faults = [], []

    def opened(*, width: int = 1280, scripts: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=scripts, base_url=url
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.goto("/console/")
        page.get_by_label("Tên đăng nhập").fill(NURSE)
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.get_by_role("button", name="Đăng nhập").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Trạm Y tế xã Bát Xát")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [fault for fault in faults if "401" not in fault] == []


def _strict(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = "default-src 'self'; img-src 'self' data:"
    return response


def test_news_comes_by_itself_is_marked_and_is_told_to_those_who_listen(open_page: Open, ward: Ward) -> None:
    page = open_page()
    expect(page.get_by_text("Không có cảnh báo nào chờ.")).to_be_visible()

    ward.alert(ward.person("Sùng Thị Mẩy"), text="toi kho tho")
    row = page.locator("li.alert", has_text="Sùng Thị Mẩy")

    expect(row).to_be_visible(timeout=SOON)
    expect(row).to_have_class("alert danger fresh")
    expect(page.locator("#alerts-said")).to_have_text("1 cảnh báo chưa xong")
    expect(page).to_have_title("(1) Hôm nay · KhaiBao")
    expect(page.get_by_text("Không có cảnh báo nào chờ.")).to_have_count(0)


def test_what_is_being_typed_stays_while_everything_around_it_goes_on(open_page: Open, ward: Ward) -> None:
    mine = ward.alert(ward.person("Người Đang Gọi"), text="một")
    gone = ward.alert(ward.person("Người Đã Xong"), text="hai")
    page = open_page()
    row = page.locator("li.alert", has_text="Người Đang Gọi")
    row.locator("summary").click()
    row.get_by_label("Kết quả").select_option("visited")
    row.get_by_label("Ghi thêm").press_sequentially("đã đến ")

    ward.alert(ward.person("Người Mới"), text="ba", raise_at=clock("06:00"))
    ward.change(alerts, gone, status="closed")
    ward.change(alerts, mine, status="taken", taken_by=ward.staff[NURSE], taken_at=ward.now)
    expect(page.locator("li.alert", has_text="Người Mới")).to_be_visible(timeout=SOON)
    expect(page.locator("li.alert", has_text="Người Đã Xong")).to_have_count(0)
    page.keyboard.type("nhà")

    expect(row.get_by_label("Ghi thêm")).to_have_value("đã đến nhà")
    expect(row.get_by_label("Kết quả")).to_have_value("visited")
    expect(row.get_by_role("button", name="Nhận")).to_have_count(1)
    row.locator("summary").click()  # the box is shut: now the row says what it is
    expect(row.get_by_text("đã nhận lúc")).to_be_visible()
    row.locator("summary").click()
    row.get_by_label("Kết quả").select_option("visited")
    row.get_by_role("button", name="Đóng cảnh báo").click()
    expect(page.get_by_text("Đã xong một cảnh báo.")).to_be_visible()


def test_the_keyboard_stays_where_it_was(open_page: Open, ward: Ward) -> None:
    ward.alert(ward.person("Người Một"))
    page = open_page()
    button = page.get_by_role("button", name="Nhận Người Một")
    button.focus()

    ward.alert(ward.person("Người Hai"), raise_at=clock("06:00"))
    expect(page.locator("li.alert").first).to_contain_text("Người Hai", timeout=SOON)

    expect(button).to_be_focused()


def test_rows_that_did_not_change_are_not_marked(open_page: Open, ward: Ward) -> None:
    ward.record(ward.person("Người Cũ"), "declaration")
    page = open_page()

    ward.record(ward.person("Người Mới"), "declaration", declared_at=clock("11:00"))

    rows = page.locator("[data-key=declared] tbody tr")
    expect(rows).to_have_count(2, timeout=SOON)
    expect(rows.nth(0)).to_have_class("fresh")
    expect(rows.nth(0)).to_contain_text("Người Mới")
    expect(rows.nth(1)).not_to_have_class("fresh")


def test_who_is_signed_out_elsewhere_is_led_to_the_door(open_page: Open, ward: Ward) -> None:
    page = open_page()

    with ward.engine.begin() as connection:
        accounts.lock(connection, NURSE)

    expect(page.get_by_label("Mật khẩu")).to_be_visible(timeout=SOON)


def test_without_scripts_the_page_is_whole_and_can_be_loaded_again(open_page: Open, ward: Ward) -> None:
    page = open_page(scripts=False)
    ward.alert(ward.person("Sùng Thị Mẩy"))

    page.get_by_role("link", name="Tải lại").click()
    page.get_by_role("button", name="Nhận Sùng Thị Mẩy").click()

    expect(page.get_by_text("đã nhận lúc")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_screen(open_page: Open, ward: Ward, width: int) -> None:
    person = ward.person("Tôn Nữ Công Tằng Thị Một Cái Tên Rất Là Dài Không Ai Có")
    ward.alert(person, text="x" * 300)
    ward.record(ward.person("Lý Văn Giả Định"), signs=["loss_of_taste_or_smell", "cough"], level="urgent")
    page = open_page(width=width)

    for path in ("/console/", f"/console/person/{person}", "/console/find"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") == width
